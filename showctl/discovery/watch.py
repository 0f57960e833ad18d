"""Who comes and goes: the OSC services of a network, told as they appear, move and leave."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import trio
import zeroconf as dns_sd

from showctl.discovery.browse import ANSWER_MS, Found, found_in
from showctl.discovery.interfaces import addresses
from showctl.discovery.patience import in_thread, kept_up
from showctl.discovery.services import APP, OSC_UDP

RESCAN_SECONDS = 10.0
"""So often is looked whether the machine has other addresses, and, without a network, whether there is one now."""

GOODBYE_SECONDS = 0.8

MAX_WAITING = 256
"""Names that may wait to be asked about; beyond, they are asked about when they are next heard of."""

KIND = f"{OSC_UDP}.local."

Tell = Callable[[str, "Found | None"], None]
"""Hears an instance's name, and where it is now; None when it has left."""

Find = Callable[[], tuple[str, ...]]
"""The machine's own addresses, as they are now."""


async def watch(tell: Tell, find: Find = addresses) -> None:
    """Tells of every OSC service but showctl's own kind, until cancelled; on the addresses that `find` finds."""
    await kept_up(partial(_watch, tell, find), "devices are not found by name", RESCAN_SECONDS)


async def _watch(tell: Tell, find: Find) -> None:
    names, heard = trio.open_memory_channel[tuple[str, bool]](MAX_WAITING)
    ours = await in_thread(find)
    zeroconf = await in_thread(partial(dns_sd.Zeroconf, list(ours)))
    try:
        await in_thread(partial(dns_sd.ServiceBrowser, zeroconf, KIND, handlers=[_listener(names)]))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_follow_interfaces, zeroconf, find, ours)
            async for name, here in heard:
                await _ask(zeroconf, name, here, tell)
    finally:
        with trio.move_on_after(GOODBYE_SECONDS, shield=True):
            await in_thread(zeroconf.close)


def _listener(names: trio.MemorySendChannel[tuple[str, bool]]) -> Callable[..., None]:
    """What zeroconf calls in its own thread."""
    token = trio.lowlevel.current_trio_token()

    def note(name: str, here: bool) -> None:
        with suppress(trio.WouldBlock, trio.BrokenResourceError):
            names.send_nowait((name, here))

    def heard(zeroconf: dns_sd.Zeroconf, service_type: str, name: str, state_change: dns_sd.ServiceStateChange) -> None:  # noqa: ARG001 - zeroconf calls by keyword
        with suppress(trio.RunFinishedError):
            token.run_sync_soon(note, name, state_change is not dns_sd.ServiceStateChange.Removed)

    return heard


async def _ask(zeroconf: dns_sd.Zeroconf, name: str, here: bool, tell: Tell) -> None:
    """Where it is; of one that does not answer nothing is told."""
    if not here:
        tell(name.removesuffix(f".{KIND}"), None)
        return
    info = await in_thread(partial(zeroconf.get_service_info, KIND, name, ANSWER_MS))
    found = found_in(info, KIND) if info else None
    if found and found.host and found.txt.get("app") != APP:
        tell(found.name, found)


async def _follow_interfaces(zeroconf: dns_sd.Zeroconf, find: Find, ours: tuple[str, ...]) -> None:
    while True:
        await trio.sleep(RESCAN_SECONDS)
        now = await in_thread(find)
        if now != ours:
            await in_thread(partial(zeroconf.update_interfaces, list(now)))
            ours = now

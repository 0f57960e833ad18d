"""Telling the room that we are here, for as long as a block lasts.

python-zeroconf blocks for seconds and has threads of its own; every call is made in a thread, none in trio's.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from itertools import count
from typing import TypeVar

import trio
import zeroconf as dns_sd

from showctl.discovery.interfaces import addresses
from showctl.discovery.services import Advertised, instance_name, service_info

RESCAN_SECONDS = 10.0
GOODBYE_SECONDS = 0.8
"""How long saying goodbye may hold up the end."""

Addresses = tuple[str, ...]

T = TypeVar("T")

log = logging.getLogger(__name__)


@asynccontextmanager
async def advertised(
    name: str,
    services: Sequence[Advertised],
    bind: str = "",
    *,
    find: Callable[[], Addresses] = addresses,
    rescan_seconds: float = RESCAN_SECONDS,
) -> AsyncIterator[None]:
    """Advertises `services` in the background, under `name` or, where that is taken, "name-2" and so on.

    On `bind` alone or on the addresses that `find` finds, again every `rescan_seconds`. It takes two seconds to be
    seen. At the end, also when cancelled, it says goodbye. A network without multicast is logged, not raised.
    """
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_advertise, name, services, (lambda: (bind,)) if bind else find, rescan_seconds)
        try:
            yield
        finally:
            nursery.cancel_scope.cancel()


async def _advertise(
    name: str, services: Sequence[Advertised], find: Callable[[], Addresses], rescan_seconds: float
) -> None:
    try:
        found = await _in_thread(find)
        responder = await trio.to_thread.run_sync(partial(dns_sd.Zeroconf, list(found)))
    except OSError as exc:
        log.warning("zeroconf cannot be used (%s): type the address into the tablets", exc)
        return
    try:
        chosen = await _register(responder, name, services, found)
        log.info("advertised as %s on %s", chosen, ", ".join(found))
        while True:
            await trio.sleep(rescan_seconds)
            found = await _follow(responder, chosen, services, found, await _in_thread(find))
    finally:
        with trio.move_on_after(GOODBYE_SECONDS, shield=True):
            await _in_thread(partial(_close, responder))


async def _register(responder: dns_sd.Zeroconf, name: str, services: Sequence[Advertised], found: Addresses) -> str:
    """All services under one name that is free for each of them; returns it."""
    for attempt in count(1):
        chosen, taken = instance_name(name, attempt), list[bool]()

        async def claim(service: Advertised, chosen: str = chosen, taken: list[bool] = taken) -> None:
            taken.append(not await _in_thread(partial(_claim, responder, service_info(chosen, service, found))))

        async with trio.open_nursery() as nursery:
            for service in services:
                nursery.start_soon(claim, service)
        if not any(taken):
            return chosen
        await _in_thread(responder.unregister_all_services)
    raise AssertionError


def _claim(responder: dns_sd.Zeroconf, info: dns_sd.ServiceInfo) -> bool:
    """Announces a service; False if its name is taken."""
    try:
        responder.register_service(info)
    except dns_sd.NonUniqueNameException:
        return False
    return True


async def _follow(
    responder: dns_sd.Zeroconf, chosen: str, services: Sequence[Advertised], before: Addresses, now: Addresses
) -> Addresses:
    """Where the machine's addresses have changed, announces the new ones; returns those that are announced."""
    if now == before:
        return before
    try:
        await _in_thread(partial(responder.update_interfaces, list(now)))
        for service in services:
            await _in_thread(partial(responder.update_service, service_info(chosen, service, now)))
    except (OSError, dns_sd.Error) as exc:
        log.warning("zeroconf cannot follow to %s (%s)", ", ".join(now), exc)
        return before
    log.info("advertised on %s", ", ".join(now))
    return now


def _close(responder: dns_sd.Zeroconf) -> None:
    try:
        responder.close()
    except (OSError, dns_sd.Error) as exc:
        log.warning("zeroconf could not say goodbye (%s)", exc)


async def _in_thread(call: Callable[[], T]) -> T:
    """Cancelling does not wait for the call: at the end of the show nobody waits for the network."""
    return await trio.to_thread.run_sync(call, abandon_on_cancel=True)

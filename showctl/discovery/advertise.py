"""Telling the room that we are here, for as long as a block lasts."""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial

import trio
import zeroconf as dns_sd

from showctl.discovery.interfaces import addresses
from showctl.discovery.patience import in_thread, kept_up
from showctl.discovery.services import Advertised, instance_name, service_info

RESCAN_SECONDS = 10.0
GOODBYE_SECONDS = 0.8
"""How long saying goodbye may hold up the end."""

Addresses = tuple[str, ...]

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

    On `bind` alone, if that is one address, or on those that `find` finds, again every `rescan_seconds`. It takes two
    seconds to be seen. At the end, also when cancelled, it says goodbye. A network without multicast is logged, not
    raised, and tried again.
    """
    async with trio.open_nursery() as nursery:
        alone = bind and not ipaddress.ip_address(bind).is_unspecified
        tell = partial(_tell, name, services, (lambda: (bind,)) if alone else find, rescan_seconds)
        nursery.start_soon(kept_up, tell, "type the address into the tablets", rescan_seconds)
        try:
            yield
        finally:
            nursery.cancel_scope.cancel()


async def _tell(
    name: str, services: Sequence[Advertised], find: Callable[[], Addresses], rescan_seconds: float
) -> None:
    found = await in_thread(find)
    responder = await trio.to_thread.run_sync(partial(dns_sd.Zeroconf, list(found)))
    try:
        chosen = await _register(responder, name, services, found)
        log.info("advertised as %s on %s", chosen, ", ".join(found))
        while True:
            await trio.sleep(rescan_seconds)
            now = await in_thread(find)
            if now != found:
                await _move(responder, chosen, services, now)
                found = now
    finally:
        with trio.move_on_after(GOODBYE_SECONDS, shield=True):
            await in_thread(responder.close)


async def _register(responder: dns_sd.Zeroconf, name: str, services: Sequence[Advertised], found: Addresses) -> str:
    """All services under one name that is free for each of them; returns it."""
    attempt = 1
    while not await _all_claimed(responder, instance_name(name, attempt), services, found):
        await in_thread(responder.unregister_all_services)
        attempt += 1
    return instance_name(name, attempt)


async def _all_claimed(responder: dns_sd.Zeroconf, name: str, services: Sequence[Advertised], found: Addresses) -> bool:
    """Announces all services at once, each of which takes over a second; False if the name is taken for one."""
    claimed = list[bool]()

    async def claim(service: Advertised) -> None:
        claimed.append(await in_thread(partial(_claim, responder, service_info(name, service, found))))

    async with trio.open_nursery() as nursery:
        for service in services:
            nursery.start_soon(claim, service)
    return all(claimed)


def _claim(responder: dns_sd.Zeroconf, info: dns_sd.ServiceInfo) -> bool:
    try:
        responder.register_service(info)
    except dns_sd.NonUniqueNameException:
        return False
    return True


async def _move(responder: dns_sd.Zeroconf, name: str, services: Sequence[Advertised], now: Addresses) -> None:
    """Announces the addresses the machine has now."""
    await in_thread(partial(responder.update_interfaces, list(now)))
    for service in services:
        await in_thread(partial(responder.update_service, service_info(name, service, now)))
    log.info("advertised on %s", ", ".join(now))

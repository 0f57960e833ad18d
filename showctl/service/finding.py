"""Finds the clients of the show file: by their addresses at once, by host names and advertised names when they appear.

A tablet that comes back with another address is told there from then on.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable

import trio

from showctl.discovery.browse import Found
from showctl.discovery.watch import Find, watch
from showctl.model.names import is_instance_name, slug
from showctl.model.show import Client as Listed
from showctl.shared.clients import FLAGS, Client, topics_of
from showctl.shared.numeric import is_address

AGAIN_SECONDS = 30.0
"""So often a host name is looked up again: its machine may have got another address."""

LOOKUP_SECONDS = 20.0

Place = Callable[[Client], None]
"""Hears where a client is now."""

log = logging.getLogger(__name__)


class Finder:
    """Calls `place` for each listed client whenever it is found somewhere new."""

    def __init__(self, listed: Iterable[Listed], place: Place) -> None:
        self._listed = tuple(listed)
        self._place = place
        self._takers = {each.slug: Taker(each.host) for each in self._by_instance}

    @property
    def _by_instance(self) -> tuple[Listed, ...]:
        return tuple(each for each in self._listed if is_instance_name(each.host))

    async def serve(self, find: Find, *, zeroconf: bool) -> None:
        """Until cancelled. `find` finds the machine's own addresses."""
        async with trio.open_nursery() as nursery:
            for each in self._listed:
                if is_address(each.host):
                    self._place(client_at(each, each.host, each.port))
                elif not is_instance_name(each.host):
                    nursery.start_soon(self._look_up, each)
            if self._by_instance and zeroconf:
                nursery.start_soon(watch, self.heard, find)
            elif self._by_instance:
                names = ", ".join(f'"{each.host}"' for each in self._by_instance)
                log.warning("zeroconf is switched off: %s cannot be found by name", names)

    def heard(self, name: str, found: Found | None) -> None:
        """An instance is there, or has left."""
        for each in self._by_instance:
            taker = self._takers[each.slug]
            if found is None:
                taker.leave(name)
            elif taker.takes(name):
                log.info("[clients.%s] is %s at %s:%d", each.slug, name, found.host, each.port or found.port)
                self._place(client_at(each, found.host, each.port or found.port))

    async def _look_up(self, listed: Listed) -> None:
        """A name in the DNS, looked up in a thread; while it is not found, it is where it was."""
        while True:
            host = await _address_of(listed.host)
            if host:
                self._place(client_at(listed, host, listed.port))
            await trio.sleep(AGAIN_SECONDS)


class Taker:
    """Which of the instances whose names hold the wanted one is meant: that of just this name, else the first."""

    def __init__(self, wanted: str) -> None:
        self._wanted = slug(wanted)
        self._taken = ""

    def takes(self, name: str) -> bool:
        own = slug(name)
        if self._wanted not in own or (self._taken not in {"", name} and own != self._wanted):
            return False
        self._taken = name
        return True

    def leave(self, name: str) -> None:
        if name == self._taken:
            self._taken = ""


def client_at(listed: Listed, host: str, port: int) -> Client:
    """What the show file says, for good."""
    words = frozenset(listed.feed)
    return Client(host, port, topics_of(words), words & FLAGS, name=listed.slug)


async def _address_of(name: str) -> str | None:
    """Its first address, IPv4 preferred: what tablets speak."""
    with trio.move_on_after(LOOKUP_SECONDS):
        try:
            found = await trio.socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
        except (OSError, UnicodeError):
            return None
        return str(min(found, key=lambda info: info[0] != socket.AF_INET)[4][0])
    return None

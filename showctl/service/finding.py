"""Finds the clients of the show file: by their addresses at once, by host names and advertised names when they appear.

A tablet that comes back with another address is told there from then on.
"""

from __future__ import annotations

import logging
import math
import socket
from collections.abc import Callable, Iterable, Iterator

import trio

from showctl.discovery.browse import Found
from showctl.discovery.watch import Find, watch
from showctl.model.names import is_address, is_instance_name, slug
from showctl.model.show import Client as Listed
from showctl.shared.clients import FLAGS, Client, topics_of

AGAIN_SECONDS = 30.0
"""So often a host name is looked up again: its machine may have got another address."""

LOOKUP_SECONDS = 20.0

MISSED_SECONDS = 20.0
"""So long a client may be away before anybody hears of it: a tablet that was asleep takes a few seconds."""

Place = Callable[[Client], None]
"""Hears where a client is now."""

log = logging.getLogger(__name__)


class Finder:
    """Calls `place` for each listed client whenever it is found somewhere new."""

    def __init__(self, listed: Iterable[Listed], place: Place, *, zeroconf: bool = True) -> None:
        self._listed = tuple(listed)
        self._place = place
        self._zeroconf = zeroconf
        self._takers = {each.slug: Taker(each.host) for each in self._by_instance}
        self._sought_since: dict[str, float] = {}
        """In trio's seconds, those that are nowhere."""

    @property
    def _by_instance(self) -> tuple[Listed, ...]:
        return tuple(each for each in self._listed if is_instance_name(each.host))

    async def serve(self, find: Find) -> None:
        """Until cancelled. `find` finds the machine's own addresses."""
        async with trio.open_nursery() as nursery:
            for each in self._listed:
                if is_address(each.host):
                    self._place(client_at(each, each.host, each.port))
                    continue
                self._seek(each)
                if not is_instance_name(each.host):
                    nursery.start_soon(self._look_up, each)
            if self._by_instance and self._zeroconf:
                nursery.start_soon(watch, self.heard, find)

    def missed(self) -> Iterator[str]:
        """A sentence for each client that has been sought in vain for a while."""
        long_ago = trio.current_time() - MISSED_SECONDS
        for each in self._listed:
            if self._sought_since.get(each.slug, math.inf) <= long_ago:
                yield f'{each.slug} ("{each.host}") {self._advice(each)}'

    def _advice(self, listed: Listed) -> str:
        if not is_instance_name(listed.host):
            return "is not found on the network: see that it is on, on this network, and known by that name"
        if not self._zeroconf:
            return "cannot be found by that name while zeroconf is switched off: give its address"
        return "is not found on the network: open TouchOSC on it, and see that it is on this network"

    def _seek(self, listed: Listed) -> None:
        self._sought_since.setdefault(listed.slug, trio.current_time())

    def _put(self, listed: Listed, host: str, port: int) -> None:
        self._sought_since.pop(listed.slug, None)
        self._place(client_at(listed, host, port))

    def heard(self, name: str, found: Found | None) -> None:
        """An instance is there, or has left."""
        for each in self._by_instance:
            taker = self._takers[each.slug]
            if found is None:
                if taker.leave(name):
                    self._seek(each)
            elif taker.takes(name):
                log.info("[clients.%s] is %s at %s:%d", each.slug, name, found.host, each.port or found.port)
                self._put(each, found.host, each.port or found.port)

    async def _look_up(self, listed: Listed) -> None:
        """A name in the DNS, looked up in a thread; while it is not found, it is where it was."""
        while True:
            host = await _address_of(listed.host)
            if host:
                self._put(listed, host, listed.port)
            else:
                self._seek(listed)
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

    def leave(self, name: str) -> bool:
        """Whether it was the one that is meant."""
        left = name == self._taken
        if left:
            self._taken = ""
        return left


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

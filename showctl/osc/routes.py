"""Which of a service's UDP sockets reaches an address; and addresses as everybody here writes them.

A socket of IPv6 may serve IPv4 as well ("dual stack"), and shows such peers as ::ffff:192.168.1.31 (RFC 4291, 2.5.5.2).
Here that is 192.168.1.31, always, so that a client is the same whatever the service listens on.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Sequence
from typing import TypeAlias

Address: TypeAlias = tuple[str, int]
"""A host, by its number, and a port. A link-local IPv6 host carries its interface: "fe80::1%2"."""

Peer: TypeAlias = Address | tuple[str, int, str]
"""Who speaks. At the end of a stream it says of which kind ("tcp"): a UDP client may have the same host and port."""

Route: TypeAlias = tuple[socket.socket, tuple[str, int] | tuple[str, int, int, int]]
"""A socket, and the address as its family wants it."""

MAX_ROUTES = 4096
"""Kept ready; senders can be forged, so their number has no bound of its own."""

_MAPPED = "::ffff:"


def address_of(place: tuple[str, int] | tuple[str, int, int, int]) -> Address:
    """What `recvfrom` and `accept` say, plainly."""
    host = place[0]
    if host.startswith(_MAPPED) and "." in host:
        return host.removeprefix(_MAPPED), place[1]
    return (f"{host}%{place[3]}" if len(place) == 4 and place[3] else host), place[1]


class Routes:
    """Finds the socket for each address, once."""

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._sockets = sockets
        self._known: dict[Address, Route | None] = {}

    def find(self, address: Address) -> Route | None:
        """None where no socket reaches it, or where its host is a name and not a number."""
        if address not in self._known:
            if len(self._known) >= MAX_ROUTES:
                self._known.clear()
            self._known[address] = self._choose(address)
        return self._known[address]

    def _choose(self, address: Address) -> Route | None:
        routes = [route for each in self._sockets if (route := _route(each, address))]
        if len(routes) < 2:
            return routes[0] if routes else None
        source = _source(routes[0])
        return next((route for route in routes if route[0].getsockname()[0] == source), routes[0])


def _route(udp: socket.socket, address: Address) -> Route | None:
    host, port = address
    try:
        version = ipaddress.ip_address(host).version
    except ValueError:
        return None
    if udp.family == socket.AF_INET:
        return (udp, address) if version == 4 else None
    if version == 6:
        return _ipv6_route(udp, address)
    dual = udp.getsockname()[0] == "::" and not udp.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY)
    return (udp, (f"{_MAPPED}{host}", port)) if dual else None


def _ipv6_route(udp: socket.socket, address: Address) -> Route | None:
    """With the number of the interface, where there is one."""
    try:
        found = socket.getaddrinfo(*address, socket.AF_INET6, socket.SOCK_DGRAM, flags=socket.AI_NUMERICHOST)
    except OSError:  # an interface that is not here
        return None
    host, port, flow, scope = found[0][4]  # type: ignore[misc]
    return udp, (str(host), port, int(flow), int(scope))


def _source(route: Route) -> str:
    """Which of its own addresses this machine would send from."""
    with socket.socket(route[0].family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(route[1])  # sends nothing
        except OSError:
            return ""
        return str(probe.getsockname()[0])

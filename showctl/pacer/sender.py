"""Datagrams out of the service's sockets. Nothing here waits: what cannot be sent now is counted, and lost."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from showctl.osc.routes import MAX_ROUTES, Address, Route, Routes

SEND_BUFFER_BYTES = 1 << 20
"""Packets to hosts that do not answer wait in the kernel for some seconds, and must not crowd out the others'."""

_BUNDLE_HEAD = struct.Struct(">8sQi")

# The descriptor may be shared with a process that wants to block on it, so non-blocking is asked for call by call.
_NOW = 0 if sys.platform == "win32" else socket.MSG_DONTWAIT


def bundle(timetag: int, packet: bytes) -> bytes:
    """An encoded message as the only element of a bundle."""
    return _BUNDLE_HEAD.pack(b"#bundle\0", timetag, len(packet)) + packet


class Sender:
    """Sends by IPv4 or IPv6, through the one of `sockets` that reaches an address."""

    def __init__(self, sockets: Sequence[socket.socket]) -> None:
        self._routes = Routes(sockets)
        self._names: Mapping[str, str] = {}
        self._known: dict[Address, Route] = {}
        self.failed: Counter[tuple[Address, str]] = Counter()
        """How often a destination could not be sent to, and why."""
        self.unreached: dict[Address, str] = {}
        """Where the last packet could not be sent, and why."""
        for each in sockets:
            _prepare(each)

    def send(self, packet: bytes, addresses: Iterable[Address]) -> int:
        """To one after the other; how many times the system took it."""
        routes, taken = self._known, 0
        for address in addresses:
            route = routes.get(address) or self._find(address)
            if route is None:
                self._note(address, "its name is not known, or no socket reaches such an address")
                continue
            try:
                route[0].sendto(packet, _NOW, route[1])
            except OSError as exc:
                self._note(address, exc.strerror or str(exc))
                continue
            taken += 1
            if self.unreached:
                self.unreached.pop(address, None)
        return taken

    def prepare(self, addresses: Iterable[Address]) -> None:
        """Finds the ways there while there is time: when something is due there are microseconds for each packet."""
        for address in addresses:
            if address not in self._known:
                self._find(address)

    def _find(self, address: Address) -> Route | None:
        """What is found is kept at hand."""
        host = self._names.get(address[0])
        route = self._routes.find((host, address[1]) if host else address)
        if route:
            if len(self._known) >= MAX_ROUTES:
                self._known.clear()
            self._known[address] = route
        return route

    def _note(self, address: Address, reason: str) -> None:
        self.failed[address, reason] += 1
        self.unreached[address] = reason

    def learn(self, names: Mapping[str, str]) -> None:
        """Host names with their addresses."""
        self._names = names
        self._known.clear()


def _prepare(udp: socket.socket) -> None:
    if sys.platform == "win32":
        udp.setblocking(False)
    with contextlib.suppress(OSError):
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

"""Datagrams out of the service's sockets. Nothing here waits: what cannot be sent now is counted, and lost."""

from __future__ import annotations

import contextlib
import socket
import struct
import sys
from collections import Counter
from collections.abc import Mapping, Sequence

from showctl.osc.routes import Address, Routes

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
        self.failed: Counter[tuple[Address, str]] = Counter()
        """How often a destination could not be sent to, and why."""
        self.unreached: dict[Address, str] = {}
        """Where the last packet could not be sent, and why."""
        for each in sockets:
            _prepare(each)

    def send(self, packet: bytes, address: Address) -> bool:
        """Whether the system took it."""
        host = self._names.get(address[0])
        route = self._routes.find((host, address[1]) if host else address)
        if route is None:
            return self._note(address, "its name is not known, or no socket reaches such an address")
        try:
            route[0].sendto(packet, _NOW, route[1])
        except OSError as exc:
            return self._note(address, exc.strerror or str(exc))
        if self.unreached:
            self.unreached.pop(address, None)
        return True

    def _note(self, address: Address, reason: str) -> bool:
        self.failed[address, reason] += 1
        self.unreached[address] = reason
        return False

    def learn(self, names: Mapping[str, str]) -> None:
        """Host names with their addresses."""
        self._names = names


def _prepare(udp: socket.socket) -> None:
    if sys.platform == "win32":
        udp.setblocking(False)
    with contextlib.suppress(OSError):
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)

"""A UDP port of this machine that stands for a client at the end of a stream.

The pacer is a process of its own and sends UDP, on time, to whoever is subscribed; it knows of no connections. So a
client of a stream subscribes under the address of a relay, and what arrives there goes down its connection. The way
costs two system calls on the loopback interface, some 30 µs.

A relay is connected to the service's own UDP socket, which control and pacer share: the kernel lets no one else in.
"""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable, Sequence
from contextlib import suppress

import trio

from showctl.osc.codec import MAX_PACKET_BYTES
from showctl.osc.routes import Address

BURST = 64
"""Datagrams taken in one turn."""


class Relay:
    """Open until `forward` ends. Raises OSError where the system has no socket left."""

    def __init__(self, service: Sequence[socket.socket]) -> None:
        family, host, port = _within_reach(service)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        try:
            self._socket.setblocking(False)
            self._socket.bind((host, 0))
            self._socket.connect((host, port))
        except BaseException:
            self._socket.close()
            raise
        self.address: Address = (host, int(self._socket.getsockname()[1]))

    async def forward(self, deliver: Callable[[bytes], None]) -> None:
        """Hands on each datagram, in order, until cancelled; then the port is given back."""
        with self._socket:
            while True:
                await trio.lowlevel.wait_readable(self._socket)
                with suppress(OSError):  # there are no more
                    for _ in range(BURST):
                        deliver(self._socket.recv(MAX_PACKET_BYTES))


def _within_reach(service: Sequence[socket.socket]) -> tuple[socket.AddressFamily, str, int]:
    """Where one of the service's sockets hears and is heard on this machine: loopback, if that is among its places."""
    places = [each.getsockname() for each in service]
    if any(place[0] in {"0.0.0.0", "::", "127.0.0.1"} for place in places):  # noqa: S104 - a comparison
        return socket.AF_INET, "127.0.0.1", places[0][1]
    host, port = places[0][:2]
    return (socket.AF_INET6 if ipaddress.ip_address(host).version == 6 else socket.AF_INET), host, port

"""The OSC port: bound once, by the supervisor, so that no datagram is lost while one of its users is replaced."""

from __future__ import annotations

import errno
import socket
import sys

from showctl.errors import NetworkError

RECEIVE_BYTES = 1 << 20
"""Room for what arrives while control is being replaced; the system may grant less."""


def bind_osc(port: int, address: str = "") -> socket.socket:
    """A UDP socket on `port` (0: any free one) of `address`, by default of every IPv4 address of this machine.

    "::" is every address, IPv6 and IPv4. Raises `NetworkError` where the port is taken or the address is not ours.
    """
    try:
        return _bound(port, address or "0.0.0.0")  # noqa: S104 - tablets are on the network; [access] says who is heard
    except OSError as exc:
        raise NetworkError(_sentence(exc, port, address)) from exc


def _bound(port: int, address: str) -> socket.socket:
    family, *_, place = socket.getaddrinfo(address, port, type=socket.SOCK_DGRAM, flags=socket.AI_PASSIVE)[0]
    bound = socket.socket(family, socket.SOCK_DGRAM)
    try:
        if family == socket.AF_INET6:
            bound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        if sys.platform == "win32":
            bound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)
        bound.bind(place)
        bound.setblocking(False)
    except BaseException:
        bound.close()
        raise
    return bound


def _sentence(exc: OSError, port: int, address: str) -> str:
    if isinstance(exc, socket.gaierror) or exc.errno in {errno.EADDRNOTAVAIL, errno.EINVAL}:
        return f"expected an address of this machine, got {address!r}: choose another with --bind"
    if exc.errno == errno.EADDRINUSE:
        return f"UDP port {port} is in use by another program: stop that, or choose another port with --osc-port"
    return f"cannot listen on UDP port {port} ({exc.strerror}): choose another with --osc-port"

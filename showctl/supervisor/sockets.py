"""The OSC port: bound once, by the supervisor, so that nothing is lost while one of its users is replaced.

UDP and TCP have the same number, at every address that is used.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack

from showctl.errors import NetworkError
from showctl.shared.handover import OscSockets

RECEIVE_BYTES = 1 << 20
"""Room for what arrives while control is being replaced; the system may grant less."""

BACKLOG = 128
"""TCP connections that wait to be accepted."""

TRIES = 64
"""So many free UDP ports are looked at for one that is free for TCP, and at every address."""

_KINDS = {socket.SOCK_DGRAM: "UDP", socket.SOCK_STREAM: "TCP"}


def bind_osc(port: int, addresses: Sequence[str] = ()) -> OscSockets:
    """Sockets on `port` (0: any that is free) of these addresses, by default of every IPv4 address of this machine.

    "::" is every address, IPv6 and IPv4. Raises `NetworkError` where the port is taken or an address is not ours.
    """
    wanted = tuple(addresses) or ("0.0.0.0",)  # noqa: S104 - tablets are on the network; [access] says who is heard
    for left in reversed(range(TRIES)):
        try:
            return _bind_all(port, wanted)
        except _PortTakenError as exc:
            if port or not left:  # a free one was asked for, and it was free for the first socket alone
                raise NetworkError(str(exc)) from exc
    raise AssertionError


class _PortTakenError(Exception):
    pass


def _bind_all(port: int, addresses: Sequence[str]) -> OscSockets:
    with ExitStack() as opened:
        bound: dict[int, list[socket.socket]] = {kind: [] for kind in _KINDS}
        for address in addresses:
            for kind, sockets in bound.items():
                sockets.append(opened.enter_context(_bind(kind, port, address)))
                port = port or sockets[-1].getsockname()[1]
        opened.pop_all()
    return OscSockets(tuple(bound[socket.SOCK_DGRAM]), tuple(bound[socket.SOCK_STREAM]))


def _bind(kind: int, port: int, address: str) -> socket.socket:
    try:
        family, *_, place = socket.getaddrinfo(address, port, type=kind, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, kind)
    except OSError as exc:
        raise NetworkError(_sentence(exc, kind, port, address)) from exc
    try:
        _prepare(bound, kind)
        bound.bind(place)
        if kind == socket.SOCK_STREAM:
            bound.listen(BACKLOG)
    except OSError as exc:
        bound.close()
        sentence = _sentence(exc, kind, port, address)
        raise (_PortTakenError if exc.errno == errno.EADDRINUSE else NetworkError)(sentence) from exc
    return bound


def _prepare(unbound: socket.socket, kind: int) -> None:
    unbound.setblocking(False)
    if unbound.family == socket.AF_INET6:
        unbound.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    if sys.platform == "win32":
        unbound.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    elif kind == socket.SOCK_STREAM:  # else the connections of an earlier service hold the port for a minute
        unbound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if kind == socket.SOCK_DGRAM:
        unbound.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        unbound.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BYTES)


def _sentence(exc: OSError, kind: int, port: int, address: str) -> str:
    name = f"{_KINDS[socket.SocketKind(kind)]} port {port}"
    if isinstance(exc, socket.gaierror) or exc.errno in {errno.EADDRNOTAVAIL, errno.EINVAL}:
        return f"expected an address of this machine, got {address!r}: choose another with --bind"
    if exc.errno == errno.EADDRINUSE:
        return f"{name} is in use by another program: stop that, or choose another port with --osc-port"
    return f"cannot listen on {name} ({exc.strerror}): choose another with --osc-port"

"""The ports: bound once, by the supervisor, so that nothing is lost while one of their users is replaced.

For OSC, UDP and TCP have the same number; each port has one number at every address that is used.
"""

from __future__ import annotations

import errno
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace

from showctl.errors import NetworkError
from showctl.shared.handover import OscSockets

RECEIVE_BYTES = 1 << 20
"""Room for what arrives while control is being replaced; the system may grant less."""

BACKLOG = 128
"""TCP connections that wait to be accepted."""

TRIES = 64
"""So many free UDP ports are looked at for one that is free for TCP, and at every address."""

_KINDS = {socket.SOCK_DGRAM: "UDP", socket.SOCK_STREAM: "TCP"}


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a port is for: one socket of each kind at each address."""

    port: int
    kinds: tuple[int, ...]
    option: str = ""
    """By which the user chooses another, where there is one."""


def bind_service(osc_port: int, web_port: int, addresses: Sequence[str] = (), *, push_port: int = 0) -> OscSockets:
    """All sockets of a service. Raises `NetworkError` as `bind_osc` does."""
    with ExitStack() as opened:
        osc = opened.enter_context(bind_osc(osc_port, addresses))
        web = bind_web(web_port, addresses)
        opened.pop_all()
    return replace(osc, web=web, push=bind_push(push_port, addresses))


def bind_osc(port: int, addresses: Sequence[str] = ()) -> OscSockets:
    """Sockets on `port` (0: any that is free) of these addresses, by default of every IPv4 address of this machine.

    "::" is every address, IPv6 and IPv4. Raises `NetworkError` where the port is taken or an address is not ours.
    """
    bound = _bind_somewhere(_Wanted(port, (socket.SOCK_DGRAM, socket.SOCK_STREAM), "--osc-port"), addresses)
    return OscSockets(bound[socket.SOCK_DGRAM], bound[socket.SOCK_STREAM])


def bind_web(port: int, addresses: Sequence[str] = ()) -> tuple[socket.socket, ...]:
    """Listeners for HTTP, likewise."""
    return _bind_somewhere(_Wanted(port, (socket.SOCK_STREAM,), "--web-port"), addresses)[socket.SOCK_STREAM]


def bind_push(port: int, addresses: Sequence[str] = ()) -> tuple[socket.socket, ...]:
    """Listeners on `port`, else on any that is free: who comes here is told the number. None are no reason to fail."""
    for each in (port, 0):
        with suppress(NetworkError):
            return _bind_somewhere(_Wanted(each, (socket.SOCK_STREAM,)), addresses)[socket.SOCK_STREAM]
    return ()


def _bind_somewhere(wanted: _Wanted, addresses: Sequence[str]) -> dict[int, tuple[socket.socket, ...]]:
    everywhere = ("0.0.0.0",)  # noqa: S104 - tablets are on the network; [access] says who is heard
    for left in reversed(range(TRIES)):
        try:
            return _bind_all(wanted, tuple(addresses) or everywhere)
        except _PortTakenError as exc:
            if wanted.port or not left:  # a free one was asked for, and it was free for the first socket alone
                raise NetworkError(str(exc)) from exc
    raise AssertionError


class _PortTakenError(Exception):
    pass


def _bind_all(wanted: _Wanted, addresses: Sequence[str]) -> dict[int, tuple[socket.socket, ...]]:
    with ExitStack() as opened:
        bound: dict[int, list[socket.socket]] = {kind: [] for kind in wanted.kinds}
        for address in addresses:
            for kind, sockets in bound.items():
                sockets.append(opened.enter_context(_bind(kind, wanted, address)))
                wanted = replace(wanted, port=sockets[-1].getsockname()[1])
        opened.pop_all()
    return {kind: tuple(sockets) for kind, sockets in bound.items()}


def _bind(kind: int, wanted: _Wanted, address: str) -> socket.socket:
    try:
        family, *_, place = socket.getaddrinfo(address, wanted.port, type=kind, flags=socket.AI_PASSIVE)[0]
        bound = socket.socket(family, kind)
    except OSError as exc:
        raise NetworkError(_sentence(exc, kind, wanted, address)) from exc
    try:
        _prepare(bound, kind)
        bound.bind(place)
        if kind == socket.SOCK_STREAM:
            bound.listen(BACKLOG)
    except OSError as exc:
        bound.close()
        sentence = _sentence(exc, kind, wanted, address)
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


def _sentence(exc: OSError, kind: int, wanted: _Wanted, address: str) -> str:
    name = f"{_KINDS[socket.SocketKind(kind)]} port {wanted.port}"
    if isinstance(exc, socket.gaierror) or exc.errno in {errno.EADDRNOTAVAIL, errno.EINVAL}:
        return f"expected an address of this machine, got {address!r}: choose another with --bind"
    if exc.errno == errno.EADDRINUSE:
        return f"{name} is in use by another program: stop that, or choose another port with {wanted.option}"
    return f"cannot listen on {name} ({exc.strerror}): choose another with {wanted.option}"

"""liblo at the other end: a server of it sends from its own port, and keeps what it hears."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Sequence
from typing import Any

from pyliblo3 import TCP, UDP, Address, Server

from tests.clients.serving import HOST

PATIENCE_SECONDS = 20.0

Heard = tuple[str, str, list[Any]]
"""Address, types, arguments."""


class Liblo:
    """`protocol` is UDP or TCP; over TCP the first message that goes out opens the connection.

    A bundle is taken apart: its messages stand in `heard` like all others, when they are due, and its timetag (seconds
    since 1900) in `timetags`, when it came.
    """

    def __init__(self, protocol: int = UDP, service_port: int = 0) -> None:
        self.server = Server(proto=protocol)
        self.service = Address(HOST, service_port, protocol) if service_port else None
        self.heard: deque[Heard] = deque()
        self.timetags: list[float] = []
        self.server.add_method(None, None, self._hear)
        self.server.add_bundle_handlers(self._begin, self._end)

    def _hear(self, address: str, args: list[Any], types: str) -> None:
        self.heard.append((address, types, args))

    def _begin(self, timetag: float, _: object) -> None:
        self.timetags.append(timetag)

    def _end(self, _: object) -> None: ...

    def __enter__(self) -> Liblo:
        return self

    def __exit__(self, *_: object) -> None:
        self.server.free()

    @property
    def port(self) -> int:
        return int(self.server.port)

    def send(self, *message: object) -> None:
        """An address and arguments, or liblo's messages and bundles."""
        self.server.send(self.service, *message)

    def hear(self) -> Heard:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self.heard:
            assert time.monotonic() < deadline, "liblo heard nothing"
            self.server.recv(100)
        return self.heard.popleft()

    def hear_until(self, address: str, *args: object) -> list[Heard]:
        """Everything up to the message with this address that begins with these arguments, that one included."""
        heard = [self.hear()]
        while heard[-1][0] != address or heard[-1][2][: len(args)] != list(args):
            heard.append(self.hear())
        return heard

    def subscribe(self, *words: str) -> list[Heard]:
        """The whole state, as liblo heard it."""
        self.send("/subscribe", *words)
        return self.hear_until("/synced")


def arguments_of(address: str, heard: Sequence[Heard]) -> list[list[Any]]:
    return [args for each, _, args in heard if each == address]


__all__ = ["TCP", "UDP", "Liblo", "arguments_of"]

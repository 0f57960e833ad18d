"""Sockets that outlive their users: the supervisor binds them, and each process that needs them is given the same ones.

On POSIX a descriptor is inherited under its own number. Windows cannot inherit a socket by number; there the first
lines on the new process's standard input, one for each socket, are what `WSASocket` needs to open them again.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self


@dataclass(frozen=True, slots=True)
class OscSockets:
    """Where a service is spoken to: at each of its addresses a UDP socket and a TCP listener for OSC, all on one port,
    and TCP listeners for HTTP on two others: `web` for everybody, `push` for TouchOSC Mk1 to fetch its layout."""

    udp: tuple[socket.socket, ...]
    tcp: tuple[socket.socket, ...] = ()
    web: tuple[socket.socket, ...] = ()
    push: tuple[socket.socket, ...] = ()

    @property
    def all(self) -> tuple[socket.socket, ...]:
        return (*self.udp, *self.tcp, *self.web, *self.push)

    @property
    def port(self) -> int:
        return int(self.udp[0].getsockname()[1])

    @property
    def web_port(self) -> int:
        """0 where there is none."""
        return _port(self.web)

    @property
    def push_port(self) -> int:
        """0 where there is none."""
        return _port(self.push)

    def close(self) -> None:
        for each in self.all:
            each.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def _port(listeners: Sequence[socket.socket]) -> int:
    return int(listeners[0].getsockname()[1]) if listeners else 0


if sys.platform == "win32":

    def inheritable(_: Sequence[socket.socket]) -> tuple[int, ...]:
        """Nothing is inherited here."""
        return ()

    def handed_over(shared: Sequence[socket.socket], pid: int) -> bytes:
        """The first lines for the standard input of process `pid`."""
        return b"".join(each.share(pid).hex().encode() + b"\n" for each in shared)

    def taken_over(_: int) -> socket.socket:
        """The socket whose description is the next line on standard input."""
        return socket.fromshare(bytes.fromhex(sys.stdin.buffer.readline().decode().strip()))

else:

    def inheritable(shared: Sequence[socket.socket]) -> tuple[int, ...]:
        """The descriptors a new process must inherit (`subprocess.Popen`'s `pass_fds`)."""
        return tuple(each.fileno() for each in shared)

    def handed_over(_shared: Sequence[socket.socket], _pid: int) -> bytes:
        """What to write to the new process's standard input first: nothing."""
        return b""

    def taken_over(descriptor: int) -> socket.socket:
        """The socket under the number given as `--fd`, `--tcp`, `--web` or `--push`."""
        return socket.socket(fileno=descriptor)

"""A doorbell: wakes a process that waits on a socket. What is new it finds in the shared records.

A datagram to 127.0.0.1 rather than a futex, a pipe or a Unix socket: the same on Linux, macOS and Windows, and
any event loop can wait for it. The port is in a shared record, which outlives both sides.
"""

from __future__ import annotations

import contextlib
import socket
from pathlib import Path
from types import TracebackType
from typing import Self

from showctl.errors import RuntimeFilesError
from showctl.shared.records import NumberReader, NumberWriter

_HOST = "127.0.0.1"
_RINGS_AT_ONCE = 256  # a stranger who floods the port must not hold us in `drain`


class Bell:
    """The side that waits: a non-blocking socket that is readable once somebody rang."""

    def __init__(self, path: Path, bell_socket: socket.socket) -> None:
        self.socket = bell_socket
        self._scratch = bytearray(65536)  # Windows refuses to cut a datagram short
        NumberWriter(path, "q").write([bell_socket.getsockname()[1]])

    @classmethod
    def open(cls, path: Path) -> Self:
        """A bell on a free port, published at `path` in place of the one before."""
        bell_socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            bell_socket.bind((_HOST, 0))
            bell_socket.setblocking(False)
            return cls(path, bell_socket)
        except BaseException:
            bell_socket.close()
            raise

    def fileno(self) -> int:
        """For `select` and its kin."""
        return self.socket.fileno()

    def drain(self) -> None:
        """Forget the rings so far. Do it before looking at the records, so that no later one is missed."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_RINGS_AT_ONCE):
                self.socket.recv_into(self._scratch)

    def close(self) -> None:
        """Stop listening; ringing goes on doing no harm."""
        self.socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


class Ringer:
    """The side that rings the bell published at `path`, now or later. A system call: not for the audio callback."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._port: NumberReader | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)

    def ring(self) -> None:
        """Wake the other process if it is there. Never blocks and never fails."""
        with contextlib.suppress(OSError, RuntimeFilesError):  # not there, not yet there, or its queue is full
            self._port = self._port or NumberReader(self._path, "q")
            numbers = self._port.read()
            if numbers is not None:
                self._socket.sendto(b"\0", (_HOST, numbers[0]))

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

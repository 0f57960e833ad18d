"""What stands around an OSC server in memory: a socket that sends nowhere, a nursery that waits, a log that is read."""

from __future__ import annotations

import logging
import socket
from collections.abc import Awaitable, Callable

import trio
import trio.testing

Task = tuple[Callable[..., Awaitable[object]], tuple[object, ...]]


class Post(socket.socket):
    """A socket whose datagrams stay here."""

    def __init__(self) -> None:
        super().__init__(socket.AF_INET, socket.SOCK_DGRAM)
        self.bind(("127.0.0.1", 0))
        self.sent: list[tuple[bytes, object]] = []

    def sendto(self, packet: bytes, to: object) -> int:  # type: ignore[override]
        self.sent.append((packet, to))
        return len(packet)


class Waiting:
    """Stands in for a nursery: what is started waits for `run`, in bounded number as long as the server bounds it."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []

    def start_soon(self, task: Callable[..., Awaitable[object]], *args: object) -> None:
        self.tasks.append((task, args))

    def run(self) -> None:
        """All of them, and those that they start, to their end."""
        while self.tasks:
            tasks, self.tasks = self.tasks, []
            trio.run(_run_all, tasks, clock=trio.testing.MockClock(autojump_threshold=0))


async def _run_all(tasks: list[Task]) -> None:
    async with trio.open_nursery() as nursery:
        for task, args in tasks:
            nursery.start_soon(task, *args)


class Log(logging.Handler):
    """Nothing that arrives may be worth a line."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.records: list[logging.LogRecord] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

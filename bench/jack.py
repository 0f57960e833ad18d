"""A JACK server of our own, with a dummy card: realtime, under its own name, gone at the end."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jack

from bench.measures import CannotMeasureError
from bench.processes import process

RATE = 48_000
PLAYBACK_PORTS = 64
START_SECONDS = 10.0

SERVER_VARIABLE = "JACK_DEFAULT_SERVER"

# libjack prints every fruitless try to reach a server.
jack.set_error_function(lambda _: None)
jack.set_info_function(lambda _: None)


@dataclass(frozen=True, slots=True)
class JackServer:
    """A running server."""

    name: str
    period: int
    pid: int

    @property
    def env(self) -> dict[str, str]:
        """What makes its clients find it, and start none of their own."""
        return {SERVER_VARIABLE: self.name, "JACK_NO_START_SERVER": "1"}

    def client(self, name: str) -> Any:  # noqa: ANN401 - JACK-Client has no annotations
        """A client of this server."""
        return jack.Client(name, no_start_server=True, servername=self.name)

    @property
    def is_realtime(self) -> bool:
        """Whether one of its threads runs before all ordinary ones."""
        tasks = (int(task.name) for task in Path(f"/proc/{self.pid}/task").iterdir())
        return any(os.sched_getscheduler(task) == os.SCHED_FIFO for task in tasks)


@contextmanager
def jack_server(folder: Path, period: int) -> Iterator[JackServer]:
    """A server with a period of `period` frames, whose log is in `folder`. Raises CannotMeasureError."""
    name = f"showctl-bench-{os.getpid()}-{period}"
    command = ["jackd", "-R", "-n", name, "-d", "dummy", "-r", str(RATE), "-p", str(period), "-P", str(PLAYBACK_PORTS)]
    with process([*command, "-C", "2"], log=folder / "jackd.log") as child:
        server = JackServer(name, period, child.pid)
        _wait_for(server)
        if not server.is_realtime:
            raise CannotMeasureError("jackd got no realtime priority: run as root, or allow rtprio")
        yield server


def _wait_for(server: JackServer) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.client("probe").close()
        except jack.JackOpenError as exc:
            if time.monotonic() > deadline:
                raise CannotMeasureError("jackd does not start: install jackd2") from exc
            time.sleep(0.05)
        else:
            return

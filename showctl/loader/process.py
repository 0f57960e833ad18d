"""The loader process: one second of audio after the other, most urgent first, never in anybody's way."""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from showctl.errors import ShowctlError
from showctl.loader.wanted import Second, wanted
from showctl.loader.warm import Warm
from showctl.media.cache import Cache
from showctl.model.plan import Plan
from showctl.model.score import Score
from showctl.model.units import Frame
from showctl.shared.bell import Bell
from showctl.shared.boards import night_reader, plan_reader
from showctl.shared.clock import ClockReader, frame_at
from showctl.shared.health import Heartbeat
from showctl.shared.host import host_ns
from showctl.shared.residency import residency_writer
from showctl.shared.rundir import RuntimeDirectory, open_directory
from showctl.shared.service import read_service, read_show

NICENESS = 10
"""On Linux the priority of reading from a disk follows from this too."""

BYTES_PER_SECOND = 150e6
"""It reads no faster, so that the disk is there for others, and a thousandth of a second is enough to be off it."""

IDLE_SECONDS = 0.25
LOOK_SECONDS = 0.5
"""How often it is worked out anew what is wanted, while the plan stays the same."""

PUBLISH_SECONDS = 0.05


class Loader:
    """What one loader knows. Raises `RuntimeFilesError` without a service in `directory`."""

    def __init__(self, directory: RuntimeDirectory) -> None:
        service = read_service(directory)
        self.score = Score(read_show(directory, service.show))
        self.cache = Cache(Path(service.cache))
        self.warm = Warm(Path(service.cache), self.score.rate)
        self.bell = Bell.open(directory.bell("loader"))
        self._plan = plan_reader(directory)
        self._night = night_reader(directory)
        self._clock = ClockReader(directory.clock)
        self._heartbeat = Heartbeat(directory, "loader")
        self._residency = residency_writer(directory)
        self._wanted: list[Second] = []
        self._seen: Plan | None = None
        self._look_at = 0.0
        self._published_at = 0.0

    def pin(self) -> None:
        """Nobody may evict what tonight plays."""
        songs = self.score.show.songs.values()
        media = [song.medium for song in songs if song.medium]
        voices = [guide.voice for song in songs for guide in song.guides]
        clicks = [medium for song in songs for medium in song.click.custom.values()]
        self.cache.pin([medium.key for medium in (*media, *voices, *clicks)])

    def step(self, now: float) -> float:
        """One second of audio, if any is missing; returns how long to wait then."""
        self._heartbeat.beat()
        self._look(now)
        second = self.warm.next_cold(self._wanted, now)
        count = self.warm.read(second, now) if second else 0
        if now - self._published_at >= PUBLISH_SECONDS:
            self._published_at = now
            self._residency.write(self.warm.residency(now))
        return count / BYTES_PER_SECOND if second else IDLE_SECONDS

    def _look(self, now: float) -> None:
        plan, night, clock = self._plan.read(), self._night.read(), self._clock.read()
        if plan and night and (plan is not self._seen or now >= self._look_at):
            self._seen, self._look_at = plan, now + LOOK_SECONDS
            self._wanted = wanted(self.score, plan, night, frame_at(host_ns(), clock) if clock else Frame(0))
            self.warm.forget(now)

    def run(self) -> NoReturn:
        while True:
            pause = self.step(time.monotonic())
            select.select([self.bell], [], [], pause)
            self.bell.drain()


def main(arguments: Sequence[str]) -> NoReturn:
    """Runs until it is ended, or whoever started it is gone: then standard input ends."""
    parser = argparse.ArgumentParser(prog="python -m showctl.loader", description=__doc__)
    parser.add_argument("directory", type=Path, help="the runtime directory of the service")
    directory = open_directory(parser.parse_args(arguments).directory)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor
    threading.Thread(target=_end_with_starter, daemon=True).start()
    if hasattr(os, "nice"):
        os.nice(NICENESS)
    try:
        loader = Loader(directory)
        loader.pin()
        loader.run()
    except ShowctlError as exc:
        sys.exit(str(exc))


def _end_with_starter() -> None:
    sys.stdin.buffer.read()
    os._exit(0)

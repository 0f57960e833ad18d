"""The engine process alone, with the shared records that a service would give it and a plan that plays at once."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.jack import JackServer
from bench.measures import CannotMeasureError
from bench.processes import process
from bench.shows import Built
from showctl.model.mix import ClickMix, Mix
from showctl.model.night import Night
from showctl.model.plan import Cycle, Loop, MixMark, Plan, Span
from showctl.model.score import Score
from showctl.model.show import encode_show
from showctl.model.units import Frame, SongFrame
from showctl.shared.boards import create_boards
from showctl.shared.clock import ClockReader, ClockRecord
from showctl.shared.rundir import Lease, RuntimeDirectory, claim_directory
from showctl.shared.service import Service, write_service, write_show

DEVICE = "system (JACK"
START_SECONDS = 15.0
SETTLE_BLOCKS = 200
POLL_SECONDS = 0.001

NO_CLICK = Mix(click=ClickMix(enabled=False))
WITH_CLICK = Mix()


class Engine:
    """A running engine. Nobody edits its plan."""

    def __init__(self, pid: int, clock: ClockReader) -> None:
        self.pid = pid
        self._clock = clock

    @property
    def block(self) -> ClockRecord:
        record = self._clock.read()
        assert record
        return record

    def callback_us(self, seconds: float) -> list[float]:
        """How long each callback took, as the engine itself measured it."""
        until, took = time.monotonic() + seconds, {}
        while time.monotonic() < until:
            block = self.block
            took[block.block] = block.load * block.block_frames * 1e6 / block.rate
            time.sleep(POLL_SECONDS)
        return list(took.values())

    def wait_settled(self) -> None:
        """Until it plays on steadily. Raises CannotMeasureError."""
        deadline = time.monotonic() + START_SECONDS
        while (record := self._clock.read()) is None or record.block < SETTLE_BLOCKS:
            if time.monotonic() > deadline:
                raise CannotMeasureError("the engine renders no blocks")
            time.sleep(0.02)


@contextmanager
def engine(server: JackServer, built: Built, mix: Mix = NO_CLICK) -> Iterator[Engine]:
    """The engine on `server`, playing the first song again and again; its log goes to the show's folder."""
    marks = (MixMark(Frame(0), mix),)
    plan = Plan(1, built.score.hash, built.score.rate, _looping(built.score), marks)
    with tempfile.TemporaryDirectory(prefix="showctl-bench-", dir=memory_folder()) as memory:
        directory = RuntimeDirectory(Path(memory) / "run")
        with claim_directory(directory):
            _write_records(directory, built, plan)
            command = (sys.executable, "-m", "showctl.engine", str(directory.path), "--device", DEVICE)
            with process(command, env=server.env, log=built.folder / "engine.log", stdin=subprocess.PIPE) as child:
                running = Engine(child.pid, _clock(directory, child))
                running.wait_settled()
                yield running


def memory_folder() -> str | None:
    """A folder that is no disk, if there is one."""
    return "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: S108 - a private folder is made in it


def _looping(score: Score) -> tuple[Span, ...]:
    end = SongFrame(score.song(1).end)
    return (Loop(Frame(0), 1, SongFrame(0), Cycle(SongFrame(0), end)),)


def _write_records(directory: RuntimeDirectory, built: Built, plan: Plan) -> None:
    log = directory.path / "night.jsonl"
    write_service(directory, Service(plan.show, str(built.show), str(built.cache), str(log), 0))
    write_show(directory, plan.show, encode_show(built.score.show))
    create_boards(directory, plan, Night.of(built.score.show))
    Lease(directory.lease).take()


def _clock(directory: RuntimeDirectory, child: subprocess.Popen[bytes]) -> ClockReader:
    """Its clock, once it keeps one. Raises CannotMeasureError."""
    deadline = time.monotonic() + START_SECONDS
    while not directory.clock.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            raise CannotMeasureError("the engine does not start: see its log")
        time.sleep(0.01)
    return ClockReader(directory.clock)

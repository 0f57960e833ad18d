"""The engine process alone, with the shared records that a service would give it and a plan that plays at once."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec

from bench.jack import JackServer
from bench.measures import CannotMeasureError
from bench.processes import process
from showctl.model.mix import ClickMix, Mix
from showctl.model.night import Night
from showctl.model.plan import Cycle, Loop, MixMark, Plan, Rest, Span
from showctl.model.score import Score
from showctl.model.show import encode_show
from showctl.model.units import Frame, SongFrame
from showctl.shared.boards import create_boards
from showctl.shared.clock import ClockReader, ClockRecord
from showctl.shared.host import host_ns
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


def looping(score: Score, entry: int = 1) -> tuple[Span, ...]:
    """The whole song of an entry again and again, from the start of the session."""
    end = score.song(entry).end
    return (Loop(Frame(0), entry, SongFrame(0), Cycle(SongFrame(0), SongFrame(end))),)


def resting() -> tuple[Span, ...]:
    return (Rest(Frame(0)),)


@contextmanager
def engine(  # noqa: PLR0913 - what a service would settle
    server: JackServer, score: Score, spans: Sequence[Span], cache: Path, folder: Path, mix: Mix = NO_CLICK
) -> Iterator[Engine]:
    """The engine on `server`, playing `spans` with the levels of `mix`; its records and log go to `folder`."""
    plan = Plan(1, score.hash, score.rate, tuple(spans), (MixMark(Frame(0), mix),))
    with claim_directory(RuntimeDirectory(folder / f"run-{host_ns()}")) as claimed:
        directory = claimed.directory
        _write_records(directory, score, plan, cache)
        command = [sys.executable, "-m", "showctl.engine", directory.path, "--device", DEVICE]
        with process(command, env=server.env, log=folder / "engine.log", stdin=subprocess.PIPE) as child:
            running = Engine(child.pid, _clock(directory, child))
            running.wait_settled()
            yield running


def _write_records(directory: RuntimeDirectory, score: Score, plan: Plan, cache: Path) -> None:
    log = directory.path / "night.jsonl"
    write_service(directory, Service(plan.show, str(directory.path), str(cache), str(log), 0))
    write_show(directory, plan.show, encode_show(score.show))
    create_boards(directory, plan, Night.of(score.show))
    Lease(directory.lease).take()


def _clock(directory: RuntimeDirectory, child: subprocess.Popen[bytes]) -> ClockReader:
    """Its clock, once it keeps one. Raises CannotMeasureError."""
    deadline = time.monotonic() + START_SECONDS
    while not directory.clock.exists():
        if child.poll() is not None or time.monotonic() > deadline:
            raise CannotMeasureError("the engine does not start: see its log")
        time.sleep(0.01)
    return ClockReader(directory.clock)


def replaced_mix(mix: Mix, **changes: object) -> Mix:
    """`mix` with other click settings."""
    return msgspec.structs.replace(mix, click=msgspec.structs.replace(mix.click, **changes))

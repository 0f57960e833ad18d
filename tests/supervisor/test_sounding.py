"""The watchdog of the engine, in virtual time: what its clock and its heartbeat say, and who plays then."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from showctl.model.units import Frame, HostNs
from showctl.shared.clock import ClockReader, ClockRecord, ClockWriter
from showctl.shared.health import HeartbeatReader
from showctl.shared.records import NumberWriter
from showctl.shared.rundir import RuntimeDirectory
from showctl.supervisor.child import Child
from showctl.supervisor.keeping import Pulse
from showctl.supervisor.outputs import Outlets, Probe
from showctl.supervisor.sounding import Sounding

LOOK_SECONDS = 0.1


class Stage:
    """A supervisor's engine and standby, which only live; the test plays for them."""

    def __init__(self, folder: Path) -> None:
        directory = RuntimeDirectory(folder)
        self.clock, self.notes, self.now, self.block = ClockWriter(directory.clock), list[str](), 0.0, 0
        pulse = Pulse(HeartbeatReader(directory, "engine"))
        self.beats = NumberWriter(directory.heartbeat("engine"), "qqq")
        outlets, clock = Outlets(("virtual",), 1), ClockReader(directory.clock)

        def start(device: str | None) -> Child:
            return Child.start("engine" if device else "standby", ("sleep", "60"), folder / "log")

        self.sounding = Sounding(outlets, clock, pulse, start, no_probe, self.notes.append, self.notes.append)
        self.sounding.watch(0.0)

    @property
    def engine(self) -> int:
        assert self.sounding.engine
        return self.sounding.engine.pid

    def play(self, seconds: float, *, beating: bool = True) -> None:
        """Blocks for so long, and heartbeats with them."""
        for _ in range(round(seconds / LOOK_SECONDS)):
            self.now, self.block = self.now + LOOK_SECONDS, self.block + 1
            frame = Frame(480 * self.block)
            self.clock.write(ClockRecord(1, self.block, frame, HostNs(0), 48000.0, 480, frame, 0, 0.0, 0))
            if beating:
                self.beats.write((self.engine, self.block, self.block))
            self.sounding.watch(self.now)


def no_probe() -> Probe:
    raise AssertionError


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = Stage(tmp_path)
    yield stage
    for child in stage.sounding.children:
        child.kill()


def test_an_engine_that_plays_and_beats_is_left_alone(stage: Stage) -> None:
    engine = stage.engine
    stage.play(60.0)
    assert (stage.engine, stage.sounding.restarts) == (engine, 0)


def test_an_engine_may_be_busy_for_some_seconds(stage: Stage) -> None:
    engine = stage.engine
    for _ in range(5):
        stage.play(1.0)
        stage.play(4.5, beating=False)
    assert (stage.engine, stage.sounding.restarts) == (engine, 0)


def test_an_engine_that_plays_but_takes_no_commands_is_replaced_by_the_standby(stage: Stage) -> None:
    stage.play(1.0)
    engine, standby = stage.engine, stage.sounding.standby
    stage.play(5.5, beating=False)
    assert standby
    assert (stage.engine, stage.sounding.restarts, stage.sounding.choice) == (standby.pid, 1, 0)
    assert f"engine (process {engine}) on virtual plays, but has taken no commands for 5 s" in stage.notes


def test_a_standby_that_has_ended_is_followed_by_another(stage: Stage) -> None:
    stage.play(1.0)
    dead = stage.sounding.standby
    assert dead
    dead.process.kill()
    dead.process.wait()
    stage.play(1.0)
    standby = stage.sounding.standby
    assert standby
    assert standby.alive
    assert f"the engine's standby (process {dead.pid}) has ended: starting another" in stage.notes
    assert stage.sounding.restarts == 0


def test_that_nobody_hears_it_is_said_as_long_as_it_is_so(stage: Stage) -> None:
    assert stage.sounding.text == ""
    stage.sounding.outlets = Outlets(("virtual",), 1, remark="no device; nobody hears the virtual one")
    assert stage.sounding.text == "no device; nobody hears the virtual one"


def test_how_long_it_takes_to_start_is_not_counted_against_its_heartbeat(stage: Stage) -> None:
    stage.now = 12.0
    engine = stage.engine
    stage.play(4.5, beating=False)
    assert stage.engine == engine

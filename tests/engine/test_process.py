"""The engine process itself, on the virtual device, spoken to through its mailboxes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from showctl.engine.helper import meters_writer
from showctl.engine.priority import HELPER_PRIORITY
from showctl.engine.process import EXIT_NO_DEVICE, EXIT_PROBLEM
from showctl.model.plan import Edit, Verdict, replay
from showctl.model.score import Score
from showctl.model.units import Frame
from showctl.shared.clock import AnchorLogReader
from showctl.shared.health import HeartbeatReader
from showctl.shared.records import NumberReader
from tests.engine.running import SECONDS, Stage, running
from tests.engine.shows import A, B, plan, play, rest, show, song


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """Song a is prepared and stands still at its start; song b is not prepared."""
    made = show((song("a", audio=A), song("b", audio=B)))
    stage = Stage(tmp_path, made, plan(Score(made), rest(0)), {"a.audio": A})
    yield stage
    stage.close()


def go(stage: Stage, name: str, entry: int = 1, lease: int | None = None) -> Verdict:
    number = stage.number if lease is None else lease
    return stage.judged(Edit(name, number, stage.plan.version, None, (play(0, entry, 0, "start"),)))


def test_an_edit_is_committed_published_and_logged_before_its_verdict(stage: Stage) -> None:
    with running(stage, "--device", "virtual") as engine:
        assert engine.line() == {"playing": "virtual", "outputs": 3, "epoch": 1}
        verdict = go(stage, "go")
        assert verdict == Verdict("go", 2, verdict.at)
        assert (verdict.at % 128, stage.plan.spans[-1]) == (0, play(verdict.at, 1, 0, "start", decided=verdict.at))
        (line,) = stage.log
        assert (line.version, line.head, line.edit.id) == (2, verdict.at, "go")
        assert replay(stage.first_plan, stage.log) == stage.plan


def test_edits_that_cannot_be_are_refused_with_their_reason(stage: Stage) -> None:
    with running(stage, "--device", "virtual") as engine:
        engine.line()
        assert go(stage, "old", lease=stage.number - 1).refused == "lease"
        assert go(stage, "absent", entry=2).refused == "not ready"
        assert "b.audio" in engine.line()["fault"]
        assert stage.judged(Edit("stale", stage.number, 9, None, (rest(0),))).refused == "stale"
        assert stage.judged(Edit("late", stage.number, 1, Frame(0), (rest(0),))).refused == "late"
        assert (stage.plan, stage.log) == (stage.first_plan, ())


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_an_edit_that_cannot_be_recorded_is_played_and_answered_all_the_same(stage: Stage) -> None:
    stage.log_path.symlink_to("/dev/full")
    with running(stage, "--device", "virtual") as engine:
        engine.line()
        assert go(stage, "go").refused == ""
        assert "No space left" in engine.line()["fault"]
        assert stage.plan.version == 2


def test_clock_anchors_meters_and_a_sign_of_life_are_published(stage: Stage) -> None:
    heartbeat = HeartbeatReader(stage.directory, "engine")
    meters_writer(stage.directory, 3)
    with running(stage, "--device", "virtual") as engine:
        engine.line()
        go(stage, "go")
        stage.pass_frame(48_000)
        clock = stage.clock
        assert (clock.epoch, clock.block_frames, clock.head - clock.session_frame, clock.flags) == (1, 128, 128, 0)
        assert abs(clock.rate - 48_000) < 48
        anchor = AnchorLogReader(stage.directory.anchors).poll()[0]
        assert (anchor.epoch, anchor.session_frame, anchor.device_frame) == (1, 0, 0)
        sign, peaks = heartbeat.read(), NumberReader(stage.directory.meters, "ddd").read()
        assert sign
        assert (sign.pid, peaks is not None and 0.1 < max(peaks) < 0.3) == (engine.popen.pid, True)


def test_a_new_engine_goes_on_where_the_session_is_by_then(stage: Stage) -> None:
    with running(stage, "--device", "virtual") as engine:
        engine.line()
        go(stage, "go")
        stage.pass_frame(10_000)
        engine.popen.kill()
        engine.popen.wait()
        left = stage.clock
    with running(stage, "--device", "virtual") as engine:
        assert engine.line()["epoch"] == 2
        stage.pass_frame(left.head)
        anchor = AnchorLogReader(stage.directory.anchors).poll()[-1]
        now = stage.clock
        expected = left.session_frame + (now.host_ns - left.host_ns) * left.rate / 1e9
        assert (anchor.epoch, now.epoch) == (2, 2)
        assert anchor.session_frame > left.head
        assert abs(now.session_frame - expected) < 48
        assert stage.plan.version == 2


def test_a_standby_starts_when_it_is_told_to(stage: Stage) -> None:
    with running(stage, "--standby") as engine:
        assert engine.line() == {"standby": engine.popen.pid}
        engine.say("go virtual")
        assert engine.line()["playing"] == "virtual"


def test_it_ends_when_its_starter_is_gone_and_when_it_is_told_to(stage: Stage) -> None:
    with running(stage, "--device", "virtual") as engine:
        engine.line()
        assert engine.hang_up() == 0
    with running(stage, "--device", "virtual") as engine:
        engine.line()
        engine.popen.send_signal(signal.SIGTERM)
        assert engine.popen.wait(SECONDS) == 0
    with running(stage, "--standby") as engine:
        engine.line()
        assert engine.hang_up() == 0


def test_a_device_that_is_not_there_ends_it_with_a_sentence(stage: Stage) -> None:
    with running(stage, "--device", "no such card") as engine:
        assert 'no output device fits "no such card"' in engine.line()["error"]
        assert engine.popen.wait(SECONDS) == EXIT_NO_DEVICE


def test_a_directory_without_a_service_ends_it_with_a_sentence(stage: Stage) -> None:
    stage.directory.service.unlink()
    with running(stage, "--device", "virtual") as engine:
        assert "expected the facts of a service" in engine.line()["error"]
        assert engine.popen.wait(SECONDS) == EXIT_PROBLEM


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has these priorities")
def test_the_helper_goes_before_what_is_not_realtime_and_the_callback_before_the_helper(stage: Stage) -> None:
    with running(stage, "--device", "virtual") as engine:
        engine.line()
        tasks = {int(task.name) for task in Path(f"/proc/{engine.popen.pid}/task").iterdir()}
        fifo = {task for task in tasks if os.sched_getscheduler(task) & ~os.SCHED_RESET_ON_FORK == os.SCHED_FIFO}
        priorities = sorted(os.sched_getparam(task).sched_priority for task in fifo)
        helper = os.sched_getparam(engine.popen.pid).sched_priority
    assert (helper, priorities) == ((HELPER_PRIORITY, [1, 5]) if _may_be_realtime() else (0, []))


def _may_be_realtime() -> bool:
    """Whether a process started from here gets such a priority."""
    command = "import os; os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(5))"
    return subprocess.run([sys.executable, "-c", command], stderr=subprocess.DEVNULL, check=False).returncode == 0

"""The helper by itself, in the test's own process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from showctl.engine.bank import Bank
from showctl.engine.clock import SessionClock
from showctl.engine.helper import Helper
from showctl.engine.limiter import Limiter
from showctl.engine.playing import Playing
from showctl.engine.renderer import Renderer
from showctl.model.score import Score
from showctl.shared.clock import ClockWriter
from showctl.shared.health import HeartbeatReader
from showctl.shared.nightlog import NightLog
from tests.engine.running import Stage
from tests.engine.shows import DRUMS, HOUSE, RATE, plan, play, show, song


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = show((song("a"), song("b"), song("c")))
    with closing(Stage(tmp_path, made, plan(Score(made), *(play(n * 1000, n + 1, 0) for n in range(3))), {})) as stage:
        yield stage


def test_each_song_that_is_brought_in_reach_is_a_sign_of_life(stage: Stage) -> None:
    heartbeat, beats = HeartbeatReader(stage.directory, "engine"), list[int]()

    def load(_: int) -> None:
        sign = heartbeat.read()
        beats.append(sign.count if sign else 0)

    renderer = Renderer(stage.score, stage.first_plan, Bank(RATE), 3)
    clock, limiter = SessionClock(RATE, 1), Limiter((HOUSE, DRUMS), 3, RATE)
    playing = Playing(clock, renderer, limiter, ClockWriter(stage.directory.clock))
    with NightLog(stage.log_path) as log:
        helper = Helper(stage.directory, log, load, renderer, playing)
        helper.make_ready(stage.first_plan)
    helper._bell.close()  # it lives as long as its process, and so closes nothing
    for ringer in helper._ringers:
        ringer.close()
    assert beats == [0, 1, 2]

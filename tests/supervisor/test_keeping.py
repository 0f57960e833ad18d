from __future__ import annotations

from showctl.engine.process import EXIT_NO_DEVICE as ENGINES_OWN
from showctl.supervisor.keeping import Damper
from showctl.supervisor.sounding import EXIT_NO_DEVICE


def test_five_deaths_are_followed_at_once_and_more_within_ten_seconds_by_a_pause() -> None:
    damper = Damper()
    assert [damper.died(now) - now for now in (0, 1, 2, 3, 4, 5, 6)] == [0, 0, 0, 0, 0, 1, 1]


def test_a_death_now_and_then_is_always_followed_at_once() -> None:
    damper = Damper()
    assert [damper.died(now) - now for now in range(0, 100, 3)] == [0] * 34


def test_supervisor_and_engine_mean_the_same_by_a_missing_device() -> None:
    assert EXIT_NO_DEVICE == ENGINES_OWN

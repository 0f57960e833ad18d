from __future__ import annotations

import time
from pathlib import Path

from showctl.model.mix import BusMix, ClickMix, Mix
from showctl.model.mixes import Mixes
from showctl.model.show import Bus, Show
from showctl.shared.boards import mixes_reader, plan_reader
from showctl.shared.kept import Kept, kept_path, write_kept
from showctl.shared.nightlog import read_night
from showctl.shared.rundir import RuntimeDirectory
from showctl.supervisor.layout import EARLIER_LEVELS, lay_out
from showctl.supervisor.options import Options

SHOW = Show("Test", {}, (), (Bus("drums", "Drums", (0, 1)),))
LIVE = Mix({"drums": BusMix(levels_db={"master": -6.0})})
MIXES = Mixes({"loud": {"drums": BusMix(mono=True)}})


def options(path: Path) -> Options:
    for folder in ("run", "state"):
        (path / folder).mkdir()
    return Options(
        folder=path,
        cache=path,
        runtime=RuntimeDirectory(path / "run"),
        night_log=path / "state" / "night.jsonl",
        service_log=path / "state" / "night.log",
    )


def test_a_service_begins_with_the_show_file_s_levels(tmp_path: Path) -> None:
    chosen = options(tmp_path)
    assert lay_out(SHOW, chosen, 8000, 8080) == ""
    plan = plan_reader(chosen.runtime).read()
    assert plan
    assert plan.mix_at(plan.spans[0].start) == Mix()


def test_one_that_is_started_again_the_same_night_goes_on_with_its_levels_and_says_so(tmp_path: Path) -> None:
    chosen = options(tmp_path)
    write_kept(kept_path(chosen.night_log), Kept(MIXES, LIVE, time.time() - 60))
    told = "the buses are set otherwise (/mix/revert puts them back)"
    assert lay_out(SHOW, chosen, 8000, 8080) == f"{EARLIER_LEVELS}: {told}"
    plan = plan_reader(chosen.runtime).read()
    assert plan
    assert plan.mix_at(plan.spans[0].start) == LIVE
    assert read_night(chosen.night_log).plan == plan  # so a bounce of the night has them too
    assert mixes_reader(chosen.runtime).read() == MIXES


def test_what_is_silent_since_earlier_tonight_is_named(tmp_path: Path) -> None:
    chosen, click = options(tmp_path), ClickMix(only=True, enabled=False, rate="2")
    write_kept(kept_path(chosen.night_log), Kept(MIXES, Mix(click=click, mute_all=True), time.time() - 60))
    told = "/mute/all is on, /click/only is on, /click/enabled is off, the click is set otherwise"
    assert lay_out(SHOW, chosen, 8000, 8080) == f"{EARLIER_LEVELS}: {told}"


def test_the_next_day_the_named_mixes_are_there_and_the_levels_are_the_show_file_s(tmp_path: Path) -> None:
    chosen = options(tmp_path)
    write_kept(kept_path(chosen.night_log), Kept(MIXES, LIVE, time.time() - 24 * 3600))
    assert lay_out(SHOW, chosen, 8000, 8080) == ""
    plan = plan_reader(chosen.runtime).read()
    assert plan
    assert plan.mix_at(plan.spans[0].start) == Mix()
    assert mixes_reader(chosen.runtime).read() == MIXES

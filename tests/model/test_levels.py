"""Live levels and click settings: what each command makes of the mix, and how a level reads."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.errors import Refused
from showctl.model import levels
from showctl.model.levels import MixCommand, db_to_fader, fader_to_db, read_db
from showctl.model.mix import BusMix, ClickMix, Mix, level_db, stem_level_db
from showctl.model.show import Bus, ClickSettings, Show, Stem
from tests.model.shows import plain, show

BASS = Stem("Bass", "bass", 0, 1, gain_db=-3.0, group="band")
LEAD = Stem("Lead", "lead", 1, 1)
BOUGHT = Stem("Click", "click-track", 2, 1, role="click")

HOUSE = Bus("house", "House", (0, 1), audience=True)
DRUMS = Bus("drums", "Drums", (2, 3), mix={"click": 0.0, "stems": -9.0, "bass": 3.0, "lead": -90.0})
KEYS = Bus("keys", "Keys", (4,), mix={"band": -2.0})
WEDGE = Bus("wedge", "Wedge", (5,))


def stage_show() -> Show:
    bare = show((plain(stems=(BASS, LEAD, BOUGHT)), "arm"))
    return Show("Test", bare.songs, bare.entries, (HOUSE, DRUMS, KEYS, WEDGE), click=ClickSettings("beep", {}, 2, 3))


SHOW = stage_show()


def after(*commands: MixCommand) -> Mix:
    mix = Mix()
    for command in commands:
        mix = command(SHOW, mix)
    return mix


def refusal(command: MixCommand) -> str:
    with pytest.raises(Refused) as refused:
        command(SHOW, Mix())
    return str(refused.value)


# ── faders ──


@pytest.mark.parametrize(
    ("position", "db"),
    [(0.0, -90.0), (0.03125, -75.0), (0.0625, -60.0), (0.25, -30.0), (0.5, -10.0), (0.75, 0.0), (1.0, 10.0)],
)
def test_the_four_segments_of_a_fader(position: float, db: float) -> None:
    assert fader_to_db(position) == pytest.approx(db)
    assert db_to_fader(db) == pytest.approx(position)


def test_beyond_its_ends_a_fader_stands_still() -> None:
    assert (fader_to_db(-0.5), fader_to_db(1.5), db_to_fader(-200.0), db_to_fader(99.0)) == (-90.0, 10.0, 0.0, 1.0)


@given(st.floats(0.0, 1.0))
def test_a_fader_reads_back_where_it_was_put(position: float) -> None:
    assert db_to_fader(fader_to_db(position)) == pytest.approx(position, abs=1e-9)


# ── levels ──


@pytest.mark.parametrize(
    ("bus", "source", "db"),
    [
        (HOUSE, "stems", 0.0),
        (HOUSE, "bass", 0.0),
        (HOUSE, "click", -90.0),
        (HOUSE, "guide", -90.0),
        (HOUSE, "ltc", -90.0),
        (WEDGE, "click", 0.0),
        (WEDGE, "guide", 0.0),
        (WEDGE, "ltc", -90.0),
        (DRUMS, "click", 0.0),
        (DRUMS, "guide", -90.0),
        (DRUMS, "stems", -9.0),
        (DRUMS, "bass", 3.0),
        (DRUMS, "band", 0.0),
        (KEYS, "stems", -90.0),
        (KEYS, "bass", 0.0),
        (KEYS, "band", -2.0),
        (KEYS, "lead", -90.0),
        (KEYS, "master", 0.0),
    ],
)
def test_a_level_as_the_show_file_has_it(bus: Bus, source: str, db: float) -> None:
    assert read_db(SHOW, Mix(), bus, source) == db


@pytest.mark.parametrize(("said", "held"), [(-6.0, -6.0), (24.0, 10.0), (-200.0, -90.0)])
def test_a_level_is_set_within_its_range(said: float, held: float) -> None:
    mix = after(levels.set_db("drums", "bass", said))
    assert mix == Mix({"drums": BusMix({"bass": held})})
    assert read_db(SHOW, mix, DRUMS, "bass") == held


@pytest.mark.parametrize(
    ("bus", "stem", "db"),
    [
        (HOUSE, BASS, -3.0),  # its gain
        (DRUMS, BASS, -9.0),  # its gain, its own level, all stems: -3 + 3 - 9
        (DRUMS, LEAD, -90.0),  # off, whatever `stems` says
        (KEYS, BASS, -5.0),  # its gain and its group's level
        (KEYS, LEAD, -90.0),  # not named
    ],
)
def test_a_stem_is_heard_at_the_sum_of_its_levels(bus: Bus, stem: Stem, db: float) -> None:
    assert stem_level_db(bus, BusMix(), stem) == db


def test_live_levels_stand_over_the_files_and_master_is_added() -> None:
    live = BusMix({"bass": -1.0, "stems": -2.0, "master": -4.0})
    assert stem_level_db(DRUMS, live, BASS) == -3.0 - 1.0 - 2.0 - 4.0
    assert level_db(DRUMS, live, "click") == 0.0


@pytest.mark.parametrize("source", ["bass", "band", "stems", "master"])
def test_any_silent_level_silences_the_stem_however_loud_the_others_are(source: str) -> None:
    loud = {"bass": 10.0, "stems": 10.0, "master": 10.0}
    assert stem_level_db(DRUMS, BusMix({**loud, source: -90.0}), BASS) == -90.0


def test_a_source_brought_in_live_is_heard() -> None:
    live = after(levels.set_db("keys", "lead", -6.0)).bus("keys")
    assert stem_level_db(KEYS, live, LEAD) == -6.0


# ── what can be mixed where ──


def test_sources_are_stems_groups_and_for_performers_what_is_made_here() -> None:
    assert levels.sources(SHOW, HOUSE) == ("stems", "band", "bass", "lead")
    assert levels.sources(SHOW, DRUMS) == ("click", "guide", "ltc", "stems", "band", "bass", "lead")


@pytest.mark.parametrize("source", ["click", "guide", "ltc"])
def test_nothing_for_performers_reaches_an_audience(source: str) -> None:
    sentence = f"house is an audience bus: {source} is for performers only"
    assert refusal(levels.set_db("house", source, 0.0)) == sentence
    assert refusal(levels.set_muted("house", source, False)) == sentence
    assert refusal(levels.set_soloed("house", source, True)) == sentence


def test_a_bus_or_source_that_is_not_there_is_refused() -> None:
    assert refusal(levels.set_db("foh", "bass", 0.0)) == "no bus is called foh: there are house, drums, keys, wedge"
    assert refusal(levels.set_db("house", "tuba", 0.0)) == (
        "no source is called tuba: house has stems, band, bass, lead"
    )


# ── switches ──


def test_switches_go_on_and_off_and_leave_the_rest_alone() -> None:
    mix = after(
        levels.set_db("drums", "bass", -6.0),
        levels.set_muted("drums", "click", True),
        levels.set_muted("drums", "bass", True),
        levels.set_muted("drums", "click", False),
        levels.set_soloed("drums", "lead", True),
        levels.set_bus_switch("drums", "mono", True),
        levels.set_bus_switch("house", "dim", True),
        levels.set_switch("mute_all", True),
        levels.set_switch("talkback", True),
    )
    drums = BusMix({"bass": -6.0}, frozenset({"bass"}), frozenset({"lead"}), mono=True)
    assert mix == Mix({"drums": drums, "house": BusMix(dim=True)}, mute_all=True, talkback=True)


def test_setting_what_is_set_makes_an_equal_mix() -> None:
    command = levels.set_muted("drums", "bass", True)
    assert after(command, command) == after(command)


# ── click ──


def test_click_settings_are_the_shows_until_set_live() -> None:
    assert levels.click_settings(SHOW, Mix()) == ClickMix(subdivision=3, sound="beep", count_in=2)
    mix = after(levels.set_click(subdivision=1), levels.set_click(count_in=0), levels.set_click(rate="1/2"))
    assert levels.click_settings(SHOW, mix) == ClickMix(subdivision=1, rate="1/2", sound="beep", count_in=0)
    assert levels.click_settings(SHOW, mix).factor == 0.5

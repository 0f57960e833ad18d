from __future__ import annotations

import pytest

from showctl.errors import Refused
from showctl.model import levels, mixes
from showctl.model.mix import BusMix, Mix
from showctl.model.mixes import MOST_MIXES, Mixes, fitting
from showctl.model.show import Bus, Show, Song, Stem
from showctl.model.units import SongFrame

SONG = Song("one", "One", (), (), SongFrame(1), (), stems=(Stem("Bass", "bass", 0, 1),))
HOUSE = Bus("house", "House", (0, 1), audience=True)
DRUMS = Bus("drums", "Drums", (2, 3), mix={"click": 0.0, "stems": -9.0})
SHOW = Show("Test", {"one": SONG}, (), (HOUSE, DRUMS))

LOUD = levels.set_db("drums", "click", 6.0)(SHOW, Mix())
KEPT = mixes.save("Loud Band")(SHOW, LOUD, Mixes())[1]


def test_a_mix_is_kept_and_loaded_by_the_slug_of_its_name() -> None:
    assert KEPT.named == {"loud-band": {"drums": BusMix(levels_db={"click": 6.0})}}
    assert mixes.load("LOUD band")(SHOW, Mix(), KEPT) == (LOUD, KEPT)


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(Refused, match='no mix is called "quiet": there are loud-band'):
        mixes.load("quiet")(SHOW, Mix(), KEPT)
    with pytest.raises(Refused, match='no mix is called "quiet": there are none yet'):
        mixes.load("quiet")(SHOW, Mix(), Mixes())


def test_a_name_has_letters_or_digits() -> None:
    with pytest.raises(Refused, match="expected a name with letters or digits"):
        mixes.save(" - ")(SHOW, Mix(), Mixes())


def test_their_number_is_bounded_and_saving_over_one_is_always_possible() -> None:
    full = Mixes({str(number): {} for number in range(MOST_MIXES)})
    with pytest.raises(Refused, match="64 mixes are kept already"):
        mixes.save("more")(SHOW, LOUD, full)
    assert len(mixes.save("7")(SHOW, LOUD, full)[1].named) == MOST_MIXES


def test_reverting_goes_back_to_the_show_file_and_leaves_click_talkback_and_mute_alone() -> None:
    mix = levels.set_switch("mute_all", True)(SHOW, levels.set_click(only=True)(SHOW, LOUD))
    reverted, _ = mixes.revert(SHOW, mix, Mixes())
    assert reverted == levels.set_switch("mute_all", True)(SHOW, levels.set_click(only=True)(SHOW, Mix()))
    assert mixes.load("loud-band")(SHOW, reverted, KEPT)[0] == mix


def test_what_the_show_no_longer_has_is_left_out_and_no_click_comes_to_the_audience() -> None:
    live = BusMix(levels_db={"bass": 1.0, "gone": 2.0, "click": 3.0, "master": -1.0}, muted=frozenset({"gone", "bass"}))
    assert fitting(SHOW, {"house": live, "keys": live}) == {
        "house": BusMix(levels_db={"bass": 1.0, "master": -1.0}, muted=frozenset({"bass"}))
    }

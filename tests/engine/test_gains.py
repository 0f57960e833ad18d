"""Levels as matrices: routing rules, mutes and solos, and what may never reach the audience."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from showctl.engine.gains import DIM_DB, Matrix, gain_matrix, performer_outputs, voice_gains
from showctl.model.mix import BusMix, ClickMix, Mix
from showctl.model.show import Bus, Setup, Show, Song, Stem
from tests.engine.shows import noise, show, song

STEREO = Bus("house", "House", (0, 1), audience=True)
MONO = Bus("wedge", "Wedge", (2,))
WIDE = Bus("wide", "Wide", (3, 4, 5, 6))


def made(*stems: Stem, buses: tuple[Bus, ...] = (STEREO, MONO)) -> tuple[Show, Song]:
    columns = sum(stem.channels for stem in stems)
    one = song("a", audio=noise(8, columns), stems=stems)
    return show((one,), buses), one


def matrix(
    *stems: Stem, mix: Mix | None = None, setup: Setup | None = None, buses: tuple[Bus, ...] = (STEREO, MONO)
) -> Matrix:
    whole, one = made(*stems, buses=buses)
    return gain_matrix(whole, one, setup, mix or Mix(), whole.outputs)


def live(slug: str = "house", **more: object) -> Mix:
    return Mix({slug: msgspec.convert(more, BusMix)})


def close(found: Matrix, expected: object) -> None:
    np.testing.assert_allclose(found, np.array(expected, float), atol=1e-6)


def db(level: float) -> float:
    return float(10 ** (level / 20))


BASS = Stem("Bass", "bass", 0, 1)
KEYS = Stem("Keys", "keys", 1, 2, group="band")


def test_mono_is_heard_on_both_sides_at_full_level_and_stereo_is_averaged_to_mono() -> None:
    close(matrix(BASS, KEYS), [[1, 1, 1], [1, 0, 0.5], [0, 1, 0.5]])


@pytest.mark.parametrize(("pan", "left", "right"), [(0.0, 1, 1), (-1.0, 1, 0), (1.0, 0, 1), (-0.25, 1, 0.75)])
def test_pan_is_a_balance(pan: float, left: float, right: float) -> None:
    close(matrix(Stem("Bass", "bass", 0, 1, pan=pan)), [[left, right, 1]])
    close(matrix(Stem("Keys", "keys", 0, 2, pan=pan)), [[left, 0, 0.5], [0, right, 0.5]])


def test_equal_counts_map_one_to_one_and_pan_places_between_many() -> None:
    quad = Stem("Quad", "quad", 0, 4)
    wide = (msgspec.structs.replace(WIDE, channels=(0, 1, 2, 3)),)
    close(matrix(quad, buses=wide), np.eye(4))
    close(matrix(Stem("Bass", "bass", 0, 1, pan=0.0), buses=wide), [[0, 0.5, 0.5, 0]])


def test_surround_stays_as_it_was_mixed_where_a_stereo_bus_asks_for_a_pan() -> None:
    buses = (STEREO, msgspec.structs.replace(WIDE, channels=(2, 3, 4, 5)))
    folded = np.full((4, 2), 0.25)
    close(matrix(Stem("Quad", "quad", 0, 4, pan=0.0), buses=buses), np.hstack([folded, np.eye(4)]))


def test_levels_of_stem_group_stems_and_master_add_up_to_its_own_gain() -> None:
    bus = Bus("house", "House", (0,), mix={"bass": 3.0, "band": -6.0, "stems": -9.0})
    stems = (Stem("Bass", "bass", 0, 1, gain_db=-2.0), Stem("Keys", "keys", 1, 1, group="band"))
    close(matrix(*stems, buses=(bus,)), [[db(-8)], [db(-15)]])
    mix = live(levels_db={"master": -10.0, "stems": -90.0, "bass": 0.0})
    close(matrix(*stems, mix=mix, buses=(bus,)), [[0], [0]])
    close(matrix(*stems, mix=live(levels_db={"master": -1.0}), buses=(bus,)), [[db(-9)], [db(-16)]])


def test_what_a_mix_does_not_name_is_off() -> None:
    bus = Bus("house", "House", (0,), mix={"band": 0.0})
    close(matrix(BASS, Stem("Keys", "keys", 1, 1, group="band"), buses=(bus,)), [[0], [1]])


@pytest.mark.parametrize("name", ["keys", "band", "stems", "master"])
def test_a_mute_of_stem_group_stems_or_master_silences_it_in_that_bus(name: str) -> None:
    heard = matrix(BASS, KEYS, mix=live(muted=[name]))
    assert (heard[1:, :2] == 0).all()
    assert (heard[0, :2] == (0 if name in ("stems", "master") else 1)).all()
    close(heard[:, 2], [1, 0.5, 0.5])


def test_a_solo_leaves_only_what_is_soloed() -> None:
    close(matrix(BASS, KEYS, mix=live(soloed=["band"])), [[0, 0, 1], [1, 0, 0.5], [0, 1, 0.5]])
    whole, _ = made(BASS)
    assert (voice_gains(whole, live("wedge", soloed=["bass"]), "click", 1, 3) == 0).all()


def test_mono_dim_mute_all_and_click_only() -> None:
    close(matrix(KEYS_FIRST, mix=live(mono=True)), [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]])
    close(matrix(BASS, mix=live(dim=True)), [[db(DIM_DB), db(DIM_DB), 1]])
    assert (matrix(BASS, mix=Mix(mute_all=True)) == 0).all()
    assert (matrix(BASS, mix=Mix(click=ClickMix(only=True))) == 0).all()


KEYS_FIRST = Stem("Keys", "keys", 0, 2)


def test_a_setup_mutes_and_has_levels_of_its_own() -> None:
    assert (matrix(BASS, setup=Setup("duo", mute=("bass",))) == 0).all()
    loud = Stem("Bass", "bass", 0, 1, gain_db=-12.0, group="band")
    close(matrix(loud, setup=Setup("duo", gains_db={"bass": -3.0, "band": -1.0}))[0, 0], db(-4))


def test_talkback_ducks_stems_and_guide_but_never_click_on_performers_buses() -> None:
    whole, one = made(BASS)
    mix = Mix(talkback=True)
    close(gain_matrix(whole, one, None, mix, 3), [[1, 1, db(-12)]])
    close(voice_gains(whole, mix, "guide", 1, 3), [[0, 0, db(-12)]])
    close(voice_gains(whole, mix, "click", 1, 3), [[0, 0, 1]])


def test_a_bought_click_is_the_click() -> None:
    bought = Stem("Click", "my-click", 0, 1, gain_db=-3.0, role="click")
    close(matrix(bought), [[0, 0, db(-3)]])
    close(matrix(bought, mix=live("wedge", levels_db={"click": -6.0})), [[0, 0, db(-9)]])
    close(matrix(bought, mix=Mix(click=ClickMix(only=True))), [[0, 0, db(-3)]])
    for silent in (ClickMix(enabled=False), ClickMix(count_in_only=True)):
        assert (matrix(bought, mix=Mix(click=silent)) == 0).all()


def test_the_audience_gets_no_click_and_no_guide_whatever_is_asked_for() -> None:
    asking = msgspec.structs.replace(STEREO, mix={"click": 0.0, "guide": 0.0, "my-click": 0.0})
    whole, one = made(Stem("Click", "my-click", 0, 1, role="click"), buses=(asking, MONO))
    mix = live(levels_db={"click": 10.0, "guide": 10.0, "my-click": 10.0})
    assert (gain_matrix(whole, one, None, mix, 3)[:, :2] == 0).all()
    for source in ("click", "guide"):
        assert (voice_gains(whole, mix, source, 1, 3)[:, :2] == 0).all()
    assert performer_outputs(whole, 3) == (2,)


def test_a_bus_that_does_not_fit_is_left_out_whole() -> None:
    whole, one = made(BASS, buses=(STEREO, Bus("in-ears", "In-ears", (2, 3))))
    close(gain_matrix(whole, one, None, Mix(), 3), [[1, 1, 0]])

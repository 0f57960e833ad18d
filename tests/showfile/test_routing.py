from __future__ import annotations

import pytest

from showctl.model.show import Bus

from .helpers import SHOW, SONG, Sound, good, load, sentences

STEMS = "songs/closer/stems/"


def widths(stem: int, bus: int, options: str = "", mix: str = "") -> list[str]:
    """What is said about a stem and a performers' bus with so many channels."""
    show = f'title = "a"\nsetlist = ["closer"]\n[buses.ears]\nchannels = {list(range(1, bus + 1))}\n{mix}\n'
    return sentences(load(show, SONG + options, {STEMS + "bass.wav": Sound(stem)}))


@pytest.mark.parametrize(("stem", "bus"), [(1, 1), (1, 2), (2, 1), (2, 2), (6, 6)])
def test_these_widths_fit(stem: int, bus: int) -> None:
    assert widths(stem, bus) == []


@pytest.mark.parametrize(("stem", "bus"), [(1, 4), (2, 4), (4, 2), (6, 1), (6, 4)])
def test_any_other_width_needs_pan(stem: int, bus: int) -> None:
    told = widths(stem, bus)
    assert len(told) == 1
    assert told[0].startswith(f'songs/closer/song.toml, line 1: the stem "bass" has {stem} channel')
    assert widths(stem, bus, "[stems.bass]\npan = 0.0\n") == []


def test_a_width_matters_only_where_the_stem_is_heard() -> None:
    assert widths(6, 2, mix='mix = { stems = 0.0, bass = "off" }') == []
    assert widths(6, 2, mix="mix = { click = 0.0 }") == []
    assert len(widths(6, 2, mix="mix = { bass = 0.0 }")) == 1
    assert len(widths(6, 2, "[stems.bass]\ngroup = 'band'\n", mix="mix = { band = 0.0 }")) == 1
    assert len(widths(6, 2, "[stems.bass]\nas = 'click'\n", mix="mix = { click = 0.0 }")) == 1
    assert widths(6, 2, "[stems.bass]\nas = 'click'\n", mix="mix = { stems = 0.0 }") == []


def test_a_bus_has_all_that_was_said() -> None:
    mix = 'mix = { click = 0, Bass = "off", stems = -9.5, master = -3.0 }'
    drums = f'channels = [4, 3]\n{mix}\nlimit = -2\nduck = -20.0\nascii = "kit"'
    show = SHOW.replace("channels = [3, 4]", drums)
    assert good(load(show)).buses == (
        Bus("house", "house", (0, 1), audience=True),
        Bus("kit", "drums", (3, 2), False, {"click": 0.0, "bass": -90.0, "stems": -9.5, "master": -3.0}, -2.0, -20.0),
    )


@pytest.mark.parametrize(("name", "role"), [("click", "click"), ("Guide", "guide"), ("ltc", "ltc")])
def test_what_performers_hear_is_refused_for_the_audience(name: str, role: str) -> None:
    told = sentences(load(SHOW.replace("audience = true", f'audience = true\nmix = {{ {name} = "off" }}')))
    assert [sentence for sentence in told if "must never reach the audience" in sentence]
    assert role in told[0].lower()


def test_a_bought_click_is_refused_for_the_audience() -> None:
    show = SHOW.replace("audience = true", "audience = true\nmix = { stems = 0.0, metro = 0.0 }")
    sounds = {STEMS + "metro.wav": Sound()}
    assert sentences(load(show, SONG + "[stems.metro]\nas = 'click'\n", sounds)) == [
        'show.toml, line 6: "metro" is part of click, which must never reach the audience, '
        'and "house" is an audience bus; take it out of this mix'
    ]


def test_performers_buses_may_share_channels() -> None:
    assert good(load(SHOW + "[buses.bass]\nchannels = [4]\n")).outputs == 4


def test_two_audience_buses_share_nothing() -> None:
    told = sentences(load(SHOW + "[buses.lobby]\nchannels = [2]\naudience = true\n"))
    assert len(told) == 1
    assert 'belongs to the audience bus "' in told[0]


def test_timecode_is_accepted_with_a_warning() -> None:
    compiled = load(SHOW + "[buses.timecode]\nchannels = [5]\nmix = { ltc = -18.0 }\n")
    assert compiled.show is not None
    assert sentences(compiled) == [
        "show.toml, line 13: timecode is not generated in this version: the source ltc is silent"
    ]


def test_a_show_without_buses_is_a_warning() -> None:
    compiled = load('title = "a"\nsetlist = ["closer"]\n')
    assert compiled.show is not None
    assert sentences(compiled) == ["show.toml, line 1: the show has no [buses.<name>]: nothing will be heard"]

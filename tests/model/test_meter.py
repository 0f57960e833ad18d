"""Meters: how they are written, where they are stressed, and the grid they lay over a song."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.model.meter import Meter, MeterMap, MeterMark, Pulse, parse_meter, pulse_beats


@pytest.mark.parametrize(
    ("text", "accents", "meter", "quarters"),
    [
        ("4/4", None, Meter(4, 4, (4,)), Fraction(4)),
        ("7/8", "2+2+3", Meter(7, 8, (2, 2, 3)), Fraction(7, 2)),
        (" 7 / 8 ", " 3 + 4 ", Meter(7, 8, (3, 4)), Fraction(7, 2)),
        ("7/8", None, Meter(7, 8, (7,)), Fraction(7, 2)),
        ("3/8", None, Meter(3, 8, (3,)), Fraction(3, 2)),
        ("6/8", None, Meter(6, 8, (3, 3)), Fraction(3)),
        ("9/8", None, Meter(9, 8, (3, 3, 3)), Fraction(9, 2)),
        ("12/8", None, Meter(12, 8, (3, 3, 3, 3)), Fraction(6)),
        ("6/16", None, Meter(6, 16, (3, 3)), Fraction(3, 2)),
        ("6/8", "2+2+2", Meter(6, 8, (2, 2, 2)), Fraction(3)),
        ("6/4", None, Meter(6, 4, (6,)), Fraction(6)),
        ("1/1", None, Meter(1, 1, (1,)), Fraction(4)),
        ("64/64", None, Meter(64, 64, (64,)), Fraction(4)),
    ],
)
def test_a_meter_reads_as_beats_unit_and_groups(
    text: str, accents: str | None, meter: Meter, quarters: Fraction
) -> None:
    assert parse_meter(text, accents) == meter
    assert meter.quarters == quarters


@pytest.mark.parametrize(
    ("text", "accents", "sentence"),
    [
        ("four", None, 'expected a meter such as "4/4" or "7/8", got "four"'),
        ("4/4/4", None, 'expected a meter such as "4/4" or "7/8", got "4/4/4"'),
        ("4/3", None, "expected a meter over 1, 2, 4, 8, 16, 32 or 64, got 4/3"),
        ("4/128", None, "expected a meter over 1, 2, 4, 8, 16, 32 or 64, got 4/128"),
        ("4/0", None, "expected a meter over 1, 2, 4, 8, 16, 32 or 64, got 4/0"),
        ("0/4", None, "expected a meter of 1 to 64 beats, got 0/4"),
        ("65/4", None, "expected a meter of 1 to 64 beats, got 65/4"),
        ("7/8", "2+2", 'expected accents that add up to 7 in 7/8, got "2+2" = 4'),
        ("7/8", "7+0", 'expected accents that add up to 7 in 7/8, got "7+0" = 7'),
        ("7/8", "2,2,3", 'expected accents such as "2+2+3", got "2,2,3"'),
        ("7/8", "", 'expected accents such as "2+2+3", got ""'),
    ],
)
def test_a_wrong_meter_is_refused_in_one_sentence(text: str, accents: str | None, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        parse_meter(text, accents)


@pytest.mark.parametrize(
    ("meter", "accents"),
    [
        (parse_meter("4/4"), [2, 0, 0, 0]),
        (parse_meter("7/8", "2+2+3"), [2, 0, 1, 0, 1, 0, 0]),
        (parse_meter("6/8"), [2, 0, 0, 1, 0, 0]),
    ],
)
def test_the_downbeat_is_2_a_group_start_1_other_beats_0(meter: Meter, accents: list[int]) -> None:
    assert [meter.accent(beat) for beat in range(1, meter.beats + 1)] == accents


@pytest.mark.parametrize(
    ("meter", "pulse", "beats"),
    [
        (parse_meter("4/4"), "auto", (1, 2, 3, 4)),
        (parse_meter("4/4"), "group", (1,)),
        (parse_meter("6/8"), "auto", (1, 4)),
        (parse_meter("12/8"), "auto", (1, 4, 7, 10)),
        (parse_meter("6/8"), "beat", (1, 2, 3, 4, 5, 6)),
        (parse_meter("6/8", "2+2+2"), "auto", (1, 3, 5)),
        (parse_meter("7/8", "2+2+3"), "auto", (1, 2, 3, 4, 5, 6, 7)),
        (parse_meter("7/8", "2+2+3"), "group", (1, 3, 5)),
        (parse_meter("3/8"), "auto", (1, 2, 3)),
        (parse_meter("6/16"), "auto", (1, 2, 3, 4, 5, 6)),
    ],
)
def test_the_pulse_is_the_group_in_compound_eighths_and_elsewhere_the_beat(
    meter: Meter, pulse: Pulse, beats: tuple[int, ...]
) -> None:
    assert pulse_beats(meter, pulse) == beats


GRID = MeterMap(
    (
        MeterMark(1, parse_meter("4/4")),
        MeterMark(5, parse_meter("7/8", "2+2+3")),
        MeterMark(7, parse_meter("3/4")),
    )
)


def test_bars_lie_one_after_another_and_the_outer_meters_extend() -> None:
    starts = [GRID.quarter_at(bar) for bar in range(-1, 10)]
    assert starts == [-8, -4, 0, 4, 8, 12, 16, Fraction(39, 2), 23, 26, 29]


def test_a_first_meter_marked_later_holds_from_bar_1() -> None:
    late = MeterMap((MeterMark(3, parse_meter("3/4")), MeterMark(5, parse_meter("4/4"))))
    assert [late.quarter_at(bar) for bar in range(1, 7)] == [0, 3, 6, 9, 12, 16]


@pytest.mark.parametrize("bars", [(), (0,), (1, 1), (1, 9, 5)])
def test_meters_on_bars_that_do_not_ascend_from_1_are_refused(bars: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected meters on ascending bars from 1"):
        MeterMap(tuple(MeterMark(bar, parse_meter("4/4")) for bar in bars))


@settings(deadline=None)
@given(st.fractions(-100, 200, max_denominator=96))
def test_every_quarter_is_one_bar_and_beat_and_back(quarter: Fraction) -> None:
    bar, beat = GRID.bar_beat_at(quarter)
    assert 1 <= beat < GRID.meter_at(bar).beats + 1
    assert GRID.quarter_at(bar, beat) == quarter


@pytest.mark.parametrize(
    ("start", "beats", "place"),
    [
        ((5, 1), -1, (4, 4)),  # a quarter back into 4/4, not an eighth
        ((4, 4), 2, (5, 2)),
        ((6, 7), 1, (7, 1)),
        ((1, 1), -2, (0, 3)),
        ((7, 1), -14, (5, 1)),
        ((7, 1), -15, (4, 4)),
        ((4, 4), Fraction(1, 2), (4, Fraction(9, 2))),
        ((9, 3), 100, (43, 1)),
    ],
)
def test_beats_are_counted_in_the_bars_they_cross(
    start: tuple[int, int], beats: Fraction | int, place: tuple[int, Fraction]
) -> None:
    assert GRID.beats_later(start[0], Fraction(start[1]), Fraction(beats)) == place


@settings(deadline=None)
@given(st.integers(-9, 20), st.fractions(1, 3), st.fractions(-60, 60))
def test_counting_beats_on_and_back_returns(bar: int, beat: Fraction, beats: Fraction) -> None:
    assert GRID.beats_later(*GRID.beats_later(bar, beat, beats), -beats) == (bar, beat)


def test_bars_keep_the_beat_unless_the_bar_is_too_short() -> None:
    assert GRID.bars_later(4, Fraction(5, 2), 1) == (5, Fraction(5, 2))
    assert GRID.bars_later(6, Fraction(7), 1) == (8, Fraction(1))

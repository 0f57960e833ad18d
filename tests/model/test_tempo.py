"""Tempo marks as written, and the tempo map against the integral it stands for."""

from __future__ import annotations

import re
from decimal import Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.model.tempo import TempoMap, TempoMark, parse_tempo


@pytest.mark.parametrize(
    ("written", "bpm"),
    [
        (120, 120.0),
        (93.5, 93.5),
        ("♩ = 120", 120.0),
        ("♩=120", 120.0),
        ("♩. = 80", 120.0),
        ("♩.. = 80", 140.0),
        ("♩· = 80", 120.0),
        ("♩\N{MUSICAL SYMBOL COMBINING AUGMENTATION DOT} = 80", 120.0),
        ("♪ = 200", 100.0),
        ("♪. = 200", 150.0),
        ("\N{MUSICAL SYMBOL WHOLE NOTE} = 30", 120.0),
        ("\N{MUSICAL SYMBOL HALF NOTE} = 60", 120.0),
        ("\N{MUSICAL SYMBOL HALF NOTE}. = 40", 120.0),
        ("\N{MUSICAL SYMBOL QUARTER NOTE} = 90.5", 90.5),
        ("\N{MUSICAL SYMBOL EIGHTH NOTE} = 200", 100.0),
        ("\N{MUSICAL SYMBOL SIXTEENTH NOTE} = 400", 100.0),
        ("1/8 = 200", 100.0),
        ("3/8 = 80", 120.0),
        ("1/4. = 80", 120.0),
        (" 1 / 2 =  60 ", 120.0),
    ],
)
def test_a_tempo_mark_reads_as_quarters_a_minute(written: str | float, bpm: float) -> None:
    assert parse_tempo(written) == bpm


@pytest.mark.parametrize(
    "written", ["fast", "= 120", "♩ =", "♩ = -3", "x = 3", "0/8 = 80", "1/0 = 80", "1/8 == 80", "120", True]
)
def test_what_is_no_tempo_mark_is_refused(written: str | float) -> None:
    with pytest.raises(ValueError, match=r"^expected a tempo such as 120"):
        parse_tempo(written)


@pytest.mark.parametrize("written", [0, -5, 1001, float("nan"), float("inf"), 10**400, "♩ = 999999999", "1/64 = 9"])
def test_a_tempo_nobody_plays_is_refused(written: str | float) -> None:
    with pytest.raises(ValueError, match=r"^expected a tempo of 1 to 1000 quarter notes a minute, got"):
        parse_tempo(written)


def tempo_map(*marks: tuple[int | Fraction, float, bool]) -> TempoMap:
    return TempoMap(tuple(TempoMark(Fraction(quarter), bpm, ramp) for quarter, bpm, ramp in marks))


UP_AND_DOWN = tempo_map((0, 120.0, False), (16, 140.0, True), (32, 140.0, False), (48, 60.0, True), (60, 200.0, False))


def exact_seconds(tempo: TempoMap, quarter: Fraction) -> Decimal:
    """The integral from the first mark on, piece by piece, in 50 digits."""
    total = Decimal(0)
    ends = [*(mark.quarter for mark in tempo.marks[1:]), quarter + 1]
    afters = [*tempo.marks[1:], TempoMark(Fraction(0), 120.0)]
    for mark, after, end in zip(tempo.marks, afters, ends, strict=True):
        length = min(end, quarter) - mark.quarter
        if length <= 0:
            break
        slope = (Fraction(after.bpm) - Fraction(mark.bpm)) / (end - mark.quarter) if after.ramp else Fraction(0)
        grown = Fraction(mark.bpm) + slope * length
        piece = ratio(grown / Fraction(mark.bpm)).ln() / ratio(slope) if slope else ratio(length / Fraction(mark.bpm))
        total += 60 * piece
    return total


def ratio(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)


def simpson(tempo: TempoMap, low: Fraction, high: Fraction, pieces: int) -> Fraction:
    """∫ 60 / bpm dq by Simpson's rule on exact fractions: no logarithm involved."""
    step = (high - low) / pieces
    bpms = [Fraction(tempo.bpm_at(low + index * step)) for index in range(pieces + 1)]
    inner = sum((4 if index % 2 else 2) / bpms[index] for index in range(1, pieces))
    return Fraction(20 * step * (1 / bpms[0] + inner + 1 / bpms[-1]))


def test_a_ramp_takes_as_long_as_numeric_quadrature_says() -> None:
    expected = simpson(UP_AND_DOWN, Fraction(0), Fraction(16), 64) + simpson(
        UP_AND_DOWN, Fraction(32), Fraction(48), 256
    )
    ramps = UP_AND_DOWN.seconds_at(16) + UP_AND_DOWN.seconds_at(48) - UP_AND_DOWN.seconds_at(32)
    assert ramps == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("quarter", [Fraction(n, 3) for n in range(0, 220, 7)])
def test_seconds_are_the_analytic_integral_to_the_last_digits(quarter: Fraction) -> None:
    with localcontext(prec=50):
        expected = exact_seconds(UP_AND_DOWN, quarter)
    assert UP_AND_DOWN.seconds_at(quarter) == pytest.approx(float(expected), rel=4e-16, abs=1e-15)


@pytest.mark.parametrize("rise", [1e-13, 1e-10, 1e-7, 1e-4, 1e-2, -1e-11, -1e-3])
def test_a_ramp_that_is_nearly_flat_loses_no_precision(rise: float) -> None:
    nearly = tempo_map((0, 120.0, False), (1600, 120.0 + rise, True))
    with localcontext(prec=50):
        expected = [float(exact_seconds(nearly, Fraction(quarter))) for quarter in (1, 800, 1599)]
    np.testing.assert_allclose(nearly.seconds_at(np.array([1.0, 800.0, 1599.0])), expected, rtol=4e-16)


def test_tempo_is_constant_before_the_first_mark_and_after_the_last() -> None:
    quarters = np.array([-8.0, -4.0, 60.0, 64.0, 68.0])
    seconds = UP_AND_DOWN.seconds_at(quarters)
    np.testing.assert_allclose(np.diff(seconds)[[0, 2, 3]], [2.0, 1.2, 1.2], rtol=1e-13)
    assert UP_AND_DOWN.seconds_at(-4) == -2.0
    assert UP_AND_DOWN.bpm_at(quarters).tolist() == [120.0, 120.0, 200.0, 200.0, 200.0]


def test_second_0_is_quarter_0_wherever_the_first_mark_lies() -> None:
    late = tempo_map((8, 60.0, False), (16, 120.0, True))
    early = tempo_map((-8, 60.0, False), (0, 120.0, False))
    assert [late.seconds_at(q) for q in (-1, 0, 8)] == [-1.0, 0.0, 8.0]
    assert [early.seconds_at(q) for q in (-9, -8, 0, 1)] == [-9.0, -8.0, 0.0, 0.5]
    assert [early.quarters_at(t) for t in (-9.0, -8.0, 0.0, 0.5)] == [-9.0, -8.0, 0.0, 1.0]


def test_bpm_is_linear_in_quarters_and_a_mark_begins_its_own_tempo() -> None:
    quarters = np.array([0.0, 4.0, 8.0, 16.0, 32.0, 36.0, 48.0, 59.5, 60.0])
    assert UP_AND_DOWN.bpm_at(quarters).tolist() == [120.0, 125.0, 130.0, 140.0, 140.0, 120.0, 60.0, 60.0, 200.0]


def test_arrays_and_single_numbers_agree_and_keep_their_shape() -> None:
    quarters = np.linspace(-10.0, 80.0, 60).reshape(3, 20)
    for convert in (UP_AND_DOWN.seconds_at, UP_AND_DOWN.quarters_at, UP_AND_DOWN.bpm_at):
        together = convert(quarters)
        assert together.shape == (3, 20)
        assert together.ravel().tolist() == [convert(float(quarter)) for quarter in quarters.ravel()]
        assert isinstance(convert(1.0), float)


@pytest.mark.parametrize(
    ("marks", "sentence"),
    [
        ([], "expected tempo marks on ascending quarters, got []"),
        ([(4, 120.0, False), (4, 90.0, False)], "expected tempo marks on ascending quarters, got ['4', '4']"),
        (
            [(0, 120.0, True)],
            "the first tempo mark cannot be a ramp: there is no tempo before it to start from",
        ),
        ([(0, 0.0, False)], "expected a tempo of 1 to 1000 quarter notes a minute, got 0.0"),
    ],
)
def test_marks_that_make_no_map_are_refused(marks: list[tuple[int, float, bool]], sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        tempo_map(*marks)


BPMS = st.floats(1.0, 1000.0)
STEPS = st.fractions(Fraction(1, 16), 400, max_denominator=64)


@st.composite
def tempo_maps(draw: st.DrawFn) -> TempoMap:
    quarter = draw(st.fractions(-8, 64, max_denominator=64))
    marks = [TempoMark(quarter, draw(BPMS))]
    for step in draw(st.lists(STEPS, max_size=5)):
        quarter += step
        marks.append(TempoMark(quarter, draw(BPMS), draw(st.booleans())))
    return TempoMap(tuple(marks))


@settings(deadline=None)
@given(tempo_maps(), st.floats(-200.0, 3000.0))
def test_quarters_and_seconds_are_inverse(tempo: TempoMap, quarter: float) -> None:
    assert tempo.quarters_at(tempo.seconds_at(quarter)) == pytest.approx(quarter, rel=1e-11, abs=1e-9)


@settings(deadline=None)
@given(tempo_maps(), st.lists(st.floats(-200.0, 3000.0), min_size=2))
def test_time_only_moves_forward(tempo: TempoMap, quarters: list[float]) -> None:
    assert (np.diff(tempo.seconds_at(np.sort(np.array(quarters)))) >= 0.0).all()

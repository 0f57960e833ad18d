"""Tempo: marks with note values, and the map between quarter notes and seconds in closed form.

A ramp is linear in quarter notes, bpm(q) = b + k·q, so t = ∫ 60/bpm dq = 60/k · ln(1 + k·q/b). It is evaluated as
60·q/b · log1p(x)/x with x = k·q/b, which keeps full precision however flat the ramp; the inverse uses expm1 likewise.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from typing import overload

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

MIN_BPM = 1.0
MAX_BPM = 1000.0
"""The range of tempos in quarter notes per minute: wide enough for music, narrow enough to catch a slip."""

# Keys are in decomposed form: Unicode spells half notes and shorter as note head, stem and flag.
_NOTE_QUARTERS = {
    unicodedata.normalize("NFD", glyph): Fraction(quarters)
    for glyph, quarters in {
        "\N{MUSICAL SYMBOL WHOLE NOTE}": "4",
        "\N{MUSICAL SYMBOL HALF NOTE}": "2",
        "\N{MUSICAL SYMBOL QUARTER NOTE}": "1",
        "\N{MUSICAL SYMBOL EIGHTH NOTE}": "1/2",
        "\N{MUSICAL SYMBOL SIXTEENTH NOTE}": "1/4",
        "\N{QUARTER NOTE}": "1",
        "\N{EIGHTH NOTE}": "1/2",
    }.items()
}
_DOT = r"[.\N{MIDDLE DOT}\N{MUSICAL SYMBOL COMBINING AUGMENTATION DOT}]"
_MARK = re.compile(
    rf"\s*(?P<note>[^=]*?)\s*(?P<dots>{_DOT}{{0,2}})\s*=\s*(?P<bpm>\d{{1,9}}(\.\d{{1,9}})?)\s*", re.ASCII
)


def parse_tempo(value: str | float) -> float:
    """Quarter notes per minute of `120`, `"♩. = 80"` or `"1/8 = 200"`. Raises ValueError with one sentence."""
    if isinstance(value, str):
        return _checked_bpm(_parse_mark(value), value)
    if isinstance(value, bool):
        raise ValueError(f"expected a tempo such as 120, got {value}")
    return float(_checked_bpm(value, value))


def _parse_mark(text: str) -> float:
    found = _MARK.fullmatch(unicodedata.normalize("NFD", text))
    quarters = _note_quarters(found["note"]) if found else None
    if not found or not quarters:
        raise ValueError(f'expected a tempo such as 120, "♩. = 80" or "1/8 = 200", got "{text}"')
    dotted = quarters * (2 - Fraction(1, 2 ** len(found["dots"])))
    return float(dotted * Fraction(found["bpm"]))


def _note_quarters(note: str) -> Fraction | None:
    if fraction := re.fullmatch(r"(\d{1,3})\s*/\s*([1-9]\d{0,2})", note, re.ASCII):
        return Fraction(4 * int(fraction[1]), int(fraction[2]))
    return _NOTE_QUARTERS.get(note)


def _checked_bpm(bpm: float, shown: str | float) -> float:
    if not MIN_BPM <= bpm <= MAX_BPM:
        raise ValueError(f"expected a tempo of {MIN_BPM:g} to {MAX_BPM:g} quarter notes a minute, got {shown}")
    return bpm


@dataclass(frozen=True, slots=True)
class TempoMark:
    """`bpm` quarter notes a minute from `quarter` on; a `ramp` reaches it linearly from the mark before."""

    quarter: Fraction
    bpm: float
    ramp: bool = False

    def __post_init__(self) -> None:
        _checked_bpm(self.bpm, self.bpm)


@dataclass(frozen=True, slots=True)
class TempoMap:
    """Quarter notes from bar 1 against seconds; constant before the first mark and after the last.

    Every conversion takes a number or an array of any shape. Second 0 is quarter 0. Raises ValueError unless
    there are marks, on ascending quarters, the first without a ramp.
    """

    marks: tuple[TempoMark, ...]
    _quarters: Floats = field(init=False, repr=False, compare=False)
    _seconds: Floats = field(init=False, repr=False, compare=False)
    _bpms: Floats = field(init=False, repr=False, compare=False)
    _slopes: Floats = field(init=False, repr=False, compare=False)  # bpm per quarter, towards the next mark

    def __post_init__(self) -> None:
        _check_marks(self.marks)
        quarters = np.array([mark.quarter for mark in self.marks], float)
        bpms = np.array([mark.bpm for mark in self.marks], float)
        ramps = np.array([mark.ramp for mark in self.marks[1:]], bool)
        slopes = np.append(np.where(ramps, np.diff(bpms) / np.diff(quarters), 0.0), 0.0)
        lengths = _segment_seconds(np.diff(quarters), bpms[:-1], slopes[:-1])
        seconds = np.append(0.0, np.cumsum(lengths))
        for name, values in zip(
            ("_quarters", "_seconds", "_bpms", "_slopes"), (quarters, seconds, bpms, slopes), strict=True
        ):
            object.__setattr__(self, name, values)
        object.__setattr__(self, "_seconds", seconds - self.seconds_at(0.0))

    @overload
    def seconds_at(self, quarters: float | Fraction) -> float: ...
    @overload
    def seconds_at(self, quarters: Floats) -> Floats: ...
    def seconds_at(self, quarters: float | Fraction | Floats) -> float | Floats:
        at = np.asarray(quarters, float)
        index, slope = self._segment(self._quarters, at)
        return _like(self._seconds[index] + _segment_seconds(at - self._quarters[index], self._bpms[index], slope))

    @overload
    def quarters_at(self, seconds: float) -> float: ...
    @overload
    def quarters_at(self, seconds: Floats) -> Floats: ...
    def quarters_at(self, seconds: float | Floats) -> float | Floats:
        at = np.asarray(seconds, float)
        index, slope = self._segment(self._seconds, at)
        elapsed = (at - self._seconds[index]) / 60.0
        return _like(self._quarters[index] + self._bpms[index] * elapsed * _over(np.expm1, slope * elapsed))

    @overload
    def bpm_at(self, quarters: float | Fraction) -> float: ...
    @overload
    def bpm_at(self, quarters: Floats) -> Floats: ...
    def bpm_at(self, quarters: float | Fraction | Floats) -> float | Floats:
        """The tempo from there on: at a mark, the mark's."""
        at = np.asarray(quarters, float)
        index, slope = self._segment(self._quarters, at)
        return _like(self._bpms[index] + slope * (at - self._quarters[index]))

    def _segment(self, starts: Floats, at: Floats) -> tuple[NDArray[np.intp], Floats]:
        """The mark that governs each place, and the slope there; before the first mark it is flat."""
        index = np.maximum(np.searchsorted(starts, at, side="right") - 1, 0)
        return index, np.where(at < starts[0], 0.0, self._slopes[index])


def _check_marks(marks: tuple[TempoMark, ...]) -> None:
    places = [mark.quarter for mark in marks]
    if not marks or any(a >= b for a, b in pairwise(places)):
        raise ValueError(f"expected tempo marks on ascending quarters, got {[str(place) for place in places]}")
    if marks[0].ramp:
        raise ValueError("the first tempo mark cannot be a ramp: there is no tempo before it to start from")


def _segment_seconds(quarters: Floats, bpm: Floats, slope: Floats) -> Floats:
    """How long `quarters` take from where the tempo is `bpm` and grows by `slope` per quarter."""
    return 60.0 * quarters / bpm * _over(np.log1p, slope * quarters / bpm)


def _over(function: np.ufunc, x: Floats) -> Floats:
    """function(x) / x, and its limit 1 at 0."""
    ratio: Floats = np.divide(function(x), x, out=np.ones_like(x), where=x != 0.0)
    return ratio


def _like(values: Floats) -> float | Floats:
    """What came in as one number leaves as one."""
    return float(values) if values.ndim == 0 else values

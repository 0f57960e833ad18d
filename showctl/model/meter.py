"""Meters, and the grid of bars and beats they lay over a song's quarter notes.

A beat is the meter's denominator (an eighth in 7/8). Bars and beats count from 1, quarters from 0 at bar 1.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Literal

Pulse = Literal["auto", "beat", "group"]

MAX_BEATS = 64
UNITS = (1, 2, 4, 8, 16, 32, 64)


@dataclass(frozen=True, slots=True)
class Meter:
    """`beats` notes of 1/`unit` to the bar, stressed in `groups`. Raises ValueError where these do not fit."""

    beats: int
    unit: int
    groups: tuple[int, ...]

    def __post_init__(self) -> None:
        if not 1 <= self.beats <= MAX_BEATS:
            raise ValueError(f"expected a meter of 1 to {MAX_BEATS} beats, got {self.beats}/{self.unit}")
        if self.unit not in UNITS:
            raise ValueError(f"expected a meter over 1, 2, 4, 8, 16, 32 or 64, got {self.beats}/{self.unit}")
        if min(self.groups, default=0) < 1 or sum(self.groups) != self.beats:
            shown = "+".join(map(str, self.groups))
            raise ValueError(
                f'expected accents that add up to {self.beats} in {self}, got "{shown}" = {sum(self.groups)}'
            )

    def __str__(self) -> str:
        return f"{self.beats}/{self.unit}"

    @property
    def beat_quarters(self) -> Fraction:
        """The length of a beat."""
        return Fraction(4, self.unit)

    @property
    def quarters(self) -> Fraction:
        """The length of a bar."""
        return self.beats * self.beat_quarters

    @property
    def group_starts(self) -> tuple[int, ...]:
        """The beats on which the accent groups begin."""
        return tuple(accumulate(self.groups[:-1], initial=1))

    def accent(self, beat: int) -> int:
        """2 on the downbeat, 1 where another group starts, else 0."""
        return 2 if beat == 1 else int(beat in self.group_starts)


def parse_meter(text: str, accents: str | None = None) -> Meter:
    """`"7/8"`, with accents like `"2+2+3"`. Raises ValueError with one sentence."""
    found = re.fullmatch(r"\s*(\d{1,9})\s*/\s*(\d{1,9})\s*", text, re.ASCII)
    if not found:
        raise ValueError(f'expected a meter such as "4/4" or "7/8", got "{text}"')
    beats, unit = map(int, found.groups())
    return Meter(beats, unit, _default_groups(beats, unit) if accents is None else _parse_groups(accents))


def _parse_groups(accents: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\s*\d{1,9}(\s*\+\s*\d{1,9})*\s*", accents, re.ASCII):
        raise ValueError(f'expected accents such as "2+2+3", got "{accents}"')
    return tuple(map(int, accents.split("+")))


def _default_groups(beats: int, unit: int) -> tuple[int, ...]:
    return (3,) * (beats // 3) if unit in (8, 16) and beats in (6, 9, 12) else (beats,)


def pulse_beats(meter: Meter, pulse: Pulse) -> tuple[int, ...]:
    """The beats on which a pulse falls; `auto` is the accent group in 6/8, 9/8 and 12/8, elsewhere the beat."""
    compound = meter.unit == 8 and meter.beats in (6, 9, 12)
    if pulse == "group" or (pulse == "auto" and compound):
        return meter.group_starts
    return tuple(range(1, meter.beats + 1))


@dataclass(frozen=True, slots=True)
class MeterMark:
    """`meter` holds from `bar` on."""

    bar: int
    meter: Meter


@dataclass(frozen=True, slots=True)
class MeterMap:
    """Bars and beats against quarter notes, exactly; the first meter extends before its mark, the last for ever.

    Raises ValueError unless there are marks, on ascending bars from 1.
    """

    marks: tuple[MeterMark, ...]
    start_quarters: tuple[Fraction, ...] = field(init=False, repr=False, compare=False)
    start_beats: tuple[int, ...] = field(init=False, repr=False, compare=False)  # beats since bar 1

    def __post_init__(self) -> None:
        bars = [mark.bar for mark in self.marks]
        if not bars or bars[0] < 1 or any(a >= b for a, b in pairwise(bars)):
            raise ValueError(f"expected meters on ascending bars from 1, got bars {bars}")
        marks = (MeterMark(1, self.marks[0].meter), *self.marks[1:])
        quarters, beats = [Fraction(0)], [0]
        for here, following in pairwise(marks):
            quarters.append(quarters[-1] + (following.bar - here.bar) * here.meter.quarters)
            beats.append(beats[-1] + (following.bar - here.bar) * here.meter.beats)
        object.__setattr__(self, "marks", marks)
        object.__setattr__(self, "start_quarters", tuple(quarters))
        object.__setattr__(self, "start_beats", tuple(beats))

    def meter_at(self, bar: int) -> Meter:
        return self.marks[self._index(bar)].meter

    def quarter_at(self, bar: int, beat: Fraction | int = 1) -> Fraction:
        """Quarter notes from bar 1 to a beat of any bar, 0 and negative too."""
        index = self._index(bar)
        mark = self.marks[index]
        bars = self.start_quarters[index] + (bar - mark.bar) * mark.meter.quarters
        return bars + (beat - 1) * mark.meter.beat_quarters

    def bar_beat_at(self, quarter: Fraction) -> tuple[int, Fraction]:
        """The bar, and the beat from 1 within it, of any quarter; inverse of `quarter_at`."""
        index = max(0, bisect_right(self.start_quarters, quarter) - 1)
        meter = self.marks[index].meter
        bars, rest = divmod(quarter - self.start_quarters[index], meter.quarters)
        return self.marks[index].bar + bars, 1 + rest / meter.beat_quarters

    def beats_later(self, bar: int, beat: Fraction, beats: Fraction) -> tuple[int, Fraction]:
        """Where one gets by counting `beats` on (or back), each as long as the bar it lies in has them."""
        index = self._index(bar)
        counted = self.start_beats[index] + (bar - self.marks[index].bar) * self.marks[index].meter.beats
        there = counted + beat - 1 + beats
        index = max(0, bisect_right(self.start_beats, there) - 1)
        bars, rest = divmod(there - self.start_beats[index], self.marks[index].meter.beats)
        return self.marks[index].bar + bars, 1 + rest

    def bars_later(self, bar: int, beat: Fraction, bars: int) -> tuple[int, Fraction]:
        """The same beat `bars` on (or back); where that bar is too short for it, the start of the next."""
        there = bar + bars
        fits = beat < self.meter_at(there).beats + 1
        return (there, beat) if fits else (there + 1, Fraction(1))

    def _index(self, bar: int) -> int:
        return max(0, bisect_right(self.marks, bar, key=lambda mark: mark.bar) - 1)

"""One song's time at one sample rate: bars, beats, quarters and seconds as song frames, and its pulses and clicks.

Song frame 0 is bar 1, beat 1. Every frame is floor(seconds · rate + 1/2) of a closed formula; nothing accumulates.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from showctl.model.meter import Meter, MeterMap, MeterMark, Pulse, pulse_beats
from showctl.model.position import Amount, BarBeat, Position, SectionRef, Time
from showctl.model.tempo import Floats, TempoMap, TempoMark
from showctl.model.units import SongFrame

__all__ = [
    "ClickKind",
    "Clicks",
    "CountInGrid",
    "MeterMark",
    "PlacedSection",
    "Pulses",
    "SongMap",
]

Frames = NDArray[np.int64]
Integers = NDArray[np.int32]

CLICK_RATES = (Fraction(1, 2), Fraction(1), Fraction(2))


class ClickKind(IntEnum):
    """What a click marks; the first three are the accents of `/beat`."""

    BEAT = 0
    GROUP = 1
    DOWNBEAT = 2
    SUBDIVISION = 3


class PlacedSection(Protocol):
    """What `resolve` needs of a section."""

    @property
    def slug(self) -> str: ...
    @property
    def bar(self) -> int: ...


@dataclass(frozen=True, slots=True, eq=False)
class Pulses:
    """What counts as a beat message, as parallel arrays in ascending order; `bpm` in quarter notes a minute."""

    frame: Frames
    bar: Integers
    beat: Integers
    beats: Integers
    unit: Integers
    accent: Integers
    bpm: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Clicks:
    """Where the metronome sounds, and as which ClickKind, in ascending order."""

    frame: Frames
    kind: NDArray[np.int8]


@dataclass(frozen=True, slots=True, eq=False)
class CountInGrid:
    """A count-in of `length` frames; its frames are negative, relative to where the song starts."""

    length: int
    pulses: Pulses
    clicks: Clicks


@dataclass(frozen=True, slots=True, eq=False)
class SongMap:
    """Made by `build`. `bar_frames` holds the starts of bars 1 … last + 1, `end` the first frame not played."""

    rate: int
    tempo: TempoMap
    meters: MeterMap
    pulse: Pulse
    end: SongFrame
    bar_frames: Frames
    pulses: Pulses
    _grid: _Grid

    @classmethod
    def build(
        cls,
        rate: int,
        tempo: TempoMap,
        meters: tuple[MeterMark, ...],
        pulse: Pulse = "auto",
        *,
        end_bar: int,
    ) -> SongMap:
        """A map that ends where `end_bar` starts. Raises ValueError for marks out of order."""
        meter_map = MeterMap(meters)
        grid = _Grid.of(rate, tempo, meter_map, pulse)
        starts, pulses = grid.bar_frames(1, 1), grid.pulses(1, 0)
        endless = cls(rate, tempo, meter_map, pulse, SongFrame(0), starts, pulses, grid)
        return endless.ending_at(endless.frame_at(end_bar))

    def ending_at(self, end: SongFrame) -> SongMap:
        """The same time with another end."""
        last = self.bar_beat_at(SongFrame(end - 1))[0] if end > 0 else 0
        pulses = self._grid.pulses(1, last)
        keep = pulses.frame < end
        return replace(
            self,
            end=end,
            bar_frames=self._grid.bar_frames(1, last + 1),
            pulses=Pulses(*(getattr(pulses, name)[keep] for name in Pulses.__slots__)),
        )

    @property
    def last_bar(self) -> int:
        """The last bar of which something is played; 0 in a song without length."""
        return len(self.bar_frames) - 1

    # ── bars and beats to frames ──

    def quarter_at(self, bar: int, beat: Fraction | int = 1) -> Fraction:
        """Quarter notes from bar 1, for any bar: the first and last meter extend."""
        return self.meters.quarter_at(bar, beat)

    def frame_at(self, bar: int, beat: Fraction | int = 1) -> SongFrame:
        """The frame of a beat of any bar: before bar 1 and beyond the end too."""
        return self._frame_of(self.quarter_at(bar, beat))

    def meter_at(self, bar: int) -> Meter:
        return self.meters.meter_at(bar)

    def _frame_of(self, quarter: Fraction) -> SongFrame:
        return self._frame_of_seconds(self.tempo.seconds_at(quarter))

    def _frame_of_seconds(self, seconds: Fraction | float) -> SongFrame:
        return SongFrame(math.floor(seconds * self.rate + 0.5))

    # ── frames to bars and beats ──

    def seconds_at(self, frame: SongFrame) -> float:
        return frame / self.rate

    def bar_beat_at(self, frame: SongFrame) -> tuple[int, float]:
        """The bar and the beat, from 1, with its fraction. The frame of a beat gives exactly that beat."""
        bar, beat = self._place_at(frame)
        return bar, float(beat)

    def bpm_at(self, frame: SongFrame) -> float:
        """Quarter notes a minute; on the frame of a tempo mark, the mark's."""
        return self.tempo.bpm_at(self._quarter_of(frame))

    def next_beat(self, frame: SongFrame) -> SongFrame:
        """The first frame of a beat (of the meter) at or after `frame`."""
        bar, beat = self._place_at(frame)
        return self.frame_at(bar, math.ceil(beat))

    def next_bar(self, frame: SongFrame) -> SongFrame:
        """The first frame of a bar at or after `frame`."""
        bar, beat = self._place_at(frame)
        return self.frame_at(bar if beat == 1 else bar + 1)

    def _place_at(self, frame: SongFrame) -> tuple[int, Fraction]:
        return self.meters.bar_beat_at(self._quarter_of(frame))

    def _quarter_of(self, frame: SongFrame) -> Fraction:
        """The quarter at a frame: where a beat or a tempo mark rounds to this frame, exactly that."""
        near = Fraction(self.tempo.quarters_at(frame / self.rate))
        bar, beat = self.meters.bar_beat_at(near)
        after = bisect_left(self.tempo.marks, near, key=lambda mark: mark.quarter)
        marks = (mark.quarter for mark in self.tempo.marks[max(0, after - 1) : after + 1])
        landmarks = (self.quarter_at(bar, round(beat)), *marks)
        return next((quarter for quarter in landmarks if self._frame_of(quarter) == frame), near)

    # ── clicks and count-in ──

    def clicks(self, subdivision: int = 1, rate: Fraction = Fraction(1)) -> Clicks:
        """Up to the end: `subdivision` (1 to 4) clicks to each of the pulses, these thinned or doubled by `rate`.

        Rate 1/2 is every second pulse of each bar from its downbeat on, 2 twice as many; between pulses the clicks
        are evenly spaced in quarter notes. Raises ValueError for another rate or subdivision.
        """
        clicks = self._grid.clicks(1, self.last_bar, subdivision, rate)
        keep = clicks.frame < self.end
        return Clicks(clicks.frame[keep], clicks.kind[keep])

    def count_in(self, at: SongFrame, bars: int, subdivision: int = 1, rate: Fraction = Fraction(1)) -> CountInGrid:
        """Whole bars …, -1, 0 before `at`, in the meter and the constant tempo found there."""
        meter = self.meter_at(self._place_at(at)[0])
        steady = TempoMap((TempoMark(Fraction(0), self.bpm_at(at)),))
        grid = _Grid.of(self.rate, steady, MeterMap((MeterMark(1, meter),)), self.pulse)
        return CountInGrid(
            length=-int(grid.bar_frames(1 - bars, 1)[0]),
            pulses=grid.pulses(1 - bars, 0),
            clicks=grid.clicks(1 - bars, 0, subdivision, rate),
        )

    # ── positions ──

    def resolve(self, position: Position, sections: Sequence[PlacedSection]) -> SongFrame:
        """The frame of a position. Raises ValueError for a section or a beat that the song does not have."""
        if isinstance(position.anchor, Time):
            return self.moved(self._frame_of_seconds(position.anchor.seconds), position.amount)
        return self._moved_from(*self._anchor_place(position.anchor, sections), position.amount)

    def moved(self, frame: SongFrame, amount: Amount | None) -> SongFrame:
        """The frame `amount` away. Bars and beats are counted in the map; bars keep the beat."""
        return self._moved_from(*self._place_at(frame), amount) if amount else frame

    def _moved_from(self, bar: int, beat: Fraction, amount: Amount | None) -> SongFrame:
        match amount:
            case None:
                return self.frame_at(bar, beat)
            case Amount(value, "bar"):
                return self.frame_at(*self.meters.bars_later(bar, beat, int(value)))
            case Amount(value, "beat"):
                return self.frame_at(*self.meters.beats_later(bar, beat, Fraction(value)))
            case Amount(value, _):
                return SongFrame(self.frame_at(bar, beat) + self._frame_of_seconds(value))

    def _anchor_place(self, anchor: BarBeat | SectionRef, sections: Sequence[PlacedSection]) -> tuple[int, Fraction]:
        if isinstance(anchor, SectionRef):
            return _section_bar(anchor, sections), Fraction(1)
        meter = self.meter_at(anchor.bar)
        if anchor.beat >= meter.beats + 1:
            raise ValueError(f'bar {anchor.bar} has {meter.beats} beats ({meter}), got "{anchor}"')
        return anchor.bar, anchor.beat


def _section_bar(ref: SectionRef, sections: Sequence[PlacedSection]) -> int:
    bars = [section.bar for section in sections if section.slug == ref.slug]
    if not bars:
        known = ", ".join(dict.fromkeys(section.slug for section in sections)) or "none"
        raise ValueError(f'expected a section of the song ({known}), got "{ref.slug}"')
    if ref.occurrence > len(bars):
        raise ValueError(f'section "{ref.slug}" occurs {len(bars)} times, got "{ref.slug}#{ref.occurrence}"')
    return bars[ref.occurrence - 1]


# ── grids: rows per bar, laid out over many bars at once ──

Row = tuple[Fraction, int, int]  # quarters after the bar's start, beat, accent or ClickKind


@dataclass(frozen=True, slots=True, eq=False)
class _Grid:
    """The meter marks as arrays; `mark_meters` are indices of the distinct `meters`."""

    rate: int
    tempo: TempoMap
    pulse: Pulse
    meters: tuple[Meter, ...]
    mark_meters: Frames
    mark_bars: Frames
    mark_quarters: Floats

    @classmethod
    def of(cls, rate: int, tempo: TempoMap, meters: MeterMap, pulse: Pulse) -> _Grid:
        distinct = {mark.meter: 0 for mark in meters.marks}
        distinct.update((meter, index) for index, meter in enumerate(distinct))
        return cls(
            rate,
            tempo,
            pulse,
            tuple(distinct),
            mark_meters=np.array([distinct[mark.meter] for mark in meters.marks]),
            mark_bars=np.array([mark.bar for mark in meters.marks]),
            mark_quarters=np.array(meters.start_quarters, float),
        )

    def bar_frames(self, first: int, last: int) -> Frames:
        return self._frames(self._bars(np.arange(first, last + 1))[1])

    def pulses(self, first: int, last: int) -> Pulses:
        bars, meter_indices, quarters, rows = self._laid_out(first, last, self._pulse_rows)
        meters = np.array([(meter.beats, meter.unit) for meter in self.meters], np.int32)[meter_indices]
        return Pulses(
            frame=self._frames(quarters),
            bar=bars.astype(np.int32),
            beat=rows[:, 0],
            beats=meters[:, 0],
            unit=meters[:, 1],
            accent=rows[:, 1],
            bpm=self.tempo.bpm_at(quarters),
        )

    def clicks(self, first: int, last: int, subdivision: int, rate: Fraction) -> Clicks:
        if subdivision not in range(1, 5) or rate not in CLICK_RATES:
            raise ValueError(f"expected 1 to 4 clicks per pulse at rate 0.5, 1 or 2, got {subdivision} at {rate}")
        _, _, quarters, rows = self._laid_out(
            first, last, lambda meter: _click_rows(self._pulse_rows(meter), meter, subdivision, rate)
        )
        return Clicks(self._frames(quarters), rows[:, 1].astype(np.int8))

    def _laid_out(
        self, first: int, last: int, rows_of: Callable[[Meter], Sequence[Row]]
    ) -> tuple[Frames, Frames, Floats, Integers]:
        """For each row of each bar: bar, index of its meter, quarter, and (beat, accent or kind)."""
        tables = [rows_of(meter) for meter in self.meters]
        sizes = np.array([len(table) for table in tables])
        offsets = np.array([row[0] for table in tables for row in table], float)
        rows = np.array([row[1:] for table in tables for row in table], np.int32)
        bars = np.arange(first, last + 1)
        meters, starts = self._bars(bars)
        counts = sizes[meters]
        of_bar = np.repeat(np.arange(len(bars)), counts)
        within = np.arange(len(of_bar)) - (np.cumsum(counts) - counts)[of_bar]
        chosen = (np.cumsum(sizes) - sizes)[meters[of_bar]] + within
        return bars[of_bar], meters[of_bar], starts[of_bar] + offsets[chosen], rows[chosen]

    def _bars(self, bars: Frames) -> tuple[Frames, Floats]:
        """The index of each bar's meter, and its quarter: exact, for bars are whole sixteenths of a quarter long."""
        marks = np.maximum(np.searchsorted(self.mark_bars, bars, side="right") - 1, 0)
        meters = self.mark_meters[marks]
        lengths = np.array([meter.quarters for meter in self.meters], float)[meters]
        return meters, self.mark_quarters[marks] + (bars - self.mark_bars[marks]) * lengths

    def _frames(self, quarters: Floats) -> Frames:
        frames: Frames = np.floor(self.tempo.seconds_at(quarters) * self.rate + 0.5).astype(np.int64)
        return frames

    def _pulse_rows(self, meter: Meter) -> list[Row]:
        beats = pulse_beats(meter, self.pulse)
        return [((beat - 1) * meter.beat_quarters, beat, meter.accent(beat)) for beat in beats]


def _click_rows(pulses: Sequence[Row], meter: Meter, subdivision: int, rate: Fraction) -> list[Row]:
    """Clicks lie on a straight line of pulse numbers, bent only where pulses differ in length (2+2+3)."""
    edges = [*(row[0] for row in pulses), meter.quarters]
    step = 1 / (rate * subdivision)
    rows = []
    for count in range(math.ceil(len(pulses) / step)):
        number, part = divmod(count * step, 1)
        quarter = edges[number] + part * (edges[number + 1] - edges[number])
        _, beat, accent = pulses[number]
        kind = ClickKind.SUBDIVISION if count % subdivision else ClickKind.BEAT if part else accent
        rows.append((quarter, beat, int(kind)))
    return rows

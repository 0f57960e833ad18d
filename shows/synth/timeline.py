"""Bars and beats of a song as frames of its files, by the same closed formula as the service's own.

The arrangement reads tempo, meter and sections from song.toml, so that audio and show file cannot disagree.
"""

from __future__ import annotations

import math
import tomllib
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class TempoMark:
    quarter: float
    bpm: float
    ramp: bool


@dataclass(frozen=True, slots=True)
class MeterMark:
    bar: int
    beats: int
    unit: int
    groups: tuple[int, ...]

    @property
    def bar_quarters(self) -> float:
        return self.beats * 4 / self.unit

    @property
    def pulses(self) -> tuple[float, ...]:
        """Where one counts, in quarter notes from the bar line: each accent group, or each beat."""
        groups = self.groups or (1,) * self.beats
        return tuple(sum(groups[:n]) * 4 / self.unit for n in range(len(groups)))


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    bar: int
    bars: int

    def each_bar(self) -> range:
        return range(self.bar, self.bar + self.bars)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A song's time; frame 0 is the first of its files, bar 1 lies `downbeat` seconds later."""

    rate: int
    downbeat: float
    tempo: tuple[TempoMark, ...]
    meter: tuple[MeterMark, ...]
    sections: tuple[Section, ...]
    end: int

    def meter_of(self, bar: int) -> MeterMark:
        return self.meter[max(0, bisect_right(self.meter, bar, key=lambda mark: mark.bar) - 1)]

    def quarter(self, bar: int) -> float:
        """Quarter notes from bar 1 to the start of `bar`."""
        return quarter_of(self.meter, bar)

    def seconds(self, quarter: float) -> float:
        """Seconds from bar 1; a ramp is linear in quarter notes, hence the logarithm."""
        total = 0.0
        following: list[TempoMark | None] = [*self.tempo[1:], None]
        for mark, after in zip(self.tempo, following, strict=True):
            if after is None or quarter <= after.quarter:
                return total + stretch_seconds(mark, after, quarter)
            total += stretch_seconds(mark, after, after.quarter)
        return total

    def frame(self, bar: int, quarters: float = 0.0) -> int:
        """The frame of a place `quarters` after the start of `bar`, in the song's files."""
        return round((self.downbeat + self.seconds(self.quarter(bar) + quarters)) * self.rate)

    def length(self, bar: int, quarters: float, duration: float) -> float:
        """Seconds that `duration` quarter notes last there."""
        start = self.quarter(bar) + quarters
        return self.seconds(start + duration) - self.seconds(start)

    def named(self, name: str) -> list[Section]:
        return [section for section in self.sections if section.name == name]


def stretch_seconds(mark: TempoMark, after: TempoMark | None, quarter: float) -> float:
    """∫ 60 / bpm dq from `mark` to `quarter`."""
    quarters = quarter - mark.quarter
    if after is None or not after.ramp or after.bpm == mark.bpm:
        return 60.0 * quarters / mark.bpm
    slope = (after.bpm - mark.bpm) / (after.quarter - mark.quarter)
    return 60.0 / slope * math.log1p(slope * quarters / mark.bpm)


def quarter_of(meter: tuple[MeterMark, ...], bar: int) -> float:
    total = 0.0
    for mark, following in zip(meter, [*meter[1:], None], strict=True):
        if following is None or bar <= following.bar:
            return total + (bar - mark.bar) * mark.bar_quarters
        total += (following.bar - mark.bar) * mark.bar_quarters
    return total


def read_timeline(song_toml: Path, rate: int) -> Timeline:
    """The timeline of a song file that is known to be sound: the demo's own, not anyone's."""
    song = tomllib.loads(song_toml.read_text(encoding="utf-8"))
    meter = tuple(meter_mark(mark) for mark in song.get("meter", [{"at": 1, "meter": "4/4"}]))
    tempo = song["tempo"] if isinstance(song["tempo"], list) else [{"at": 1, "bpm": song["tempo"]}]
    marks = tuple(
        TempoMark(quarter_of(meter, mark["at"]), float(mark["bpm"]), mark.get("ramp", False)) for mark in tempo
    )
    minutes, seconds = str(song.get("downbeat", "0:00")).split(":")
    sections = read_sections(song["sections"], song["end"])
    return Timeline(rate, int(minutes) * 60 + float(seconds), marks, meter, sections, song["end"])


def meter_mark(mark: dict[str, Any]) -> MeterMark:
    beats, unit = map(int, mark["meter"].split("/"))
    groups = tuple(int(group) for group in mark["accents"].split("+")) if "accents" in mark else ()
    return MeterMark(mark["at"], beats, unit, groups)


def read_sections(entries: list[Any], end: int) -> tuple[Section, ...]:
    pairs = [(e["at"], e["name"]) if isinstance(e, dict) else (e[0], e[1]) for e in entries]
    ends = [bar for bar, _ in pairs[1:]] + [end]
    return tuple(Section(name, bar, stop - bar) for (bar, name), stop in zip(pairs, ends, strict=True))

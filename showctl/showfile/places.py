"""Positions of a show file as places in a song: a frame of the timeline, or a stretch before a section's entry."""

from __future__ import annotations

import math
from dataclasses import dataclass

from showctl.model.position import BarBeat, Position, SectionRef, Time
from showctl.model.show import BeforeEntry
from showctl.model.units import SongFrame
from showctl.showfile.fields import Written
from showctl.showfile.problems import KeyPath, did_you_mean, shown
from showctl.showfile.report import Report
from showctl.showfile.timeline import MAX_BAR, TimeLine, matching


@dataclass(frozen=True, slots=True)
class SongEnd:
    """The first frame and the first bar no longer played. Not `certain` where faults elsewhere may have moved it."""

    frame: SongFrame
    bar: int
    certain: bool = True


def when(report: Report, path: KeyPath, place: Written, time: TimeLine, end: SongEnd) -> SongFrame | BeforeEntry | None:
    """When a cue or guide `place` is: what lies before a section belongs to each entry into it.

    None after reporting why not.
    """
    anchor, amount = place.position.anchor, place.position.amount
    if isinstance(anchor, SectionRef) and amount and amount.value < 0:
        index = _section(report, path, place, anchor, time)
        return None if index is None else BeforeEntry(index + 1, float(-amount.value), amount.unit)
    return frame_of(report, path, place, time, end)


def frame_of(report: Report, path: KeyPath, place: Written, time: TimeLine, end: SongEnd | None) -> SongFrame | None:
    """The frame of a place of the timeline, before the `end` where one is given; None after reporting why not."""
    anchor = _anchor(report, path, place, time, end)
    if anchor is None:
        return None
    frame = time.grid.resolve(Position(anchor, place.position.amount), ())
    if end and end.certain and frame >= end.frame:
        expected = f"a place before the end (bar {end.bar}, {_clock(end.frame / time.grid.rate)})"
        report.error(path, expected=expected, found=place.text)
        return None
    return frame


def _anchor(
    report: Report, path: KeyPath, place: Written, time: TimeLine, end: SongEnd | None
) -> BarBeat | Time | None:
    match place.position.anchor:
        case SectionRef() as ref:
            index = _section(report, path, place, ref, time)
            return None if index is None else BarBeat(time.sections[index].bar)
        case BarBeat() as bar_beat:
            return bar_beat if _exists(report, path, bar_beat, time, end) else None
        case anchor:
            return anchor


def _exists(report: Report, path: KeyPath, place: BarBeat, time: TimeLine, end: SongEnd | None) -> bool:
    last = end.bar - 1 if end and end.certain else MAX_BAR
    if place.bar > last:
        report.error(path, expected=f"a bar from 1 to {last}", found=str(place.bar))
        return False
    meter = time.grid.meter_at(place.bar)
    if place.beat >= meter.beats + 1 and time.certain:
        rule = f"a beat from 1 to {meter.beats} in bar {place.bar} ({meter})"
        report.error(path, expected=rule, found=str(math.floor(place.beat)))
        return False
    return place.beat < meter.beats + 1


def _section(report: Report, path: KeyPath, place: Written, ref: SectionRef, time: TimeLine) -> int | None:
    """The section's place in the song, from 0."""
    numbers = matching(ref, time.sections)
    if ref.occurrence <= len(numbers):
        return numbers[ref.occurrence - 1]
    if "sections" not in report.damaged:
        names = [start.source.name for start in time.sections]
        if numbers:
            count = "once" if len(numbers) == 1 else f"{len(numbers)} times"
            report.error(path, f"the song has the section {shown(names[numbers[0]])} {count}", found=place.text)
        else:
            hint = did_you_mean(ref.slug, names) or _all_named(names)
            report.error(path, expected="a section of the song", found=place.text, hint=hint)
    return None


def _all_named(names: list[str]) -> str:
    return f"the song has {', '.join(dict.fromkeys(names))}"[:200] if names else "the song has no sections"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes:.0f}:{rest:04.1f}"


# ── the end ──


def written_end(report: Report, place: Written, time: TimeLine) -> SongEnd | None:
    """The end as the song file gives it."""
    path = ("end",)
    frame = frame_of(report, path, place, time, None)
    if frame is None:
        return None
    end = end_at(time, frame)
    if frame <= 0 or end.bar > MAX_BAR:
        report.error(path, expected=f"an end from bar 2 to {MAX_BAR}, the first bar no longer played", found=place.text)
        return None
    return end


def end_after(time: TimeLine, frame: SongFrame) -> SongEnd:
    """The end of a song whose last sound ends at `frame`: rounded up to a bar, 10 ms past a bar are let go."""
    bar = max(2, end_at(time, SongFrame(frame - time.grid.rate // 100)).bar)
    return SongEnd(time.grid.frame_at(bar), bar, time.certain)


def end_at(time: TimeLine, frame: SongFrame) -> SongEnd:
    bar, beat = time.grid.bar_beat_at(frame)
    return SongEnd(frame, bar if beat == 1 else bar + 1, time.certain)

"""What happens when: beats, sections, cues and states, read from a plan by pacer, bounce and tests alike.

Frames are session frames. An event at frame f belongs to every window that holds f, so windows can be joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from math import ceil, floor

import numpy as np

from showctl.model.cueing import cue_fires, cue_standbys
from showctl.model.happenings import (
    Beat,
    CountDown,
    CueFire,
    CueStandby,
    Event,
    Pass,
    SectionStart,
    SongChange,
    StateChange,
    Upcoming,
)
from showctl.model.plan import (
    Committed,
    CountIn,
    Loop,
    Metronome,
    Plan,
    Play,
    Rest,
    Span,
    boundaries,
    commit,
    entry_of,
    state_at,
)
from showctl.model.score import Score
from showctl.model.songmap import Frames, Pulses
from showctl.model.stretches import Stretch, section_entries, stretches
from showctl.model.units import Frame, SongFrame

METRONOME_BEATS = 4
"""The free metronome counts in 4/4."""

_ORDER = (SongChange, StateChange, SectionStart, Pass, CueFire, Beat, CountDown, Upcoming, CueStandby)
"""At one frame: first what changed, then the cue, then the beat that falls on it."""


def events(score: Score, plan: Plan, since: Frame, until: Frame) -> list[Event]:
    """Everything that happens at session frames `since` up to `until`, in order."""
    readers: tuple[Callable[[Score, Plan, Frame, Frame], Iterator[Event]], ...] = (
        _changes,
        _sections,
        _passes,
        _beats,
        _upcoming,
        cue_fires,
        cue_standbys,
    )
    found = chain.from_iterable(reader(score, plan, since, until) for reader in readers)
    return sorted(found, key=lambda event: (event.frame, _ORDER.index(type(event))))


def replayed_events(score: Score, plan: Plan, log: tuple[Committed, ...], until: Frame) -> list[Event]:
    """The events of a night: each version of the plan speaks from its commit to the next one's."""
    since, told = Frame(0), list[Event]()
    for line in log:
        told += events(score, plan, since, line.head)
        plan, since = commit(plan, line.edit, line.head), line.head
    return told + events(score, plan, since, until)


# ── changes of song and state ──


def _changes(_: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[Event]:
    for before, span in boundaries(plan, since, until):
        entry = entry_of(span)
        if entry != entry_of(before) or (span.why == "start" and not isinstance(before, CountIn)):
            yield SongChange(span.start, entry)
    for frame in _state_frames(plan, since, until):
        state = state_at(plan, frame)
        if state != state_at(plan, Frame(frame - 1)):
            yield StateChange(frame, state)


def _state_frames(plan: Plan, since: Frame, until: Frame) -> list[Frame]:
    fade = (plan.fade.start, plan.fade.until) if plan.fade else ()
    starts = (span.start for _, span in boundaries(plan, since, until))
    return sorted({frame for frame in (*starts, *fade) if since <= frame < until})


# ── sections and vamps ──


def _sections(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[Event]:
    for entered in section_entries(score, plan, since, until):
        section = entered.section
        yield SectionStart(entered.frame, entered.entry, section.index, section.name, section.bars)
    for before, span in boundaries(plan, since, until):
        if isinstance(span, Play | Loop):
            yield from _landed(score, before, span)


def _landed(score: Score, before: Span, span: Play | Loop) -> Iterator[Event]:
    """A start or a jump into the middle of a section that was not the one sounding."""
    section = score.section_at(span.entry, span.at)
    if section and section.start != span.at and section != _section_left(score, before, span):
        yield SectionStart(span.start, span.entry, section.index, section.name, section.bars)


def _section_left(score: Score, before: Span, span: Span) -> object:
    if entry_of(before) != entry_of(span):
        return None
    match before:
        case Play() | Loop():
            return score.section_at(before.entry, before.song_at(Frame(span.start - 1)))
        case Rest(cued=cued) if cued and cued.paused:
            return score.section_at(cued.entry, cued.at)
        case _:
            return None


def _passes(_: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[Event]:
    for stretch in stretches(plan, since, until):
        if isinstance(stretch.span, Loop) and since <= stretch.start < until:
            yield Pass(stretch.start, stretch.entry, stretch.passes, stretch.span.cycle.times)


def _upcoming(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[Event]:
    for stretch in stretches(plan, since, until):
        bars = score.map(stretch.entry).bar_frames
        low, high = _slice(stretch, bars, since, until)
        for bar in bars[low:high]:
            yield from _next_section(score, plan, stretch, stretch.session_at(SongFrame(int(bar))))


def _next_section(score: Score, plan: Plan, stretch: Stretch, frame: Frame) -> Iterator[Event]:
    end = plan.end_of(stretch.index)
    horizon = Frame(frame + 1 + int(score.map(stretch.entry).frame_at(score.song(stretch.entry).end_bar)))
    entered = next(section_entries(score, plan, Frame(frame + 1), horizon if end is None else Frame(end + 1)), None)
    if entered:
        place = (entered.entry, entered.section.index, entered.section.name, entered.frame)
    elif isinstance(stretch.span, Loop) and stretch.end is not None:
        after = score.section_at(stretch.entry, stretch.span.cycle.high)
        place = (stretch.entry, after.index if after else 0, after.name if after else "", stretch.end)
    else:
        return
    yield Upcoming(frame, *place[:3], seconds=(place[3] - frame) / score.rate)


# ── beats ──


def _beats(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[Event]:
    for stretch in stretches(plan, since, until):
        pulses = score.map(stretch.entry).pulses
        low, high = _slice(stretch, pulses.frame, since, until)
        for row in range(low, high):
            yield _beat(stretch.entry, pulses, row, stretch.session_at(SongFrame(int(pulses.frame[row]))))
    for span, end in _spans_within(plan, since, until):
        if isinstance(span, CountIn):
            yield from _counted(score, span, since, until if end is None else min(end, until))
        elif isinstance(span, Rest) and span.metronome:
            first = max(since, span.start)
            yield from _ticks(score, span.metronome, first, until if end is None else min(end, until))


def _slice(stretch: Stretch, frames: Frames, since: Frame, until: Frame) -> tuple[int, int]:
    """Which of the ascending song `frames` sound in this stretch within the window."""
    bounds = (stretch.song_at(max(since, stretch.start)), stretch.until(until))
    low, high = np.searchsorted(frames, bounds)
    return int(low), int(high)


def _beat(entry: int, pulses: Pulses, row: int, frame: Frame) -> Beat:
    return Beat(
        frame=frame,
        entry=entry,
        bar=int(pulses.bar[row]),
        beat=int(pulses.beat[row]),
        beats=int(pulses.beats[row]),
        bpm=float(pulses.bpm[row]),
        accent=int(pulses.accent[row]),
        unit=int(pulses.unit[row]),
    )


def _spans_within(plan: Plan, since: Frame, until: Frame) -> Iterator[tuple[Span, Frame | None]]:
    for index in range(plan.index_at(since), len(plan.spans)):
        if plan.spans[index].start < until:
            yield plan.spans[index], plan.end_of(index)


def _counted(score: Score, span: CountIn, since: Frame, until: Frame) -> Iterator[Event]:
    pulses = score.map(span.entry).count_in(span.at, span.bars).pulses
    total = len(pulses.frame)
    for row in range(total):
        frame = span.session_at(SongFrame(span.at + int(pulses.frame[row])))
        if since <= frame < until:
            yield _beat(span.entry, pulses, row, frame)
            yield CountDown(frame, span.entry, total - row)


def metronome_frames(metronome: Metronome, rate: int, since: Frame, until: Frame) -> Iterator[tuple[int, Frame]]:
    """The number of each beat of a free metronome, from 0, and its frame."""
    period = 60.0 * rate / metronome.bpm
    number = max(0, ceil((since - 0.5 - metronome.beat_zero) / period))
    while (frame := Frame(floor(metronome.beat_zero + number * period + 0.5))) < until:
        yield number, frame
        number += 1


def _ticks(score: Score, metronome: Metronome, since: Frame, until: Frame) -> Iterator[Event]:
    for number, frame in metronome_frames(metronome, score.rate, since, until):
        bar, beat = divmod(number, METRONOME_BEATS)
        yield Beat(frame, 0, bar + 1, beat + 1, METRONOME_BEATS, metronome.bpm, 0 if beat else 2, 4)

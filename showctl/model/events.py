"""What happens when: beats, sections, cues and states, read from a plan by pacer, bounce and tests alike.

Frames are session frames. An event at frame f belongs to every window that holds f, so windows can be joined.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from math import ceil, floor

import numpy as np

from showctl.model.cueing import cue_events
from showctl.model.happenings import (
    Beat,
    CountDown,
    CueFire,
    CueStandby,
    Event,
    Pass,
    SectionCued,
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
    Rest,
    boundaries,
    commit,
    entry_of,
    spans_within,
    state_at,
)
from showctl.model.score import Score
from showctl.model.sections import section_starts, sections_cued, upcoming
from showctl.model.songmap import Frames, Pulses
from showctl.model.stretches import Stretch, stretches
from showctl.model.units import Frame, SongFrame

METRONOME_BEATS = 4
"""The free metronome counts in 4/4."""

_KINDS = (SongChange, StateChange, SectionCued, SectionStart, Pass, CueFire, Beat, CountDown, Upcoming, CueStandby)
_ORDER: dict[type, int] = {kind: place for place, kind in enumerate(_KINDS)}
"""At one frame: first what changed, then the cue, then the beat that falls on it."""


def events(score: Score, plan: Plan, since: Frame, until: Frame) -> list[Event]:
    """Everything that happens at session frames `since` up to `until`, in order."""
    readers: tuple[Callable[[Score, Plan, Frame, Frame], Iterator[Event]], ...] = (
        _changes,
        section_starts,
        sections_cued,
        _passes,
        _beats,
        _upcoming,
        cue_events,
    )
    found = chain.from_iterable(reader(score, plan, since, until) for reader in readers)
    return sorted(found, key=lambda event: (event.frame, _ORDER[type(event)]))


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
        begun = span.why == "segue" or (span.why == "start" and not isinstance(before, CountIn))
        if begun or entry != entry_of(before):
            yield SongChange(span.start, entry)
    for frame in _state_frames(plan, since, until):
        state = state_at(plan, frame)
        if state != (state_at(plan, Frame(frame - 1)) if frame else "stopped"):
            yield StateChange(frame, state)


def _state_frames(plan: Plan, since: Frame, until: Frame) -> list[Frame]:
    fade = (plan.fade.start, plan.fade.until) if plan.fade else ()
    starts = (span.start for _, span in boundaries(plan, since, until))
    return sorted({frame for frame in (*starts, *fade) if since <= frame < until})


# ── vamps, and what comes next ──


def _passes(_: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[Event]:
    for stretch in stretches(plan, since, until):
        if isinstance(stretch.span, Loop) and since <= stretch.start:
            yield Pass(stretch.start, stretch.entry, stretch.passes, stretch.span.cycle.times)


def _upcoming(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[Event]:
    for stretch in stretches(plan, since, until):
        bars = score.map(stretch.entry).bar_frames
        low, high = _slice(stretch, bars, since, until)
        for bar in bars[low:high]:
            yield upcoming(score, plan, stretch, stretch.session_at(SongFrame(int(bar))))


# ── beats ──


def _beats(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[Event]:
    for stretch in stretches(plan, since, until):
        pulses = score.map(stretch.entry).pulses
        low, high = _slice(stretch, pulses.frame, since, until)
        for row in range(low, high):
            yield _beat(stretch.entry, pulses, row, stretch.session_at(SongFrame(int(pulses.frame[row]))))
    for span, end in spans_within(plan, since, until):
        first, last = max(since, span.start), until if end is None else min(end, until)
        if isinstance(span, CountIn):
            yield from _counted(score, span, first, last)
        elif isinstance(span, Rest) and span.metronome:
            yield from _ticks(score, span.metronome, first, last)


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


def _counted(score: Score, span: CountIn, since: Frame, until: Frame) -> Iterator[Event]:
    pulses = score.count_in(span.entry, span.at, span.bars).pulses
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

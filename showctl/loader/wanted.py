"""Which audio will be needed, most urgent first.

A `Second` is the place in a prepared file where a second of audio begins; what lies outside the file needs no disk.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from showctl.model.night import Night
from showctl.model.plan import CountIn, Loop, Plan, Play, Rest, Span, entry_of
from showctl.model.score import Score
from showctl.model.show import Medium, Song
from showctl.model.units import Frame, SongFrame

AHEAD_SECONDS = 10
"""How much of what the plan will play is read."""

ENTRY_SECONDS = 3
"""How much is read of every place that a jump could lead to."""

BEFORE_SECONDS = 0.05
"""And how much before it, which the crossfade into it plays."""


class Second(NamedTuple):
    """Second `number` of the file of a medium, counted from its first frame."""

    key: str
    number: int
    frames: int
    columns: int


def wanted(score: Score, plan: Plan, night: Night, now: Frame) -> list[Second]:
    """Each second once: what the plan plays next, what it leads to, then where people could jump."""
    seconds = [*_coming(score, plan, now), *_targets(score, plan, now), *_entries(score, plan, night, now)]
    return list(dict.fromkeys(seconds))


def _coming(score: Score, plan: Plan, now: Frame) -> Iterator[Second]:
    until = Frame(now + AHEAD_SECONDS * score.rate)
    for index in range(plan.index_at(now), len(plan.spans)):
        span, end = plan.spans[index], plan.end_of(index)
        if span.start >= until:
            break
        first, last = max(now, span.start), until if end is None else min(end, until)
        for low, high in _song_frames(span, first, last):
            yield from seconds_of(score.song(entry_of(span)).medium, low, high, score.rate)


def _song_frames(span: Span, first: Frame, last: Frame) -> Iterator[tuple[SongFrame, SongFrame]]:
    """What a span plays of its song from session frame `first` up to `last`."""
    match span:
        case Rest():
            return
        case Loop(cycle=cycle):
            here = span.song_at(first)
            yield here, SongFrame(min(cycle.high, here + last - first))
            if here + last - first > cycle.high:
                yield cycle.low, SongFrame(min(cycle.high, cycle.low + here + last - first - cycle.high))
        case CountIn() | Play():
            yield span.song_at(first), span.song_at(last)


def _targets(score: Score, plan: Plan, now: Frame) -> Iterator[Second]:
    """Where the plan will jump to, or what follows a count-in, later than it is read ahead anyway."""
    for span in plan.spans[plan.index_at(now) + 1 :]:
        if isinstance(span, Play | Loop):
            yield from _from(score, span.entry, span.at)
        elif isinstance(span, Rest) and span.cued:
            yield from _from(score, span.cued.entry, span.cued.at)


def _entries(score: Score, plan: Plan, night: Night, now: Frame) -> Iterator[Second]:
    """The starts, the spoken cues and the clicks of the current song and the next; then of all others, the starts."""
    span = plan.span_at(now)
    here = entry_of(span) or night.last
    following = night.next_up.entry if night.next_up else night.step(here, 1)
    if isinstance(span, Rest) and span.cued:
        yield from _from(score, span.cued.entry, span.cued.at)
    for entry in dict.fromkeys(entry for entry in (here, following) if entry):
        song = score.song(entry)
        yield from _from(score, entry, song.first)
        for medium in _voices(song):
            yield from seconds_of(medium, medium.origin, SongFrame(medium.origin + medium.frames), score.rate)
        for section in song.sections:
            yield from _from(score, entry, section.start)
    for entry in night.order:
        yield from _from(score, entry, score.song(entry).first)


def _voices(song: Song) -> tuple[Medium, ...]:
    return (*(guide.voice for guide in song.guides), *song.click.custom.values())


def _from(score: Score, entry: int, at: SongFrame) -> Iterator[Second]:
    low, high = at - round(BEFORE_SECONDS * score.rate), at + ENTRY_SECONDS * score.rate
    return seconds_of(score.song(entry).medium, SongFrame(low), SongFrame(high), score.rate)


def seconds_of(medium: Medium | None, low: SongFrame, high: SongFrame, rate: int) -> Iterator[Second]:
    """The seconds of a medium that hold song frames `low` up to `high`."""
    if medium:
        first, last = max(0, low - medium.origin), min(medium.frames, high - medium.origin)
        for number in range(first // rate, -(-last // rate) if last > first else first // rate):
            yield Second(medium.key, number, min(rate, medium.frames - number * rate), medium.columns)

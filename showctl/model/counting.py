"""Counting back from the entry into a section: when what belongs to it is due, and from when on it can be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Generic

from showctl.model.placements import CountedBack, Placed, frames_before
from showctl.model.plan import CountIn, Loop, Plan, Play, Rest
from showctl.model.score import Score
from showctl.model.show import BeforeEntry
from showctl.model.stretches import SectionEntry
from showctl.model.units import Frame, SongFrame


@dataclass(frozen=True, slots=True)
class Due(Generic[Placed]):
    """`item` happens at session frame `frame`, decided at `decided`; `late` where it should have been before that."""

    frame: Frame
    entry: int
    item: Placed
    decided: Frame
    late: bool = False
    passes: int = 1  # which time round a vamp


def counted_back(
    score: Score, plan: Plan, entered: SectionEntry, items: tuple[CountedBack[Placed], ...]
) -> Iterator[Due[Placed]]:
    """When what belongs to an entry happens; too late for it, it is due as soon as the entry is decided and heard."""
    if not items:
        return
    first = _sound_began(plan, entered.stretch.index)
    began = plan.spans[first]
    earliest = max(entered.decided, began.start)
    told_before = began.why == "resume" and entered.decided <= began.decided and _was_paused_here(plan, first)
    for counted in items:
        frame = _place(score, plan, entered, counted)
        if frame is not None and frame >= earliest:
            yield Due(frame, entered.entry, counted.item, entered.decided)
        elif not told_before:
            yield Due(earliest, entered.entry, counted.item, entered.decided, late=True)


def _sound_began(plan: Plan, index: int) -> int:
    """The index of the span with which the music that leads to span `index` began: a start, or its count-in."""
    while index and not isinstance(plan.spans[index - 1], Rest):
        index -= 1
    return index


def _was_paused_here(plan: Plan, index: int) -> bool:
    """Whether span `index` only goes on after a pause: what lies before it was played, and told, before the pause.

    A start that was moved meanwhile has another place.
    """
    span = plan.spans[index - 1] if index else None
    while isinstance(span, Rest) and span.why == "on" and index > 1:
        index -= 1
        before = plan.spans[index - 1]
        if not isinstance(before, Rest) or before.cued != span.cued:
            return False
        span = before
    return isinstance(span, Rest) and span.why == "pause"


def _place(score: Score, plan: Plan, entered: SectionEntry, counted: CountedBack[Placed]) -> Frame | None:
    """The session frame counted back in the music that sounds up to the entry; None after silence."""
    stretch = entered.stretch
    preceding = plan.spans[stretch.index - 1] if stretch.index else Rest(Frame(0))
    match preceding:
        case _ if counted.before.amount == 0:
            return entered.frame
        case _ if entered.frame > stretch.start:
            return Frame(entered.frame - counted.frames)
        case Play() | Loop():
            left_at = SongFrame(preceding.song_at(Frame(entered.frame - 1)) + 1)
            if (preceding.entry, left_at) == (entered.entry, entered.section.start):
                return Frame(entered.frame - counted.frames)
            return Frame(entered.frame - frames_before(score.map(preceding.entry), left_at, counted.before))
        case CountIn():
            return Frame(entered.frame - _counted_in(score, preceding, counted.before))
        case Rest():
            return None


def _counted_in(score: Score, count: CountIn, before: BeforeEntry) -> int:
    """How many frames of a count-in the stretch is long."""
    song_map = score.map(count.entry)
    bar = score.count_in(count.entry, count.at, 1).length
    beats = song_map.meter_at(song_map.bar_beat_at(count.at)[0]).beats
    frames = {"bar": float(bar), "beat": bar / beats, "seconds": float(score.rate)}[before.unit]
    return round(before.amount * frames)

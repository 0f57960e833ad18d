"""Guides and cues: when each is due, counted from the timeline, from an entry into a section, or on an occasion."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from showctl.model.happenings import CueFire, CueStandby
from showctl.model.plan import CountIn, Loop, Plan, Play, Rest, Span, boundaries, entry_of
from showctl.model.score import Score
from showctl.model.show import BeforeEntry, Cue, Guide, Occasion, Song
from showctl.model.stretches import SectionEntry, frame_before, section_entries, stretches
from showctl.model.units import Frame, SongFrame

STANDBY_SECONDS = 5.0
"""How long before a cue its standby is told."""

SHORTEST_STANDBY_SECONDS = 0.5
"""A cue decided later than this before it fires has no standby: nobody could read it."""

LEAD_SECONDS = 60
"""How long before an entry something may be counted back to."""

Placed = TypeVar("Placed", Cue, Guide)


def guide_starts(score: Score, plan: Plan, since: Frame, until: Frame) -> list[tuple[Frame, int, Guide]]:
    """The guides that start in the window: frame, entry, guide. One decided too late is not spoken."""
    found = [
        (frame, entry, guide)
        for frame, entry, guide, _ in _placed(score, plan, since, until, lambda song: song.guides)
        if since <= frame < until
    ]
    for guide_before in _before_entries(score, plan, since, until, lambda song: song.guides):
        entered, guide, frame = guide_before
        if frame is not None and frame >= entered.decided and since <= frame < until:
            found.append((frame, entered.entry, guide))
    return sorted(found, key=lambda start: start[0])


def cue_fires(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[CueFire]:
    """The cues that go out in the window; those decided too late go out when they were decided, or not at all."""
    for frame, entry, cue, passes in _placed(score, plan, since, until, lambda song: song.cues):
        if cue.every_pass or passes == 1:
            yield CueFire(frame, entry, cue)
    for entered, cue, due in _before_entries(score, plan, since, until, lambda song: song.cues):
        earliest = max(entered.decided, _sound_began(plan, entered))
        late = due is None or due < earliest
        frame = earliest if due is None or late else due
        if since <= frame < until and not (late and cue.late == "skip"):
            yield CueFire(frame, entered.entry, cue, late)
    yield from _occasions(score, plan, since, until)


def _sound_began(plan: Plan, entered: SectionEntry) -> Frame:
    """Where the music that leads to an entry began: nothing that belongs to the entry is told before."""
    index = entered.stretch.index
    while index and not isinstance(plan.spans[index - 1], Rest):
        index -= 1
    return plan.spans[index].start


def _placed(
    score: Score, plan: Plan, since: Frame, until: Frame, of: Callable[[Song], Sequence[Placed]]
) -> Iterator[tuple[Frame, int, Placed, int]]:
    """What lies on the timeline and is played in the window: frame, entry, item, pass."""
    for stretch in stretches(plan, since, until):
        low, high = stretch.song_at(max(since, stretch.start)), stretch.until(until)
        for item in of(score.song(stretch.entry)):
            if isinstance(item.at, int) and low <= item.at < high:
                yield stretch.session_at(SongFrame(item.at)), stretch.entry, item, stretch.passes
    for span, lead_in in _lead_ins(score, plan, since, until):
        for item in of(score.song(span.entry)):
            if isinstance(item.at, int) and lead_in <= item.at < span.at:
                frame = Frame(span.start + item.at - span.at)
                if since <= frame < until:
                    yield frame, span.entry, item, 1


def _lead_ins(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[tuple[Play | Loop, SongFrame]]:
    """Starts at bar 1, with the song frame from which the time before it is played: a count-in, a pickup."""
    reach = Frame(until + LEAD_SECONDS * plan.rate)
    for before, span in boundaries(plan, since, reach):
        if isinstance(span, Play | Loop) and span.at == 0:
            if isinstance(before, CountIn):
                yield span, SongFrame(-before.length)
            elif isinstance(before, Play | Loop) and not _same_place(before, span):
                yield span, score.song(span.entry).first


def _same_place(before: Play | Loop, span: Play | Loop) -> bool:
    return before.entry == span.entry and before.song_at(span.start) == span.at


def _before_entries(
    score: Score, plan: Plan, since: Frame, until: Frame, of: Callable[[Song], Sequence[Placed]]
) -> Iterator[tuple[SectionEntry, Placed, Frame | None]]:
    """What is counted back from entries that could matter to the window, with its due frame."""
    reach = Frame(until + LEAD_SECONDS * plan.rate)
    for entered in section_entries(score, plan, since, reach):
        for item in of(score.song(entered.entry)):
            if isinstance(item.at, BeforeEntry) and item.at.section == entered.section.index:
                yield entered, item, frame_before(score, plan, entered, item.at)


def _occasions(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[CueFire]:
    for before, span in boundaries(plan, since, until):
        for occasion, entry in _occasions_of(before, span):
            for cue in score.show.cues:
                if cue.on == occasion:
                    yield CueFire(span.start, 0, cue)
            for cue in score.song(entry).cues if entry else ():
                if cue.on == occasion:
                    yield CueFire(span.start, entry, cue)


def _occasions_of(before: Span, span: Span) -> list[tuple[Occasion, int]]:
    ended, begun = entry_of(before), entry_of(span)
    match span.why:
        case "end":
            return [("end", ended), *([("arm", begun)] if begun else [])]  # type: ignore[list-item]
        case "segue":
            return [("end", ended), ("start", begun)]
        case "start":
            return [] if isinstance(before, CountIn) else [("start", begun)]
        case "stop" | "panic" | "pause":
            return [(span.why, ended)]
        case "arm" | "resume":
            return [(span.why, begun)]
        case _:
            return []


def cue_standbys(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[CueStandby]:
    ahead = round(STANDBY_SECONDS * plan.rate)
    for fire in cue_fires(score, plan, since, Frame(until + ahead)):
        if fire.cue.on is None:
            told = max(Frame(fire.frame - ahead), plan.span_at(fire.frame).decided)
            seconds = (fire.frame - told) / plan.rate
            if since <= told < until and seconds >= SHORTEST_STANDBY_SECONDS:
                yield CueStandby(told, fire.entry, fire.cue, seconds)

"""Guides and cues: when each is due, counted from the timeline, from an entry into a section, or on an occasion."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from showctl.model.counting import Due, counted_back
from showctl.model.happenings import CueFire, CueStandby
from showctl.model.placements import Placed, Placements
from showctl.model.plan import CountIn, Loop, Plan, Play, Span, boundaries, entry_of, spans_within
from showctl.model.score import Score
from showctl.model.show import Cue, Guide, Occasion
from showctl.model.stretches import Stretch, section_entries, stretches
from showctl.model.units import Frame, SongFrame

STANDBY_SECONDS = 5.0
"""How long before a cue its standby is told."""

SHORTEST_STANDBY_SECONDS = 0.5
"""A cue decided later than this before it fires has no standby: nobody could read it."""


def guide_starts(score: Score, plan: Plan, since: Frame, until: Frame) -> list[tuple[Frame, int, Guide]]:
    """The guides that start in the window: frame, entry, guide. One decided too late is not spoken."""
    found = [
        (due.frame, due.entry, due.item)
        for stretch in stretches(plan, since, until)
        for due in _in_stretch(score.guides(stretch.entry), stretch, since, until)
    ]
    for due in _around(score, plan, since, until, score.guides, score.guide_reach):
        if not due.late:
            found.append((due.frame, due.entry, due.item))
    return sorted(found, key=lambda start: start[0])


def cue_events(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[CueFire | CueStandby]:
    """The cues that go out in the window, and the standbys told in it for those to come.

    One decided too late goes out when it was decided, or not at all.
    """
    ahead = round(STANDBY_SECONDS * plan.rate)
    for due in _cues(score, plan, since, Frame(until + ahead)):
        if due.frame < until:
            yield CueFire(due.frame, due.entry, due.item, due.late)
        told = max(Frame(due.frame - ahead), due.decided)
        seconds = (due.frame - told) / plan.rate
        if since <= told < until and seconds >= SHORTEST_STANDBY_SECONDS:
            yield CueStandby(told, due.entry, due.item, seconds)
    yield from _occasions(score, plan, since, until)


def _cues(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[Due[Cue]]:
    for stretch in stretches(plan, since, until):
        for due in _in_stretch(score.cues(stretch.entry), stretch, since, until):
            if due.item.every_pass or stretch.passes == 1:
                yield due
    for due in _around(score, plan, since, until, score.cues, score.cue_reach):
        if not (due.late and due.item.late == "skip"):
            yield due


def _in_stretch(placed: Placements[Placed], stretch: Stretch, since: Frame, until: Frame) -> Iterator[Due[Placed]]:
    """What lies on the timeline and is played in the window."""
    for at, item in placed.between(stretch.song_at(max(since, stretch.start)), stretch.until(until)):
        yield Due(stretch.session_at(at), stretch.entry, item, stretch.span.decided)


def _around(
    score: Score,
    plan: Plan,
    since: Frame,
    until: Frame,
    placements: Callable[[int], Placements[Placed]],
    reach: int,
) -> Iterator[Due[Placed]]:
    """What happens in the window because of a start or an entry that may lie behind it."""
    for lead_in in _lead_ins(score, plan, since, until):
        for at, item in placements(lead_in.entry).between(lead_in.low, lead_in.high):
            yield Due(Frame(lead_in.bar_one + at), lead_in.entry, item, lead_in.decided)
    for entered in section_entries(score, plan, since, Frame(until + reach)):
        items = placements(entered.entry).counted_back.get(entered.section.index)
        if items:
            for due in counted_back(score, plan, entered, items):
                if since <= due.frame < until:
                    yield due


@dataclass(frozen=True, slots=True)
class _LeadIn:
    """Song frames `low` up to `high` (at most 0) are played before `bar_one`, over a count-in or another music's end."""

    entry: int
    bar_one: Frame
    low: SongFrame
    high: SongFrame
    decided: Frame


def _lead_ins(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[_LeadIn]:
    """What is played before bar 1 in the window."""
    for span, end in spans_within(plan, since, until):
        if isinstance(span, CountIn) and span.at == 0:
            first, last = max(since, span.start), until if end is None else min(until, end)
            yield _lead_in(span, Frame(span.start + span.length), first, last)
    for before, span in boundaries(plan, since, Frame(until + score.pickup_reach)):
        if isinstance(span, Play | Loop) and span.at == 0 and _picked_up(before, span):
            first = max(since, span.decided, Frame(span.start + score.song(span.entry).first))
            yield _lead_in(span, span.start, first, until)


def _lead_in(span: CountIn | Play | Loop, bar_one: Frame, first: Frame, last: Frame) -> _LeadIn:
    low, high = SongFrame(first - bar_one), SongFrame(min(0, last - bar_one))
    return _LeadIn(span.entry, bar_one, low, high, span.decided)


def _picked_up(before: Span, span: Play | Loop) -> bool:
    """Whether the pickup sounds over the end of another music."""
    if not isinstance(before, Play | Loop):
        return False
    left_at = before.song_at(Frame(span.start - 1)) + 1
    return (before.entry, left_at) != (span.entry, span.at)


# ── occasions ──


def _occasions(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[CueFire]:
    for before, span in boundaries(plan, since, until):
        for occasion, entry in _occasions_of(before, span):
            for cue in score.show.cues:
                if cue.on == occasion:
                    yield CueFire(span.start, 0, cue)
            for cue in score.song(entry).cues if entry else ():
                if cue.on == occasion:
                    yield CueFire(span.start, entry, cue)


def _occasions_of(before: Span, span: Span) -> tuple[tuple[Occasion, int], ...]:
    ended, begun = entry_of(before), entry_of(span)
    match span.why:
        case "end":
            return (("end", ended), ("arm", begun)) if begun else (("end", ended),)
        case "segue":
            return ("end", ended), ("start", begun)
        case "jump" if ended != begun:
            return ("end", ended), ("start", begun)
        case "start":
            return () if isinstance(before, CountIn) and ended == begun else (("start", begun),)
        case "stop" | "panic" | "pause":
            return ((span.why, ended),)
        case "arm" | "resume":
            return ((span.why, begun),)
        case _:
            return ()

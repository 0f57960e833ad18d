"""Guides and cues: when each is due, counted from the timeline, from an entry into a section, or on an occasion."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from showctl.model.counting import Due, counted_back
from showctl.model.happenings import CueFire, CueStandby
from showctl.model.placements import Placed
from showctl.model.plan import CountIn, Loop, Plan, Play, Span, boundaries, entry_of, spans_within
from showctl.model.score import PlacedTable, Score
from showctl.model.show import Cue, Guide, Occasion
from showctl.model.stretches import section_entries, stretches
from showctl.model.units import Frame, SongFrame

STANDBY_SECONDS = 5.0
"""How long before a cue its standby is told."""

SHORTEST_STANDBY_SECONDS = 0.5
"""A cue decided later than this before it fires has no standby: nobody could read it."""


def guide_starts(score: Score, plan: Plan, since: Frame, until: Frame) -> list[tuple[Frame, int, Guide]]:
    """The guides that start in the window: frame, entry, guide. One decided too late is not spoken."""
    dues = _dues(score, plan, since, until, score.guides)
    return sorted(((due.frame, due.entry, due.item) for due in dues if not due.late), key=lambda start: start[0])


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
    for due in _dues(score, plan, since, until, score.cues):
        wanted = due.item.late == "send" if due.late else due.item.every_pass or due.passes == 1
        if wanted:
            yield due


def _dues(score: Score, plan: Plan, since: Frame, until: Frame, table: PlacedTable[Placed]) -> Iterator[Due[Placed]]:
    """All that happens in the window: on the timeline, before bar 1, and counted back from entries behind it."""
    for stretch in stretches(plan, since, until):
        low, high = stretch.song_at(max(since, stretch.start)), stretch.until(until)
        for at, item in table.of(stretch.entry).between(low, high):
            frame = stretch.session_at(at)
            yield Due(frame, stretch.entry, item, stretch.span.decided, passes=stretch.passes)
    for lead_in in _lead_ins(score, plan, since, until):
        for at, item in table.of(lead_in.entry).between(lead_in.low, lead_in.high):
            yield Due(Frame(lead_in.bar_one + at), lead_in.entry, item, lead_in.decided)
    for entered in section_entries(score, plan, since, Frame(until + table.reach)):
        items = table.of(entered.entry).counted_back.get(entered.section.index, ())
        for due in counted_back(score, plan, entered, items):
            if since <= due.frame < until:
                yield due


@dataclass(frozen=True, slots=True)
class _LeadIn:
    """Song frames `low` up to `high`, before `bar_one`: played over a count-in or the end of another music."""

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
        case "stop" | "panic" | "pause":
            return ((span.why, ended),)
        case "arm" | "resume":
            return ((span.why, begun),)
        case "start" if not isinstance(span, CountIn):
            return (("start", begun),)
        case "end":
            return (("end", ended), ("arm", begun)) if begun else (("end", ended),)
        case "segue" | "jump" if span.why == "segue" or ended != begun:
            return ("end", ended), ("start", begun)
        case _:
            return ()

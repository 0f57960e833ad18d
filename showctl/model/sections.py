"""The sections of a song as the plan reaches them: which one starts, which one is armed, and which one comes next."""

from __future__ import annotations

from collections.abc import Iterator

from showctl.model.happenings import SectionCued, SectionStart, Upcoming
from showctl.model.plan import CountIn, Loop, Plan, Play, Rest, Span, boundaries, place_at
from showctl.model.score import Score
from showctl.model.show import Section
from showctl.model.stretches import Stretch, section_entries, stretches
from showctl.model.units import Frame, SongFrame


def section_starts(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[SectionStart]:
    """The sections that start in the window, and those that a start or a jump lands in the midst of."""
    for entered in section_entries(score, plan, since, until):
        yield _start(entered.frame, entered.entry, entered.section)
    for stretch in stretches(plan, since, until):
        if since <= stretch.start:
            section = score.section_at(stretch.entry, stretch.at)
            entered_there = section and section.start == stretch.at and not stretch.seam
            if section and not entered_there and section != _section_left(score, plan, stretch):
                yield _start(stretch.start, stretch.entry, section)


def _start(frame: Frame, entry: int, section: Section) -> SectionStart:
    return SectionStart(frame, entry, section.index, section.name, section.bars)


def _section_left(score: Score, plan: Plan, stretch: Stretch) -> Section | None:
    """The section of the same entry that was current until the stretch began."""
    if stretch.seam and isinstance(stretch.span, Loop):
        return score.section_at(stretch.entry, SongFrame(stretch.span.cycle.high - 1))
    before = plan.spans[stretch.index - 1] if stretch.index else None
    match before:
        case Play() | Loop() if before.entry == stretch.entry:
            return score.section_at(before.entry, before.song_at(Frame(stretch.start - 1)))
        case Rest(cued=cued) if cued and cued.paused and cued.entry == stretch.entry:
            return score.section_at(cued.entry, cued.at)
        case _:
            return None


def sections_cued(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[SectionCued]:
    """Where what is armed, or counted in, lies in another section than what was heard or armed until then."""
    for before, span in boundaries(plan, since, until):
        if isinstance(span, Rest | CountIn):
            entry, section = _current(score, span, span.start)
            if (entry, section) != _current(score, before, Frame(span.start - 1)):
                index, name, bars = (section.index, section.name, section.bars) if section else (0, "", 0)
                yield SectionCued(span.start, entry, index, name, bars)


def _current(score: Score, span: Span, session: Frame) -> tuple[int, Section | None]:
    """The entry and section that a label would name at a session frame; 0 and none where nothing is armed."""
    place = place_at(span, session)
    return (place[0], score.section_at(*place)) if place else (0, None)


def upcoming(score: Score, plan: Plan, stretch: Stretch, frame: Frame) -> Upcoming:
    """What comes after the section that sounds at `frame` of a stretch; nothing, where the music ends or no section is.

    In a vamp without end that is what lies behind it, at the end of the pass.
    """
    entry, section, at = _next_place(score, plan, stretch, stretch.song_at(frame))
    index, name = (section.index, section.name) if section else (0, "")
    return Upcoming(frame, entry, index, name, (at - frame) / plan.rate)


Place = tuple[int, Section | None, Frame]
"""An entry, 0 for silence, its section if any, and the session frame where it begins."""


def _next_place(score: Score, plan: Plan, stretch: Stretch, here: SongFrame) -> Place:
    last = stretch.end or stretch.session_at(score.song(stretch.entry).end)
    coming = score.sections_between(stretch.entry, SongFrame(here + 1), stretch.song_at(last))
    if coming:
        return stretch.entry, coming[0], stretch.session_at(coming[0].start)
    section, end = score.section_at(stretch.entry, here), plan.end_of(stretch.index)
    if isinstance(stretch.span, Loop) and last != end:
        again = score.section_at(stretch.entry, stretch.span.cycle.low)
        if again != section:
            return stretch.entry, again, last
        if end is None:
            return stretch.entry, score.section_at(stretch.entry, stretch.span.cycle.high), last
    return (0, None, last) if end is None else _place_at(score, plan, end, section)


def _place_at(score: Score, plan: Plan, frame: Frame, left: Section | None) -> Place:
    """Where the plan goes at the start of a span; the midst of the section that is `left` is nothing new."""
    following = next(stretches(plan, frame, Frame(frame + 1)), None)
    if following is None:
        return 0, None, frame
    section = score.section_at(following.entry, following.at)
    if section and section == left and section.start != following.at:
        return _next_place(score, plan, following, following.at)
    return following.entry, section, frame

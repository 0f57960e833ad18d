"""Where the music goes from a place if nobody does anything: through its vamps, to its end, and into what follows."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

import msgspec

from showctl.model.night import Night
from showctl.model.plan import CountIn, Cued, Cycle, Loop, Plan, Play, Rest, Sounding, Span, Why
from showctl.model.score import Score
from showctl.model.show import Section, Vamp
from showctl.model.units import Frame, SongFrame

BEGINNING = Frame(0)
BAR_ONE = SongFrame(0)


def itinerary(score: Score, night: Night, cued: Cued, why: Why = "start", start: Frame = BEGINNING) -> tuple[Span, ...]:
    """All spans from `cued` on, the first beginning at session frame `start`; the last is a rest or an endless vamp."""
    spans: list[Span] = []
    while True:
        song = through_song(score, cued, why, start)
        spans += song
        if song and _is_endless(song[-1]):
            return tuple(spans)
        start = _run_out(score, song[-1]) if song else start
        following, gapless = _what_follows(score, night, cued.entry)
        if following is None or not gapless:
            return (*spans, Rest(start, "end", None if following is None else Cued(following, BAR_ONE)))
        night = msgspec.structs.replace(night, last=following, next_up=None)  # what was chosen is chosen once
        cued, why = Cued(following, BAR_ONE), "segue"


def _what_follows(score: Score, night: Night, entry: int) -> tuple[int | None, bool]:
    """The entry after this one, and whether it is played at once or only armed."""
    then, chosen = score.entry(entry).then, night.next_up
    if chosen and chosen.after == entry:
        return chosen.entry, chosen.play or then == "continue"
    return (None if then == "stop" else night.step(entry, 1)), then == "continue"


def through_song(score: Score, cued: Cued, why: Why, start: Frame) -> list[Sounding]:
    """One song from `cued` to its end, or to a vamp without end."""
    song, at = score.song(cued.entry), cued.at
    spans: list[Sounding] = []
    if cued.cycle and at < cued.cycle.low:
        spans.append(Play(start, cued.entry, at, why))
        start, at, why = Frame(start + cued.cycle.low - at), cued.cycle.low, "jump"
    if cued.cycle:
        loop = Loop(start, cued.entry, at, cued.cycle, cued.passes, why)
        spans.append(loop)
        start, at, why = loop_end(loop), cued.cycle.high, "on"
    while at < song.end and not (spans and _is_endless(spans[-1])):
        vamp = next((section for section in song.sections if section.vamp and section.end > at), None)
        if vamp and vamp.start <= at:
            loop = Loop(start, cued.entry, at, cycle_of(vamp), why="vamp" if why == "on" else why)
            spans.append(loop)
            start, at = loop_end(loop), vamp.end
        else:
            straight_to = vamp.start if vamp else song.end
            spans.append(Play(start, cued.entry, at, why))
            start, at = Frame(start + straight_to - at), straight_to
        why = "on"
    return spans


def cycle_of(section: Section) -> Cycle:
    """The cycle of a section; one that is no vamp repeats until it is let go, at its end."""
    vamp = section.vamp or Vamp()
    return Cycle(section.start, section.end, vamp.times, vamp.exit)


def loop_end(loop: Loop) -> Frame:
    """Where a loop has made its passes."""
    return Frame(loop.first_seam + max(0, loop.cycle.times - loop.passes) * loop.period)


def _is_endless(span: Span) -> bool:
    return isinstance(span, Loop) and span.cycle.times == 0


def _run_out(score: Score, span: Sounding) -> Frame:
    """Where the last span of a song ends by itself."""
    return loop_end(span) if isinstance(span, Loop) else span.session_at(score.song(span.entry).end)


def onward(score: Score, night: Night, plan: Plan, frame: Frame) -> tuple[Span, ...]:
    """What follows from session frame `frame` if every pending jump were forgotten; its first span goes on as it is."""
    span = plan.span_at(frame)
    match span:
        case Play() | Loop():
            return itinerary(score, night, cued_at(span, frame), span.why, frame)
        case CountIn():
            after = plan.spans[plan.index_at(frame) + 1]
            return (span, *_restarted(score, night, after))
        case Rest():
            return (span,)


def cued_at(span: Sounding, frame: Frame) -> Cued:
    """What one has to cue to go on as `span` does at session frame `frame`."""
    if isinstance(span, Loop):
        return Cued(span.entry, span.song_at(frame), cycle=span.cycle, passes=span.pass_at(frame))
    return Cued(span.entry, span.song_at(frame))


def _restarted(score: Score, night: Night, span: Span) -> tuple[Span, ...]:
    """The same start, and what follows from it."""
    cued = starting_at(span)
    return itinerary(score, night, cued, span.why, span.start) if cued else (span,)


def starting_at(span: Span) -> Cued | None:
    """What one has to cue to start with this span; None where no song sounds in it."""
    match span:
        case Play():
            return Cued(span.entry, span.at)
        case Loop():
            return Cued(span.entry, span.at, cycle=span.cycle, passes=span.passes)
        case _:
            return None


def cut_at(spans: Sequence[Span], frame: Frame) -> tuple[Span, ...]:
    """The spans that start before `frame`."""
    return tuple(takewhile(lambda span: span.start < frame, spans))

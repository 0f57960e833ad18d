"""Where a beat, a bar, a section or a pass is over, and which jump or vamp exit is decided and still to come."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from showctl.model.itinerary import cued_at, loop_end, starting_at, through_song
from showctl.model.plan import Cued, Loop, Plan, Play, Span, Why
from showctl.model.units import Frame
from showctl.model.view import View

When = Literal["now", "beat", "bar", "section"]

TARGET_SECONDS = 2.0
"""So much of what follows a jump has to lie in memory; by then the loader is ahead of the music."""

READ_SECONDS = 0.5
"""What the loader needs for the target of a jump: 0.25 s to see the plan, and as much to read 32 stereo stems."""


def ready_at(view: View, target: Cued) -> Frame:
    """From when on the music can go to `target`: at once, or not before the loader has had the time to read it."""
    rate, medium = view.plan.rate, view.score.song(target.entry).medium
    if medium is None or view.resident(medium, target.at, round(TARGET_SECONDS * rate)):
        return view.horizon
    return max(view.horizon, Frame(_known_since(view, target) + round(READ_SECONDS * rate)))


def _known_since(view: View, target: Cued) -> Frame:
    """When the loader was told: if that jump is pending already, pressing again puts it off no further."""
    turn = pending_turn(view.plan, view.horizon)
    pressed_again = turn and (turn.target.entry, turn.target.at) == (target.entry, target.at)
    return turn.span.decided if turn and pressed_again else view.horizon


def sounding_at(view: View, span: Play | Loop, frame: Frame) -> Play | Loop:
    """What `span` has gone on to at `frame`, or else last in the song, if every pending jump is forgotten."""
    song = through_song(view.score, cued_at(span, view.horizon), span.why, view.horizon)
    return next(later for later in reversed(song) if later.start <= frame)


def boundary(view: View, span: Play | Loop, when: When, since: Frame) -> Frame:
    """The first session frame from `since` on at which a beat, a bar or a section begins or the stretch is over."""
    here = span.song_at(since)
    song_map, song = view.score.map(span.entry), view.score.song(span.entry)
    limit = span.cycle.high if isinstance(span, Loop) else song.end
    match when:
        case "now":
            there = here
        case "beat":
            there = song_map.next_beat(here)
        case "bar":
            there = song_map.next_bar(here)
        case "section":
            starts = (section.start for section in song.sections if section.start >= here)
            there = min(starts, default=song.end)
    return _before_left(span, Frame(since + min(there, limit) - here))


def pass_over(span: Loop, since: Frame) -> Frame:
    """The first session frame from `since` on at which a pass has been made."""
    to_go = (span.first_seam - since) % span.period
    return _before_left(span, max(span.first_seam, Frame(since + to_go)))


def _before_left(span: Play | Loop, frame: Frame) -> Frame:
    """The frame, or where a vamp of so many passes is left by itself before it."""
    if isinstance(span, Loop) and span.cycle.times:
        return min(frame, loop_end(span))
    return frame


@dataclass(frozen=True, slots=True)
class Turn:
    """A pending jump or vamp exit: where `span` starts the music goes to `target`, and on from there."""

    span: Span
    target: Cued
    why: Why


def pending(plan: Plan, frame: Frame) -> Play | Loop | None:
    """The jump or vamp exit that is decided and still to come; None too where a vamp is left into silence."""
    turn = pending_turn(plan, frame)
    return turn.span if turn and isinstance(turn.span, Play | Loop) else None


def pending_turn(plan: Plan, frame: Frame) -> Turn | None:
    """The same with all there is to know; its span is a rest where a vamp is left into silence."""
    pairs = pairwise(plan.spans[plan.index_at(frame) :])
    return next((turn for before, span in pairs if (turn := _turn(before, span))), None)


def _turn(before: Span, span: Span) -> Turn | None:
    if span.why == "jump" and (target := starting_at(span)):
        return Turn(span, target, "jump")
    if isinstance(before, Loop) and (span.why == "exit" or _let_go_at_the_end(before, span)):
        return Turn(span, Cued(before.entry, before.cycle.high), "exit")
    return None


def _let_go_at_the_end(vamp: Loop, span: Span) -> bool:
    """Whether a song's last vamp is left for what follows the song before its passes are made."""
    return span.why in {"end", "segue"} and (vamp.cycle.times == 0 or span.start != loop_end(vamp))

"""Where a beat, a bar, a section or a pass is over, and which jump or vamp exit is decided and still to come."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from showctl.model.itinerary import loop_end, starting_at
from showctl.model.plan import Cued, Loop, Plan, Play, Span, Why
from showctl.model.units import Frame
from showctl.model.view import View

When = Literal["now", "beat", "bar", "section"]


def boundary(view: View, span: Play | Loop, when: When) -> Frame:
    """The first session frame in time at which a beat, a bar or a section begins or the stretch is over."""
    here = span.song_at(view.horizon)
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
    return Frame(view.horizon + min(there, limit) - here)


def pass_over(view: View, span: Loop) -> Frame:
    """The first session frame in time at which a pass has been made."""
    to_go = (span.first_seam - view.horizon) % span.period
    return max(span.first_seam, Frame(view.horizon + to_go))


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

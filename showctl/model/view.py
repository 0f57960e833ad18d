"""What a command is decided on, and what it decides. Shared by the transport, the jumps and the setlist."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise

import msgspec

from showctl.model.night import Night
from showctl.model.plan import CountIn, Fade, Loop, Plan, Play, Rest, Span, State, entry_of, goes_on, state_at
from showctl.model.score import Score
from showctl.model.show import Medium
from showctl.model.units import Frame, SongFrame

BEGUN_SECONDS = 0.1
"""What begins this long before the horizon has begun by any reckoning: the horizon is never that far ahead."""

Resident = Callable[[Medium, SongFrame, int], bool]
"""Whether so many frames of a medium, from a song frame on, can be played without waiting for the disk."""


def all_resident(_medium: Medium, _at: SongFrame, _frames: int) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class View:
    """The show, the committed plan and the night; an exact edit from `horizon` on is in time to be rendered.

    `resident` is asked by jumps alone: looking up what lies in memory would delay every other command.
    """

    score: Score
    plan: Plan
    night: Night
    horizon: Frame
    resident: Resident = all_resident

    def __post_init__(self) -> None:
        if self.night.next_up and _song_began(self.plan, self.night.next_up.chosen, self.horizon):
            object.__setattr__(self, "night", msgspec.structs.replace(self.night, next_up=None))

    @property
    def state(self) -> State:
        return state_at(self.plan, self.horizon)

    @property
    def span(self) -> Span:
        return self.plan.span_at(self.horizon)

    @property
    def sounding(self) -> Play | Loop | None:
        return self.span if isinstance(self.span, Play | Loop) else None

    @property
    def entry(self) -> int:
        """What is armed or sounds, or else was last; 0 before anything was."""
        return entry_of(self.span) or self.night.last

    @property
    def soon(self) -> Frame | None:
        """When to do what builds on the span at the horizon: at once, or not before that span has begun."""
        begun = self.span.start <= self.horizon - round(BEGUN_SECONDS * self.plan.rate)
        return None if begun else self.horizon


def _song_began(plan: Plan, since: Frame, until: Frame) -> bool:
    """Whether one song followed another by itself after session frame `since`, up to `until`."""
    return any(since < span.start <= until and span.why in {"end", "segue"} for span in plan.spans)


@dataclass(frozen=True, slots=True)
class Change:
    """New spans from `at` on (None: as soon as possible), their starts counted from there; a fade; a new night."""

    spans: tuple[Span, ...] = ()
    at: Frame | None = None
    fade: Fade | None = None
    night: Night | None = None


def rewritten(view: View, spans: tuple[Span, ...], night: Night | None = None) -> Change | None:
    """The change that makes `spans` (session frames, the first one sounding at the horizon) the future of the plan.

    What the plan has already is left alone, so nothing is decided anew that did not change.
    """
    planned = view.plan.spans[view.plan.index_at(view.horizon) :]
    spans = (spans[0], *(span for before, span in pairwise(spans) if not goes_on(before, span)))
    same = _common(planned, spans)
    new = spans[same:]
    left_over = planned[same].start if same < len(planned) else None
    if same and left_over is not None and (not new or left_over < new[0].start):
        new = (_resumed(spans[same - 1], left_over), *new)
    if not new:
        return Change(night=night) if night else None
    at = max(view.horizon, new[0].start)
    return Change(tuple(shifted(span, -at) for span in new), at, night=night)


def _common(planned: tuple[Span, ...], spans: tuple[Span, ...]) -> int:
    if not (planned[0] == spans[0] or goes_on(planned[0], spans[0])):
        return 0
    count = 1
    while count < min(len(planned), len(spans)) and _as_decided(planned[count], spans[count]) == planned[count]:
        count += 1
    return count


def _as_decided(planned: Span, span: Span) -> Span:
    """The span with the planned one's past: where the same music comes anyway, it does not matter who wanted it."""
    why = planned.why if isinstance(span, Play | Loop) else span.why
    return msgspec.structs.replace(span, decided=planned.decided, why=why)


def _resumed(span: Span, frame: Frame) -> Span:
    """The span begun anew at `frame`, in the midst of itself."""
    match span:
        case Loop():
            return msgspec.structs.replace(span, start=frame, at=span.song_at(frame), passes=span.pass_at(frame))
        case Play():
            return msgspec.structs.replace(span, start=frame, at=span.song_at(frame))
        case CountIn():
            return msgspec.structs.replace(span, start=frame, length=span.length + span.start - frame)
        case _:
            return msgspec.structs.replace(span, start=frame)


def shifted(span: Span, frames: int) -> Span:
    return msgspec.structs.replace(span, start=Frame(span.start + frames))


def at_rest(view: View, rest: Rest) -> Rest:
    """The rest with the free metronome that goes on through it."""
    metronome = view.span.metronome if isinstance(view.span, Rest) else None
    return msgspec.structs.replace(rest, metronome=metronome)

"""Lamps: which of them are lit at a frame, and what is told where that changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from showctl.model.plan import Plan, State, state_at
from showctl.model.score import Score
from showctl.model.units import Frame
from showctl.osc.remaining import playhead
from showctl.osc.teller import Told, say

RUNNING: frozenset[State] = frozenset({"countin", "playing", "vamping", "fading"})

_IN_A_SECTION: frozenset[State] = frozenset({"playing", "vamping", "fading", "paused"})


@dataclass(frozen=True, slots=True)
class Lamps:
    """`section` is the index of the section that is being played, also while it is paused; 0 for none."""

    playing: bool = False
    vamp: bool = False
    section: int = 0


def lamps(score: Score, plan: Plan, frame: Frame) -> Lamps:
    """What is lit as session frame `frame` sounds."""
    state = state_at(plan, frame)
    place = playhead(plan, frame) if state in _IN_A_SECTION else None
    section = score.section_at(*place) if place else None
    return Lamps(state in RUNNING, state == "vamping", section.index if section else 0)


def tell_lamps(now: Lamps, rows: int, before: Lamps | None = None) -> Iterator[Told]:
    """Those that changed; without `before` all, the lamps of `rows` sections among them. What goes out, goes first."""
    if before is None or now.playing != before.playing:
        yield say("led", "/led/playing", int(now.playing))
    if before is None or now.vamp != before.vamp:
        yield say("led", "/led/vamp", int(now.vamp))
    if before is None:
        yield from (_section(index, index == now.section) for index in range(1, rows + 1))
    elif before.section != now.section:
        yield from (_section(index, index == now.section) for index in (before.section, now.section) if index)


def _section(index: int, lit: bool) -> Told:
    return say("led", f"/led/section/{index}", int(lit))

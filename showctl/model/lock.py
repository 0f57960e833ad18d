"""The lock: while a song sounds, nothing that would cut or move it is done, save what must always be possible."""

from __future__ import annotations

from itertools import takewhile

import msgspec

from showctl.errors import Refused
from showctl.model.plan import Fade, Plan, Rest, Span, entry_of
from showctl.model.units import Frame
from showctl.model.view import Change, View

ALWAYS = frozenset({"/panic", "/fade", "/fade/out", "/vamp/exit", "/go"})
"""What the lock lets through. A GO starts nothing and stops nothing while a song sounds: it leaves a vamp."""

LOCKED = "the show is locked while a song sounds: switch /lock off first, or use /panic, /fade or /vamp/exit"


def set_locked(view: View, on: bool) -> Change | None:
    if view.night.locked == on:
        return None
    return Change(night=msgspec.structs.replace(view.night, locked=on))


def refuse_moved(view: View, after: Plan, command: str) -> None:
    """Raises Refused where the song that sounds would not go on as planned in the plan `after`."""
    if not view.night.locked or command in ALWAYS or isinstance(view.span, Rest):
        return
    if _course(view.plan, view.horizon) != _course(after, view.horizon):
        raise Refused(LOCKED)


Course = tuple[tuple[Span, ...], Frame | None, Fade | None]


def _course(plan: Plan, frame: Frame) -> Course:
    """How the song that sounds at `frame` goes on, up to where it is over; not what follows, nor why."""
    index = plan.index_at(frame)
    first, *later = plan.spans[index:]
    rest = takewhile(lambda span: entry_of(span) == entry_of(first) and not _begins_anew(span), later)
    spans = (first, *rest)
    return tuple(map(_plain, spans)), plan.end_of(index + len(spans) - 1), plan.fade if plan.fading_at(frame) else None


def _begins_anew(span: Span) -> bool:
    return isinstance(span, Rest) or span.why == "segue"


def _plain(span: Span) -> Span:
    return msgspec.structs.replace(span, why="on", decided=Frame(0))

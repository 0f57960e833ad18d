"""What commands make of the plan, the levels and the night, all together: pure, for one View."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import msgspec

from showctl.errors import Refused
from showctl.model.lock import refuse_moved
from showctl.model.mix import Mix
from showctl.model.mixes import Mixes
from showctl.model.night import Night
from showctl.model.plan import Edit, Fade, Span, commit, entry_of
from showctl.model.units import Frame
from showctl.model.view import Change, View, rewritten
from showctl.osc.methods import OnMix, OnMixes, OnPlan
from showctl.osc.surface import Bound

GUARDED = frozenset({"/go", "/play", "/playpause"})
"""What starts the music; pressed twice within the show's guard it is one press, whoever pressed."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What an edit will hold, and the night that goes with it."""

    spans: tuple[Span, ...] = ()
    at: Frame | None = None
    fade: Fade | None = None
    mix: Mix | None = None
    night: Night | None = None
    mixes: Mixes | None = None

    @property
    def needs_edit(self) -> bool:
        return bool(self.spans) or self.mix is not None


def decide(view: View, commands: Sequence[Bound], mixes: Mixes) -> Decision:
    """What all commands together change. Raises Refused if one of them cannot be done; then none is."""
    mix_before = mix = view.plan.mixes[-1].mix
    mixes_before = mixes
    later, changes = view, list[Change]()
    for bound in commands:
        with _named(bound):
            match bound.command:
                case OnMix(run):
                    mix = run(view.score.show, mix)
                case OnMixes(run):
                    mix, mixes = run(view.score.show, mix, mixes)
                case OnPlan(run):
                    _guard(later, bound)
                    change = run(later)
                    if change:
                        change = _marked_go(later, bound, change)
                        changes.append(change)
                        before, later = later, _after(later, change)
                        refuse_moved(before, later.plan, bound.address)
    merged = _merged(view, later, changes)
    night = later.night if later.night != view.night else None
    return Decision(
        merged.spans,
        merged.at,
        merged.fade,
        mix if mix != mix_before else None,
        night,
        mixes if mixes is not mixes_before else None,
    )


@contextmanager
def _named(bound: Bound) -> Iterator[None]:
    """What is refused within names the address that was sent."""
    try:
        yield
    except Refused as exc:
        exc.about = exc.about or bound.sent.address
        raise


def _guard(view: View, bound: Bound) -> None:
    """A GO pressed twice is one GO."""
    guard = view.score.show.transport.go_guard_seconds
    since = view.night.last_go
    if bound.address in GUARDED and since is not None and 0 <= view.horizon - since < guard * view.plan.rate:
        raise Refused(f"refused as a double press: {guard:g} s must lie between two")


def _marked_go(view: View, bound: Bound, change: Change) -> Change:
    if bound.address not in GUARDED:
        return change
    night = msgspec.structs.replace(change.night or view.night, last_go=view.horizon)
    return Change(change.spans, change.at, change.fade, night)


def _after(view: View, change: Change) -> View:
    """The view once `change` is committed at its horizon."""
    night = change.night or view.night
    if not change.spans:
        return replace(view, night=night)
    edit = Edit("", 0, view.plan.version, change.at, change.spans, fade=change.fade)
    plan = commit(view.plan, edit, view.horizon)
    return replace(view, plan=plan, night=night.seen(entry_of(plan.span_at(view.horizon))))


def _merged(view: View, later: View, changes: Sequence[Change]) -> Change:
    """One change that does what several do one after the other."""
    edits = [change for change in changes if change.spans]
    if len(edits) <= 1:
        return edits[0] if edits else Change()
    future = later.plan.spans[later.plan.index_at(view.horizon) :]
    fade = next((change.fade for change in reversed(edits) if change.fade), None)
    return replace(rewritten(view, future) or Change(), fade=fade)

"""The machines around the show, tonight: which are told, how early, and cues held back or sent by hand."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from showctl.errors import Refused
from showctl.model.happenings import CueFire
from showctl.model.names import slug
from showctl.model.night import Night
from showctl.model.show import Cue, Show
from showctl.model.view import Change, View

MOST_LATENCY_MS = 5000.0

MOST_FIRED = 16
"""Cues sent by hand that are remembered: far more than can wait to be sent."""

MOST_NAMED = 20
"""Cues that a refusal names."""


def enabled(view: View, target: str) -> bool:
    return target not in view.night.targets_off


def set_enabled(view: View, target: str, on: bool) -> Change | None:
    """One that is off is told nothing: neither cues nor its feed."""
    off = view.night.targets_off - {target} if on else view.night.targets_off | {target}
    return _changed(view, msgspec.structs.replace(view.night, targets_off=off))


def latency_ms(show: Show, night: Night, target: str) -> float:
    """What was set live, or else the show file's."""
    file = next((each.latency_ms for each in show.targets if each.slug == target), 0.0)
    return night.latency_ms.get(target, file)


def set_latency(view: View, target: str, milliseconds: float) -> Change | None:
    """Clamped to what a show file may say."""
    clamped = min(MOST_LATENCY_MS, max(-MOST_LATENCY_MS, milliseconds))
    if clamped == latency_ms(view.score.show, view.night, target):
        return None
    return Change(night=msgspec.structs.replace(view.night, latency_ms=view.night.latency_ms | {target: clamped}))


def hold(view: View, on: bool) -> Change | None:
    return _changed(view, msgspec.structs.replace(view.night, cues_held=on))


def fire(view: View, name: str) -> Change | None:
    """A cue by name, of the song that is armed or sounds before those of others. Raises Refused. A hold lets it by."""
    found = next(((entry, cue) for entry, cue in _cues(view) if slug(cue.name) == slug(name)), None)
    if found is None:
        known = list(dict.fromkeys(cue.name for _, cue in _cues(view)))
        more = f" and {len(known) - MOST_NAMED} more" if len(known) > MOST_NAMED else ""
        listed = f"there are {', '.join(known[:MOST_NAMED])}{more}" if known else "the show has none"
        raise Refused(f'no cue is called "{name}": {listed}')
    entry, cue = found
    if not enabled(view, cue.target):
        raise Refused(f"{cue.target} is switched off: switch /target/{cue.target}/enabled on first")
    fired = (*view.night.fired, CueFire(view.horizon, entry, cue))[-MOST_FIRED:]
    return Change(night=msgspec.structs.replace(view.night, fired=fired))


def _cues(view: View) -> Iterator[tuple[int, Cue]]:
    """With the entry it belongs to; 0 for those of every song."""
    order = view.night.order
    for entry in (view.entry, *(each for each in order if each != view.entry)) if view.entry else order:
        yield from ((entry, cue) for cue in view.score.song(entry).cues)
    yield from ((0, cue) for cue in view.score.show.cues)


def _changed(view: View, night: Night) -> Change | None:
    return None if night == view.night else Change(night=night)

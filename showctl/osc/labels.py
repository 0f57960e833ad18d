"""The words of labels, for tablets that cannot put numbers together. `/text/barbeat` follows the pulses (`telling`)."""

from __future__ import annotations

from showctl.model.boundaries import pending_turn
from showctl.model.plan import Loop, Rest, State, entry_of
from showctl.model.sections import upcoming
from showctl.model.stretches import stretches
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.position import bar_beat
from showctl.osc.remaining import left_after, left_in_song, next_up, playhead
from showctl.osc.teller import Teller, Told, say

_WORDS: dict[State, str] = {
    "stopped": "stopped",
    "armed": "armed",
    "countin": "count-in",
    "playing": "playing",
    "vamping": "vamp",
    "paused": "paused",
    "fading": "fading out",
}


def labels(view: View, clock: str, trouble: str = "", *, utf8: bool = False) -> tuple[Told, ...]:
    """All labels at the view's horizon but that of the beat."""
    teller = Teller(view.score, view.night, utf8)
    entry = entry_of(view.span)
    in_song = left_in_song(view.score, view.plan, view.horizon)
    in_set = in_song + left_after(view.score, view.night, entry)
    words = {
        "song": teller.title(entry),
        "next_song": teller.title(next_up(view.score, view.night, entry)),
        "section": _section(teller, view),
        "next_section": _next_section(teller, view),
        "left": minutes(in_song / view.score.rate),
        "set_left": minutes(in_set / view.score.rate),
        "clock": clock,
        "status": teller.text(_status(view, trouble)),
    }
    return tuple(say("text", f"/text/{name}", text) for name, text in words.items())


def beat_label(view: View) -> Told:
    """Where the song is, or would start."""
    return say("text", "/text/barbeat", bar_beat(view.score, view.plan, view.horizon))


def rests(view: View) -> bool:
    """Whether there are no pulses that would tell the beat."""
    return isinstance(view.span, Rest) and not view.span.metronome


def _section(teller: Teller, view: View) -> str:
    place = playhead(view.plan, view.horizon)
    return teller.section(view.score.section_at(*place)) if place else ""


def _next_section(teller: Teller, view: View) -> str:
    """Where a pending jump leads, or else what comes by itself; at rest, what follows the place that is armed."""
    turn = pending_turn(view.plan, view.horizon)
    if turn:
        return teller.section(view.score.section_at(turn.target.entry, turn.target.at))
    stretch = next(stretches(view.plan, view.horizon, Frame(view.horizon + 1)), None)
    if stretch:
        coming = upcoming(view.score, view.plan, stretch, view.horizon)
        return teller.section(teller.section_named(coming.entry, coming.index))
    place = playhead(view.plan, view.horizon)
    section = view.score.section_at(*place) if place else None
    following = view.score.song(place[0]).sections[section.index :] if place and section else ()
    return teller.section(following[0]) if following else ""


def _status(view: View, trouble: str) -> str:
    """The transport in words; then what guards it, and what is wrong."""
    words = _WORDS[view.state]
    if isinstance(view.span, Loop) and view.state == "vamping":
        times = view.span.cycle.times
        words += f" {view.span.pass_at(view.horizon)}" + (f" of {times}" if times else "")
    return f"{words}: {trouble}" if trouble else words


def minutes(seconds: float) -> str:
    """As people read a duration: "3:21", "1:02:03". What is begun counts whole, so 0:00 is the end."""
    whole = max(0, -int(-seconds // 1))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"

"""The transport: one table says what each command makes of each state. No clock: the view's horizon says where now is.

A command returns a Change, or None where nothing changes and nothing is wrong; one that cannot be done now raises
Refused, whose sentence goes to its sender.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

import msgspec

from showctl.errors import Refused
from showctl.model.itinerary import BAR_ONE, BEGINNING, cut_at, itinerary, starting_at
from showctl.model.jumps import vamp_exit
from showctl.model.night import Night
from showctl.model.plan import CountIn, Cued, Fade, Loop, Metronome, Rest, State, entry_of
from showctl.model.units import Frame, SongFrame
from showctl.model.view import Change, View, at_rest, shifted

Act = Callable[[View], Change | None]

LONGEST_FADE_SECONDS = 600.0

MIN_METRONOME_BPM = 20.0
MAX_METRONOME_BPM = 400.0

MAX_TAPS = 7  # besides the one just made
MAX_TAP_SECONDS = 2.0


# ── what is done ──


def _refuse(view: View) -> None:
    raise Refused(_WHY_NOT[view.state])


def _nothing(_: View) -> None:
    """No change, no error."""


def _start(view: View) -> Change | None:
    """Counts in, if so set, and plays from where it is armed; a pickup sounds before bar 1, over the count."""
    cued = _cued(view)
    pickup = -view.score.song(cued.entry).first if cued.at == BAR_ONE else 0
    bars = count_in_bars(view, cued.entry)
    if bars == 0:
        from_pickup = msgspec.structs.replace(cued, at=SongFrame(cued.at - pickup))
        return Change(itinerary(view.score, view.night, from_pickup, "start"), view.soon)
    length = max(pickup, view.score.count_in(cued.entry, cued.at, bars).length)
    count = CountIn(BEGINNING, cued.entry, cued.at, bars, length)
    return Change((count, *itinerary(view.score, view.night, cued, "start", Frame(length))), view.soon)


def count_in_bars(view: View, entry: int) -> int:
    """The live setting, or else the entry's."""
    live = view.plan.mix_at(view.horizon).click.count_in
    return view.score.entry(entry).count_in if live is None else live


def _cued(view: View) -> Cued:
    """What is armed or paused; the state table asks only where something is."""
    return (isinstance(view.span, Rest) and view.span.cued) or Cued(view.entry, BAR_ONE)


def _resume(view: View) -> Change | None:
    from_there = msgspec.structs.replace(_cued(view), paused=False)
    return Change(itinerary(view.score, view.night, from_there, "resume"), view.soon)


def _pause(view: View) -> Change | None:
    """Keeps the place where the sound breaks off; so it is decided for the horizon, where that place is known."""
    span = view.sounding
    if span is None:
        return None
    cycle, passes = (span.cycle, span.pass_at(view.horizon)) if isinstance(span, Loop) else (None, 1)
    cued = Cued(span.entry, span.song_at(view.horizon), paused=True, cycle=cycle, passes=passes)
    return Change((Rest(BEGINNING, "pause", cued),), at=view.horizon)


def _uncount(view: View) -> Change | None:
    """Out of a count-in: armed where it would have started."""
    start = view.plan.spans[view.plan.index_at(view.horizon) + 1]
    return Change((Rest(BEGINNING, "on", starting_at(start) or Cued(view.entry, BAR_ONE)),))


def _stop(view: View) -> Change | None:
    """Silence, and the song armed at its start."""
    return Change((at_rest(view, Rest(BEGINNING, "stop", Cued(view.entry, BAR_ONE))),))


def _panic(view: View) -> Change | None:
    """Silence everywhere, and nothing armed."""
    return Change((Rest(BEGINNING, "panic", hush=True),), night=view.night.unchosen())


# ── the table ──

STATES: tuple[State, ...] = get_args(State)

_TABLE: dict[str, tuple[Act, ...]] = {
    #             stopped   armed     countin   playing   vamping    paused    fading
    "/go":        (_refuse,  _start,   _refuse,  _refuse,  vamp_exit, _resume,  _refuse),
    "/play":      (_refuse,  _start,   _nothing, _nothing, _nothing,  _resume,  _refuse),
    "/pause":     (_nothing, _nothing, _uncount, _pause,   _pause,    _nothing, _nothing),
    "/playpause": (_refuse,  _start,   _uncount, _pause,   _pause,    _resume,  _refuse),
    "/stop":      (_nothing, _nothing, _stop,    _stop,    _stop,     _stop,    _stop),
    "/panic":     (_panic,   _panic,   _panic,   _panic,   _panic,    _panic,   _panic),
}  # fmt: skip

_WHY_NOT: dict[State, str] = {
    "stopped": "nothing is armed: /song/select a song first",
    "armed": "the song is armed and silent",
    "countin": "the count-in is running",
    "playing": "the song is already playing",
    "vamping": "the song is already playing",
    "paused": "the song is paused",
    "fading": "the music is fading out: wait until it is silent, or /stop first",
}


def act(view: View, command: str) -> Change | None:
    """One of `/go /play /pause /playpause /stop /panic`. Raises Refused."""
    return _TABLE[command][STATES.index(view.state)](view)


def fade_out(view: View, seconds: float) -> Change | None:
    """Everything falls to silence over `seconds`, then as stop; unless the music is over by itself before.

    It is decided for the horizon, where it is known what sounds at its end.
    """
    if not 0 <= seconds <= LONGEST_FADE_SECONDS:
        raise Refused(f"expected a fade of 0 to {LONGEST_FADE_SECONDS:g} seconds, got {seconds:g}")
    if view.state == "fading":
        return None
    if view.state not in {"countin", "playing", "vamping"}:
        raise Refused(f"nothing sounds that could fade: the transport is {view.state}")
    length = Frame(max(1, round(seconds * view.plan.rate)))
    planned = view.plan.spans[view.plan.index_at(view.horizon) :]
    last = cut_at(planned, Frame(view.horizon + length))[-1]
    over = isinstance(last, Rest)
    rest = shifted(last, -view.horizon) if over else Rest(length, "stop", Cued(entry_of(last), BAR_ONE))
    return Change((rest,), at=view.horizon, fade=Fade(BEGINNING, length))


# ── the free metronome ──


def metronome(view: View, on: bool) -> Change | None:
    """Clicks freely while no song sounds."""
    span = view.span
    if not isinstance(span, Rest):
        raise Refused(f"the free metronome is for when no song sounds: the transport is {view.state}")
    if on == (span.metronome is not None):
        return None
    ticking = Metronome(view.night.metronome_bpm, float(view.horizon)) if on else None
    return _ticking(view, span, ticking)


def metronome_ticks(view: View) -> bool:
    return isinstance(view.span, Rest) and view.span.metronome is not None


def tempo(view: View, bpm: float) -> Change | None:
    """The free metronome's, in quarter notes a minute; while it clicks its phase is kept."""
    if not MIN_METRONOME_BPM <= bpm <= MAX_METRONOME_BPM:
        raise Refused(f"expected a tempo of {MIN_METRONOME_BPM:g} to {MAX_METRONOME_BPM:g}, got {bpm:g}")
    rest = _must_rest(view)
    night = msgspec.structs.replace(view.night, metronome_bpm=bpm)
    now = rest.metronome
    if now is None or now.bpm == bpm:
        return Change(night=night) if night != view.night else None
    beat_zero = view.horizon - (view.horizon - now.beat_zero) * now.bpm / bpm
    return _ticking(view, rest, Metronome(bpm, beat_zero), night)


def _must_rest(view: View) -> Rest:
    if isinstance(view.span, Rest):
        return view.span
    raise Refused("a song's tempo is written in its song file: the free metronome's can be set while none sounds")


def tap(view: View) -> Change | None:
    """A tap of the free metronome's tempo: the mean of the taps that followed each other within two seconds."""
    _must_rest(view)
    lately = view.night.taps[-MAX_TAPS:]
    gap = view.horizon - lately[-1] if lately else 0
    taps = (*lately, view.horizon) if 0 < gap <= MAX_TAP_SECONDS * view.plan.rate else (view.horizon,)
    tapped = replace(view, night=msgspec.structs.replace(view.night, taps=taps))
    if len(taps) < 2:
        return Change(night=tapped.night)
    bpm = 60 * view.plan.rate * (len(taps) - 1) / (taps[-1] - taps[0])
    clamped = min(MAX_METRONOME_BPM, max(MIN_METRONOME_BPM, bpm))
    return tempo(tapped, clamped) or Change(night=tapped.night)


def _ticking(view: View, rest: Rest, ticking: Metronome | None, night: Night | None = None) -> Change:
    why = rest.why if rest.start == view.horizon else "on"
    renewed = msgspec.structs.replace(rest, start=BEGINNING, why=why, metronome=ticking)
    return Change((renewed,), at=view.horizon, night=night)

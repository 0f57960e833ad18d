"""What clients are told: each event as its messages, and the whole state that follows from plan and night.

Addresses and arguments are PRODUCT's "OSC out". Songs are known by their place in tonight's order, from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from showctl.model.boundaries import pending_turn
from showctl.model.happenings import (
    Beat,
    CountDown,
    CueFire,
    CueStandby,
    Event,
    Pass,
    SectionCued,
    SectionStart,
    SongChange,
    StateChange,
    Upcoming,
)
from showctl.model.night import Night
from showctl.model.plan import CountIn, Loop, Plan, entry_of
from showctl.model.score import Score
from showctl.model.show import Section
from showctl.model.songmap import Pulses
from showctl.model.units import Frame, SongFrame
from showctl.model.view import View
from showctl.osc.codec import Message
from showctl.osc.plain import fitted, plain_text
from showctl.osc.remaining import (
    left_after,
    left_in_section,
    left_in_song,
    next_up,
    playhead,
    song_frames,
)


@dataclass(frozen=True, slots=True)
class Told:
    """A message, and the topic under which it is asked for."""

    topic: str
    message: Message


@dataclass(frozen=True, slots=True)
class _Teller:
    """What an event's numbers refer to, and how text is written."""

    score: Score
    night: Night
    utf8: bool

    def text(self, text: str, by_hand: str = "") -> str:
        return plain_text(text, by_hand, utf8=self.utf8)

    def title(self, entry: int) -> str:
        if not entry:
            return ""
        song = self.score.song(entry)
        return self.text(song.title, song.ascii)

    def section(self, section: Section | None) -> str:
        return self.text(section.name, section.ascii) if section else ""

    def section_named(self, entry: int, index: int) -> Section | None:
        """None for index 0, which is none."""
        return self.score.song(entry).sections[index - 1] if index else None


def _told(topic: str, address: str, *args: int | float | str) -> Told:
    return Told(topic, fitted(Message(address, args)))


# ── events ──


def _beat(_: _Teller, beat: Beat) -> Iterator[Told]:
    yield _told("beat", "/beat", beat.bar, beat.beat, beat.beats, float(beat.bpm), beat.accent, beat.unit)


def _countdown(_: _Teller, count: CountDown) -> Iterator[Told]:
    yield _told("transport", "/countin", count.left)


def _section(teller: _Teller, current: SectionStart | SectionCued) -> Iterator[Told]:
    section = teller.section_named(current.entry, current.index)
    yield _told("section", "/section", teller.section(section), current.index, current.bars)
    yield from _section_notes(teller, section)


def _section_notes(teller: _Teller, section: Section | None) -> Iterator[Told]:
    """An empty note clears the one before it; a show without notes is spared them."""
    if any(each.notes for song in teller.score.show.songs.values() for each in song.sections):
        yield _told("song", "/section/notes", teller.text(section.notes) if section else "")


def _upcoming(teller: _Teller, coming: Upcoming) -> Iterator[Told]:
    name = teller.section(teller.section_named(coming.entry, coming.index))
    yield _told("section", "/next", name, float(coming.seconds))


def _pass(_: _Teller, vamp: Pass) -> Iterator[Told]:
    yield _told("section", "/vamp", vamp.number, vamp.of)


def _song_change(teller: _Teller, change: SongChange) -> Iterator[Told]:
    place = teller.night.place_of(change.entry)
    yield _told("song", "/song", teller.title(change.entry), place, len(teller.night.order))
    yield from _song_notes(teller, change.entry)
    yield _next_up(teller, change.entry)


def _song_notes(teller: _Teller, entry: int) -> Iterator[Told]:
    """The song's notes and those of its place in the setlist."""
    show = teller.score.show
    if any(song.notes for song in show.songs.values()) or any(each.notes for each in show.entries):
        notes = (show.song_of(entry).notes, show.entry(entry).notes) if entry else ()
        yield _told("song", "/song/notes", teller.text("; ".join(filter(None, notes))))


def _next_up(teller: _Teller, entry: int) -> Told:
    following = next_up(teller.score, teller.night, entry)
    return _told("song", "/song/next_up", teller.title(following), teller.night.place_of(following))


def _state_change(_: _Teller, change: StateChange) -> Iterator[Told]:
    yield _told("transport", "/transport", change.state)


def _cue_fire(teller: _Teller, fire: CueFire) -> Iterator[Told]:
    yield _told("cue", "/cue", teller.text(fire.cue.name), fire.cue.target)


def _cue_standby(teller: _Teller, standby: CueStandby) -> Iterator[Told]:
    yield _told("cue", "/cue/standby", teller.text(standby.cue.name), standby.cue.target, float(standby.seconds))


_TELL: dict[type[Event], Callable[[_Teller, Any], Iterator[Told]]] = {
    Beat: _beat,
    CountDown: _countdown,
    SectionStart: _section,
    SectionCued: _section,
    Upcoming: _upcoming,
    Pass: _pass,
    SongChange: _song_change,
    StateChange: _state_change,
    CueFire: _cue_fire,
    CueStandby: _cue_standby,
}


def tell(event: Event, score: Score, night: Night, *, utf8: bool = False) -> tuple[Told, ...]:
    """The messages of one event, in order. A cue's own message to its target is not among them."""
    return tuple(_TELL[type(event)](_Teller(score, night, utf8), event))


# ── position ──


def position(score: Score, plan: Plan, night: Night, frame: Frame) -> Told:
    """Where the song is at session frame `frame`, or will start: bar.beat, seconds from bar 1, and what is left.

    In a vamp without end that is the time to the end if it were left after this pass. With nothing armed: "0.0".
    """
    place = playhead(plan, frame)
    in_song = left_in_song(score, plan, frame)
    in_set = in_song + left_after(score, night, place[0] if place else 0)
    frames = (_song_frame(plan, frame), in_song, left_in_section(score, plan, frame), in_set)
    return _told("position", "/position", _bar_beat(score, plan, frame), *(count / score.rate for count in frames))


def _song_frame(plan: Plan, frame: Frame) -> int:
    """Below 0 in a count-in."""
    span = plan.span_at(frame)
    place = playhead(plan, frame)
    return span.song_at(frame) if isinstance(span, CountIn) else place[1] if place else 0


def _bar_beat(score: Score, plan: Plan, frame: Frame) -> str:
    span = plan.span_at(frame)
    if isinstance(span, CountIn):
        pulses, row = _counting(score, span, frame)
        return f"{pulses.bar[row]}.{pulses.beat[row]}" if len(pulses.frame) else "0.0"
    place = playhead(plan, frame)
    if place is None:
        return "0.0"
    bar, beat = score.map(place[0]).bar_beat_at(place[1])
    return f"{bar}.{int(beat)}"


def _counting(score: Score, count: CountIn, frame: Frame) -> tuple[Pulses, int]:
    """The pulses of a count-in, and the row of the latest at `frame`; of the first before it."""
    pulses = score.count_in(count.entry, count.at, count.bars).pulses
    relative = count.song_at(frame) - count.at
    return pulses, max(0, int(pulses.frame.searchsorted(relative, side="right")) - 1)


# ── state ──


def jump_message(view: View, *, utf8: bool = False) -> Told:
    """The jump or vamp exit that is pending: its section (or bar, where that has none) and the seconds to it."""
    turn = pending_turn(view.plan, view.horizon)
    if turn is None:
        return _told("section", "/jump", "", 0.0)
    name = _place_name(_Teller(view.score, view.night, utf8), turn.target.entry, turn.target.at)
    return _told("section", "/jump", name, (turn.span.start - view.horizon) / view.plan.rate)


def _place_name(teller: _Teller, entry: int, at: SongFrame) -> str:
    section = teller.score.section_at(entry, at)
    bar, beat = teller.score.map(entry).bar_beat_at(at)
    return teller.section(section) if section else f"{bar}.{int(beat)}"


def lists(score: Score, night: Night, entry: int, *, utf8: bool = False) -> tuple[Told, ...]:
    """Tonight's order, the sections of entry's song, and what follows it: what is told again when it changes.

    Rows that another song of the show needs, and this one does not, are empty.
    """
    teller = _Teller(score, night, utf8)
    return (*_setlist(teller, entry), *_sections(teller, entry), _next_up(teller, entry))


def _setlist(teller: _Teller, current: int) -> Iterator[Told]:
    following = next_up(teller.score, teller.night, current)
    for place, entry in enumerate(teller.night.order, 1):
        song = teller.score.song(entry)
        skipped = entry in teller.night.skipped
        state = "current" if entry == current else "next" if entry == following else "skipped" if skipped else ""
        seconds = song_frames(teller.score, entry) / teller.score.rate
        yield _told("song", f"/setlist/{place}", teller.title(entry), teller.text(song.id), song.colour, seconds, state)


def _sections(teller: _Teller, current: int) -> Iterator[Told]:
    sections = teller.score.song(current).sections if current else ()
    rows = max((len(song.sections) for song in teller.score.show.songs.values()), default=0)
    for index in range(1, rows + 1):
        section = sections[index - 1] if index <= len(sections) else None
        row = (section.colour, section.bars, str(section.bar)) if section else ("", 0, "")
        yield _told("song", f"/sections/{index}", teller.section(section), *row)


def whole_state(view: View, *, utf8: bool = False) -> tuple[Told, ...]:
    """Everything that follows from plan and night at the view's horizon, as `/sync` sends it."""
    teller = _Teller(view.score, view.night, utf8)
    entry = entry_of(view.span)
    return (
        _told("transport", "/transport", view.state),
        *_song_change(teller, SongChange(view.horizon, entry)),
        *_setlist(teller, entry),
        *_sections(teller, entry),
        *_section_state(teller, view),
        _vamp_state(view),
        jump_message(view, utf8=utf8),
        _told("transport", "/countin", _beats_left(view)),
        position(view.score, view.plan, view.night, view.horizon),
    )


def _section_state(teller: _Teller, view: View) -> Iterator[Told]:
    place = playhead(view.plan, view.horizon)
    section = teller.score.section_at(*place) if place else None
    index, bars = (section.index, section.bars) if section else (0, 0)
    yield _told("section", "/section", teller.section(section), index, bars)
    yield from _section_notes(teller, section)


def _vamp_state(view: View) -> Told:
    if isinstance(view.span, Loop):
        return _told("section", "/vamp", view.span.pass_at(view.horizon), view.span.cycle.times)
    return _told("section", "/vamp", 0, 0)


def _beats_left(view: View) -> int:
    if not isinstance(view.span, CountIn):
        return 0
    pulses, row = _counting(view.score, view.span, view.horizon)
    return len(pulses.frame) - row

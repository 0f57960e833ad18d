"""What clients are told as it sounds: each event as its messages.

Addresses and arguments are PRODUCT's "OSC out". Songs are known by their place in tonight's order, from 1.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

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
from showctl.model.score import Score
from showctl.model.show import Section
from showctl.osc.remaining import next_up
from showctl.osc.teller import Teller, Told, say


def _beat(_: Teller, beat: Beat) -> Iterator[Told]:
    yield say("beat", "/beat", beat.bar, beat.beat, beat.beats, float(beat.bpm), beat.accent, beat.unit)
    yield say("text", "/text/barbeat", f"{beat.bar}.{beat.beat}")


def _countdown(_: Teller, count: CountDown) -> Iterator[Told]:
    yield say("transport", "/countin", count.left)


def _section(teller: Teller, current: SectionStart | SectionCued) -> Iterator[Told]:
    section = teller.section_named(current.entry, current.index)
    yield say("section", "/section", teller.section(section), current.index, current.bars)
    yield from tell_section_notes(teller, section)


def tell_section_notes(teller: Teller, section: Section | None) -> Iterator[Told]:
    """An empty note clears the one before it; a show without notes is spared them."""
    if any(each.notes for song in teller.score.show.songs.values() for each in song.sections):
        yield say("song", "/section/notes", teller.text(section.notes) if section else "")


def _upcoming(teller: Teller, coming: Upcoming) -> Iterator[Told]:
    name = teller.section(teller.section_named(coming.entry, coming.index))
    yield say("section", "/next", name, float(coming.seconds))


def _pass(_: Teller, vamp: Pass) -> Iterator[Told]:
    yield say("section", "/vamp", vamp.number, vamp.of)


def tell_song_change(teller: Teller, change: SongChange) -> Iterator[Told]:
    place = teller.night.place_of(change.entry)
    yield say("song", "/song", teller.title(change.entry), place, len(teller.night.order))
    yield from _song_notes(teller, change.entry)
    yield tell_next_up(teller, change.entry)


def _song_notes(teller: Teller, entry: int) -> Iterator[Told]:
    """The song's notes and those of its place in the setlist."""
    show = teller.score.show
    if any(song.notes for song in show.songs.values()) or any(each.notes for each in show.entries):
        notes = (show.song_of(entry).notes, show.entry(entry).notes) if entry else ()
        yield say("song", "/song/notes", teller.text("; ".join(filter(None, notes))))


def tell_next_up(teller: Teller, entry: int) -> Told:
    following = next_up(teller.score, teller.night, entry)
    return say("song", "/song/next_up", teller.title(following), teller.night.place_of(following))


def _state_change(_: Teller, change: StateChange) -> Iterator[Told]:
    yield say("transport", "/transport", change.state)


def _cue_fire(teller: Teller, fire: CueFire) -> Iterator[Told]:
    yield say("cue", "/cue", teller.text(fire.cue.name), fire.cue.target)


def _cue_standby(teller: Teller, standby: CueStandby) -> Iterator[Told]:
    yield say("cue", "/cue/standby", teller.text(standby.cue.name), standby.cue.target, float(standby.seconds))


_TELL: dict[type[Event], Callable[[Teller, Any], Iterator[Told]]] = {
    Beat: _beat,
    CountDown: _countdown,
    SectionStart: _section,
    SectionCued: _section,
    Upcoming: _upcoming,
    Pass: _pass,
    SongChange: tell_song_change,
    StateChange: _state_change,
    CueFire: _cue_fire,
    CueStandby: _cue_standby,
}


def tell(event: Event, score: Score, night: Night, *, utf8: bool = False) -> tuple[Told, ...]:
    """The messages of one event, in order. A cue's own message to its target is not among them."""
    return tuple(_TELL[type(event)](Teller(score, night, utf8), event))

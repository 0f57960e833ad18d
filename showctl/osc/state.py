"""The whole state that follows from plan and night, as `/sync` sends it; parts of it are told again on change."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from showctl.model.boundaries import pending_turn
from showctl.model.happenings import SongChange
from showctl.model.night import Night
from showctl.model.plan import CountIn, Loop, entry_of
from showctl.model.score import Score
from showctl.model.units import SongFrame
from showctl.model.view import View
from showctl.osc.lamps import lamps, tell_lamps
from showctl.osc.plain import plain_text
from showctl.osc.position import counting, position
from showctl.osc.remaining import next_up, playhead, song_frames
from showctl.osc.teller import Teller, Told, say
from showctl.osc.telling import tell_next_up, tell_section_notes, tell_song_change

ROWS_KEPT = 4096
"""Of the lists: one that changes is made anew, the others are as they were."""


def jump_message(view: View, *, utf8: bool = False) -> Told:
    """The jump or vamp exit that is pending: its section (or bar, where that has none) and the seconds to it."""
    turn = pending_turn(view.plan, view.horizon)
    if turn is None:
        return say("section", "/jump", "", 0.0)
    name = _place_name(Teller(view.score, view.night, utf8), turn.target.entry, turn.target.at)
    return say("section", "/jump", name, (turn.span.start - view.horizon) / view.plan.rate)


def _place_name(teller: Teller, entry: int, at: SongFrame) -> str:
    section = teller.score.section_at(entry, at)
    bar, beat = teller.score.map(entry).bar_beat_at(at)
    return teller.section(section) if section else f"{bar}.{int(beat)}"


def lists(score: Score, night: Night, entry: int, *, utf8: bool = False) -> tuple[Told, ...]:
    """Tonight's order, the sections of entry's song, and what follows it: what is told again when it changes.

    Rows that another song of the show needs, and this one does not, are empty.
    """
    teller = Teller(score, night, utf8)
    return (*_setlist(teller, entry), *_sections(teller, entry), tell_next_up(teller, entry))


def _setlist(teller: Teller, current: int) -> Iterator[Told]:
    following = next_up(teller.score, teller.night, current)
    for place, entry in enumerate(teller.night.order, 1):
        skipped = entry in teller.night.skipped
        state = "current" if entry == current else "next" if entry == following else "skipped" if skipped else ""
        yield _setlist_row(teller.score, teller.utf8, place, entry, state)


def _sections(teller: Teller, current: int) -> Iterator[Told]:
    for index in range(1, teller.section_rows + 1):
        yield _section_row(teller.score, teller.utf8, current, index)


@lru_cache(ROWS_KEPT)
def _setlist_row(score: Score, utf8: bool, place: int, entry: int, state: str) -> Told:
    song, seconds = score.song(entry), song_frames(score, entry) / score.rate
    title, song_id = plain_text(song.title, song.ascii, utf8=utf8), plain_text(song.id, utf8=utf8)
    return say("song", f"/setlist/{place}", title, song_id, song.colour, seconds, state)


@lru_cache(ROWS_KEPT)
def _section_row(score: Score, utf8: bool, entry: int, index: int) -> Told:
    sections = score.song(entry).sections if entry else ()
    section = sections[index - 1] if index <= len(sections) else None
    row = (section.colour, section.bars, str(section.bar)) if section else ("", 0, "")
    name = plain_text(section.name, section.ascii, utf8=utf8) if section else ""
    return say("song", f"/sections/{index}", name, *row)


def whole_state(view: View, *, utf8: bool = False) -> tuple[Told, ...]:
    """Everything that follows from plan and night at the view's horizon, as `/sync` sends it."""
    teller = Teller(view.score, view.night, utf8)
    entry = entry_of(view.span)
    return (
        say("transport", "/transport", view.state),
        *tell_song_change(teller, SongChange(view.horizon, entry)),
        *_setlist(teller, entry),
        *_sections(teller, entry),
        *_section_state(teller, view),
        _vamp_state(view),
        jump_message(view, utf8=utf8),
        say("transport", "/countin", _beats_left(view)),
        position(view.score, view.plan, view.night, view.horizon),
        *tell_lamps(lamps(view.score, view.plan, view.horizon), teller.section_rows),
    )


def _section_state(teller: Teller, view: View) -> Iterator[Told]:
    place = playhead(view.plan, view.horizon)
    section = teller.score.section_at(*place) if place else None
    index, bars = (section.index, section.bars) if section else (0, 0)
    yield say("section", "/section", teller.section(section), index, bars)
    yield from tell_section_notes(teller, section)


def _vamp_state(view: View) -> Told:
    if isinstance(view.span, Loop):
        return say("section", "/vamp", view.span.pass_at(view.horizon), view.span.cycle.times)
    return say("section", "/vamp", 0, 0)


def _beats_left(view: View) -> int:
    if not isinstance(view.span, CountIn):
        return 0
    pulses, row = counting(view.score, view.span, view.horizon)
    return len(pulses.frame) - row

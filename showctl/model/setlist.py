"""Tonight's order by command: selecting by name or place, moving, skipping, and the file's order again."""

from __future__ import annotations

from typing import Literal

import msgspec

from showctl.errors import Refused
from showctl.model.jumps import reordered, select_song
from showctl.model.names import slug
from showctl.model.night import Night
from showctl.model.view import Change, View


def entry_named(view: View, wanted: str | int) -> int:
    """The entry at a place of tonight's order, or a song's next occurrence, by id or title. Raises Refused."""
    if isinstance(wanted, int):
        return _entry_at(view, wanted)
    name = slug(wanted)
    songs = {entry: view.score.song(entry) for entry in view.night.order}
    places = [entry for entry, song in songs.items() if name in {slug(song.id), slug(song.title)}]
    if not places:
        known = ", ".join(dict.fromkeys(song.id for song in songs.values()))
        raise Refused(f'no song is called "{wanted}": the setlist has {known}')
    here = view.night.place_of(view.entry)
    return next((entry for entry in places if view.night.place_of(entry) > here), places[0])


def _entry_at(view: View, place: int) -> int:
    entry = view.night.entry_at(place)
    if entry is None:
        raise Refused(f"expected a place from 1 to {len(view.night.order)}, got {place}")
    return entry


def select(view: View, wanted: str | int) -> Change | None:
    """Arms a song by name or place; while one sounds, only chooses what follows."""
    return select_song(view, entry_named(view, wanted))


def select_neighbour(view: View, step: Literal[1, -1]) -> Change | None:
    """The song after or before the one armed, sounding or already chosen to follow."""
    chosen = view.night.next_up
    here = chosen.entry if chosen and view.state not in {"stopped", "armed", "paused"} else view.entry
    entry = view.night.step(here, step)
    if entry is None:
        raise Refused(f"there is no song {'after' if step == 1 else 'before'} this one")
    return select_song(view, entry)


def move(view: View, place: int, to: int) -> Change | None:
    _entry_at(view, place)
    _entry_at(view, to)
    return reordered(view, view.night.moved(place, to))


def skip(view: View, place: int, on: bool) -> Change | None:
    """A skipped entry is passed over by what follows by itself; it can still be selected."""
    entry = _entry_at(view, place)
    skipped = view.night.skipped | {entry} if on else view.night.skipped - {entry}
    return reordered(view, msgspec.structs.replace(view.night, skipped=skipped))


def reset(view: View) -> Change | None:
    """The show file's order, nothing skipped, nothing chosen."""
    fresh = Night.of(view.score.show)
    kept = msgspec.structs.replace(view.night, order=fresh.order, skipped=frozenset(), next_up=None)
    return reordered(view, kept)

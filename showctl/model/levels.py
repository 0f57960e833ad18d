"""Live levels: what each command makes of the mix, and how a level reads. No click reaches an audience from here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import msgspec

from showctl.errors import Refused
from showctl.model.mix import SPECIAL_SOURCES, BusMix, ClickMix, ClickRate, Mix, level_db
from showctl.model.show import Bus, Show
from showctl.model.units import MAX_DB, SILENCE_DB

MixCommand = Callable[[Show, Mix], Mix]

CLICK_RATES: dict[float, ClickRate] = {0.5: "1/2", 1.0: "1", 2.0: "2"}

CLICK_SOUNDS = ("woodblock", "beep", "cowbell", "hihat", "tick", "custom")

# ── faders ──

_FADER_SEGMENTS = ((0.5, 40.0, -30.0), (0.25, 80.0, -50.0), (0.0625, 160.0, -70.0), (0.0, 480.0, -90.0))
"""From fader position on: dB = slope · position + offset. The four-segment law of digital mixers."""


def fader_to_db(position: float) -> float:
    """The level of a fader at 0 to 1; beyond, it stands at its end."""
    position = min(1.0, max(0.0, position))
    slope, offset = next((slope, offset) for low, slope, offset in _FADER_SEGMENTS if position >= low)
    return slope * position + offset


def db_to_fader(db: float) -> float:
    """Where a fader of this level stands, 0 to 1."""
    db = min(MAX_DB, max(SILENCE_DB, db))
    slope, offset = next((slope, offset) for low, slope, offset in _FADER_SEGMENTS if db >= slope * low + offset)
    return (db - offset) / slope


# ── sources ──


@dataclass(frozen=True, slots=True)
class _Recorded:
    """What stems there are: the names of stems and groups, sorted, and in which groups each stem is, in some song."""

    names: tuple[str, ...]
    groups: dict[str, frozenset[str]]


_known_shows: deque[tuple[Show, _Recorded]] = deque(maxlen=8)


def _recorded(show: Show) -> _Recorded:
    """Looked through once for each show: it may have thousands of stems, and a fader asks with every step."""
    for known, recorded in _known_shows:
        if known is show:
            return recorded
    groups: dict[str, set[str]] = {}
    for song in show.songs.values():
        for stem in song.stems:
            groups.setdefault(stem.slug, set()).update({stem.group} - {""})
    stems = [stem for song in show.songs.values() for stem in song.stems if stem.role == "stem"]
    names = {stem.slug for stem in stems} | {stem.group for stem in stems if stem.group}
    recorded = _Recorded(tuple(sorted(names)), {slug: frozenset(found) for slug, found in groups.items()})
    _known_shows.appendleft((show, recorded))
    return recorded


def sources(show: Show, bus: Bus) -> tuple[str, ...]:
    """What `bus` can mix, by slug: every song's stems and groups, `stems`, and what only performers hear."""
    return (*(() if bus.audience else SPECIAL_SOURCES), "stems", *_recorded(show).names)


def bus_named(show: Show, slug: str) -> Bus:
    """Raises Refused."""
    bus = next((bus for bus in show.buses if bus.slug == slug), None)
    if bus is None:
        known = ", ".join(bus.slug for bus in show.buses)
        raise Refused(f"no bus is called {slug}: there are {known}")
    return bus


def read_db(show: Show, mix: Mix, bus: Bus, source: str) -> float:
    """The level of `source` as a fader shows it: SILENCE_DB where nothing brings it in."""
    live = mix.bus(bus.slug)
    if source == "master":
        return live.levels_db.get("master", 0.0)
    level = level_db(bus, live, source)
    if level is None:
        level = 0.0 if _brought_in(show, bus, live, source) else SILENCE_DB
    return max(SILENCE_DB, level)


def _brought_in(show: Show, bus: Bus, live: BusMix, source: str) -> bool:
    """Whether a stem or group that the bus does not name comes in with its group or with `stems`."""
    if level_db(bus, live, "stems") is not None and source not in SPECIAL_SOURCES:
        return True
    groups = _recorded(show).groups.get(source, frozenset())
    return any(level_db(bus, live, group) is not None for group in groups)


# ── commands ──

SAME_DB = 1e-4
"""Levels nearer than this are one: a 32-bit float, or a fader's position, does not carry more."""


def set_db(bus: str, source: str, db: float) -> MixCommand:
    """A level of −90 (silence) to +10 dB; beyond, it is clamped. The level that it has already changes nothing."""
    level = min(MAX_DB, max(SILENCE_DB, db))
    change = _on_bus(bus, source, lambda live: {"levels_db": {**live.levels_db, source: level}})

    def command(show: Show, mix: Mix) -> Mix:
        changed = change(show, mix)
        same = abs(read_db(show, mix, bus_named(show, bus), source) - level) < SAME_DB
        return mix if same else changed

    return command


def set_muted(bus: str, source: str, on: bool) -> MixCommand:
    return _on_bus(bus, source, lambda live: {"muted": _with(live.muted, source, on)})


def set_soloed(bus: str, source: str, on: bool) -> MixCommand:
    return _on_bus(bus, source, lambda live: {"soloed": _with(live.soloed, source, on)})


def set_bus_switch(bus: str, switch: Literal["mono", "dim"], on: bool) -> MixCommand:
    return _on_bus(bus, "master", lambda _: {switch: on})


def set_switch(switch: Literal["mute_all", "talkback"], on: bool) -> MixCommand:
    return lambda _, mix: msgspec.structs.replace(mix, **{switch: on})


def set_click(**changes: object) -> MixCommand:
    """Live click settings, by the names of ClickMix."""
    return lambda _, mix: msgspec.structs.replace(mix, click=msgspec.structs.replace(mix.click, **changes))


def click_settings(show: Show, mix: Mix) -> ClickMix:
    """The click as it is heard where a song says nothing else: what was not set live is the show's."""
    live, file = mix.click, show.click
    return msgspec.structs.replace(
        live,
        subdivision=live.subdivision or file.subdivision,
        sound=live.sound or file.sound,
        count_in=file.count_in if live.count_in is None else live.count_in,
    )


def _with(names: frozenset[str], name: str, on: bool) -> frozenset[str]:
    return names | {name} if on else names - {name}


def _on_bus(slug: str, source: str, change: Callable[[BusMix], dict[str, object]]) -> MixCommand:
    def command(show: Show, mix: Mix) -> Mix:
        bus = bus_named(show, slug)
        if source in SPECIAL_SOURCES and bus.audience:
            raise Refused(f"{slug} is an audience bus: {source} is for performers only")
        if source != "master" and source not in sources(show, bus):
            raise Refused(f"no source is called {source}: {slug} has {', '.join(sources(show, bus))}")
        live = mix.bus(slug)
        changed = msgspec.structs.replace(live, **change(live))
        return mix if changed == live else mix.with_bus(slug, changed)

    return command

"""A show ready to be read: each song's time worked out once per process, and looked up by setlist entry."""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property, lru_cache
from math import ceil
from typing import Generic

from showctl.model.meter import Meter
from showctl.model.placements import Placed, Placements
from showctl.model.show import BeforeEntry, Entry, Section, Show, Song, encode_show
from showctl.model.songmap import CountInGrid, MeterMark, SongMap
from showctl.model.tempo import TempoMap, TempoMark
from showctl.model.units import SongFrame

COUNTS_KEPT = 256
"""Count-ins that are kept: the starts of one night, each with the few ways to click it."""

_EVERY_PULSE = Fraction(1)


def song_map(song: Song, rate: int) -> SongMap:
    """The song's exact frames at `rate`."""
    marks = tuple(TempoMark(Fraction(*point.quarter), point.bpm, point.ramp) for point in song.tempo)
    meters = tuple(MeterMark(point.bar, Meter(point.beats, point.unit, point.groups)) for point in song.meters)
    return SongMap.build(rate, TempoMap(marks), meters, song.pulse, end_bar=1).ending_at(song.end)


class Score:
    """The compiled show with its maps. Entries are asked for by their index, from 1."""

    def __init__(self, show: Show) -> None:
        self.show = show
        self.rate = show.audio.sample_rate
        self._maps: dict[str, SongMap] = {}
        self._section_starts: dict[str, tuple[SongFrame, ...]] = {}
        self.cues = PlacedTable(self, lambda song: song.cues)
        self.guides = PlacedTable(self, lambda song: song.guides)
        self._counted = lru_cache(COUNTS_KEPT)(self._count)

    @cached_property
    def hash(self) -> str:
        return hashlib.blake2b(encode_show(self.show), digest_size=12).hexdigest()

    def prepare(self) -> None:
        """Works out every song now, some milliseconds each, so that reading any of them later takes none."""
        for entry in self.show.entries:
            self.map(entry.index)
        _ = self.cues.reach, self.guides.reach

    def entry(self, index: int) -> Entry:
        return self.show.entry(index)

    def song(self, index: int) -> Song:
        return self.show.song_of(index)

    def map(self, index: int) -> SongMap:
        song_id = self.entry(index).song
        if song_id not in self._maps:
            self._maps[song_id] = song_map(self.show.songs[song_id], self.rate)
        return self._maps[song_id]

    def count_in(
        self, index: int, at: SongFrame, bars: int, subdivision: int = 1, rate: Fraction = _EVERY_PULSE
    ) -> CountInGrid:
        """`bars` counted before song frame `at`: worked out once, about a millisecond, then looked up."""
        return self._counted(index, at, bars, subdivision, rate)

    def _count(self, index: int, at: SongFrame, bars: int, subdivision: int, rate: Fraction) -> CountInGrid:
        return self.map(index).count_in(at, bars, subdivision, rate)

    # ── sections ──

    def section_at(self, index: int, frame: SongFrame) -> Section | None:
        """The section that holds a song frame; None before the first and after the end."""
        number = bisect_right(self._starts(index), frame) - 1
        section = self.song(index).sections[number] if number >= 0 else None
        return section if section and frame < section.end else None

    def sections_between(self, index: int, low: SongFrame, high: SongFrame) -> tuple[Section, ...]:
        """The sections that start at song frames `low` up to `high`."""
        starts = self._starts(index)
        return self.song(index).sections[bisect_left(starts, low) : bisect_left(starts, high)]

    def _starts(self, index: int) -> tuple[SongFrame, ...]:
        song = self.song(index)
        if song.id not in self._section_starts:
            self._section_starts[song.id] = tuple(section.start for section in song.sections)
        return self._section_starts[song.id]

    # ── cues and guides ──

    @cached_property
    def pickup_reach(self) -> int:
        """The longest pickup of the night in frames."""
        return max((-song.first for song in self.show.songs.values()), default=0)

    def longest(self, before: BeforeEntry) -> int:
        """How long the stretch can be at the most, whichever song is played before the entry.

        Bars are counted by their numbers, keeping the beat, which may come to almost a bar more.
        """
        songs = self.show.songs.values()
        quarter = max(60 * self.rate / point.bpm for song in songs for point in song.tempo)
        beat = quarter * max(4 / point.unit for song in songs for point in song.meters)
        bar = quarter * max(4 * point.beats / point.unit for song in songs for point in song.meters)
        longest = {"bar": (before.amount + 1) * bar, "beat": before.amount * beat, "seconds": before.amount * self.rate}
        return ceil(longest[before.unit]) + 1


class PlacedTable(Generic[Placed]):
    """The cues, or the guides, of each song, where they are placed."""

    def __init__(self, score: Score, items_of: Callable[[Song], Sequence[Placed]]) -> None:
        self._score = score
        self._items_of = items_of
        self._songs: dict[str, Placements[Placed]] = {}

    def of(self, index: int) -> Placements[Placed]:
        song = self._score.song(index)
        if song.id not in self._songs:
            items, longest = self._items_of(song), self._score.longest
            self._songs[song.id] = Placements.of(song, self._score.map(index), items, longest)
        return self._songs[song.id]

    @cached_property
    def reach(self) -> int:
        """The longest, in frames, that anything in any song is counted back from an entry."""
        return max((self.of(entry.index).reach for entry in self._score.show.entries), default=0)

"""A show ready to be read: each song's time worked out once per process, and looked up by setlist entry."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import cached_property

from showctl.model.meter import Meter
from showctl.model.show import Entry, Section, Show, Song, decode_show, encode_show
from showctl.model.songmap import MeterMark, SongMap
from showctl.model.tempo import TempoMap, TempoMark
from showctl.model.units import SongFrame


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

    @classmethod
    def decode(cls, data: bytes) -> Score:
        return cls(decode_show(data))

    @cached_property
    def hash(self) -> str:
        return hashlib.blake2b(encode_show(self.show), digest_size=12).hexdigest()

    def entry(self, index: int) -> Entry:
        return self.show.entry(index)

    def song(self, index: int) -> Song:
        return self.show.song_of(index)

    def map(self, index: int) -> SongMap:
        song_id = self.entry(index).song
        if song_id not in self._maps:
            self._maps[song_id] = song_map(self.show.songs[song_id], self.rate)
        return self._maps[song_id]

    def section_at(self, index: int, frame: SongFrame) -> Section | None:
        """The section that holds a song frame; None before the first and after the end."""
        return next((s for s in self.song(index).sections if s.start <= frame < s.end), None)

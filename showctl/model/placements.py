"""What a song has at places of its timeline, and what is counted back from the entries into its sections."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, TypeVar

from showctl.model.position import Amount
from showctl.model.show import BeforeEntry, Cue, Guide, Song
from showctl.model.songmap import SongMap
from showctl.model.units import SongFrame

Placed = TypeVar("Placed", bound=Cue | Guide)


@dataclass(frozen=True, slots=True)
class CountedBack(Generic[Placed]):
    """`item` is due `before` an entry into a section: `frames`, where the song itself leads up to it."""

    item: Placed
    before: BeforeEntry
    frames: int


@dataclass(frozen=True, slots=True)
class Placements(Generic[Placed]):
    """`items` lie at song `frames`, ascending; `counted_back` by the index of the section entered.

    Nothing is counted back further than `reach` frames, whatever is played before the entry.
    """

    frames: tuple[SongFrame, ...]
    items: tuple[Placed, ...]
    counted_back: Mapping[int, tuple[CountedBack[Placed], ...]]
    reach: int

    @classmethod
    def of(
        cls, song: Song, song_map: SongMap, items: Sequence[Placed], longest: Callable[[BeforeEntry], int]
    ) -> Placements[Placed]:
        """`longest` is how long a stretch can be at the most."""
        on_timeline = sorted(((item.at, item) for item in items if isinstance(item.at, int)), key=lambda row: row[0])
        befores = [(item.at, item) for item in items if isinstance(item.at, BeforeEntry)]
        counted_back: dict[int, tuple[CountedBack[Placed], ...]] = {}
        for before, item in befores:
            frames = frames_before(song_map, song.sections[before.section - 1].start, before)
            counted = CountedBack(item, before, frames)
            counted_back[before.section] = (*counted_back.get(before.section, ()), counted)
        return cls(
            frames=tuple(SongFrame(at) for at, _ in on_timeline),
            items=tuple(item for _, item in on_timeline),
            counted_back=counted_back,
            reach=max((longest(before) for before, _ in befores), default=0),
        )

    def between(self, low: SongFrame, high: SongFrame) -> zip[tuple[SongFrame, Placed]]:
        """What lies at song frames `low` up to `high`."""
        rows = slice(bisect_left(self.frames, low), bisect_left(self.frames, high))
        return zip(self.frames[rows], self.items[rows], strict=True)


def frames_before(song_map: SongMap, place: SongFrame, before: BeforeEntry) -> int:
    """How many frames of the song lie between a place and the stretch before it."""
    amount = Amount(-Fraction(before.amount).limit_denominator(1_000_000), before.unit)
    return place - song_map.moved(place, amount)

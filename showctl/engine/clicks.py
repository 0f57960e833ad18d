"""Where the click sounds: in count-ins, with the song, and as the free metronome. Read from the plan and its mix."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from showctl.model.events import METRONOME_BEATS, metronome_frames
from showctl.model.mix import ClickMix, ClickRate
from showctl.model.plan import CountIn, MixMark, Plan, Rest
from showctl.model.score import Score
from showctl.model.show import ClickSettings, Song
from showctl.model.songmap import ClickKind, Clicks
from showctl.model.stretches import stretches
from showctl.model.units import Frame, SongFrame


@dataclass(frozen=True, slots=True)
class Click:
    """A click at session frame `frame`; `entry` names the song whose own sounds it may use, 0 none."""

    frame: Frame
    kind: ClickKind
    entry: int
    sound: str


class ClickReader:
    """Finds the clicks of a plan. It keeps nothing but where each song has its clicks."""

    def __init__(self, score: Score) -> None:
        self._score = score
        self._grids: dict[tuple[str, int, ClickRate], Clicks] = {}

    def starts(self, plan: Plan, since: Frame, until: Frame) -> list[Click]:
        """The clicks that start at session frames `since` up to `until`, in order."""
        found = (
            click
            for live, first, last in _settings(plan.mixes, since, until)
            if live.enabled
            for click in self._clicks(plan, live, first, last)
        )
        return sorted(found, key=lambda click: click.frame)

    def prepare(self, entry: int, live: ClickMix) -> None:
        """Work out the clicks of an entry's song now, so that finding them later takes no time."""
        self._grid(entry, live)

    def _clicks(self, plan: Plan, live: ClickMix, since: Frame, until: Frame) -> Iterator[Click]:
        if not live.count_in_only:
            yield from self._song(plan, live, since, until)
        for index in range(plan.index_at(since), len(plan.spans)):
            span, end = plan.spans[index], plan.end_of(index)
            first, last = max(since, span.start), until if end is None else min(until, end)
            if isinstance(span, CountIn) and first < last:
                yield from self._counted(span, live, first, last)
            elif isinstance(span, Rest) and span.metronome and first < last:
                for number, frame in metronome_frames(span.metronome, plan.rate, first, last):
                    kind = ClickKind.BEAT if number % METRONOME_BEATS else ClickKind.DOWNBEAT
                    yield Click(frame, kind, 0, live.sound or self._score.show.click.sound)

    def _song(self, plan: Plan, live: ClickMix, since: Frame, until: Frame) -> Iterator[Click]:
        for stretch in stretches(plan, since, until):
            song = self._score.song(stretch.entry)
            if not _has_own_click(song):
                grid = self._grid(stretch.entry, live)
                low = stretch.song_at(max(since, stretch.start))
                for row in _rows_between(grid, low, stretch.until(until)):
                    frame = stretch.session_at(SongFrame(int(grid.frame[row])))
                    yield Click(frame, ClickKind(int(grid.kind[row])), stretch.entry, live.sound or song.click.sound)

    def _counted(self, span: CountIn, live: ClickMix, since: Frame, until: Frame) -> Iterator[Click]:
        settings, grid = self._score.song(span.entry).click, self.counted(span, live)
        low, high = (SongFrame(span.song_at(frame) - span.at) for frame in (since, until))
        for row in _rows_between(grid, low, high):
            frame = span.session_at(SongFrame(span.at + int(grid.frame[row])))
            yield Click(frame, ClickKind(int(grid.kind[row])), span.entry, live.sound or settings.sound)

    def counted(self, span: CountIn, live: ClickMix) -> Clicks:
        """The clicks of a count-in, as song frames after its start's, so before 0."""
        subdivision = _subdivision(self._score.song(span.entry).click, live)
        return self._score.count_in(span.entry, span.at, span.bars, subdivision, live.factor).clicks

    def _grid(self, entry: int, live: ClickMix) -> Clicks:
        song = self._score.song(entry)
        key = (song.id, _subdivision(song.click, live), live.rate)
        if key not in self._grids:
            self._grids[key] = self._score.map(entry).clicks(key[1], live.factor)
        return self._grids[key]


def _settings(marks: tuple[MixMark, ...], since: Frame, until: Frame) -> Iterator[tuple[ClickMix, Frame, Frame]]:
    """The click settings that hold in the window, each with the part it holds in."""
    starts = [since, *(max(since, min(until, mark.at)) for mark in marks[1:]), until]
    for mark, (first, last) in zip(marks, pairwise(starts), strict=True):
        if first < last:
            yield mark.mix.click, first, last


def _subdivision(settings: ClickSettings, live: ClickMix) -> int:
    return settings.subdivision if live.subdivision is None else live.subdivision


def _has_own_click(song: Song) -> bool:
    return any(stem.role == "click" for stem in song.stems)


def _rows_between(grid: Clicks, low: SongFrame, high: SongFrame) -> range:
    first, last = np.searchsorted(grid.frame, (low, high))
    return range(int(first), int(last))

"""The levels that hold when: gain matrices of each mix, worked out once, and the ramps between mixes.

A change at session frame `at` takes effect over 10 ms from there. Changes that come faster than that add up: each
ramps its own difference, so a fader in motion is a polygon without steps.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from showctl.engine.gains import (
    Matrix,
    SongGains,
    VoiceSource,
    assembled,
    bus_gains,
    performer_outputs,
    song_gains,
    voice_gains,
)
from showctl.engine.regions import fade_frames
from showctl.model.mix import Mix
from showctl.model.plan import MixMark, Plan
from showctl.model.score import Score
from showctl.model.show import Bus, Setup
from showctl.model.units import Frame

KEPT_MIXES = 64
"""Mixes whose matrices are kept: those in the plan, and those of edits on their way."""


@dataclass(frozen=True, slots=True, eq=False)
class Weight:
    """A mix and its share of each frame of a block; None is all of it."""

    mix: Mix
    share: NDArray[np.float32] | None

    def apply(self, rows: Matrix, part: slice) -> Matrix:
        """`rows`, [frames, columns], which are `part` of the block."""
        return rows if self.share is None else rows * self.share[part, np.newaxis]


@dataclass(slots=True, eq=False)
class _Matrices:
    """What was worked out for a mix. Holding the mix keeps its identity from being used again."""

    mix: Mix
    songs: dict[int, SongGains]
    voices: dict[tuple[VoiceSource, int], Matrix]


class Levels:
    """The matrices for a device with `outputs` channels; `performers` are those that may carry voices."""

    def __init__(self, score: Score, plan: Plan, outputs: int) -> None:
        self.performers = np.array(performer_outputs(score.show, outputs), np.intp)
        self._score = score
        self._outputs = outputs
        self._ramp = fade_frames(plan.rate)
        self._marks = plan.mixes
        self._known: dict[int, _Matrices] = {}
        self._buses: dict[tuple[int, str], tuple[object, Matrix]] = {}

    def adopt(self, plan: Plan, head: Frame) -> None:
        """Go over to another plan's mixes, but finish the ramps under way: a plan forgets the mixes it has passed."""
        passed = [mark for mark in self._marks if mark.at < plan.mixes[0].at]
        following = [*passed[1:], plan.mixes[0]]
        kept = (mark for mark, after in zip(passed, following, strict=False) if after.at + self._ramp > head)
        self._marks = (*kept, *plan.mixes)

    def prepare(self, entry: int, mix: Mix) -> bool:
        """Work out ahead, in another thread, what a mix needs for an entry; whether there was anything to do."""
        if entry in self._matrices(mix).songs:
            return False
        self.song(entry, mix)
        for channels in (1, 2):
            self.voice("click", channels, mix)
            self.voice("guide", channels, mix)
        held = {id(mark.mix) for mark in self._marks}
        for known in list(self._known)[:-KEPT_MIXES]:
            if known not in held:
                del self._known[known]
        return True

    def mix_at(self, session: Frame) -> Mix:
        """The mix that holds, or is being ramped to."""
        return next((mark.mix for mark in reversed(self._marks) if mark.at <= session), self._marks[0].mix)

    def settled(self, session: Frame) -> bool:
        """Whether no ramp is under way."""
        return not any(mark.at <= session < mark.at + self._ramp for mark in self._marks[1:])

    def edges(self) -> list[Frame]:
        """Where ramps begin and end."""
        return [Frame(mark.at + delay) for mark in self._marks[1:] for delay in (0, self._ramp)]

    def weights(self, session: Frame, until: Frame) -> list[Weight]:
        """The mixes that are heard in a block, with shares that add up to 1 on each frame."""
        started = [mark for mark in self._marks[1:] if mark.at < until]
        reached = [self._reached(mark, session, until) for mark in started]
        mixes = [self._marks[0].mix, *(mark.mix for mark in started)]
        if all(risen.min(initial=1) == 1 for risen in reached[-1:]):
            return [Weight(mixes[-1], None)]
        edges = [np.ones(until - session, np.float32), *reached, np.zeros(until - session, np.float32)]
        shares = [(mix, this - following) for mix, (this, following) in zip(mixes, pairwise(edges), strict=True)]
        return [Weight(mix, share) for mix, share in shares if share.any()]

    def _reached(self, mark: MixMark, session: Frame, until: Frame) -> NDArray[np.float32]:
        """How far the ramp to a mix has come, 0 to 1."""
        passed = np.arange(session - mark.at, until - mark.at) / self._ramp
        return np.clip(passed, 0, 1).astype(np.float32)

    # ── matrices ──

    def song(self, entry: int, mix: Mix) -> SongGains:
        """The gains of an entry's song."""
        songs = self._matrices(mix).songs
        if entry not in songs:
            song = self._score.song(entry)
            matrix = assembled(self._score.show, song, self._outputs, lambda bus: self._bus(entry, bus, mix))
            songs[entry] = song_gains(song, matrix, tuple(self.performers))
        return songs[entry]

    def _bus(self, entry: int, bus: Bus, mix: Mix) -> Matrix:
        """One fader moves one bus: the others are as they were last time."""
        depends = (mix.bus(bus.slug), mix.click, mix.mute_all, mix.talkback)
        known = self._buses.get((entry, bus.slug))
        if known and known[0] == depends:
            return known[1]
        matrix = bus_gains(self._score.song(entry), self._setup(entry), mix, bus)
        self._buses[entry, bus.slug] = depends, matrix
        return matrix

    def voice(self, source: VoiceSource, channels: int, mix: Mix) -> Matrix:
        """The gains of a voice, [channels, performers' outputs]."""
        voices = self._matrices(mix).voices
        if (source, channels) not in voices:
            matrix = voice_gains(self._score.show, mix, source, channels, self._outputs)
            voices[source, channels] = np.ascontiguousarray(matrix[:, self.performers])
        return voices[source, channels]

    def _matrices(self, mix: Mix) -> _Matrices:
        found = self._known.get(id(mix))
        if found is None:
            self._known[id(mix)] = found = _Matrices(mix, {}, {})
        return found

    def _setup(self, entry: int) -> Setup | None:
        name = self._score.entry(entry).setup
        return next((setup for setup in self._score.song(entry).setups if setup.name == name), None)

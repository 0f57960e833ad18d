"""Levels as matrices: what factor each column of a song, or each channel of a voice, has at each device output.

Click and guide can reach no audience bus, from the show file or live: those outputs are not in their matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from showctl.model.mix import BusMix, Mix, level_db, stem_level_db
from showctl.model.show import Bus, Setup, Show, Song, Stem
from showctl.model.units import SILENCE_DB, amplitude

Matrix = NDArray[np.float32]

DIM_DB = -20.0

VoiceSource = Literal["click", "guide"]


def buses_that_fit(show: Show, outputs: int) -> tuple[Bus, ...]:
    """The buses whose channels a device with `outputs` has; nothing is folded together."""
    return tuple(bus for bus in show.buses if max(bus.channels, default=0) < outputs)


def performer_outputs(show: Show, outputs: int) -> tuple[int, ...]:
    """The device channels that may carry click and guide: those of no audience bus."""
    fitting = buses_that_fit(show, outputs)
    public = {channel for bus in fitting if bus.audience for channel in bus.channels}
    return tuple(sorted({channel for bus in fitting for channel in bus.channels} - public))


def gain_matrix(show: Show, song: Song, setup: Setup | None, mix: Mix, outputs: int) -> Matrix:
    """Factors from every column of the song's medium to every output, float32 [columns, outputs]."""
    return assembled(show, song, outputs, lambda bus: bus_gains(song, setup, mix, bus))


def assembled(show: Show, song: Song, outputs: int, gains_of: Callable[[Bus], Matrix]) -> Matrix:
    """The matrix of a song, put together from those of its buses."""
    matrix = np.zeros((song.medium.columns if song.medium else 0, outputs), np.float32)
    for bus in buses_that_fit(show, outputs):
        matrix[:, bus.channels] = gains_of(bus)
    return matrix


def bus_gains(song: Song, setup: Setup | None, mix: Mix, bus: Bus) -> Matrix:
    """Factors from every column of the song's medium to the channels of one bus."""
    live, channels = mix.bus(bus.slug), len(bus.channels)
    matrix = np.zeros((song.medium.columns if song.medium else 0, channels), np.float32)
    for stem in song.stems:
        factor = amplitude(_stem_db(bus, mix, stem, setup))
        matrix[stem.first : stem.first + stem.channels] = factor * _spread(stem.channels, channels, stem.pan, live)
    return matrix


def voice_gains(show: Show, mix: Mix, source: VoiceSource, channels: int, outputs: int) -> Matrix:
    """Factors from a voice's channels to every output, float32 [channels, outputs]; 0 for the audience."""
    matrix = np.zeros((channels, outputs), np.float32)
    for bus in buses_that_fit(show, outputs):
        level = _source_db(bus, mix, source, frozenset({source}))
        factor = amplitude(level if level <= SILENCE_DB else level + _dim_db(mix.bus(bus.slug)))
        columns = list(bus.channels)
        matrix[:, columns] += factor * _spread(channels, len(columns), None, mix.bus(bus.slug))
    return matrix


# ── levels ──


def _stem_db(bus: Bus, mix: Mix, stem: Stem, setup: Setup | None) -> float:
    heard_db = _recorded_db(bus, mix, stem) if stem.role == "stem" else _role_db(bus, mix, stem)
    if heard_db <= SILENCE_DB or (setup and _names(stem) & set(setup.mute)):
        return SILENCE_DB
    return heard_db + _setup_db(stem, setup) + _dim_db(mix.bus(bus.slug))


def _recorded_db(bus: Bus, mix: Mix, stem: Stem) -> float:
    live = mix.bus(bus.slug)
    level = stem_level_db(bus, live, stem)
    if level <= SILENCE_DB or mix.click.only or mix.mute_all or not _lets_through(live, _names(stem)):
        return SILENCE_DB
    return level + _duck_db(bus, mix)


def _role_db(bus: Bus, mix: Mix, stem: Stem) -> float:
    """A bought click or guide: heard as that source is, but with a mute, a solo and a gain of its own."""
    source: VoiceSource = "click" if stem.role == "click" else "guide"
    if source == "click" and mix.click.count_in_only:
        return SILENCE_DB
    level = _source_db(bus, mix, source, _names(stem))
    return level if level <= SILENCE_DB else level + stem.gain_db


def _source_db(bus: Bus, mix: Mix, source: VoiceSource, names: frozenset[str]) -> float:
    live = mix.bus(bus.slug)
    level = level_db(bus, live, source)
    off = bus.audience or mix.mute_all or (source == "click" and not mix.click.enabled)
    if off or level is None or level <= SILENCE_DB or not _lets_through(live, names):
        return SILENCE_DB
    return level + live.levels_db.get("master", 0.0) + (_duck_db(bus, mix) if source == "guide" else 0.0)


def _names(stem: Stem) -> frozenset[str]:
    """Everything a stem answers to in mutes and solos."""
    common = "stems" if stem.role == "stem" else stem.role
    return frozenset({stem.slug, stem.group, common} - {""})


def _lets_through(live: BusMix, names: frozenset[str]) -> bool:
    """Neither muted, nor left out where others are soloed."""
    if "master" in live.muted or names & live.muted or live.levels_db.get("master", 0.0) <= SILENCE_DB:
        return False
    return not live.soloed or bool(names & live.soloed)


def _setup_db(stem: Stem, setup: Setup | None) -> float:
    """What the setup changes: a stem's level is instead of its own gain, a group has none of its own."""
    levels = setup.gains_db if setup else {}
    return levels.get(stem.slug, stem.gain_db) - stem.gain_db + (levels.get(stem.group, 0.0) if stem.group else 0.0)


def _duck_db(bus: Bus, mix: Mix) -> float:
    return bus.duck_db if mix.talkback and not bus.audience else 0.0


def _dim_db(live: BusMix) -> float:
    return DIM_DB if live.dim else 0.0


# ── channels ──


def _spread(channels: int, outputs: int, pan: float | None, live: BusMix) -> Matrix:
    """How the channels of a source lie on those of a bus, [channels, outputs]."""
    matrix = _direct(channels, outputs) if pan is None else _panned(channels, outputs, pan)
    return np.tile(matrix.mean(axis=1, keepdims=True), outputs) if live.mono and outputs else matrix


def _direct(channels: int, outputs: int) -> Matrix:
    """Mono everywhere at full level, anything averaged to mono, equal counts one to one; the rest as far as it goes."""
    if channels == 1:
        return np.ones((1, outputs), np.float32)
    if outputs == 1:
        return np.full((channels, 1), 1 / channels, np.float32)
    return np.eye(channels, outputs, dtype=np.float32)


def _panned(channels: int, outputs: int, pan: float) -> Matrix:
    """A balance: the side panned to stays at full level, so 0 is the same as no pan at all."""
    if outputs == 1:
        return _direct(channels, outputs)
    if outputs == 2:
        sides = np.array([min(1.0, 1.0 - pan), min(1.0, 1.0 + pan)], np.float32)
        return _direct(channels, 2) * sides if channels <= 2 else np.tile(sides / channels, (channels, 1))
    if channels == outputs:  # surround is as it was mixed: a stereo bus may ask for the pan
        return _direct(channels, outputs)
    place = (pan + 1) / 2 * (outputs - 1)
    weights = np.maximum(0, 1 - np.abs(np.arange(outputs) - place)).astype(np.float32)
    return np.tile(weights / channels, (channels, 1))


# ── kept apart ──


@dataclass(frozen=True, slots=True, eq=False)
class SongGains:
    """A gain matrix in the parts that are multiplied: NaN times 0 is NaN, so what is private has its own.

    `public` is [columns, outputs] and `private` [private columns, performers' outputs]; where a song has private
    columns, `public` has rows for the other columns only.
    """

    public: Matrix
    public_columns: NDArray[np.intp] | None
    private: Matrix | None
    private_columns: NDArray[np.intp]
    performers: NDArray[np.intp]

    def add(self, rows: Matrix, out: Matrix) -> None:
        """Add the mix of `rows`, [frames, columns], to `out`, [frames, outputs]."""
        out += self._public_rows(rows) @ self.public
        self._add_private(rows, out)

    @property
    def filler(self) -> Callable[[Matrix, Matrix], object]:
        """What writes the mix of rows over an output, `filler(rows, out)`: one product where that is all."""
        if self.public_columns is None and self.private is None:
            public, dot = self.public, np.dot
            return lambda rows, out: dot(rows, public, out)
        return self._fill

    def _fill(self, rows: Matrix, out: Matrix) -> None:
        np.matmul(self._public_rows(rows), self.public, out=out)
        self._add_private(rows, out)

    def _public_rows(self, rows: Matrix) -> Matrix:
        return rows if self.public_columns is None else rows.take(self.public_columns, axis=1)

    def _add_private(self, rows: Matrix, out: Matrix) -> None:
        if self.private is not None:
            out[:, self.performers] += rows.take(self.private_columns, axis=1) @ self.private


def song_gains(song: Song, matrix: Matrix, performers: Sequence[int]) -> SongGains:
    """`matrix` as made by `gain_matrix`, in its parts."""
    outputs = np.array(performers, np.intp)
    private = [column for stem in song.stems if stem.role != "stem" for column in _columns(stem)]
    if not private:
        return SongGains(matrix, None, None, np.array([], np.intp), outputs)
    chosen = np.array(private, np.intp)
    others = np.setdiff1d(np.arange(len(matrix)), chosen)
    return SongGains(matrix[others], others, matrix[np.ix_(chosen, outputs)], chosen, outputs)


def _columns(stem: Stem) -> range:
    return range(stem.first, stem.first + stem.channels)

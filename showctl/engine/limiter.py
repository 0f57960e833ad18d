"""The safety limiter that ends every bus: untouched below its limit, never above it, and proof against NaN."""

from __future__ import annotations

from functools import reduce

import numpy as np
from numpy.typing import NDArray

from showctl.model.show import Bus
from showctl.model.units import amplitude

Block = NDArray[np.float32]
Indices = NDArray[np.intp]
Chosen = NDArray[np.bool_]
Reductions = NDArray[np.float64]

RELEASE_DB_PER_SECOND = 40.0
"""Slow enough that it does not follow the waveform of a bass note, fast enough that one slip is soon forgotten."""

NEGLIGIBLE = 1e-9
"""A reduction this small has ended: then every bit stays as it is."""


class Limiter:
    """For a device with `outputs` channels, of which each bus has its own. Channels of a bus are turned down together.

    `nonfinite` counts the blocks of a bus that were made silent because a sample in them was no number; `active`
    says that a bus is being turned down.
    """

    def __init__(self, buses: tuple[Bus, ...], outputs: int, rate: int) -> None:
        self.nonfinite = 0
        self.active = False
        fitting = [bus for bus in buses if bus.channels]
        self._limits = np.array([amplitude(bus.limit_db) for bus in fitting], np.float32)
        self._lowest_limit = float(self._limits.min(initial=np.inf))
        self._members = _members(fitting)
        self._channels = np.array([channel for bus in fitting for channel in bus.channels], np.intp)
        self._bus_of = np.array([number for number, bus in enumerate(fitting) for _ in bus.channels], np.intp)
        self._reductions = np.ones(len(fitting))  # what the frame before was divided by
        self._release = float(amplitude(RELEASE_DB_PER_SECOND / rate))
        self._released: Reductions = np.ones((0, 1))
        self._outputs = outputs
        self._frames = 0
        self._magnitudes: Block = np.zeros((0, outputs), np.float32)
        self._flat: Block = self._magnitudes.reshape(-1)
        self._peaks = np.zeros((0, outputs), np.float32)

    def apply(self, out: Block) -> None:
        """Limit `out`, [frames, outputs], in place."""
        if not self._outputs:
            return
        if len(out) != self._frames:
            self._fit(len(out))
        magnitudes, flat = self._magnitudes, self._flat
        np.abs(out, out=magnitudes)
        # The first NaN is the "largest", and not below anything.
        if self.active or not flat.item(flat.argmax()) <= self._lowest_limit:
            self._limit(out, magnitudes)
            np.abs(out, out=magnitudes)
        peaks = self._peaks[: self._frames]  # frame by frame, which is quicker than to reduce each block
        np.maximum(peaks, magnitudes, out=peaks)

    def taken_peaks(self) -> Block:
        """The largest absolute sample of each output since the last call; for another thread."""
        peaks, self._peaks = self._peaks, np.zeros_like(self._peaks)
        return np.asarray(peaks.max(axis=0, initial=0.0), np.float32)

    def _fit(self, frames: int) -> None:
        """Go over to blocks of another size."""
        self._frames = frames
        self._magnitudes = np.zeros((frames, self._outputs), np.float32)
        self._flat = self._magnitudes.reshape(-1)
        self._released = np.power(np.float64(self._release), np.arange(1, frames + 1)[:, np.newaxis])
        if frames > len(self._peaks):
            more = np.zeros((frames - len(self._peaks), self._outputs), np.float32)
            self._peaks = np.concatenate((self._peaks, more))

    def _limit(self, out: Block, magnitudes: Block) -> None:
        """All buses in need at once."""
        heard = reduce(np.maximum, (magnitudes[:, members] for members in self._members))  # [frames, buses]
        peaks = heard.max(axis=0, initial=0.0)
        numbers = np.isfinite(peaks)
        if not numbers.all():
            self._silence(out, ~numbers)
        needy = numbers & ((peaks > self._limits) | (self._reductions > 1))
        if needy.any():
            self._turn_down(out, needy, self._needed(heard[:, needy], needy))
        self.active = bool((self._reductions > 1).any())

    def _silence(self, out: Block, buses: Chosen) -> None:
        self.nonfinite += int(buses.sum())
        self._reductions[buses] = 1.0
        out[:, self._channels[buses[self._bus_of]]] = 0.0

    def _needed(self, magnitudes: Block, buses: Chosen) -> Reductions:
        """What each frame of these buses is divided by: at once as much as is needed, then evenly less in dB."""
        needed = np.maximum(np.divide(magnitudes, self._limits[buses], dtype=np.float64), 1.0)
        needed[0] = np.maximum(needed[0], self._reductions[buses] / self._release)
        needed *= self._released
        np.maximum.accumulate(needed, axis=0, out=needed)
        needed /= self._released
        needed[needed < 1 + NEGLIGIBLE] = 1.0
        self._reductions[buses] = needed[-1]
        return needed

    def _turn_down(self, out: Block, buses: Chosen, reductions: Reductions) -> None:
        gains = np.reciprocal(reductions).astype(np.float32)
        of_channel = self._bus_of[buses[self._bus_of]]
        channels = self._channels[buses[self._bus_of]]
        limits = self._limits[of_channel]
        place = np.cumsum(buses) - 1  # among the chosen
        block = out[:, channels] * gains[:, place[of_channel]]
        out[:, channels] = np.clip(block, -limits, limits)


def _members(buses: list[Bus]) -> list[Indices]:
    """The first channel of every bus, the second, …; its first again where a bus has fewer."""
    widest = max((len(bus.channels) for bus in buses), default=0)
    return [
        np.array([bus.channels[rank if rank < len(bus.channels) else 0] for bus in buses], np.intp)
        for rank in range(widest)
    ]

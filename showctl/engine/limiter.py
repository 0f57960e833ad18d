"""The safety limiter that ends every bus: untouched below its limit, never above it, and proof against NaN."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from showctl.model.show import Bus
from showctl.model.units import amplitude

Block = NDArray[np.float32]

RELEASE_DB_PER_SECOND = 40.0
"""Slow enough that it does not follow the waveform of a bass note, fast enough that one slip is soon forgotten."""


@dataclass(slots=True, eq=False)
class _BusLimiter:
    channels: NDArray[np.intp]
    limit: np.float32
    limit_db: float
    reduction_db: float = 0.0
    """What was taken off the frame before."""


class Limiter:
    """For a device with `outputs` channels, of which each bus has its own. Channels of a bus are turned down together.

    `nonfinite` counts the blocks of a bus that were made silent because a sample in them was no number; `active`
    says that a bus is being turned down.
    """

    def __init__(self, buses: tuple[Bus, ...], outputs: int, rate: int) -> None:
        self.nonfinite = 0
        self.active = False
        self._fall_db = RELEASE_DB_PER_SECOND / rate
        self._buses = [_bus_limiter(bus) for bus in buses]
        self._lowest_limit = min((float(bus.limit) for bus in self._buses), default=0.0)
        self._magnitudes = np.zeros((0, outputs), np.float32)
        self._peaks = np.zeros((0, outputs), np.float32)

    def apply(self, out: Block) -> None:
        """Limit `out`, [frames, outputs], in place."""
        if len(out) > len(self._magnitudes):
            self._magnitudes, self._peaks = np.zeros_like(out), np.zeros_like(out)
        magnitudes = np.abs(out, out=self._magnitudes[: len(out)])
        if self.active or not np.maximum.reduce(magnitudes, axis=None) <= self._lowest_limit:  # NaN is not
            for bus in self._buses:
                self._limit(bus, out, magnitudes[:, bus.channels])
            self.active = any(bus.reduction_db > 0 for bus in self._buses)
            np.abs(out, out=magnitudes)
        peaks = self._peaks[: len(out)]  # frame by frame, which is quicker than to reduce each block
        np.maximum(peaks, magnitudes, out=peaks)

    def taken_peaks(self) -> Block:
        """The largest absolute sample of each output since the last call; for another thread."""
        peaks, self._peaks = self._peaks, np.zeros_like(self._peaks)
        return np.asarray(peaks.max(axis=0, initial=0.0), np.float32)

    def _limit(self, bus: _BusLimiter, out: Block, magnitudes: Block) -> None:
        peak = magnitudes.max(initial=0.0)
        if not np.isfinite(peak):
            out[:, bus.channels] = 0.0
            bus.reduction_db = 0.0
            self.nonfinite += 1
        elif bus.reduction_db > 0 or peak > bus.limit:
            reduction_db = self._reduction_db(bus, magnitudes.max(axis=1))
            bus.reduction_db = float(reduction_db[-1])
            block = out[:, bus.channels] * (10 ** (reduction_db / -20)).astype(np.float32)[:, np.newaxis]
            out[:, bus.channels] = np.clip(block, -bus.limit, bus.limit)

    def _reduction_db(self, bus: _BusLimiter, magnitudes: Block) -> NDArray[np.float64]:
        """At once as much as is needed, then less by a constant number of dB each frame."""
        needed_db = 20 * np.log10(np.maximum(magnitudes, bus.limit, dtype=np.float64)) - bus.limit_db
        fallen_db = self._fall_db * np.arange(1, len(magnitudes) + 1)
        needed_db[0] = max(needed_db[0], bus.reduction_db - self._fall_db)
        held_db: NDArray[np.float64] = np.maximum.accumulate(needed_db + fallen_db) - fallen_db
        return np.where(held_db > 1e-9, held_db, 0.0)


def _bus_limiter(bus: Bus) -> _BusLimiter:
    limit = np.float32(amplitude(bus.limit_db))
    return _BusLimiter(np.array(bus.channels, np.intp), limit, float(20 * np.log10(np.float64(limit))))

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

    `peaks` holds the largest absolute sample of each output in the last block; `nonfinite` counts the blocks of a
    bus that were made silent because a sample in them was no number.
    """

    def __init__(self, buses: tuple[Bus, ...], outputs: int, rate: int) -> None:
        self.peaks = np.zeros(outputs, np.float32)
        self.nonfinite = 0
        self._limits = np.full(outputs, np.inf, np.float32)
        self._fall_db = RELEASE_DB_PER_SECOND / rate
        self._buses = [_bus_limiter(bus) for bus in buses]
        self._active = False
        self._within = np.ones(outputs, np.bool_)
        self._all_within = self._within.tobytes()
        self._magnitudes = np.zeros((0, outputs), np.float32)
        for bus in self._buses:
            self._limits[bus.channels] = bus.limit

    def apply(self, out: Block) -> None:
        """Limit `out`, [frames, outputs], in place."""
        if len(out) > len(self._magnitudes):
            self._magnitudes = np.zeros_like(out)
        magnitudes = np.abs(out, out=self._magnitudes[: len(out)])
        np.maximum.reduce(magnitudes, axis=0, out=self.peaks)
        np.less_equal(self.peaks, self._limits, out=self._within)  # NaN is not
        if self._active or self._within.tobytes() != self._all_within:  # a tenth of what `all()` takes
            for bus in self._buses:
                self._limit(bus, out)
            self._active = any(bus.reduction_db > 0 for bus in self._buses)
            np.abs(out).max(axis=0, out=self.peaks)

    def _limit(self, bus: _BusLimiter, out: Block) -> None:
        peaks = self.peaks[bus.channels]
        if not np.isfinite(peaks).all():
            out[:, bus.channels] = 0.0
            bus.reduction_db = 0.0
            self.nonfinite += 1
        elif bus.reduction_db > 0 or (peaks > bus.limit).any():
            block = out[:, bus.channels]
            reduction_db = self._reduction_db(bus, np.abs(block).max(axis=1))
            bus.reduction_db = float(reduction_db[-1])
            block *= (10 ** (reduction_db / -20)).astype(np.float32)[:, np.newaxis]
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

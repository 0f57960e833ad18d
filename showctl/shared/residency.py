"""Which audio lies in memory: told by the loader, asked by control before it promises a jump."""

from __future__ import annotations

from showctl.model.show import Medium, Record
from showctl.model.units import SongFrame
from showctl.shared.boards import BoardReader, BoardWriter
from showctl.shared.rundir import RuntimeDirectory

RESIDENCY_BYTES = 1 << 16

SecondRange = tuple[int, int]
"""Seconds of a prepared file, counted from its first frame: from, up to."""


class Residency(Record, frozen=True):
    """For each medium key, the ascending ranges of seconds that were read lately; a second is `rate` frames."""

    rate: int
    ranges: dict[str, tuple[SecondRange, ...]] = {}

    def resident(self, medium: Medium, at: SongFrame, frames: int) -> bool:
        """Whether `frames` frames from song frame `at` on can be played without waiting for the disk.

        Outside the medium is silence, which needs no disk.
        """
        first = max(0, at - medium.origin)
        last = min(medium.frames, at - medium.origin + frames)
        if first >= last:
            return True
        low, high = first // self.rate, -(-last // self.rate)
        return any(start <= low and high <= end for start, end in self.ranges.get(medium.key, ()))


def joined(seconds: set[int]) -> tuple[SecondRange, ...]:
    """Single seconds as ascending ranges."""
    starts = sorted(second for second in seconds if second - 1 not in seconds)
    ends = sorted(second + 1 for second in seconds if second + 1 not in seconds)
    return tuple(zip(starts, ends, strict=True))


def residency_writer(directory: RuntimeDirectory) -> BoardWriter[Residency]:
    return BoardWriter(directory.residency, RESIDENCY_BYTES)


def residency_reader(directory: RuntimeDirectory) -> BoardReader[Residency]:
    return BoardReader(directory.residency, Residency)

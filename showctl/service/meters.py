"""What the engine's meters show, bus by bus: the peak of each channel in dBFS, for who asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from math import log10

from showctl.errors import RuntimeFilesError
from showctl.model.show import Show
from showctl.model.units import SILENCE_DB, HostNs
from showctl.osc.teller import Told, say
from showctl.shared.records import NumberReader
from showctl.shared.rundir import RuntimeDirectory

STALE_NS = 500_000_000
"""An engine that has not said anything for so long says nothing any more."""


class Meters:
    """Reads the row of peaks; there is none before the first engine has started."""

    def __init__(self, directory: RuntimeDirectory, show: Show) -> None:
        self._path = directory.meters
        self._show = show
        self._reader: NumberReader | None = None
        self._head = 0
        self._moved_ns: HostNs | None = None

    def told(self, now: HostNs) -> Iterator[Told]:
        """All buses; silence where the engine has stopped."""
        peaks = self._peaks(now)
        for bus in self._show.buses:
            yield say("meter", f"/meter/{bus.slug}", *(dbfs(peaks[channel]) for channel in bus.channels))

    def _peaks(self, now: HostNs) -> tuple[float, ...]:
        reader = self._reader = self._reader or self._opened()
        silence = (0.0,) * self._show.outputs
        if reader is None:
            return silence
        if reader.head != self._head or self._moved_ns is None:
            self._head, self._moved_ns = reader.head, now
        return (reader.read() or silence) if now - self._moved_ns < STALE_NS else silence

    def _opened(self) -> NumberReader | None:
        try:
            return NumberReader(self._path, "d" * self._show.outputs)
        except RuntimeFilesError:
            return None


def dbfs(peak: float) -> float:
    """The level of an amplitude, where 1.0 is full scale; at least SILENCE_DB."""
    return max(SILENCE_DB, 20 * log10(peak)) if peak > 0 else SILENCE_DB

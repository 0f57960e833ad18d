"""Reading audio into the page cache, which all processes share, and remembering what was read when."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from showctl.loader.wanted import Second
from showctl.media.prepare import AUDIO_FILE
from showctl.shared.residency import Residency, joined

FRAME_BYTES = 4
FRESH_SECONDS = 20.0
"""For so long a page that was read is believed to stay in memory; then it is read again, which costs no disk."""

PIECE_BYTES = 1 << 18


@dataclass(slots=True)
class Warm:
    """What was read of the prepared files under `cache`, at `rate`, and when. Times are in seconds."""

    cache: Path
    rate: int
    _tried_at: dict[Second, float] = field(default_factory=dict)
    _read_at: dict[Second, float] = field(default_factory=dict)
    _scratch: bytearray = field(default_factory=lambda: bytearray(PIECE_BYTES))

    def next_cold(self, wanted: Iterable[Second], now: float) -> Second | None:
        """The most urgent second that has to be read, for the first time or again."""
        return next((second for second in wanted if not self._fresh(second, now)), None)

    def read(self, second: Second, now: float) -> int:
        """Read it; returns how many bytes there were. What cannot be read is tried again when others are."""
        self._tried_at[second] = now
        frame_bytes = second.columns * FRAME_BYTES
        left = length = second.frames * frame_bytes
        with suppress(OSError), (self.cache / second.key / AUDIO_FILE).open("rb", buffering=0) as file:
            file.seek(second.number * self.rate * frame_bytes)
            while left and (count := file.readinto(memoryview(self._scratch)[: min(left, PIECE_BYTES)])):
                left -= count
        if not left:
            self._read_at[second] = now
        return length - left

    def residency(self, now: float) -> Residency:
        """What may be believed to be in memory: what was read lately, or is about to be read again."""
        numbers: dict[str, set[int]] = {}
        for second, at in self._read_at.items():
            if now - at < 2 * FRESH_SECONDS:
                numbers.setdefault(second.key, set()).add(second.number)
        return Residency(self.rate, {key: joined(seconds) for key, seconds in numbers.items()})

    def forget(self, now: float) -> None:
        """Drop what was read long ago."""
        for times in (self._tried_at, self._read_at):
            for second in [second for second, at in times.items() if now - at >= 2 * FRESH_SECONDS]:
                del times[second]

    def _fresh(self, second: Second, now: float) -> bool:
        return now - self._tried_at.get(second, float("-inf")) < FRESH_SECONDS

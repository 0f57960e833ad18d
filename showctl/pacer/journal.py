"""What was due and what was sent, as JSON lines in the runtime directory, for whoever wants to know afterwards."""

from __future__ import annotations

import contextlib
from collections import deque
from pathlib import Path

import msgspec

from showctl.model.show import Record
from showctl.model.units import Frame, HostNs

MAX_BYTES = 8 << 20
"""A larger file gives way to a new one; the one before is kept beside it, as `journal.1`."""

MAX_WAITING = 10_000
"""Lines kept in memory until there is time to write them; beyond, the oldest are lost."""


class Sent(Record, frozen=True):
    """A message about session frame `frame`, due and sent at host times, to so many listeners."""

    due_ns: HostNs
    sent_ns: HostNs
    frame: Frame
    version: int
    what: str
    to: int


class Trouble(Record, frozen=True):
    """Something that could not be sent; `count` so far."""

    trouble: str
    count: int = 1


class Journal:
    """Noting is cheap; `flush` writes, and is for idle moments. A disk that is full costs lines, nothing else."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._waiting: deque[Sent | Trouble] = deque(maxlen=MAX_WAITING)
        self._encoder = msgspec.json.Encoder()

    def note(self, line: Sent | Trouble) -> None:
        self._waiting.append(line)

    def flush(self) -> None:
        """Appends what was noted since."""
        if not self._waiting:
            return
        lines = self._encoder.encode_lines(self._waiting)
        self._waiting.clear()
        with contextlib.suppress(OSError):
            self._make_room(len(lines))
            with self._path.open("ab") as file:
                file.write(lines)

    def _make_room(self, size: int) -> None:
        if self._path.exists() and self._path.stat().st_size + size > MAX_BYTES:
            self._path.replace(self._path.with_suffix(".1"))

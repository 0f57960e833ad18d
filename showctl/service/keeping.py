"""Keeps the night's levels and named mixes in the file that outlives the service, outside of control's loop."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path

import trio

from showctl.errors import RuntimeFilesError
from showctl.model.mix import Mix
from showctl.model.mixes import Mixes
from showctl.shared.kept import Kept, write_kept

EACH_SECONDS = 1.0
"""A fader in motion is written down so often at the most."""

AGAIN_SECONDS = 600.0
"""So often levels that stay as they are are written down again, so that they stay those of tonight."""

log = logging.getLogger(__name__)

Holds = Callable[[], tuple[Mixes, Mix]]
"""What is to be kept: the named mixes, and the live levels."""


class Keeper:
    """Writes `holds()` to `path` whenever it has changed."""

    def __init__(self, path: Path, holds: Holds) -> None:
        self._path = path
        self._holds = holds
        self._written: tuple[Mixes, Mix] | None = None
        self._written_at = 0.0

    async def serve(self) -> None:
        """Until cancelled; then once more."""
        try:
            while True:
                if self._due():
                    await trio.to_thread.run_sync(self._write, self._holds())
                await trio.sleep(EACH_SECONDS)
        finally:
            if self._due():
                self._write(self._holds())

    def _due(self) -> bool:
        return self._holds() != self._written or time.monotonic() - self._written_at > AGAIN_SECONDS

    def _write(self, held: tuple[Mixes, Mix]) -> None:
        """A disk that is full costs what would have been kept, nothing else."""
        self._written, self._written_at = held, time.monotonic()
        try:
            write_kept(self._path, Kept(*held, time.time()))
        except RuntimeFilesError as exc:
            log.warning("%s", exc)

"""What of a night's levels outlives the service: a file beside the recordings of the show's nights, one for each show.

It holds the mixes that were given names, for good, and the live levels, for whoever starts the service again the same
night: after a power cut the musicians want to hear what they heard.
"""

from __future__ import annotations

import logging
from pathlib import Path

import msgspec

from showctl.errors import RuntimeFilesError
from showctl.model.mix import Mix
from showctl.model.mixes import Mixes, fitting
from showctl.model.show import Record, Show
from showctl.shared.files import atomic_write

NIGHT_SECONDS = 12 * 3600
"""Live levels older than this are of another night."""

log = logging.getLogger(__name__)


class Kept(Record, frozen=True):
    """`live` held at Unix time `at`."""

    mixes: Mixes = Mixes()
    live: Mix = Mix()
    at: float = 0.0

    def live_for(self, show: Show, now: float) -> Mix:
        """The live levels of the same night, as far as the show has them; else the show file's. Nobody still talks."""
        if not 0 <= now - self.at < NIGHT_SECONDS:
            return Mix()
        return msgspec.structs.replace(self.live, buses=fitting(show, self.live.buses), talkback=False)


def kept_path(night_log: Path) -> Path:
    return night_log.with_name("mixes.json")


def read_kept(path: Path) -> Kept:
    """Nothing where there is no such file. One that cannot be read is laid aside, with a line in the log."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Kept)
    except FileNotFoundError:
        return Kept()
    except (OSError, msgspec.DecodeError) as exc:
        log.warning("the kept mixes in %s cannot be read (%s): laid aside", path, exc)
        _lay_aside(path)
        return Kept()


def _lay_aside(path: Path) -> None:
    try:
        path.replace(path.with_suffix(".unreadable"))
    except OSError:
        log.warning("%s cannot be renamed either", path)


def write_kept(path: Path, kept: Kept) -> None:
    """Whole or not at all. Raises `RuntimeFilesError`."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise RuntimeFilesError(
            f"cannot make {path.parent} ({exc.strerror}): make the folder above it writable"
        ) from exc
    atomic_write(path, msgspec.json.format(msgspec.json.encode(kept)))

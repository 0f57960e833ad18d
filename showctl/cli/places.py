"""Where nights and logs are kept: in the user's own state folder."""

from __future__ import annotations

import datetime as dt
import hashlib
import os
from itertools import count
from pathlib import Path

from platformdirs import user_state_path

from showctl.errors import ShowctlError
from showctl.model.names import slug

NAME_CHARACTERS = 40
"""Of a folder's name: in ASCII it may be several times as long as it was, and no system takes more than 255."""


def show_name(folder: Path) -> str:
    """What a show is called in paths: its folder's name, which stays the same when the title changes.

    Eight digits tell it from shows in folders of the same name elsewhere, so that both can be served at once.
    """
    path = folder.resolve()
    name = slug(path.name)[:NAME_CHARACTERS].rstrip("-") or "show"
    return f"{name}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"


def night_path(folder: Path, now: dt.datetime) -> Path:
    """A new recording for a night of this show; its folder is made. Raises `ShowctlError` where it cannot be."""
    nights = _folder(show_name(folder))
    names = (f"{now:%Y-%m-%d-%H%M%S}" + (f"-{number}" if number > 1 else "") for number in count(1))
    return next(path for path in (nights / f"{name}.jsonl" for name in names) if not path.exists())


def fault_log() -> Path:
    return _folder() / "faults.log"


def _folder(*names: str) -> Path:
    folder = user_state_path("showctl", appauthor=False).joinpath(*names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ShowctlError(f"cannot make {folder} ({exc.strerror}): make the folder above it writable") from exc
    return folder

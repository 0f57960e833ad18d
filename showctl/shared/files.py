"""A small file written whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from showctl.errors import RuntimeFilesError


def atomic_write(path: Path, content: bytes) -> None:
    """Replace the file at `path`; whoever opens it, or whatever dies meanwhile, it is the old or the new one.

    Raises `RuntimeFilesError` if it cannot be written; the old file is then untouched.
    """
    try:
        _replace(path, content)
    except OSError as exc:
        message = f"cannot write {path} ({exc.strerror}): free space there, or make its folder writable"
        raise RuntimeFilesError(message) from exc


def _replace(path: Path, content: bytes) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise

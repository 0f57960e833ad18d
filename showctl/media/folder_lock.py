"""Locks on folders between processes, released by the system when their holder dies.

POSIX: `flock` on the folder. Windows: none, since it refuses to rename a folder in which a file is open or mapped.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path


class FolderLock:
    """A hold on a folder that ends with the process at the latest."""

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; again is harmless."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def hold_shared(folder: Path) -> FolderLock | None:
    """One hold of many, as soon as nobody holds it alone; None if the folder is not there then."""
    return _hold(folder, exclusive=False)


def hold_alone(folder: Path) -> FolderLock | None:
    """The only hold, or None if there is another one or no such folder."""
    return _hold(folder, exclusive=True)


def sync_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk, where the system lets us (Windows does so itself)."""
    if sys.platform != "win32":
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


if sys.platform == "win32":

    def _hold(folder: Path, *, exclusive: bool) -> FolderLock | None:  # noqa: ARG001
        return FolderLock(None) if folder.is_dir() else None
else:
    import fcntl

    def _hold(folder: Path, *, exclusive: bool) -> FolderLock | None:
        try:
            lock = FolderLock(descriptor := os.open(folder, os.O_RDONLY))
        except (FileNotFoundError, NotADirectoryError):
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB if exclusive else fcntl.LOCK_SH)
            if os.path.samestat(os.fstat(descriptor), os.stat(folder)):
                return lock
        except (BlockingIOError, FileNotFoundError):  # held by another, or renamed away while we waited
            pass
        except OSError:
            lock.release()
            raise
        lock.release()
        return None

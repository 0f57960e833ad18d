"""The prepared songs on disk: a bounded folder of entries, the least recently used leaving first.

An entry is a folder named by its key that holds files to be memory-mapped. That is the whole cache: the engine and
the loader of several processes share one copy of a song in the page cache, an entry larger than the memory costs
nothing to open, and no library in between has to copy gigabytes through a database. An entry is built in a scratch
folder and renamed when it is complete, so it is there as a whole or not at all, whenever a process is killed.

Locks are `flock`s on those folders, which end with their process: a builder holds its scratch folder, so scratch
without a holder is a leftover; a pinned entry is held shared, so no process evicts what another one plays.
Windows needs none: it refuses to rename a folder in which a file is open or mapped.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import platformdirs

from showctl.errors import MediaError
from showctl.media.folder_lock import FolderLock, hold_alone, hold_shared, sync_folder

DEFAULT_LIMIT_BYTES = 20 * 2**30
DIRECTORY_VARIABLE = "SHOWCTL_CACHE"
_REMEDY = f"set {DIRECTORY_VARIABLE} to a folder on another disk"
_SCRATCH = ".part"
_HASHES = "hashes.json"
_MAX_HASHES = 10_000
_SETTLED_NS = 2_000_000_000  # a file changed twice within one tick of the file system's clock looks unchanged
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def default_directory(environ: Mapping[str, str]) -> Path:
    """The folder in `SHOWCTL_CACHE`, or the user's cache folder of this system."""
    chosen = environ.get(DIRECTORY_VARIABLE)
    return Path(chosen) if chosen else platformdirs.user_cache_path("showctl", appauthor=False)


class Cache:
    """Entries in `directory`, together at most `limit_bytes`; any number of processes may use it at once."""

    def __init__(self, directory: Path, limit_bytes: int = DEFAULT_LIMIT_BYTES) -> None:
        """Make the folder and clear away what killed processes left. Raises `MediaError` if it cannot be used."""
        self.directory = directory
        self.limit_bytes = limit_bytes
        self._pins: dict[str, FolderLock | None] = {}
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._clear_leftovers()
        except OSError as exc:
            raise MediaError(f"the cache in {directory} cannot be used ({exc.strerror}); {_REMEDY}") from exc

    def lookup(self, key: str) -> Path | None:
        """The folder of an entry, now the most recently used one, or None."""
        folder = self.directory / key
        try:
            os.utime(folder, ns=(time.time_ns(),) * 2)
        except FileNotFoundError:
            return None
        except OSError:  # a cache on a read-only disk still serves
            return folder if folder.is_dir() else None
        return folder

    def pin(self, keys: Collection[str]) -> None:
        """Keep these entries, and no longer those pinned before, until the process ends; also ones still to come."""
        for key in self._pins.keys() - set(keys):
            if lock := self._pins.pop(key):
                lock.release()
        for key in keys:
            if self._pins.get(key) is None:
                self._pins[key] = hold_shared(self.directory / key)

    def discard(self, key: str) -> None:
        """Remove a damaged entry, unless another process holds it; a pin of this one waits for the next."""
        if lock := self._pins.get(key):
            lock.release()
            self._pins[key] = None
        self._remove(self.directory / key)

    @contextlib.contextmanager
    def build(self, key: str, needed_bytes: int) -> Iterator[Path]:
        """A scratch folder that becomes the entry `key` when the block ends well, and vanishes otherwise.

        Makes room first. Raises `MediaError` when there is none, or where writing fails in the block.
        """
        try:
            self._clear_leftovers()
            self._make_room(needed_bytes)
            with self._scratch(key) as scratch:
                yield scratch
                self._publish(scratch, key)
            self._settle(key)
        except OSError as exc:
            raise MediaError(self._write_error(exc, needed_bytes)) from exc

    def content_hashes(self, paths: Sequence[Path]) -> list[str]:
        """The blake2b hash of each file's bytes, remembered as long as size, time and inode stay the same."""
        remembered = self._remembered_hashes()
        known = dict(remembered)
        hashes = [_content_hash(path, known) for path in paths]
        if known != remembered:
            self._remember_hashes(known)
        return hashes

    @contextlib.contextmanager
    def _scratch(self, key: str) -> Iterator[Path]:
        folder, lock = self._locked_scratch(key)
        try:
            yield folder
        finally:
            lock.release()
            shutil.rmtree(folder, ignore_errors=True)

    def _locked_scratch(self, key: str) -> tuple[Path, FolderLock]:
        """A new folder and its lock; again if another process took it for a leftover in between."""
        while True:
            folder = Path(tempfile.mkdtemp(_SCRATCH, f"{key}.", self.directory))
            if lock := hold_alone(folder):
                return folder, lock

    def _publish(self, scratch: Path, key: str) -> None:
        """Rename to the entry; where another process was quicker, its entry has the same content and stays."""
        sync_folder(scratch)
        try:
            scratch.rename(self.directory / key)
        except OSError:
            if not (self.directory / key).is_dir():
                raise
        sync_folder(self.directory)

    def _settle(self, key: str) -> None:
        """Hold a new entry that is pinned, and give back what builders at the same time took beyond the limit."""
        if key in self._pins:
            self.pin(tuple(self._pins))
        self._evict(0, keep=key)

    def _make_room(self, needed_bytes: int) -> None:
        used = self._evict(needed_bytes)
        if needed_bytes > self._free_bytes():
            raise MediaError(self._full(needed_bytes))
        if used + needed_bytes > self.limit_bytes:
            raise MediaError(
                f"the cache in {self.directory} may hold {_size(self.limit_bytes)}: {_size(needed_bytes)} more are"
                f" needed and {_size(used)} are in use; raise its limit"
            )

    def _evict(self, needed_bytes: int, keep: str | None = None) -> int:
        """Remove entries, the least recently used first, until `needed_bytes` fit; the bytes still used."""
        entries = self._entries()
        used = sum(entries.values())
        for folder, size in entries.items():
            if used + needed_bytes <= self.limit_bytes and needed_bytes <= self._free_bytes():
                break
            if folder.name not in {keep, *self._pins} and self._remove(folder):
                used -= size
        return used

    def _entries(self) -> dict[Path, int]:
        """Size of each entry, the least recently used first."""
        found: list[tuple[int, Path, int]] = []
        for folder in self.directory.iterdir():
            with contextlib.suppress(FileNotFoundError, NotADirectoryError):  # another process evicts too
                if folder.suffix != _SCRATCH:
                    size = sum(file.stat().st_size for file in folder.iterdir())
                    found.append((folder.stat().st_mtime_ns, folder, size))
        return {folder: size for _, folder, size in sorted(found)}

    def _free_bytes(self) -> int:
        return shutil.disk_usage(self.directory).free

    def _remove(self, folder: Path) -> bool:
        """Remove an entry or leftover that nobody holds; whether it is gone."""
        lock = hold_alone(folder)
        if lock is None:
            return False
        try:
            doomed = Path(tempfile.mkdtemp(_SCRATCH, "evicted.", self.directory))
            folder.rename(doomed / folder.name)  # from here on no lookup finds it half deleted
            shutil.rmtree(doomed, ignore_errors=True)
        except OSError:
            return False
        finally:
            lock.release()
        return True

    def _clear_leftovers(self) -> None:
        for leftover in self.directory.glob(f"*{_SCRATCH}"):
            if leftover.is_dir():
                self._remove(leftover)
            else:
                leftover.unlink(missing_ok=True)

    def _remembered_hashes(self) -> dict[str, str]:
        try:
            return msgspec.json.decode((self.directory / _HASHES).read_bytes(), type=dict[str, str])
        except (OSError, msgspec.DecodeError):
            return {}

    def _remember_hashes(self, known: dict[str, str]) -> None:
        """Replace the index. What two processes write at once, or a full disk loses, is only hashed again."""
        recent = dict(list(known.items())[-_MAX_HASHES:])
        with contextlib.suppress(OSError):
            handle, name = tempfile.mkstemp(_SCRATCH, _HASHES, self.directory)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(msgspec.json.encode(recent))
                Path(name).replace(self.directory / _HASHES)
            finally:
                Path(name).unlink(missing_ok=True)

    def _write_error(self, exc: OSError, needed_bytes: int) -> str:
        if exc.errno in _FULL:
            return self._full(needed_bytes, f" ({exc.strerror})")
        return f"the cache in {self.directory} cannot be written ({exc.strerror}); {_REMEDY}"

    def _full(self, needed_bytes: int, reason: str = "") -> str:
        return (
            f"the cache in {self.directory} is full{reason}: needs {_size(needed_bytes)},"
            f" {_size(self._free_bytes())} free; free space or {_REMEDY}"
        )


def _content_hash(path: Path, known: dict[str, str]) -> str:
    """The hash from `known`, or computed and noted there."""
    try:
        with open(path, "rb") as file:
            stat = os.fstat(file.fileno())
            mark = f"{stat.st_dev}-{stat.st_ino}-{stat.st_size}-{stat.st_mtime_ns}"
            if mark in known:
                return known[mark]
            content = hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=20)).hexdigest()
    except OSError as exc:
        raise MediaError(f"{path}: cannot be read ({exc.strerror})") from exc
    if time.time_ns() - stat.st_mtime_ns > _SETTLED_NS:
        known[mark] = content
    return content


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"

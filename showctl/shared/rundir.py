"""The runtime directory of one service: where its shared files lie, who may write them, who owns it.

It should lie in memory: on a disk, writing to a mapped page can wait while the kernel writes that page back.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_runtime_path

from showctl.errors import RuntimeFilesError
from showctl.shared.records import RecordReader, RecordWriter

_LOCK_NAME = "lock"


@dataclass(frozen=True, slots=True)
class RuntimeDirectory:
    """The places of the shared files. A value: making one touches nothing."""

    path: Path

    @property
    def lease(self) -> Path:
        """The number of the control that may write (supervisor and control → all)."""
        return self.path / "lease"

    @property
    def edits(self) -> Path:
        """Mailbox of edits (control → engine, pacer)."""
        return self.path / "edits"

    @property
    def verdicts(self) -> Path:
        """Mailbox of what became of each edit (engine → control)."""
        return self.path / "verdicts"

    @property
    def plan(self) -> Path:
        """The committed plan (engine → all)."""
        return self.path / "plan"

    @property
    def clock(self) -> Path:
        """The newest block's clock (engine → all)."""
        return self.path / "clock"

    @property
    def anchors(self) -> Path:
        """The log of anchors (engine → all)."""
        return self.path / "anchors"

    @property
    def meters(self) -> Path:
        """Peaks of every bus (engine → control)."""
        return self.path / "meters"

    @property
    def health(self) -> Path:
        """Who lives, and how well (supervisor → control)."""
        return self.path / "health"

    @property
    def unreached(self) -> Path:
        """Which targets cannot be sent to, and why (pacer → control)."""
        return self.path / "unreached"

    @property
    def service(self) -> Path:
        """What was settled at the start: paths, ports, options (supervisor → all)."""
        return self.path / "service.json"

    @property
    def residency(self) -> Path:
        """Which audio lies in memory (loader → control)."""
        return self.path / "residency"

    def heartbeat(self, process: str) -> Path:
        """The sign of life of "engine", "pacer", "control" or "loader" (itself → supervisor)."""
        return self.path / f"heartbeat-{process}"

    @property
    def subscribers(self) -> Path:
        """Who is told what (control → pacer, the next control)."""
        return self.path / "subscribers"

    @property
    def deliveries(self) -> Path:
        """Commands that are done once however often they arrive (control → the next control)."""
        return self.path / "deliveries"

    @property
    def signed_in(self) -> Path:
        """Who has said the passcode (control → the next control)."""
        return self.path / "signed-in"

    @property
    def night(self) -> Path:
        """What the next control must know: command ids, guard, armed entry, fired cues, levels (control → control)."""
        return self.path / "night"

    @property
    def mixes(self) -> Path:
        """Mixes that are kept by name (supervisor and control → control)."""
        return self.path / "mixes"

    def show(self, show_hash: str) -> Path:
        """A compiled show under its hash (loader → all)."""
        return self.path / "show" / show_hash

    def bell(self, process: str) -> Path:
        """The doorbell of "engine", "pacer", "control" or "loader"."""
        return self.path / f"bell-{process}"


def default_directory(service: str) -> RuntimeDirectory:
    """Where the files of `service` go if nobody says otherwise: the user's own runtime directory."""
    if sys.platform == "linux":
        session = Path(os.environ.get("XDG_RUNTIME_DIR", f"/run/user/{os.getuid()}"))
        # Without a login session (a unit, a container) platformdirs would take /tmp, which may be on a disk.
        memory = session if session.is_dir() else Path("/dev/shm")  # noqa: S108 - what we make there is 0700
        return RuntimeDirectory(memory / f"showctl-{os.getuid()}-{service}")
    return RuntimeDirectory(user_runtime_path("showctl", appauthor=False) / service)


@dataclass(frozen=True, slots=True)
class ClaimedDirectory:
    """A runtime directory whose lock this process holds."""

    directory: RuntimeDirectory
    stale: bool
    """Its last owner died: the files are as it left them, and its processes may still run."""

    def clear(self) -> None:
        """Remove every file but the lock; only when no process uses them any more."""
        for entry in _contents(self.directory.path):
            if entry.is_dir():
                shutil.rmtree(entry)
            else:
                entry.unlink()


@contextmanager
def claim_directory(directory: RuntimeDirectory) -> Iterator[ClaimedDirectory]:
    """Create or adopt `directory` (0700) and hold its lock; the supervisor's first act.

    A clean exit removes it; an error leaves it to be found `stale`, as death does. Raises `RuntimeFilesError` if
    it belongs to another user, to a running service, or holds anything else.
    """
    path = directory.path
    _make_private(path)
    lock = _take_lock(path)
    try:
        claimed = ClaimedDirectory(directory, stale=bool(_contents(path)))
        yield claimed
        claimed.clear()
        with suppress(OSError):  # Windows keeps an open file: there an empty directory stays
            (path / _LOCK_NAME).unlink()
            path.rmdir()
    finally:
        os.close(lock)


def open_directory(path: Path) -> RuntimeDirectory:
    """The directory of a running service. Raises `RuntimeFilesError` if there is none at `path`."""
    if not (path / _LOCK_NAME).exists():
        raise RuntimeFilesError(f"expected the runtime directory of a service at {path}: start `showctl serve` first")
    return RuntimeDirectory(path)


def _contents(path: Path) -> list[Path]:
    return [entry for entry in path.iterdir() if entry.name != _LOCK_NAME]


def _make_private(path: Path) -> None:
    """Make `path` a directory of this user alone, unless it is somebody's or something else's."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_foreign(path)
        path.chmod(0o700)
    except OSError as exc:
        raise RuntimeFilesError(f"cannot use {path} ({exc.strerror}): choose another runtime directory") from exc


def _refuse_foreign(path: Path) -> None:
    """Raise if what is there is not ours: it would be readable by others now, or removed on exit."""
    if sys.platform != "win32" and path.lstat().st_uid != os.getuid():
        raise RuntimeFilesError(f"expected {path} to belong to you: choose another runtime directory")
    if path.is_symlink() or (_contents(path) and not (path / _LOCK_NAME).exists()):
        rule = f"expected {path} to be new, empty or left by an earlier service"
        raise RuntimeFilesError(f"{rule}, found something else there: choose another runtime directory")


def _take_lock(path: Path) -> int:
    """The descriptor of the locked file in `path`; closing it, or dying, gives the lock back."""
    lock = path / _LOCK_NAME
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock_now(descriptor)
        # Its last owner may have removed the file between our two calls: then we hold a lock nobody else can see.
        if not os.path.samestat(os.fstat(descriptor), lock.stat()):
            raise BlockingIOError
    except OSError as exc:
        owner = os.read(descriptor, 32).decode() or "starting"
        os.close(descriptor)
        what = f"this show is in use by another service (process {owner})"
        raise RuntimeFilesError(f"{what}: stop that, or serve a copy of the folder ({path} is taken)") from exc
    os.ftruncate(descriptor, 0)
    os.write(descriptor, str(os.getpid()).encode())
    return descriptor


if sys.platform == "win32":
    import msvcrt

    def _lock_now(descriptor: int) -> None:
        os.lseek(descriptor, 1 << 20, os.SEEK_SET)  # a locked byte cannot be read there; the number before it can
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        finally:
            os.lseek(descriptor, 0, os.SEEK_SET)

else:
    import fcntl

    def _lock_now(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Lease:
    """The right to write, as a number that only rises: engine and pacer refuse what comes under a lower one.

    It is the sequence number of an empty record. Taken by one process at a time, the supervisor sees to that.
    """

    def __init__(self, path: Path) -> None:
        self._writer = RecordWriter(path, payload_bytes=0)
        self._reader = RecordReader(path)

    def take(self) -> int:
        """A new lease; all before it are void from now on."""
        return self._writer.write(b"")

    def current(self) -> int:
        """The newest lease, 0 before the first. One aligned load."""
        return self._reader.head

"""The recording of a night: the plan it began with, and every edit as it was committed, one JSON object per line."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from showctl.errors import RuntimeFilesError
from showctl.model.plan import Committed, Plan


@dataclass(frozen=True, slots=True)
class Recording:
    """`plan` names the show it is of by its hash; `log` ascends."""

    plan: Plan
    log: tuple[Committed, ...]


def begin_night(path: Path, plan: Plan) -> None:
    """Make the file and write its first line. Raises `RuntimeFilesError` if it cannot."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_line(plan))
    except OSError as exc:
        raise _unwritable(path, exc) from exc


class NightLog:
    """The end of a recording, held open for as long as its engine plays: a file moved meanwhile is written on."""

    def __init__(self, path: Path) -> None:
        """A file that has gone is made anew. Raises `RuntimeFilesError` if it cannot be written."""
        self._path = path
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as exc:
            raise _unwritable(path, exc) from exc

    def append(self, committed: Iterable[Committed]) -> None:
        """One write for all of them, so that whatever dies leaves whole lines. Raises `RuntimeFilesError`."""
        lines = b"".join(map(_line, committed))
        try:
            written = self._file.write(lines) or 0
            if written < len(lines):  # a disk that is just filling up: half a line would spoil those after it
                self._file.truncate(self._file.tell() - written)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as exc:
            raise _unwritable(self._path, exc) from exc

    def close(self) -> None:
        """Nothing waits to be written: an engine that is killed loses nothing by not doing it."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def read_night(path: Path) -> Recording:
    """A last line that the power cut short is left out. Raises `RuntimeFilesError` for what is no recording."""
    try:
        lines = path.read_bytes().split(b"\n")[:-1]
    except OSError as exc:
        raise RuntimeFilesError(f"cannot read {path} ({exc.strerror}): give the path of a night's recording") from exc
    try:
        log = tuple(msgspec.json.decode(line, type=Committed) for line in lines[1:])
        return Recording(msgspec.json.decode(lines[0], type=Plan), log)
    except (msgspec.DecodeError, IndexError) as exc:
        raise RuntimeFilesError(f"expected the recording of a night in {path}, found something else ({exc})") from exc


class _By(msgspec.Struct, frozen=True):
    by: str = ""


class _Line(msgspec.Struct, frozen=True):
    """What is read of a line where only its command is asked for: a night may have a hundred megabytes."""

    edit: _By = _By()


def keys_in(path: Path) -> frozenset[str]:
    """The commands with an id that have become edits, by their `Delivery.key`. Raises `RuntimeFilesError`."""
    decode, keys = msgspec.json.Decoder(_Line).decode, set[str]()
    try:
        with path.open("rb") as file:
            for line in file:
                if b"#" in line:
                    words = decode(line).edit.by.replace(",", " ").split()
                    keys.update(word[1:] for word in words if word.startswith("#"))
    except (OSError, msgspec.DecodeError) as exc:
        raise RuntimeFilesError(f"cannot read the recording of the night in {path} ({exc})") from exc
    return frozenset(keys)


def _line(value: Plan | Committed) -> bytes:
    return msgspec.json.encode(value) + b"\n"


def _unwritable(path: Path, exc: OSError) -> RuntimeFilesError:
    return RuntimeFilesError(f"cannot write {path} ({exc.strerror}): free space there, or make its folder writable")

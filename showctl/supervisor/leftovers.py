"""The processes of a service whose supervisor died: ended by the numbers it wrote down."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import msgspec

from showctl.errors import RuntimeFilesError
from showctl.shared.health import health_reader
from showctl.shared.rundir import RuntimeDirectory

GRACE_SECONDS = 1.0
"""How long they have to notice by themselves: their standard input ended with the supervisor."""


def end_leftovers(directory: RuntimeDirectory) -> tuple[int, ...]:
    """Ends what still runs; the numbers of those that had to be killed."""
    deadline = time.monotonic() + GRACE_SECONDS
    left = [pid for pid in _recorded(directory) if _is_ours(pid, directory.path)]
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = [pid for pid in left if _is_ours(pid, directory.path)]
    for pid in left:
        with suppress(OSError):
            os.kill(pid, signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    return tuple(left)


def _recorded(directory: RuntimeDirectory) -> tuple[int, ...]:
    try:
        health = health_reader(directory).read()
    except (RuntimeFilesError, msgspec.DecodeError):  # it died before it started any, or is of another version
        return ()
    return tuple(process.pid for process in health.processes) if health else ()


def _is_ours(pid: int, path: Path) -> bool:
    """Whether the process was started for this directory; its number may belong to somebody else by now."""
    return str(path) in _command_line(pid)


if sys.platform == "linux":

    def _command_line(pid: int) -> str:
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes())
        except OSError:
            return ""

elif sys.platform == "win32":

    def _command_line(_: int) -> str:
        return ""  # a mapped file cannot be removed there either: what still runs shows when the directory is cleared

else:

    def _command_line(pid: int) -> str:
        listed = subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True, check=False)
        return listed.stdout

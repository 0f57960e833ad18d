"""A running service of stand-ins, and waiting for what can be seen of it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import msgspec

from showctl.engine.devices import DeviceFacts
from showctl.shared.health import Health, Role, health_reader
from showctl.shared.rundir import RuntimeDirectory
from tests.supervisor.stand_in import DEVICES

DEADLINE_SECONDS = 30.0

T = TypeVar("T")


def eventually(look: Callable[[], T], what: str) -> T:
    """The first true answer; fails when there is none for a long time."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not (found := look()):
        assert time.monotonic() < deadline, what
        time.sleep(0.005)
    return found


def alive(pid: int) -> bool:
    return _state(Path(f"/proc/{pid}")) not in {"", "Z"}


def freeze(pid: int) -> None:
    """Stop it; when this returns none of its threads runs any more."""
    os.kill(pid, signal.SIGSTOP)
    tasks = Path(f"/proc/{pid}/task")
    eventually(lambda: {_state(task) for task in tasks.iterdir()} == {"T"}, f"that process {pid} stops")


def _state(task: Path) -> str:
    """As the kernel calls it: T is stopped, Z ended and not waited for; empty where there is no such task."""
    try:
        return (task / "stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return ""


def plug(folder: Path, *names: str, outputs: int = 8) -> None:
    """These devices are there from now on."""
    devices = [
        DeviceFacts(index, name, "ALSA", outputs, 48000.0, 0.01, default=index == 0) for index, name in enumerate(names)
    ]
    (folder / ".devices").write_bytes(msgspec.json.encode(devices))
    (folder / ".devices").replace(folder / DEVICES)


@dataclass(frozen=True)
class Running:
    process: subprocess.Popen[str]
    folder: Path
    ready: dict[str, str]

    @property
    def directory(self) -> RuntimeDirectory:
        return RuntimeDirectory(self.folder / "run")

    @property
    def port(self) -> int:
        return int(self.ready["osc"].rpartition(":")[2])

    @property
    def web_port(self) -> int:
        return int(self.ready["web"].rpartition(":")[2])

    def health(self) -> Health:
        health = health_reader(self.directory).read()
        assert health
        return health

    def pid(self, role: Role) -> int:
        return self.health().pid(role)

    def await_other(self, role: Role, pid: int) -> int:
        """The process that has taken the place of `pid`."""
        return eventually(
            lambda: (new := self.pid(role)) not in {0, pid} and alive(new) and new, f"no other {role} than {pid}"
        )

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text().splitlines() if path.exists() else []


def command(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.supervisor.service", str(folder), *arguments]


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[Running]:
    """A service that is ready; killed at the end if it still runs."""
    process = subprocess.Popen(command(folder, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout
    assert process.stderr
    try:
        line = process.stdout.readline()
        assert line.startswith("ready "), process.stderr.read()
        words, _, device = line.partition(" device=")
        ready = dict(word.split("=", 1) for word in words.split()[1:]) | {"device": device.strip()}
        yield Running(process, folder, ready)
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        process.stderr.close()


def refused(folder: Path, *arguments: str) -> str:
    """What a service says that does not start."""
    ended = subprocess.run(command(folder, *arguments), capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 1, ended
    assert ended.stdout == ""
    return ended.stderr

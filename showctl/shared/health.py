"""Signs of life: a heartbeat from each process, and what the supervisor makes of them for all to see."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import Literal

from showctl.model.show import Record
from showctl.model.units import HostNs
from showctl.shared.boards import BoardReader, BoardWriter
from showctl.shared.records import NumberReader, NumberWriter
from showctl.shared.rundir import RuntimeDirectory

Role = Literal["engine", "standby", "pacer", "control", "loader"]

BEAT_SECONDS = 0.5
"""At least this often a process beats, whatever else it does."""

SILENT_SECONDS = 2.0
"""A process without a heartbeat for so long is frozen."""

HEALTH_BYTES = 1 << 13
_FIELDS = "qqq"


@dataclass(frozen=True, slots=True)
class Sign:
    """The newest beat of process `pid`: its number, from 1, and when it was."""

    pid: int
    host_ns: HostNs
    count: int


class Heartbeat:
    """The beating side. Cheap enough to call in every turn of a loop (about 5 µs)."""

    def __init__(self, directory: RuntimeDirectory, role: Role) -> None:
        self._numbers = NumberWriter(directory.heartbeat(role), _FIELDS)
        self._pid = os.getpid()
        self._count = 0

    def beat(self) -> None:
        """Says: this process has just gone round its loop."""
        self._count += 1
        self._numbers.write((self._pid, time.perf_counter_ns(), self._count))


class HeartbeatReader:
    """The listening side. Makes the record if it is not there yet."""

    def __init__(self, directory: RuntimeDirectory, role: Role) -> None:
        NumberWriter(directory.heartbeat(role), _FIELDS)
        self._numbers = NumberReader(directory.heartbeat(role), _FIELDS)

    def read(self) -> Sign | None:
        """The newest beat of any process in this role; None before the first."""
        numbers = self._numbers.read()
        return None if numbers is None else Sign(*numbers)


class ProcessHealth(Record, frozen=True):
    """One process of the service; `restarts` counts those of its role so far."""

    role: Role
    pid: int
    restarts: int = 0


class Health(Record, frozen=True):
    """Who lives, what the sound goes to, and a sentence where something is wrong (empty: all is well)."""

    processes: tuple[ProcessHealth, ...] = ()
    device: str = ""
    wanted: str = ""
    text: str = ""

    def pid(self, role: Role) -> int:
        """The process in that role; 0 where there is none."""
        return next((process.pid for process in self.processes if process.role == role), 0)


class Unreached(Record, frozen=True):
    """A sentence for each target that could not be sent to the last time."""

    sentences: tuple[str, ...] = ()


def unreached_writer(directory: RuntimeDirectory) -> BoardWriter[Unreached]:
    return BoardWriter(directory.unreached, HEALTH_BYTES)


def unreached_reader(directory: RuntimeDirectory) -> BoardReader[Unreached]:
    return BoardReader(directory.unreached, Unreached)


def health_writer(directory: RuntimeDirectory) -> BoardWriter[Health]:
    return BoardWriter(directory.health, HEALTH_BYTES)


def health_reader(directory: RuntimeDirectory) -> BoardReader[Health]:
    return BoardReader(directory.health, Health)

"""The engine and its standby: a watchdog on its clock and its heartbeat, and the way to the next device and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import msgspec

from showctl.engine.devices import VIRTUAL
from showctl.errors import DeviceError
from showctl.shared.clock import ClockReader
from showctl.supervisor.child import Child
from showctl.supervisor.keeping import Damper, Pulse, Standby
from showctl.supervisor.outputs import PROBE_SECONDS, Outlets, Probe, is_there

STALL_SECONDS = 0.25
"""An engine that has rendered no block for so long is dead or hangs in its sound server."""

DEAF_SECONDS = 5.0
"""An engine that plays on but whose helper has not gone round for so long takes no commands: not even a panic.

Its helper beats ten times a second, and between any two songs that it brings in reach. What else it does takes a
fraction of a second on the largest shows, so only a disk that hangs may keep it for longer.
"""

OPEN_SECONDS = 4.0
"""How long a standby may take to the first block on its device."""

START_SECONDS = 20.0
"""How long an engine may take that has to import everything first, on a machine busy starting all the others."""

FIRST_LOOK_SECONDS = 2.0
LONGEST_LOOK_SECONDS = 60.0
"""How often a lost device is looked for; twice as long after one that was there could not be kept for a while."""

KEPT_SECONDS = 10.0

EXIT_NO_DEVICE = 3
"""What the engine ends with where its device cannot be had (`showctl.engine.process`)."""


class Told(msgspec.Struct):
    """A line of the engine's own output: what went wrong while it plays, or why it ends."""

    fault: str = ""
    error: str = ""


@dataclass(slots=True)
class Sounding:
    """Keeps one engine sounding. `start` makes a process: on a device, or, given None, a standby waiting for one."""

    outlets: Outlets
    clock: ClockReader
    pulse: Pulse
    """Of the engine's helper, which takes the commands; its callback shows in the clock."""
    start: Callable[[str | None], Child]
    probe: Callable[[], Probe]
    note: Callable[[str], None]
    """To the log."""
    say: Callable[[str], None]
    """To the user."""
    engine: Child | None = None
    advancing: bool = False
    restarts: int = 0
    fault: str = ""
    """What an engine complained of last."""
    choice: int = field(init=False)
    """Which of the outlets it plays to."""
    _seen: tuple[int, int] | None = None
    _moved_at: float = 0.0
    _chosen_at: float = 0.0
    _patience: float = START_SECONDS
    _due: float = 0.0
    _damper: Damper = field(default_factory=Damper)
    _standby: Standby = field(init=False)
    _probe: Probe | None = None
    _look_at: float = 0.0
    _look_every: float = FIRST_LOOK_SECONDS

    def __post_init__(self) -> None:
        self.choice = self.outlets.first
        self._standby = Standby("the engine's standby", lambda: self.start(None), self.note)

    @property
    def device(self) -> str:
        return self.outlets.labels[self.choice]

    @property
    def wanted(self) -> str:
        return self.outlets.labels[0]

    @property
    def text(self) -> str:
        """What is wrong, for people; empty where nothing is."""
        return f"{self.wanted} is not there: playing to {self.device}" if self.choice else self.outlets.remark

    @property
    def standby(self) -> Child | None:
        """What waits to take over."""
        return self._standby.child

    @property
    def children(self) -> tuple[Child, ...]:
        return tuple(child for child in (self.engine, self.standby) if child)

    def watch(self, now: float) -> None:
        """Looks once; does what is due. The first call starts the engine."""
        if self.engine is None:
            if now >= self._due:
                self._begin(now)
            return
        engine = self.engine
        self._listen(engine)
        self._read_clock(now)
        self.pulse.felt(engine.pid, now)
        if not engine.alive:
            code = engine.process.returncode
            self._lost(engine, now, f"ended with {code}", device_lost=code == EXIT_NO_DEVICE)
        elif now - self._moved_at > (STALL_SECONDS if self.advancing else self._patience):
            self._lost(engine, now, "renders no blocks", device_lost=not self.advancing)
        elif self.advancing and now - self.pulse.heard_at > DEAF_SECONDS:
            self._lost(engine, now, f"plays, but has taken no commands for {DEAF_SECONDS:g} s", device_lost=False)
        elif self.choice:
            self._look_for_better(engine, now)
        if self.advancing:
            self._standby.watch(now)

    def end_probe(self) -> None:
        """Forget a look that is under way."""
        if self._probe:
            self._probe.abandon()
            self._probe = None

    def _listen(self, engine: Child) -> None:
        for line in engine.said():
            self.note(f"engine (process {engine.pid}): {line}")
            told = _told(line)
            self.fault = told.error or told.fault or self.fault

    def _read_clock(self, now: float) -> None:
        block = self._block()
        if block == self._seen:
            return
        if not self.advancing:
            self.fault = ""  # of an engine before, or of a device that is none now
            self.pulse.heard_at = now  # it could not beat before
        self._seen, self._moved_at, self.advancing = block, now, True

    def _block(self) -> tuple[int, int] | None:
        record = self.clock.read()
        return (record.epoch, record.block) if record else None

    # ── one engine after the other ──

    def _begin(self, now: float) -> None:
        if waiting := self._standby.take():
            self.engine = waiting
            self.engine.role, self._patience = "engine", OPEN_SECONDS
            self.engine.tell(f"go {self.device}\n".encode())
        else:
            self.engine, self._patience = self.start(self.device), START_SECONDS
        self._seen, self._moved_at, self.advancing = self._block(), now, False

    def _lost(self, engine: Child, now: float, why: str, *, device_lost: bool) -> None:
        self.note(f"engine (process {engine.pid}) on {self.device} {why}")
        self._end_engine(engine)
        if device_lost and self.device != VIRTUAL:
            self._choose_next(now)
        self._due = self._damper.died(now)
        self.watch(now)

    def _end_engine(self, engine: Child) -> None:
        engine.kill()
        self._listen(engine)
        self.engine, self.advancing = None, False
        self.restarts += 1

    def _choose_next(self, now: float) -> None:
        kept = now - self._chosen_at > KEPT_SECONDS
        self._look_every = FIRST_LOOK_SECONDS if kept else min(2 * self._look_every, LONGEST_LOOK_SECONDS)
        self._look_at = now + self._look_every
        self.choice += 1
        self.say(self.text)

    # ── back to what was asked for ──

    def _look_for_better(self, engine: Child, now: float) -> None:
        if self._probe is None:
            if now >= self._look_at:
                self._probe, self._look_at = self.probe(), now + self._look_every
        elif self._probe.finished():
            better, self._probe = self._better(self._probe), None
            if better is not None:
                self._change_over(engine, now, better)
        elif now > self._look_at + PROBE_SECONDS:
            self.end_probe()

    def _better(self, probe: Probe) -> int | None:
        try:
            devices = probe.devices()
        except DeviceError:
            return None
        better = self.outlets.labels[: self.choice]
        return next((choice for choice, label in enumerate(better) if is_there(devices, label)), None)

    def _change_over(self, engine: Child, now: float, choice: int) -> None:
        """There is a gap, as short as the standby is quick; the session goes on behind it."""
        self.choice, self._chosen_at = choice, now
        self.say(f"{self.device} is back: changing over to it")
        self._end_engine(engine)
        self._begin(now)


def _told(line: str) -> Told:
    try:
        return msgspec.json.decode(line, type=Told)
    except msgspec.DecodeError:
        return Told()

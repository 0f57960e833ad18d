"""Control, pacer and loader: started again at once when they are gone or fall silent, but not in a storm."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from showctl.shared.health import SILENT_SECONDS, HeartbeatReader, Role, Sign
from showctl.supervisor.child import Child

START_SECONDS = 15.0
"""How long it may take until the first heartbeat, on a machine that is busy starting everything."""


@dataclass(slots=True)
class Damper:
    """At most `deaths` restarts in `seconds` are immediate; then one a second."""

    deaths: int = 5
    seconds: float = 10.0
    pause: float = 1.0
    _times: deque[float] = field(default_factory=deque)

    def died(self, now: float) -> float:
        """When the next one may be started."""
        self._times.append(now)
        while self._times[0] < now - self.seconds:
            self._times.popleft()
        return now + self.pause if len(self._times) > self.deaths else now


@dataclass(slots=True)
class Pulse:
    """When a process was last heard of, by its heartbeat and the supervisor's own time."""

    heart: HeartbeatReader
    heard_at: float = 0.0
    _heard: Sign | None = None

    def felt(self, pid: int, now: float) -> bool:
        """Whether process `pid` has beaten since the last look; one before it in its role does not count."""
        sign = self.heart.read()
        if sign is None or sign.pid != pid or sign == self._heard:
            return False
        self._heard, self.heard_at = sign, now
        return True


@dataclass(slots=True)
class Standby:
    """A process that has imported everything and waits; one that ends meanwhile is followed by another."""

    name: str
    start: Callable[[], Child]
    note: Callable[[str], None]
    child: Child | None = None
    _damper: Damper = field(default_factory=Damper)
    _due: float = 0.0

    def watch(self, now: float) -> None:
        """Looks once; the first call starts the process."""
        if self.child and not self.child.alive:
            self.note(f"{self.name} (process {self.child.pid}) has ended: starting another")
            self.child.kill()
            self.child, self._due = None, self._damper.died(now)
        if self.child is None and now >= self._due:
            self.child = self.start()

    def take(self) -> Child | None:
        """The process, if it lives: it waits no longer."""
        child, self.child = self.child, None
        return child if child and child.alive else None


@dataclass(slots=True)
class Kept:
    """One role, kept filled: `start` makes a new process, `note` tells the log what happened.

    Times are the supervisor's own: they stand still while it does not run itself.
    """

    role: Role
    start: Callable[[], Child]
    pulse: Pulse
    note: Callable[[str], None]
    standby: Standby | None = None
    """It waits for what `go` says."""
    go: Callable[[], str] = str
    child: Child | None = None
    answering: bool = False
    restarts: int = 0
    _damper: Damper = field(default_factory=Damper)
    _due: float = 0.0

    def watch(self, now: float) -> None:
        """Looks once; does what is due. The first call starts the process."""
        if self.child is None:
            if now >= self._due:
                self._begin(now)
            return
        if self.pulse.felt(self.child.pid, now):
            self.answering = True
        patience = SILENT_SECONDS if self.answering else START_SECONDS
        if self.answering and self.standby:
            self.standby.watch(now)
        if not self.child.alive:
            self._lost(self.child, now, f"ended with {self.child.process.returncode}")
        elif now - self.pulse.heard_at > patience:
            self._lost(self.child, now, f"gave no sign of life for {patience:g} s")

    @property
    def children(self) -> tuple[Child, ...]:
        return tuple(child for child in (self.child, self.standby and self.standby.child) if child)

    def _begin(self, now: float) -> None:
        if waiting := self.standby and self.standby.take():
            self.child = waiting
            self.child.role = self.role
            self.child.tell(f"go {self.go()}\n".encode())
        else:
            self.child = self.start()
        self.answering, self.pulse.heard_at = False, now

    def _lost(self, child: Child, now: float, why: str) -> None:
        self.note(f"{self.role} (process {child.pid}) {why}: starting another")
        child.kill()
        self.child, self.answering = None, False
        self.restarts += 1
        self._due = self._damper.died(now)
        self.watch(now)

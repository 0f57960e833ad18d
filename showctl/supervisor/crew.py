"""All processes of one service together: started, watched, ended, and written down for all to see."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from showctl.shared.boards import BoardWriter
from showctl.shared.health import Health, ProcessHealth
from showctl.supervisor.child import Child
from showctl.supervisor.keeping import Kept
from showctl.supervisor.sounding import Sounding

LOOK_SECONDS = 0.02
"""How often everything is looked at."""

LONGEST_STEP_SECONDS = 0.1
"""What a look may add to the supervisor's own time: while it does not run, it knows nothing of the others."""

CONTROL_SECONDS = 1.0
"""How long control has to fade out and say goodbye."""

END_SECONDS = 1.5
"""After this long nobody is asked any more."""


@dataclass(slots=True)
class Crew:
    """`kept` are control, pacer and loader, in the order in which they are asked to end."""

    sounding: Sounding
    kept: tuple[Kept, ...]
    board: BoardWriter[Health]
    now: float = 0.0
    """The supervisor's own time: seconds during which it was watching."""
    _looked_at: float = field(default_factory=time.monotonic)
    _shown: Health = field(default_factory=Health)

    def look(self) -> None:
        """Once at everybody; waits a little before."""
        time.sleep(LOOK_SECONDS)
        looked_at = time.monotonic()
        self.now += min(looked_at - self._looked_at, LONGEST_STEP_SECONDS)
        self._looked_at = looked_at
        self.sounding.watch(self.now)
        for kept in self.kept:
            kept.watch(self.now)
        self._show()

    @property
    def answering(self) -> bool:
        """Whether everybody is up."""
        return self.sounding.advancing and all(kept.answering for kept in self.kept)

    @property
    def silent(self) -> tuple[str, ...]:
        """The roles of those who have not answered yet."""
        engine = () if self.sounding.advancing else ("engine",)
        return (*engine, *(kept.role for kept in self.kept if not kept.answering))

    @property
    def restarts(self) -> int:
        return self.sounding.restarts + sum(kept.restarts for kept in self.kept)

    def health(self) -> Health:
        sounding = self.sounding
        kept = ((child, kept.restarts) for kept in self.kept for child in kept.children)
        running = ((sounding.engine, sounding.restarts), (sounding.standby, 0), *kept)
        processes = tuple(ProcessHealth(child.role, child.pid, restarts) for child, restarts in running if child)
        return Health(processes, sounding.device, sounding.wanted, sounding.text or sounding.fault)

    def _show(self) -> None:
        health = self.health()
        if health != self._shown:
            self._shown = health
            self.board.write(health)

    # ── the end ──

    def end(self, hurried: Callable[[], bool]) -> None:
        """Control first, then the others; all are gone when this returns. `hurried` says that nobody is asked."""
        self.sounding.end_probe()
        started = time.monotonic()
        for group, deadline in self._groups():
            if not hurried():
                for child in group:
                    child.ask_to_end()
            while _living(group) and not hurried() and time.monotonic() < started + deadline:
                time.sleep(LOOK_SECONDS)
        for group, _ in self._groups():
            for child in group:
                child.kill()

    def _groups(self) -> Iterable[tuple[tuple[Child, ...], float]]:
        children = tuple(child for kept in self.kept for child in kept.children)
        control = tuple(child for child in children if child.role == "control")
        others = tuple(child for child in children if child.role != "control")
        yield control, CONTROL_SECONDS
        yield (*others, *self.sounding.children), END_SECONDS


def _living(children: Iterable[Child]) -> bool:
    return any(child.alive for child in children)

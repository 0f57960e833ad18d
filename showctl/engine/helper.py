"""The engine's one helper: it makes ready what an edit needs, hands it to the callback, and tells what became of it.

It does little at a time, because while it runs the callback may have to wait for the interpreter.
"""

from __future__ import annotations

import contextlib
import select
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Literal, NoReturn, TypeVar

import msgspec

from showctl.engine.playing import Playing
from showctl.engine.renderer import Renderer
from showctl.errors import MediaError, ShowctlError
from showctl.model.plan import Edit, Plan, Span, Verdict, entry_of
from showctl.shared.bell import Bell, Ringer
from showctl.shared.boards import edit_reader, plan_writer, verdict_writer
from showctl.shared.clock import AnchorLogWriter
from showctl.shared.health import Heartbeat
from showctl.shared.nightlog import NightLog
from showctl.shared.records import NumberWriter
from showctl.shared.rundir import Lease, RuntimeDirectory

IDLE_SECONDS = 0.1
PENDING_SECONDS = 0.0003
"""How often the verdict of an edit is looked for: an edit waits for the next block, some milliseconds."""

PENDING_LIMIT_SECONDS = 0.1
"""A callback that takes longer has stopped; then there is no hurry."""

Load = Callable[[int], None]
"""Brings the media of an entry in reach, or raises MediaError."""

FIRST_BLOCK_SECONDS = 1.0

T = TypeVar("T")


def tell(**facts: object) -> None:
    """A line of JSON for whoever started this process, if it still listens."""
    with contextlib.suppress(OSError):
        sys.stdout.write(msgspec.json.encode(facts).decode() + "\n")
        sys.stdout.flush()


@contextlib.contextmanager
def told_as_fault() -> Iterator[None]:
    """Whatever goes wrong in here is told; the music goes on."""
    try:
        yield
    except ShowctlError as exc:
        tell(fault=str(exc))
    except Exception:
        tell(fault=traceback.format_exc())


def meters_writer(directory: RuntimeDirectory, outputs: int) -> NumberWriter:
    """The largest absolute sample of each device channel since the last row, as amplitudes; ten rows a second."""
    return NumberWriter(directory.meters, "d" * outputs)


class Helper:
    """Between the mailboxes and the callback of one device."""

    def __init__(
        self, directory: RuntimeDirectory, log: NightLog, load: Load, renderer: Renderer, playing: Playing
    ) -> None:
        self._load = load
        self._log = log
        self._renderer = renderer
        self._playing = playing
        self._bell = Bell.open(directory.bell("engine"))
        self._ringers = tuple(Ringer(directory.bell(reader)) for reader in ("control", "pacer", "loader"))
        self._edits = edit_reader(directory)
        self._verdicts = verdict_writer(directory)
        self._plan = plan_writer(directory)
        self._anchors = AnchorLogWriter(directory.anchors)
        self._meters = meters_writer(directory, renderer.score.show.outputs)
        self._lease = Lease(directory.lease)
        self._heartbeat = Heartbeat(directory, "engine")
        self._pending: dict[str, float] = {}
        self._told = 0.0

    def make_ready(self, plan: Plan) -> None:
        """What the plan needs from its first block on. Media that are missing are told and stay silent."""
        with told_as_fault():
            self._reach(plan.spans)
        self._renderer.prepare(Edit("", 0, 0))

    def await_first_block(self) -> bool:
        """Whether the callback was called, and its first anchor published, within a second."""
        deadline = time.monotonic() + FIRST_BLOCK_SECONDS
        while not self._playing.anchors and time.monotonic() < deadline:
            time.sleep(PENDING_SECONDS)
        self._tell()
        return time.monotonic() < deadline

    def run(self) -> NoReturn:
        """Help until the process ends."""
        while True:
            self._wait()
            with told_as_fault():
                for edit in self._edits.take():
                    self._take(edit)
                self._publish()
                self._renderer.read_ahead()
                self._tell()

    def _wait(self) -> None:
        """Until somebody rings; not long while the callback owes a verdict."""
        if self._pending and time.monotonic() - max(self._pending.values()) < PENDING_LIMIT_SECONDS:
            time.sleep(PENDING_SECONDS)
        elif not self._renderer.prepare_more():
            select.select([self._bell], [], [], IDLE_SECONDS)
        self._bell.drain()

    def _take(self, edit: Edit) -> None:
        """Hand an edit to the callback, or refuse it here."""
        if edit.lease < self._lease.current():
            self._refuse(edit, "lease")
            return
        try:
            self._reach(edit.spans or ())
        except MediaError as exc:
            self._refuse(edit, "not ready")
            tell(fault=str(exc))
            return
        self._renderer.prepare(edit)
        self._pending[edit.id] = time.monotonic()
        self._renderer.offer(edit)

    def _reach(self, spans: Iterable[Span]) -> None:
        """Bring the media of what is played or armed in reach. A slow disk may take its time for each of them."""
        for entry in dict.fromkeys(entry_of(span) for span in spans):
            if entry:
                self._load(entry)
                self._heartbeat.beat()

    def _refuse(self, edit: Edit, reason: Literal["lease", "not ready"]) -> None:
        self._verdicts.send(Verdict(edit.id, self._renderer.plan.version, self._renderer.head, reason))
        self._ring()

    def _publish(self) -> None:
        """What the callback has committed: first the plan, then the log, and the verdict when both can be read."""
        verdicts = _drained(self._renderer.verdicts)  # before its line: that is there when the verdict is
        committed = _drained(self._renderer.committed)
        if committed:
            self._plan.write(self._renderer.plan)
            with told_as_fault():  # on a full disk the show goes on; unanswered, control would send its edits again
                self._log.append(committed)
        for verdict in verdicts:
            self._pending.pop(verdict.id, None)
            self._verdicts.send(verdict)
        if verdicts:
            self._ring()

    def _ring(self) -> None:
        for ringer in self._ringers:
            ringer.ring()

    def _tell(self) -> None:
        """Anchors at once; signs of life, peaks and faults ten times a second."""
        for anchor in _drained(self._playing.anchors):
            self._anchors.append(anchor)
        now = time.monotonic()
        if now - self._told >= IDLE_SECONDS:
            self._told = now
            self._heartbeat.beat()
            peaks = self._playing.taken_peaks()
            self._meters.write([*peaks, *[0.0] * (self._renderer.score.show.outputs - len(peaks))])
            for fault in _drained(self._playing.faults):
                tell(fault=fault)


def _drained(waiting: deque[T]) -> list[T]:
    """All that waits now; another thread may go on adding."""
    return [waiting.popleft() for _ in range(len(waiting))]

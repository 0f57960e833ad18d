"""From commands to edits: the only writer of the plan decides one thing after the other.

A command is decided on the newest committed plan, sent to the engine, and done when its verdict is there. Where the
engine finds it late or stale, it is decided again on what then holds. Levels that arrive meanwhile go together.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import trio

from showctl.conductor.decide import Decision, decide
from showctl.errors import Refused, RuntimeFilesError
from showctl.model.mixes import Mixes
from showctl.model.night import Night
from showctl.model.plan import Edit, Plan, Verdict, entry_of
from showctl.model.score import Score
from showctl.model.show import Medium
from showctl.model.units import Frame, SongFrame
from showctl.model.view import View
from showctl.osc.methods import OnMix
from showctl.osc.surface import Bound
from showctl.shared.bell import Bell, Ringer
from showctl.shared.boards import (
    edit_writer,
    mixes_reader,
    mixes_writer,
    night_reader,
    night_writer,
    plan_reader,
    verdict_reader,
)
from showctl.shared.clock import ClockReader, head_at
from showctl.shared.health import SILENT_SECONDS, HeartbeatReader
from showctl.shared.host import host_ns
from showctl.shared.residency import residency_reader
from showctl.shared.rundir import RuntimeDirectory

log = logging.getLogger(__name__)

MARGIN_SECONDS = 0.005
"""An exact edit is aimed this far, and two blocks, past what is rendered: time to reach the engine."""

ATTEMPTS = 6
VERDICT_SECONDS = 0.5
"""How long a verdict is waited for before the command is decided again; an engine that was replaced gives none."""

MAX_BY_CHARACTERS = 1 << 16
"""Of those whom one edit serves: a bundle of commands with ids names each, and an edit must fit its slot."""

OWN_ERROR = "an error of showctl itself: see its log"

MAX_WAITING = 1000
"""Requests that may wait; beyond, the sender is told so."""


@dataclass(frozen=True, slots=True)
class Sent:
    """An edit on its way to the engine, and what holds again if it is refused."""

    edit: Edit
    night_before: Night
    mixes_before: Mixes


@dataclass(frozen=True, slots=True)
class Request:
    """Commands of one packet, done together or not at all; `done` hears "" or why they were refused."""

    commands: tuple[Bound, ...]
    done: Callable[[str], None]
    by: str = ""
    sent: Sent | None = None

    @property
    def only_levels(self) -> bool:
        return all(isinstance(bound.command, OnMix) for bound in self.commands)


class Conductor:
    """Decides requests in their order; `view` is what holds now."""

    def __init__(self, directory: RuntimeDirectory, score: Score, lease: int) -> None:
        self.score = score
        self._lease = lease
        self._edits = edit_writer(directory)
        self._verdicts = verdict_reader(directory)
        self._plan = plan_reader(directory)
        self._night_board = night_writer(directory)
        self._clock = ClockReader(directory.clock)
        self._residency = residency_reader(directory)
        self._loader = HeartbeatReader(directory, "loader")
        self._engine = Ringer(directory.bell("engine"))
        self._pacer = Ringer(directory.bell("pacer"))
        self._bell = Bell.open(directory.bell("control"))
        self._night = night_reader(directory).read() or Night.of(score.show)
        self._mixes_board = mixes_writer(directory)
        self.mixes = mixes_reader(directory).read() or Mixes()
        """The mixes that are kept by name."""
        self._sender, self._requests = trio.open_memory_channel[Request](MAX_WAITING)
        self._answers: dict[str, Verdict] = {}
        self._changed = trio.Event()
        self._unfinished = 0
        self._number = 0

    # what holds now

    @property
    def plan(self) -> Plan:
        """The newest committed plan."""
        plan = self._plan.read()
        if plan is None:
            raise RuntimeFilesError("the plan's record is empty: start the service anew")
        return plan

    def view(self) -> View:
        """The newest committed plan and the night, at the first frame that an exact edit can still reach."""
        plan, horizon = self.plan, self._horizon()
        self._night = self._night.seen(entry_of(plan.span_at(horizon)))
        view = View(self.score, plan, self._night, horizon, self._resident)
        self._keep(view.night)  # what it finds used up is so for good, also once the plan has forgotten why
        return view

    def _horizon(self) -> Frame:
        clock = self._clock.read()
        if clock is None:
            return Frame(0)
        rendered = head_at(host_ns(), clock)
        return Frame(rendered + 2 * clock.block_frames + round(MARGIN_SECONDS * clock.rate))

    def _resident(self, medium: Medium, at: SongFrame, frames: int) -> bool:
        """What the loader tells; one that is gone reads nothing, so there is nothing to wait for."""
        beat, residency = self._loader.read(), self._residency.read()
        gone = beat is None or host_ns() - beat.host_ns > SILENT_SECONDS * 1e9
        return gone or residency is None or residency.resident(medium, at, frames)

    # requests

    def submit(self, request: Request) -> None:
        """Queues it; where nothing else waits, its edit leaves at once. Raises Refused, also when too many wait."""
        if self._unfinished == 0:
            sent = self._send(request.commands, request.by)
            if sent is None:
                _tell_done(request, "")
                self._changed.set()
                return
            request = replace(request, sent=sent)
        try:
            self._sender.send_nowait(request)
        except trio.WouldBlock as exc:
            raise Refused("too many commands at once: send fewer") from exc
        self._unfinished += 1

    async def perform(self, commands: Iterable[Bound], by: str = "") -> None:
        """Waits until it is done. Raises Refused."""
        answer, finished = list[str](), trio.Event()

        def done(refused: str) -> None:
            answer.append(refused)
            finished.set()

        self.submit(Request(tuple(commands), done, by))
        await finished.wait()
        if answer[0]:
            raise Refused(answer[0])

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Decides requests until cancelled."""
        with self._bell, self._engine, self._pacer:
            await self._serve(task_status)

    async def _serve(self, task_status: trio.TaskStatus[None]) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._listen)
            self._engine.ring()  # the first time, a bell has to be found
            self._pacer.ring()
            task_status.started()
            while True:
                await self._do_next()

    async def _do_next(self) -> None:
        """The next request; where it only sets levels, with those behind it that do too: one edit serves them all."""
        levels: list[Request] = []
        room = MAX_BY_CHARACTERS
        request = await self._requests.receive()
        while request.only_levels and not request.sent:
            levels.append(request)
            room -= len(request.by)
            if room < 0:
                break
            try:
                request = self._requests.receive_nowait()
            except trio.WouldBlock:
                break
        if levels:
            await self._do_levels(levels)
        if request not in levels:
            await self._do([request], request.commands, request.sent)

    async def _do_levels(self, requests: list[Request]) -> None:
        """Those that cannot be done are refused alone."""
        good, view = list[Request](), self.view()
        for request in requests:
            try:
                decide(view, request.commands, self.mixes)
                good.append(request)
            except Refused as exc:
                self._finish(request, str(exc))
            except Exception:
                log.exception("levels could not be decided: %s", [bound.address for bound in request.commands])
                self._finish(request, OWN_ERROR)
        if good:
            await self._do(good, [bound for request in good for bound in request.commands])

    async def _do(self, requests: list[Request], commands: Sequence[Bound], sent: Sent | None = None) -> None:
        refused = ""
        try:
            await self._edit(commands, ", ".join(dict.fromkeys(request.by for request in requests)), sent)
        except Refused as exc:
            refused = str(exc)
        except Exception:
            log.exception("commands could not be decided: %s", [bound.address for bound in commands])
            refused = OWN_ERROR
        for request in requests:
            self._finish(request, refused)
        self._changed.set()

    def _finish(self, request: Request, refused: str) -> None:
        self._unfinished -= 1
        _tell_done(request, refused)

    async def _edit(self, commands: Sequence[Bound], by: str, sent: Sent | None) -> None:
        """Until it is committed. Raises Refused where it cannot be, or where the engine does not take it."""
        for _ in range(ATTEMPTS):
            sent = sent or self._send(commands, by)
            if sent is None:
                return
            verdict = await self._verdict_on(sent)
            if verdict and not verdict.refused:
                return
            self._keep(sent.night_before)
            self._keep_mixes(sent.mixes_before)
            sent = None
            if verdict is None or verdict.refused == "lease":
                break
        raise Refused("the sound engine did not take it: look at /health, and send it again")

    def _send(self, commands: Sequence[Bound], by: str) -> Sent | None:
        """Decides, and sends the edit if there is one. Raises Refused."""
        view = self.view()
        decision = decide(view, commands, self.mixes)
        before, mixes_before = self._night, self.mixes
        self._keep_mixes(decision.mixes)
        self._keep(decision.night)
        edit = self._edit_of(view, decision, by) if decision.needs_edit else None
        if edit:
            self._answers.clear()  # one edit is on its way at a time
            self._hand_over(edit)
        if self._night != before:
            self._pacer.ring()  # last: it has the higher priority
        return Sent(edit, before, mixes_before) if edit else None

    def _hand_over(self, edit: Edit) -> None:
        self._edits.send(edit)
        self._engine.ring()

    def _edit_of(self, view: View, decision: Decision, by: str) -> Edit:
        self._number += 1
        return Edit(
            id=f"{self._lease}.{self._number}",
            lease=self._lease,
            base=view.plan.version,
            at=decision.at,
            spans=decision.spans or None,
            mix=decision.mix,
            fade=decision.fade,
            by=by,
        )

    def _keep(self, night: Night | None) -> None:
        """Makes it the night that holds, and what a control after this one would find."""
        if night is not None and night != self._night:
            self._night = night
            self._night_board.write(night)

    def _keep_mixes(self, mixes: Mixes | None) -> None:
        """Raises Refused where there is no room."""
        if mixes is not None and mixes is not self.mixes:
            try:
                self._mixes_board.write(mixes)
            except RuntimeFilesError as exc:
                raise Refused("there is no room for another mix: save over one that is kept already") from exc
            self.mixes = mixes

    async def _verdict_on(self, sent: Sent) -> Verdict | None:
        """Waits for the verdict on an edit, and for the plan that it made; None if the engine says nothing.

        An engine that is slow, or was replaced, is handed the very same edit again: a second time it is stale, and
        that the plan has gone on from its base says that the first was committed, for nobody else writes.
        """
        for attempt in range(ATTEMPTS):
            if attempt:
                self._hand_over(sent.edit)
            verdict = await self._answer_to(sent.edit.id)
            if verdict and verdict.refused == "stale" and attempt and self.plan.version > sent.edit.base:
                return Verdict(sent.edit.id, self.plan.version, verdict.at)
            if verdict:
                return verdict
        return None

    async def _answer_to(self, edit_id: str) -> Verdict | None:
        with trio.move_on_after(VERDICT_SECONDS):
            while edit_id not in self._answers:
                await self.wait_changed()
            return self._answers.pop(edit_id)
        return None

    async def _listen(self) -> None:
        """Takes what the engine has written, whenever it rings."""
        while True:
            await trio.lowlevel.wait_readable(self._bell.socket)
            self._bell.drain()
            for verdict in self._verdicts.take():
                self._answers.setdefault(verdict.id, verdict)  # the first is the one that says what was done
            self._changed.set()

    async def wait_changed(self) -> None:
        """Until the engine has committed something, or the night has changed, or either may have."""
        if self._changed.is_set():
            self._changed = trio.Event()
        await self._changed.wait()


def _tell_done(request: Request, refused: str) -> None:
    """Whatever goes wrong in telling it: what was decided is decided, and others wait."""
    try:
        request.done(refused)
    except Exception:
        log.exception("the result of %s could not be told", [bound.address for bound in request.commands])

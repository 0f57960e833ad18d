"""From commands to edits: the only writer of the plan decides one thing after the other.

A command is decided on the newest committed plan, sent to the engine, and done when its verdict is there. Where the
engine finds it late or stale, it is decided again on what then holds.

What only sets levels holds nobody up. It is done to the mix as it comes, and leaves as one edit with whatever came
meanwhile: a lone one at once, the next when PAUSE_SECONDS have passed. What is more than levels leaves at once, right
behind the levels that came before it, and is decided on the plan as these will leave it. What keeps the levels that
hold, or brings others back, waits until it is certain which do.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

import trio

from showctl.conductor.books import Books, Page
from showctl.conductor.decide import Decision, decide, mixed
from showctl.conductor.dispatch import Dispatch
from showctl.conductor.request import Request, Requests, Sent, commands_of, reason
from showctl.errors import Refused, RuntimeFilesError
from showctl.model.mix import Mix
from showctl.model.mixes import Mixes
from showctl.model.plan import CannotCommitError, Edit, Plan, commit, entry_of
from showctl.model.score import Score
from showctl.model.show import Medium
from showctl.model.units import Frame, SongFrame
from showctl.model.view import View
from showctl.osc.surface import Bound
from showctl.osc.turn import Turn
from showctl.shared.bell import Ringer
from showctl.shared.clock import ClockReader, head_at
from showctl.shared.health import SILENT_SECONDS, HeartbeatReader
from showctl.shared.host import host_ns
from showctl.shared.residency import residency_reader
from showctl.shared.rundir import RuntimeDirectory

MARGIN_SECONDS = 0.005
"""An exact edit is aimed this far, and two blocks, past what is rendered: time to reach the engine."""

PAUSE_SECONDS = 0.01
"""Between two edits that set levels alone: as long as the ramp to a new level takes."""

ATTEMPTS = 6
"""So often a request is decided before it is given up."""

MAX_BY_CHARACTERS = 1 << 16
"""Of those whom one edit serves: a bundle of commands with ids names each, and an edit must fit its slot."""

MOST_ON_WAY = 4
"""Edits that may be: the way to the engine has room for some dozens, sent anew or not."""

NOT_TAKEN = "the sound engine did not take it: look at /health, and send it again"

TOO_LARGE = "too many levels are set live: set them back with /mix/revert, or bring them into the show file"

MAX_WAITING = 1000
"""Requests that may wait; beyond, the sender is told so."""

MAX_OTHERS = 1000
"""So many more may wait that do not only set levels: no flood of faders keeps a GO out."""


class Conductor:
    """Decides requests in their order; `view` is what holds now."""

    def __init__(self, directory: RuntimeDirectory, score: Score, lease: int) -> None:
        self.score = score
        self._lease = lease
        self._dispatch = Dispatch(directory)
        self._books = Books(directory, score.show)
        self._clock = ClockReader(directory.clock)
        self._residency = residency_reader(directory)
        self._loader = HeartbeatReader(directory, "loader")
        self._pacer = Ringer(directory.bell("pacer"))
        self._waiting = deque[Request]()
        self._news = trio.Event()
        self._levels = list[Request]()
        """What is done in `_mix`, and has not left yet."""
        self._by_characters = 0
        self._mix = Mix()
        self._levels_from = -math.inf
        """When levels may leave again, in trio's time."""
        self._on_way = deque[Sent]()
        self._results = deque[tuple[Request, Refused | None]]()
        self._more_results = trio.Event()
        self._changed = trio.Event()
        self._number = 0

    # what holds now

    @property
    def plan(self) -> Plan:
        """The newest committed plan."""
        return self._dispatch.plan

    @property
    def mixes(self) -> Mixes:
        """The mixes that are kept by name."""
        return self._books.page.mixes

    def view(self) -> View:
        """The newest committed plan and the night, at the first frame that an exact edit can still reach."""
        plan, horizon = self.plan, self._horizon()
        night = self._books.page.night.seen(entry_of(plan.span_at(horizon)))
        view = View(self.score, plan, night, horizon, self._resident)
        self._books.keep(view.night)  # what it finds used up is so for good, also once the plan has forgotten why
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
        """Where nothing has to come before it, its edit leaves at once. Raises Refused where too many wait."""
        room = MAX_WAITING if request.only_levels else MAX_WAITING + MAX_OTHERS
        if len(self._waiting) + len(self._levels) >= room:
            raise Refused("too many commands at once: send fewer")
        self._waiting.append(request)
        if len(self._waiting) == 1:
            while self._take_next():
                pass
            self._send_rested_levels()
        self._news.set()

    async def perform(self, commands: Iterable[Bound], by: str = "") -> None:
        """Waits until it is done. Raises Refused."""
        answer, finished = list[str](), trio.Event()

        def done(refused: str, _about: str) -> None:
            answer.append(refused)
            finished.set()

        self.submit(Request(tuple(commands), done, by))
        await finished.wait()
        if answer[0]:
            raise Refused(answer[0])

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Decides requests until cancelled."""
        with self._pacer:
            self._pacer.ring()  # the first time, a bell has to be found
            async with trio.open_nursery() as nursery:
                await nursery.start(self._dispatch.listen, self._note_change)
                nursery.start_soon(self._tell_results)
                task_status.started()
                await self._serve()

    async def _serve(self) -> None:
        turn = Turn()
        while True:
            turn.begin()
            while self._take_next():
                await turn.rest()
            self._send_rested_levels()
            if self._on_way:
                await self._settle()
            else:
                await self._wait_for_news()

    async def _wait_for_news(self) -> None:
        """Until there is another request, or the levels have waited long enough."""
        self._news = trio.Event()
        with trio.move_on_at(self._levels_from if self._levels else math.inf):
            await self._news.wait()

    # what leaves

    def _take_next(self) -> bool:
        """Deals with the first request that waits, or with the levels before it; False where both must wait."""
        if not self._waiting:
            return False
        if self._waiting[0].only_levels and self._by_characters < MAX_BY_CHARACTERS:
            self._fold_in(self._waiting.popleft())
        elif self._on_way and not self._may_follow(self._waiting[0]):
            return False
        elif self._levels:
            self._send_levels()
        else:
            self._send((self._waiting.popleft(),), self._decided_ahead)
        return True

    def _may_follow(self, request: Request) -> bool:
        """Whether it, or the levels before it, may leave behind what is on its way: levels, none of them refused."""
        last = self._on_way[-1]
        if request.waits_for_levels or not last.only_levels or len(self._on_way) >= MOST_ON_WAY:
            return False
        return last.edit.id in self._coming(self.plan, self._horizon()).edits

    def _fold_in(self, request: Request) -> None:
        """Does levels to the mix that will leave; what cannot be done is refused alone."""
        try:
            self._mix = mixed(self.score.show, self._mix if self._levels else self._coming_mix(), request.commands)
            self._levels.append(request)
            self._by_characters += len(request.by)
        except Exception as exc:
            request.answer(reason(exc, (request,)))

    def _send_rested_levels(self) -> None:
        if not self._on_way and trio.current_time() >= self._levels_from:
            self._send_levels()

    def _send_levels(self) -> None:
        if self._levels:
            levels, self._levels, self._by_characters = tuple(self._levels), [], 0
            self._levels_from = trio.current_time() + PAUSE_SECONDS
            self._send(levels, self._levels_ahead)

    def _send(self, requests: Requests, decided: Callable[[Requests], Sent | None]) -> None:
        """Where there is nothing to send, they are done; levels when those are that they equal."""
        try:
            sent = decided(requests)
        except Exception as exc:
            _answer(requests, reason(exc, requests))
            return
        if sent:
            self._on_way.append(sent)
        elif self._on_way and requests[0].only_levels:
            self._on_way[-1].requests += requests
        else:
            _answer(requests, None)
            self._changed.set()

    def _levels_ahead(self, requests: Requests) -> Sent | None:
        """`_mix`, as what follows all that is on its way."""
        plan = self._coming(self.plan, self._horizon())
        decision = Decision(mix=self._mix if self._mix != plan.mixes[-1].mix else None)
        return self._handed_over(requests, plan, decision, self._books.page)

    def _decided_ahead(self, requests: Requests) -> Sent | None:
        """Raises Refused."""
        view = self.view()
        return self._decided(requests, replace(view, plan=self._coming(view.plan, view.horizon)))

    def _coming(self, plan: Plan, horizon: Frame) -> Plan:
        """The plan as what is on its way will leave it; these are levels, and are set whenever they arrive."""
        for sent in self._on_way:
            with suppress(CannotCommitError):  # it is part of the plan already, or has to be decided again
                plan = commit(plan, sent.edit, horizon)
        return plan

    def _coming_mix(self) -> Mix:
        on_way = (sent.edit.mix for sent in reversed(self._on_way) if sent.edit.mix)
        return next(on_way, None) or self.plan.mixes[-1].mix

    def _decided(self, requests: Requests, view: View) -> Sent | None:
        """Decides, keeps what has to be kept, and sends the edit if there is one. Raises Refused."""
        decision, before = decide(view, commands_of(requests), self.mixes), self._books.page
        self._books.keep(decision.night, decision.mixes)
        sent = self._handed_over(requests, view.plan, decision, before)
        if self._books.page.night != before.night:
            self._pacer.ring()  # last: it has the higher priority
        return sent

    def _handed_over(self, requests: Requests, plan: Plan, decision: Decision, before: Page) -> Sent | None:
        if not decision.needs_edit:
            return None
        by = ", ".join(dict.fromkeys(request.by for request in requests))
        edit = self._edit_of(plan, decision, by)
        try:
            self._dispatch.send(edit)
        except RuntimeFilesError as exc:
            self._books.keep(before.night, before.mixes)
            raise Refused(TOO_LARGE) from exc
        return Sent(requests, edit, before)

    # what became of it

    async def _settle(self) -> None:
        """Until the first that is on its way is committed, or will not be."""
        sent, edit = self._on_way[0], self._on_way[0].edit
        refused = await self._outcome(sent)
        self._on_way.popleft()
        if refused or sent.edit is not edit:  # then what was done to the mix after it was done to another mix
            self._waiting.extendleft(reversed(self._levels))
            self._levels, self._by_characters = [], 0
        self._changed.set()
        self._results.extend((request, refused) for request in sent.requests)
        self._more_results.set()

    async def _tell_results(self) -> None:
        """In turns: a panic does not wait until a thousand are told what became of their faders."""
        turn = Turn()
        while True:
            while self._results:
                request, refused = self._results.popleft()
                request.answer(refused)
                await turn.rest()
            self._more_results = trio.Event()
            await self._more_results.wait()
            turn.begin()

    async def _outcome(self, sent: Sent) -> Refused | None:
        """None once it is committed; or why it cannot be, or the engine does not take it."""
        tried = set[str]()
        for left in reversed(range(ATTEMPTS)):
            tried.add(sent.edit.id)
            verdict = await self._dispatch.verdict_on(sent.edit)
            if not tried.isdisjoint(self.plan.edits):  # or one was before it, when it was handed over again
                return None
            if not sent.only_levels:  # behind these the night may have gone on
                self._books.keep(sent.before.night, sent.before.mixes)
            if verdict is None or verdict.refused == "lease" or not left:
                break
            try:
                again = self._decided(sent.requests, self.view())
            except Exception as exc:
                return reason(exc, sent.requests)
            if again is None:
                return None
            sent.edit, sent.before = again.edit, again.before
        return Refused(NOT_TAKEN)

    def _edit_of(self, plan: Plan, decision: Decision, by: str) -> Edit:
        self._number += 1
        return Edit(
            id=f"{self._lease}.{self._number}",
            lease=self._lease,
            base=plan.version,
            at=decision.at,
            spans=decision.spans or None,
            mix=decision.mix,
            fade=decision.fade,
            by=by,
            onto="".join(plan.edits[-1:]),
        )

    def _note_change(self) -> None:
        self._changed.set()

    async def wait_changed(self) -> None:
        """Until the engine has committed something since the last call, or the night has changed, or either may have.

        For one alone, whom it costs nothing to be busy in between.
        """
        await self._changed.wait()
        self._changed = trio.Event()


def _answer(requests: Requests, refused: Refused | None) -> None:
    for request in requests:
        request.answer(refused)

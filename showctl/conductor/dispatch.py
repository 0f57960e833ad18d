"""Edits on their way to the engine, and its verdicts on the way back."""

from __future__ import annotations

from collections.abc import Callable

import trio

from showctl.errors import RuntimeFilesError
from showctl.model.plan import Edit, Plan, Verdict
from showctl.shared.bell import Bell, Ringer
from showctl.shared.boards import edit_writer, plan_reader, verdict_reader
from showctl.shared.rundir import RuntimeDirectory

ATTEMPTS = 6
"""So often an edit is handed over before its silence counts as a no."""

VERDICT_SECONDS = 0.5
"""How long a verdict is waited for each time; an engine that was replaced gives none."""


class Dispatch:
    """Several edits may be on their way: the engine deals with them in the order in which they were sent."""

    def __init__(self, directory: RuntimeDirectory) -> None:
        self._edits = edit_writer(directory)
        self._verdicts = verdict_reader(directory)
        self._plan = plan_reader(directory)
        self._engine = Ringer(directory.bell("engine"))
        self._bell = Bell.open(directory.bell("control"))
        self._sent: dict[str, Edit] = {}
        self._answers: dict[str, Verdict] = {}
        self._answered = trio.Event()

    @property
    def plan(self) -> Plan:
        """The newest committed plan."""
        plan = self._plan.read()
        if plan is None:
            raise RuntimeFilesError("the plan's record is empty: start the service anew")
        return plan

    def send(self, edit: Edit) -> None:
        """Hands an edit to the engine; then its verdict is to be waited for."""
        self._hand_over(edit)
        self._sent[edit.id] = edit

    def _hand_over(self, edit: Edit) -> None:
        self._edits.send(edit)
        self._engine.ring()

    async def verdict_on(self, edit: Edit) -> Verdict | None:
        """Waits for the verdict on an edit, and for the plan that it made; None if the engine says nothing.

        An engine that is slow, or was replaced, is handed the very same edit again, and those behind it. Where one is
        judged twice, the verdict is any of them: it is the plan's `edits` that tell whether it was committed.
        """
        for attempt in range(ATTEMPTS):
            for each in self._sent.values() if attempt else ():
                self._hand_over(each)
            with trio.move_on_after(VERDICT_SECONDS):
                while edit.id not in self._answers:
                    await self._answered.wait()
            if edit.id in self._answers:
                break
        del self._sent[edit.id]
        return self._answers.pop(edit.id, None)

    async def listen(self, changed: Callable[[], None], *, task_status: trio.TaskStatus[None]) -> None:
        """Takes what the engine has written whenever it rings, and says so. Until cancelled."""
        with self._bell, self._engine:
            self._engine.ring()  # the first time, a bell has to be found
            task_status.started()
            while True:
                await trio.lowlevel.wait_readable(self._bell.socket)
                self._bell.drain()
                self._answers |= {each.id: each for each in self._verdicts.take() if each.id in self._sent}
                answered, self._answered = self._answered, trio.Event()
                answered.set()
                changed()

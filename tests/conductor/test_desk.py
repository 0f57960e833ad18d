"""What leaves when, before an engine that answers when it is told to; time stands still unless a test moves it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
import trio
from trio.testing import MockClock, wait_all_tasks_blocked

from showctl.conductor.desk import MAX_WAITING, MOST_ON_WAY, NOT_TAKEN, PAUSE_SECONDS, TOO_LARGE, Conductor
from showctl.conductor.request import OWN_ERROR, Request
from showctl.errors import Refused
from showctl.model.mix import Mix
from showctl.model.night import Night
from showctl.model.plan import CannotCommitError, Edit, Plan, Verdict, commit
from showctl.model.score import Score
from showctl.model.show import Show
from showctl.model.units import Frame, HostNs
from showctl.osc import turn
from showctl.osc.codec import Arg, Message
from showctl.osc.methods import OnMix
from showctl.osc.surface import Bound, Surface
from showctl.shared.bell import Ringer
from showctl.shared.boards import EDIT_BYTES, create_boards, edit_reader, plan_reader, plan_writer, verdict_writer
from showctl.shared.clock import ClockRecord, ClockWriter
from showctl.shared.host import host_ns
from showctl.shared.residency import residency_writer
from showctl.shared.rundir import RuntimeDirectory
from tests.rig import BLOCK
from tests.test_service import BAR, RATE, SHOW

pytestmark = pytest.mark.usefixtures("mock_clock")

CLICK, STEMS = "/bus/drums/click/db", "/bus/drums/stems/db"


class Desk:
    """A conductor, what it was asked, and the engine's end of the line: a test takes the edits and judges them."""

    def __init__(self, path: Path) -> None:
        directory, score = RuntimeDirectory(path), Score(SHOW)
        create_boards(directory, Plan(1, score.hash, score.rate), Night.of(SHOW))
        residency_writer(directory)
        self._clock = ClockWriter(directory.clock)
        self.move_to(Frame(0))
        self.conductor = Conductor(directory, score, lease=1)
        self.answers = list[tuple[str, str]]()
        self.surface = Surface(SHOW)
        self._edits, self._verdicts = edit_reader(directory), verdict_writer(directory)
        self._plans, self._plan = plan_writer(directory), plan_reader(directory)
        self.bell = Ringer(directory.bell("control"))
        self._answered = trio.Event()

    def move_to(self, head: Frame) -> None:
        """The engine has come to `head`, and stands there."""
        self.head = head
        # Far in the past of host time nothing sounds yet; the horizon is then counted from the head alone.
        ahead = HostNs(host_ns() + 10**12)
        clock = ClockRecord(1, 0, Frame(head - BLOCK), ahead, float(RATE), BLOCK, head, 0, 0.1, 0)
        self._clock.write(clock)

    def ask(self, address: str, *args: Arg) -> None:
        self.submit(address, *self.surface.bind(Message(address, args)))

    def submit(self, name: str, *commands: Bound) -> None:
        self.conductor.submit(Request(commands, partial(self._answer, name), name))

    def _answer(self, name: str, refused: str, _about: str) -> None:
        self.answers.append((name, refused))
        self._answered.set()

    async def hear(self, count: int) -> list[tuple[str, str]]:
        """The answers, once there are so many."""
        while len(self.answers) < count:
            self._answered = trio.Event()
            await self._answered.wait()
        return self.answers

    @property
    def plan(self) -> Plan:
        plan = self._plan.read()
        assert plan
        return plan

    def sent(self) -> list[Edit]:
        """What has come for the engine since."""
        return self._edits.take()

    async def more(self) -> list[Edit]:
        """The same, once there is something."""
        while not (edits := self.sent()):
            await self.conductor.wait_changed()
            await wait_all_tasks_blocked()
        return edits

    def publish(self, plan: Plan) -> None:
        self._plans.write(plan)

    def tell(self, verdict: Verdict) -> None:
        self._verdicts.send(verdict)

    def judge(self, *edits: Edit, refused: str = "") -> None:
        """Commit them, or refuse them for a reason; control hears of it."""
        for edit in edits:
            try:
                if refused:
                    raise CannotCommitError(refused)  # type: ignore[arg-type]
                plan = commit(self.plan, edit, self.head)
            except CannotCommitError as exc:
                self.tell(Verdict(edit.id, self.plan.version, self.head, exc.reason))
            else:
                self.publish(plan)
                self.tell(Verdict(edit.id, plan.version, edit.at or self.head))
        self.bell.ring()

    async def do(self, address: str, *args: Arg) -> None:
        """Ask, and have it committed."""
        done = len(self.answers)
        self.ask(address, *args)
        self.judge(*self.sent())
        await self.hear(done + 1)

    def level(self, source: str) -> float | None:
        return self.plan.mixes[-1].mix.bus("drums").levels_db.get(source)


@asynccontextmanager
async def desk_in(path: Path) -> AsyncIterator[Desk]:
    desk = Desk(path)
    with desk.bell:
        async with trio.open_nursery() as nursery:
            await nursery.start(desk.conductor.serve)
            yield desk
            nursery.cancel_scope.cancel()


def made(edits: list[Edit]) -> list[tuple[int, str]]:
    """Version and requests of each."""
    return [(edit.base, edit.by) for edit in edits]


async def test_a_lone_level_leaves_at_once(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        desk.ask(CLICK, -3.0)
        assert made(desk.sent()) == [(1, CLICK)]
        assert desk.answers == []


async def test_levels_that_follow_leave_together_after_a_pause(tmp_path: Path, mock_clock: MockClock) -> None:
    async with desk_in(tmp_path) as desk:
        await desk.do(CLICK, -3.0)
        desk.ask(CLICK, -4.0)
        desk.ask(STEMS, -5.0)
        await wait_all_tasks_blocked()
        assert desk.sent() == []
        mock_clock.jump(PAUSE_SECONDS)
        await wait_all_tasks_blocked()
        edits = desk.sent()
        assert made(edits) == [(2, f"{CLICK}, {STEMS}")]
        desk.judge(*edits)
        assert await desk.hear(3) == [(CLICK, ""), (CLICK, ""), (STEMS, "")]
        assert (desk.level("click"), desk.level("stems")) == (-4.0, -5.0)


async def test_go_waits_neither_for_a_verdict_on_levels_nor_for_their_pause(
    tmp_path: Path, mock_clock: MockClock
) -> None:
    async with desk_in(tmp_path) as desk:
        await desk.do("/song/select", 1)
        desk.ask(CLICK, -3.0)
        desk.ask(STEMS, -5.0)
        desk.ask("/go")
        desk.ask(CLICK, -9.0)
        edits = desk.sent()
        assert made(edits) == [(2, CLICK), (3, STEMS), (4, "/go")]
        desk.judge(*edits)
        assert (await desk.hear(4))[1:] == [(CLICK, ""), (STEMS, ""), ("/go", "")]
        assert desk.conductor.view().state == "playing"
        assert (desk.level("click"), desk.level("stems")) == (-3.0, -5.0)
        mock_clock.jump(PAUSE_SECONDS)
        await wait_all_tasks_blocked()
        assert made(desk.sent()) == [(5, CLICK)]


async def test_levels_do_not_wait_for_the_bar_that_a_jump_waits_for(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        await desk.do("/song/select", 1)
        await desk.do("/go")
        desk.move_to(Frame(BAR // 2))
        desk.ask(CLICK, -3.0)
        desk.ask("/section/jump", "Chorus")
        levels, jump = desk.sent()
        assert (levels.by, levels.at, levels.spans) == (CLICK, None, None)
        assert jump.by == "/section/jump"
        assert jump.at
        assert jump.at >= BAR
        desk.judge(levels, jump)
        await desk.hear(4)
        assert desk.conductor.plan.mix_at(Frame(BAR // 2)).bus("drums").levels_db == {"click": -3.0}


async def test_what_is_more_than_levels_waits_for_the_verdict_on_its_like(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        desk.ask("/song/select", 1)
        desk.ask("/song/select", 2)
        first = desk.sent()
        assert made(first) == [(1, "/song/select")]
        desk.judge(*first)
        await desk.hear(1)
        await wait_all_tasks_blocked()
        assert made(desk.sent()) == [(2, "/song/select")]


async def test_levels_that_cannot_be_done_are_refused_alone(tmp_path: Path) -> None:
    def broken(exc: Exception) -> Bound:
        def run(_show: Show, _mix: Mix) -> Mix:
            raise exc

        bound = Surface(SHOW).bind(Message(CLICK, (0.0,)))[0]
        return Bound(bound.address, bound.place, OnMix(run), bound.sent)

    async with desk_in(tmp_path) as desk:
        desk.ask(CLICK, -3.0)
        desk.submit("refused", broken(Refused("not here")))
        desk.submit("broken", broken(ZeroDivisionError()))
        desk.ask(STEMS, -5.0)
        assert desk.answers == [("refused", "not here"), ("broken", OWN_ERROR)]
        desk.ask("/song/select", 1)
        desk.judge(*desk.sent())
        await desk.hear(5)
        assert (desk.level("click"), desk.level("stems")) == (-3.0, -5.0)


async def test_levels_before_what_is_refused_are_done(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        await desk.do(CLICK, -3.0)
        desk.ask(STEMS, -5.0)
        desk.ask("/go")
        assert desk.answers[1:] == [("/go", "nothing is armed: /song/select a song first")]
        desk.judge(*desk.sent())
        await desk.hear(3)
        assert desk.level("stems") == -5.0


async def test_an_equal_level_is_done_when_the_one_before_is_and_sends_nothing(
    tmp_path: Path, mock_clock: MockClock
) -> None:
    async with desk_in(tmp_path) as desk:
        desk.ask(CLICK, -3.0)
        desk.ask(CLICK, -3.0)
        first = desk.sent()
        mock_clock.jump(PAUSE_SECONDS)
        await wait_all_tasks_blocked()
        assert desk.answers == []
        desk.judge(*first)
        assert await desk.hear(2) == [(CLICK, ""), (CLICK, "")]
        assert desk.sent() == []


async def test_what_was_built_on_refused_levels_is_decided_again(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        await desk.do("/song/select", 1)
        desk.ask(CLICK, -3.0)
        desk.ask("/go")
        edits = desk.sent()
        desk.judge(*edits, refused="stale")
        desk.judge(*await desk.more())
        assert (await desk.hear(2))[1:] == [(CLICK, "")]
        desk.judge(*await desk.more())
        assert (await desk.hear(3))[2:] == [("/go", "")]
        assert (desk.conductor.view().state, desk.level("click")) == ("playing", -3.0)


async def test_refused_levels_are_no_part_of_the_next(tmp_path: Path, mock_clock: MockClock) -> None:
    async with desk_in(tmp_path) as desk:
        desk.ask(CLICK, -3.0)
        desk.ask(STEMS, -5.0)
        desk.judge(*desk.sent(), refused="lease")
        assert await desk.hear(1) == [(CLICK, NOT_TAKEN)]
        mock_clock.jump(PAUSE_SECONDS)
        await wait_all_tasks_blocked()
        desk.judge(*desk.sent())
        await desk.hear(2)
        assert (desk.level("click"), desk.level("stems")) == (None, -5.0)


async def test_no_flood_of_levels_keeps_a_go_out(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        for number in range(1 + MAX_WAITING):
            desk.ask(CLICK, -1.0 - number % 60)
        with pytest.raises(Refused, match="too many commands at once"):
            desk.ask(CLICK, 0.0)
        desk.ask("/song/select", 1)
        assert [edit.by for edit in desk.sent()] == [CLICK, CLICK, "/song/select"]


async def test_what_is_refused_again_and_again_between_levels_does_not_fill_the_way(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        for number in range(20):
            desk.ask(CLICK, -1.0 - number)
            desk.ask("/go")
        first = desk.sent()
        assert len(first) == MOST_ON_WAY
        desk.judge(*first)
        while len(desk.answers) < 40:
            desk.judge(*desk.sent())
            await desk.conductor.wait_changed()
            await wait_all_tasks_blocked()
        assert desk.level("click") == -20.0


async def test_a_panic_does_not_wait_until_a_crowd_is_told_what_became_of_its_faders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn, "TURN_NS", 0)
    crowd = 50
    async with desk_in(tmp_path) as desk:
        await desk.do("/song/select", 1)
        for number in range(crowd):
            desk.ask(CLICK, -1.0 - number)
        desk.ask("/go")
        desk.ask("/panic")
        desk.judge(*desk.sent())
        while not (edits := desk.sent()):
            await trio.lowlevel.checkpoint()
        assert [edit.by for edit in edits] == ["/panic"]
        assert len(desk.answers) < crowd


async def test_an_edit_that_is_too_large_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async with desk_in(tmp_path) as desk:
        await desk.do("/song/select", 1)
        before = desk.conductor.view().night
        desk.submit("/go" * EDIT_BYTES, *desk.surface.bind(Message("/go", ())))
        assert [refused for _, refused in desk.answers] == ["", TOO_LARGE]
        assert (desk.conductor.view().night, desk.sent()) == (before, [])

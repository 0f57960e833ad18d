"""Whatever the engine does and when: what is said to be done is done, once, and in its order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import trio
from hypothesis import example, given, settings
from hypothesis import strategies as st
from trio.testing import MockClock, wait_all_tasks_blocked

from showctl.conductor.desk import PAUSE_SECONDS
from showctl.conductor.dispatch import ATTEMPTS, VERDICT_SECONDS
from showctl.model.mix import BusMix
from showctl.model.plan import CannotCommitError, Edit, Verdict, commit
from showctl.model.units import Frame
from showctl.osc.codec import Arg, Message
from tests.conductor.test_desk import CLICK, STEMS, Desk, desk_in
from tests.test_service import RATE

KEPT = "kept"
ALL = 100

COMMANDS: dict[str, Callable[[int], tuple[str, tuple[Arg, ...]]]] = {
    "click": lambda n: (CLICK, (-float(n),)),
    "stems": lambda n: (STEMS, (-float(n),)),
    "toggle": lambda _: ("/bus/drums/click/mute/toggle", ()),
    "save": lambda _: ("/mix/save", (KEPT,)),
    "load": lambda _: ("/mix/load", (KEPT,)),
    "skip": lambda n: ("/setlist/skip", (n, True)),
    "select": lambda n: ("/song/select", (n,)),
    "jump": lambda n: ("/section/jump", (n,)),
    "go": lambda _: ("/go", ()),
    "stop": lambda _: ("/stop", ()),
}
LEVERS = ("judge", "tell", "die", "die known", "no engine", "new control", "breathe", "pause", "wait", "play on")

Step = tuple[str, int]

STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["click", "stems"]), st.integers(1, 4)),
        st.tuples(st.sampled_from(sorted(COMMANDS)), st.integers(1, 2)),
        st.tuples(st.sampled_from(LEVERS), st.integers(1, 4)),
    ),
    min_size=10,
    max_size=40,
)


class Promised:
    """What holds if all that is said to be done is done, one after the other."""

    def __init__(self) -> None:
        self.drums = BusMix()
        self.kept = BusMix()
        self.skipped = frozenset[int]()

    def do(self, what: str, number: int) -> None:
        match what:
            case "click" | "stems":
                levels = self.drums.levels_db | {what: -float(number)}
                self.drums = msgspec.structs.replace(self.drums, levels_db=levels)
            case "toggle":
                self.drums = msgspec.structs.replace(self.drums, muted=self.drums.muted ^ {"click"})
            case "save":
                self.kept = self.drums
            case "load":
                self.drums = self.kept
            case "skip":
                self.skipped |= {number}


class Evening:
    """A conductor that is asked for things, and an engine that works in steps and may die between any two of them."""

    def __init__(self, desk: Desk, clock: MockClock) -> None:
        self.asked = list[Step]()
        self.log = list[Edit]()
        self._desk, self._clock = desk, clock
        self._plan = desk.plan
        self._taken = deque[Edit]()
        self._verdicts = deque[Verdict]()
        self._published = 0
        self._silences = 0
        self._lease_lost = False

    async def take(self, what: str, number: int) -> None:
        if what in COMMANDS:
            self._ask(what, number)
        elif what in {"breathe", "pause", "wait", "no engine"}:
            await self._pass_time(what)
        else:
            self._move(what, number)

    def _ask(self, what: str, number: int) -> None:
        name = f"#{len(self.asked)}"
        self.asked.append((what, number))
        self._desk.submit(name, *self._desk.surface.bind(Message(*COMMANDS[what](number))))

    def _move(self, what: str, number: int) -> None:
        match what:
            case "judge":
                self._judge(number)
            case "tell":
                self._tell()
            case "die":
                self._die(number)
            case "die known":
                self._publish()
                self._die(number)
            case "new control":
                self._lease_lost = True
            case "play on":
                self._desk.move_to(Frame(self._desk.head + RATE))

    async def _pass_time(self, what: str) -> None:
        """Of silence so little that nothing is given up, or so much that something is."""
        if what == "no engine":
            for _ in range(ATTEMPTS):
                self._die(ALL)
                await self._pass(VERDICT_SECONDS)
        elif what != "wait" or self._silences < ATTEMPTS // 2:
            self._silences += what == "wait"
            await self._pass({"breathe": 0.0, "pause": PAUSE_SECONDS, "wait": VERDICT_SECONDS}[what])

    async def _pass(self, seconds: float) -> None:
        await wait_all_tasks_blocked()
        self._clock.jump(seconds)
        await wait_all_tasks_blocked()

    def _judge(self, count: int) -> None:
        """The callback commits or refuses so many, and nobody knows yet."""
        self._taken += self._desk.sent()
        for _ in range(min(count, len(self._taken))):
            edit = self._taken.popleft()
            try:
                if self._lease_lost:
                    raise CannotCommitError("lease")
                self._plan = commit(self._plan, edit, self._desk.head)
            except CannotCommitError as exc:
                self._verdicts.append(Verdict(edit.id, self._plan.version, self._desk.head, exc.reason))
            else:
                self.log.append(edit)
                self._verdicts.append(Verdict(edit.id, self._plan.version, self._desk.head))

    def _publish(self) -> None:
        self._desk.publish(self._plan)
        self._published = len(self.log)

    def _tell(self) -> None:
        self._publish()
        self._silences = 0
        while self._verdicts:
            self._desk.tell(self._verdicts.popleft())
        self._desk.bell.ring()

    def _die(self, lost: int) -> None:
        """Another one takes over from what is published; of what was handed over, it does not find the first."""
        self._taken += self._desk.sent()
        for _ in range(min(lost, len(self._taken))):
            self._taken.popleft()
        self._verdicts.clear()
        self._plan = self._desk.plan
        del self.log[self._published :]

    async def end(self) -> None:
        """The engine is well, and deals with all there is."""
        for _ in range(20 * len(self.asked)):
            if len(self._desk.answers) < len(self.asked):
                self._judge(ALL)
                self._tell()
                await self._pass(VERDICT_SECONDS)

    def check(self) -> None:
        answers = dict(self._desk.answers)
        assert len(self._desk.answers) == len(answers) == len(self.asked), "each is answered, once"
        committed = [int(name[1:]) for edit in self.log for name in edit.by.split(", ")]
        assert committed == sorted(set(committed)), "each is done once, and in its order"
        done = [number for number in range(len(self.asked)) if not answers[f"#{number}"]]
        assert set(committed) <= set(done), "nothing is done that was refused"
        told = Promised()
        for number in done:
            told.do(*self.asked[number])
        night = self._desk.conductor.view().night
        levels = self._desk.plan.mixes[-1].mix.buses, self._desk.conductor.mixes.named.get(KEPT, {})
        drums, kept = (buses.get("drums", BusMix()) for buses in levels)
        assert (drums, kept, night.skipped) == (told.drums, told.kept, told.skipped)
        assert (night.last_go is not None) == any(self.asked[number][0] == "go" for number in committed)


async def _live_through(steps: Sequence[Step], clock: MockClock) -> None:
    with TemporaryDirectory() as path:
        async with desk_in(Path(path)) as desk:
            evening = Evening(desk, clock)
            for step in steps:
                await evening.take(*step)
            await evening.end()
            evening.check()


def _steps(text: str) -> list[Step]:
    """From words as `click 2, go, die 3`."""
    words = (each.rsplit(" ", 1) if each[-1].isdigit() else (each, "1") for each in text.split(", "))
    return [(what, int(number)) for what, number in words]


LATE_COPY = "wait, die 3, judge, tell, breathe, wait, judge, tell, breathe"
"""Of two on their way the engine that takes over finds the second alone, and then both."""


@settings(max_examples=50, deadline=None)
@given(STEPS)
@example(_steps(f"toggle, toggle, go, {LATE_COPY}"))
@example(_steps(f"select, judge, tell, breathe, toggle, go, {LATE_COPY}"))
@example(_steps("click, click, go, no engine"))  # the second asks for nothing that the first does not
@example(_steps("click, stems, go, toggle, no engine"))
@example(_steps("click, stems, go, no engine, select"))
@example(_steps("click, save, no engine"))
@example(_steps("click, save, click 2, load, new control"))
def test_what_is_said_to_be_done_is_done_once_and_in_order(steps: list[Step]) -> None:
    clock = MockClock()
    trio.run(_live_through, steps, clock, clock=clock)

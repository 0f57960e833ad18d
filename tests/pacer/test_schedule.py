from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.model.events import replayed_events
from showctl.model.happenings import Event, SectionStart, SongChange, StateChange
from showctl.model.plan import Plan
from showctl.model.show import Ports
from showctl.model.units import Frame, HostNs
from showctl.osc.codec import Message, decode
from showctl.pacer.audience import Listener, audience
from showctl.pacer.schedule import Due, Schedule, Tick, seam_between
from showctl.shared.clients import TOPICS, Client
from showctl.shared.clock import ClockRecord
from tests.pacer.shows import BAR, BEAT, COMMANDS, EMPTY, NIGHT, RATE, SCORE, SHOW, Played, played

FIRST = Frame(-60 * RATE)
SECOND = RATE

EVERYTHING = TOPICS - {"position"}
TABLET = Listener(("10.0.0.1", 9000), EVERYTHING)
STAMPED = Listener(("10.0.0.2", 9000), EVERYTHING, ahead_frames=RATE // 5)
LATE = Listener(("10.0.0.3", 9000), EVERYTHING, early_frames=-RATE // 50)


class Stage:
    """A schedule, and everything that it made go out."""

    def __init__(self, *listeners: Listener, plan: Plan = EMPTY, since: Frame = FIRST) -> None:
        self.schedule = Schedule(SCORE, plan, NIGHT, listeners, since)
        self.sent: list[Due] = []

    def run(self, now: int) -> None:
        """Sends what is due up to frame `now`."""
        self.sent += self.schedule.due(Frame(now), Frame(now + 1), SECOND)
        self.schedule.done(Frame(now))

    def heard(self, listener: Listener) -> list[Event]:
        """What it was told, each once however many messages it made."""
        told: dict[Event, None] = {}
        for due in self.sent:
            if due.listener == listener and not isinstance(due.happening, Tick):
                told[due.happening] = None
        return list(told)

    def packets(self, listener: Listener) -> list[tuple[int, Message]]:
        """When each left, and what it says."""
        messages = [(due.send_frame, decode(due.payload)) for due in self.sent if due.listener == listener]
        return [(frame, message) for frame, message in messages if isinstance(message, Message)]


def lines(packets: list[tuple[int, Message]]) -> list[str]:
    return [f"{frame} {message.address} {' '.join(map(str, message.args))}".rstrip() for frame, message in packets]


nights = st.lists(st.tuples(st.integers(1, 3 * BAR), st.sampled_from(sorted(COMMANDS))), min_size=1, max_size=14).map(
    lambda steps: played((Frame(sum(gap for gap, _ in steps[: n + 1])), name) for n, (_, name) in enumerate(steps))
)


def perform(stage: Stage, night: Played, seen: Callable[[int, int], int], until: int) -> None:
    """Each version becomes known at frame `seen(number, head)`."""
    for number, (line, plan) in enumerate(zip(night.log, night.plans[1:], strict=True)):
        stage.run(seen(number, line.head))
        stage.schedule.adopt(plan, line.head)
    stage.run(until)


def end_of(night: Played) -> int:
    return (night.log[-1].head if night.log else 0) + 3 * BAR


@settings(max_examples=60, deadline=None)
@given(night=nights, steps=st.lists(st.integers(3_000, 30_000), min_size=1, max_size=5))
def test_what_is_sent_is_what_the_log_replays(night: Played, steps: list[int]) -> None:
    stage = Stage(TABLET, LATE)
    now = 0
    for line, plan in zip(night.log, night.plans[1:], strict=True):
        while (now := now + steps[now % len(steps)]) < line.head:
            stage.run(now)
        now = line.head - 1
        stage.schedule.adopt(plan, line.head)
    while (now := now + steps[0]) < end_of(night):
        stage.run(now)
    stage.run(end_of(night))
    expected = replayed_events(SCORE, EMPTY, night.log, Frame(end_of(night) + 1))
    assert stage.heard(TABLET) == expected
    assert stage.heard(LATE) == [event for event in expected if event.frame <= end_of(night) - RATE // 50]


@settings(max_examples=60, deadline=None)
@given(night=nights, delays=st.lists(st.integers(0, RATE // 10), min_size=14, max_size=14))
def test_a_commit_that_is_known_late_loses_nothing_and_repeats_nothing(night: Played, delays: list[int]) -> None:
    stage = Stage(TABLET, STAMPED)
    perform(stage, night, lambda number, head: head + delays[number], end_of(night))
    expected = replayed_events(SCORE, EMPTY, night.log, Frame(end_of(night) + 1))
    for listener in (TABLET, STAMPED):
        dues = [(due.happening, due.payload) for due in stage.sent if due.listener == listener]
        assert len(dues) == len(set(dues))
        assert set(expected) <= set(stage.heard(listener))
    spoken_too_soon = set(stage.heard(TABLET)) - set(expected)
    taken_back = [(line.head, line.head + delay) for line, delay in zip(night.log, delays, strict=False)]
    assert all(any(head <= event.frame <= known for head, known in taken_back) for event in spoken_too_soon)


@settings(max_examples=60, deadline=None)
@given(night=nights)
def test_where_a_version_begins_to_speak_is_seen_from_its_spans(night: Played) -> None:
    for line, old, new in zip(night.log, night.plans, night.plans[1:], strict=False):
        assert seam_between(old, new, Frame(-1)) in {line.head, -1}

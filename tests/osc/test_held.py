"""Bundles that wait: until they are due, so many, and so long ahead."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
import trio
from trio.testing import MockClock

from showctl.errors import Refused
from showctl.osc.codec import Bundle, Message
from showctl.osc.held import MAX_AHEAD_SECONDS, MAX_HELD, MAX_LATE_SECONDS, Held, by_time
from showctl.osc.surface import Surface
from showctl.osc.timetag import timetag_from_unix_ns
from tests.test_service import SHOW

A, B, C = Message("/a"), Message("/b"), Message("/c")


@pytest.mark.parametrize(
    ("packet", "due"),
    [
        (A, {1: [A]}),
        (Bundle(9, (A, B)), {9: [A, B]}),
        (Bundle(9, (A, Bundle(9, (B,)), C)), {9: [A, B, C]}),
        (Bundle(1, (Bundle(9, (A, Bundle(10, (B,)))), C, Bundle(9, (B,)))), {9: [A, B], 10: [B], 1: [C]}),
        (Bundle(9, (Bundle(10),)), {}),
    ],
)
def test_what_is_due_together_is_found_however_deep_it_lies(
    packet: Message | Bundle, due: dict[int, list[Message]]
) -> None:
    assert by_time(packet) == due


async def test_each_is_done_when_it_is_due_and_a_fault_of_one_keeps_no_other(
    autojump_clock: MockClock,  # noqa: ARG001 - this is how trio is given it
) -> None:
    done: list[tuple[str, float]] = []

    def note(what: str) -> Callable[[], None]:
        return lambda: done.append((what, trio.current_time() - begun))

    def faulty() -> None:
        raise ZeroDivisionError

    async with trio.open_nursery() as nursery:
        held, begun = Held(nursery), trio.current_time()
        held.hold(MAX_AHEAD_SECONDS, note("last"), pytest.fail)
        held.hold(1.0, faulty, pytest.fail)
        held.hold(2.0, note("first"), pytest.fail)
    assert [(what, round(at, 3)) for what, at in done] == [("first", 2.0), ("last", MAX_AHEAD_SECONDS)]


async def test_no_more_wait_than_there_is_room_for_and_none_too_long() -> None:
    let_go: list[str] = []
    async with trio.open_nursery() as nursery:
        held = Held(nursery)
        with pytest.raises(Refused, match=r"^its time is 61 s ahead, at most 60: check the sender's clock$"):
            held.hold(MAX_AHEAD_SECONDS + 1, pytest.fail, pytest.fail)
        for _ in range(MAX_HELD):
            held.hold(MAX_AHEAD_SECONDS, pytest.fail, let_go.append)
        with pytest.raises(Refused, match=r"^256 bundles wait already$"):
            held.hold(1.0, pytest.fail, pytest.fail)
        held.clear()
        held.hold(0.0, nursery.cancel_scope.cancel, pytest.fail)
    assert let_go == ["it was let go before its time: the show was stopped"] * MAX_HELD


async def test_a_trigger_is_late_after_half_a_second_and_a_state_never() -> None:
    surface = Surface(SHOW)
    state, trigger = surface.bind(Message("/talkback", (True,))), surface.bind(Message("/go"))
    async with trio.open_nursery() as nursery:
        held = Held(nursery)
        held.refuse_late(3600, state)
        held.refuse_late(MAX_LATE_SECONDS, trigger)
        with pytest.raises(Refused, match=r"^it came 0\.6 s after its time: check the sender's clock$"):
            held.refuse_late(MAX_LATE_SECONDS + 0.1, (*state, *trigger))


async def test_how_long_a_timetag_has_to_wait() -> None:
    async with trio.open_nursery() as nursery:
        held = Held(nursery)
        assert [held.seconds_until(timetag) for timetag in (0, 1)] == [0.0, 0.0]
        assert held.seconds_until(timetag_from_unix_ns(time.time_ns() - 10**10)) <= -10
        assert 0 < held.seconds_until(timetag_from_unix_ns(time.time_ns() + 10**11)) <= 100

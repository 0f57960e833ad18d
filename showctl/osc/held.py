"""Bundles that ask to wait: held until they are due, in bounded number and for a bounded time."""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable

import trio

from showctl.errors import Refused
from showctl.osc.codec import Bundle, Message
from showctl.osc.surface import Bound
from showctl.osc.timetag import IMMEDIATELY, unix_ns_from_timetag

log = logging.getLogger(__name__)

MAX_HELD = 256
MAX_AHEAD_SECONDS = 60.0
MAX_LATE_SECONDS = 0.5
"""A trigger that comes later than this is refused: what it was meant for is over."""


def by_time(packet: Message | Bundle) -> dict[int, list[Message]]:
    """The messages of a packet by the timetag that they are due at, those of each in order.

    A bundle inside another may be due later than that one, and is then done by itself (OSC 1.0).
    """
    if isinstance(packet, Message):
        return {IMMEDIATELY: [packet]}
    due = defaultdict[int, list[Message]](list)
    for element in packet.elements:
        if isinstance(element, Message):
            due[packet.timetag].append(element)
        else:
            for timetag, messages in by_time(element).items():
                due[timetag] += messages
    return due


class Held:
    """The bundles that wait."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery
        self._waiting: dict[trio.CancelScope, Callable[[str], None]] = {}

    def seconds_until(self, timetag: int) -> float:
        """By the wall clock; negative when that is over, 0.0 for at once."""
        return 0.0 if timetag <= IMMEDIATELY else (unix_ns_from_timetag(timetag) - time.time_ns()) / 1e9

    def refuse_late(self, late: float, commands: Iterable[Bound]) -> None:
        """Raises Refused for a trigger that is too many seconds late; a state that is late is still the state."""
        if late > MAX_LATE_SECONDS and any(not bound.place.method.shows for bound in commands):
            raise Refused(f"it came {late:.1f} s after its time: check the sender's clock")

    def hold(self, wait: float, due: Callable[[], None], answer: Callable[[str], None]) -> None:
        """Calls `due` in so many seconds, or `answer` with why it is not going to.

        Raises Refused when that is too far ahead, or too many wait.
        """
        if wait > MAX_AHEAD_SECONDS:
            raise Refused(f"its time is {wait:.0f} s ahead, at most {MAX_AHEAD_SECONDS:.0f}: check the sender's clock")
        if len(self._waiting) >= MAX_HELD:
            raise Refused(f"{MAX_HELD} bundles wait already")
        scope = trio.CancelScope()
        self._waiting[scope] = answer
        self._nursery.start_soon(self._wait, wait, due, scope)

    async def _wait(self, wait: float, due: Callable[[], None], scope: trio.CancelScope) -> None:
        with scope:
            await trio.sleep(wait)
            del self._waiting[scope]
            try:
                due()
            except Exception:  # one bundle must not take all others along
                log.exception("a held bundle could not be dealt with")

    def clear(self) -> None:
        """Lets go of all that wait."""
        given_up, self._waiting = self._waiting, {}
        for scope, answer in given_up.items():
            scope.cancel()
            answer("it was let go before its time: the show was stopped")

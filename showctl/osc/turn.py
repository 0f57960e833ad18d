"""Turns and bursts: whatever has much to do in the loop of control, or much to tell one client, does it bit by bit."""

from __future__ import annotations

import trio

from showctl.shared.host import host_ns

TURN_NS = 500_000
"""How long one may keep everything else waiting."""

BURST = 8
PAUSE_SECONDS = 0.005
"""Messages to a client go out in bursts this large and this far apart: a receiver's buffer holds a few dozen."""


class Turn:
    """So much time at once, then everybody else has theirs."""

    def __init__(self, turn_ns: int | None = None) -> None:
        self._turn_ns = TURN_NS if turn_ns is None else turn_ns
        self.begin()

    def begin(self) -> None:
        """After a wait, in which the others had theirs."""
        self._until = host_ns() + self._turn_ns

    @property
    def over(self) -> bool:
        return host_ns() > self._until

    async def rest(self) -> bool:
        """Lets the others come first if the turn is over; whether they did."""
        if not self.over:
            return False
        await trio.lowlevel.checkpoint()
        self.begin()
        return True


class Pace:
    """So many messages to one client at once, at a pace that Wi-Fi carries."""

    def __init__(self) -> None:
        self.sent = 0

    async def rest(self) -> bool:
        """After each message: a pause if a burst is full; whether there was one."""
        self.sent += 1
        if self.sent % BURST:
            return False
        await trio.sleep(PAUSE_SECONDS)
        return True

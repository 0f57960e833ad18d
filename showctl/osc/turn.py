"""Turns: whatever has much to do in the loop of control does so much of it at once, then lets the others come."""

from __future__ import annotations

import trio

from showctl.shared.host import host_ns

TURN_NS = 500_000
"""How long one may keep everything else waiting."""


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

"""Feedback: after each commit, what it changed, to everybody who does not know it yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import trio

from showctl.conductor.desk import Conductor
from showctl.model.boundaries import pending_turn
from showctl.model.view import View
from showctl.osc.feedback import state_changes
from showctl.osc.methods import Place, State, state_at
from showctl.osc.outlet import Outlet
from showctl.osc.state import jump_message
from showctl.osc.turn import BURST, PAUSE_SECONDS, Turn
from showctl.shared.host import host_ns


class Feedback:
    """Of one service. `states` are the addresses that show something."""

    def __init__(self, conductor: Conductor, outlet: Outlet, states: Mapping[str, Place]) -> None:
        self._conductor = conductor
        self._outlet = outlet
        self._states = states

    async def serve(self) -> None:
        """After each commit, until cancelled."""
        before, moved = self._conductor.view(), frozenset[str]()
        while True:
            await self._conductor.wait_changed()
            after = self._conductor.view()
            if pending_turn(before.plan, before.horizon) != pending_turn(after.plan, after.horizon):
                for utf8 in self._outlet.wanted("section"):
                    await self._outlet.tell([jump_message(after, utf8=utf8)], utf8=utf8)
            moved = await self._tell_changes(before, after, moved)
            before = after

    async def _tell_changes(self, before: View, after: View, also: frozenset[str]) -> frozenset[str]:
        """What changed, and the addresses `also`: burst by burst, to a crowd in turns, as it is by then.

        Returns the addresses that were told otherwise than `after` has them: some may have heard that and some not, so
        they have to be told again, even if in the end they stand where they stood.
        """
        changed = (state.address for state in state_changes(before, after, self._states))
        touched, moved, turn = tuple(dict.fromkeys((*changed, *also))), set[str](), Turn()
        for start in range(0, len(touched), BURST):
            if start:
                await trio.sleep(PAUSE_SECONDS)
                turn.begin()
            burst = touched[start : start + BURST]
            expected = self._states_at(after, burst)
            states = self._states_at(self._conductor.view(), burst)
            for client in self._outlet.subscribers.all:
                moved |= {state.address for state in states if state not in expected}
                self._outlet.tell_states(client, states)
                if await turn.rest():
                    states = self._states_at(self._conductor.view(), burst)
        return frozenset(moved)

    def _states_at(self, view: View, addresses: Iterable[str]) -> list[State]:
        return [state_at(view, each, self._states[each]) for each in addresses]

    def settle(self) -> None:
        """Sets right what came to rest where it should not; a client that mirrors is told what it set in any case."""
        view = self._conductor.view()
        for address, touched in self._outlet.known.rested(host_ns()):
            if client := self._outlet.subscribers.client_at(address):
                if "mirror" in client.flags:
                    self._outlet.known.doubted(address, touched)
                self._outlet.tell_states(client, self._states_at(view, (touched,)))

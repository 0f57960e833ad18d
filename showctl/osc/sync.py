"""The whole state to one client, at a pace that Wi-Fi carries."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import trio

from showctl.errors import Refused
from showctl.osc.codec import Message
from showctl.osc.outlet import Outlet
from showctl.osc.routes import Peer
from showctl.osc.turn import Pace
from showctl.shared.clients import Client

MAX_AT_ONCE = 256
"""Where so many run, who is no subscriber has to ask again: of those there may be any number, as many as are forged."""

Whole = Callable[[Client | None], Iterator[Message]]
"""The whole state as one client wants it; without a client, everything."""


class Sync:
    """Sends what `whole` yields, ending with `/synced`; one at a time to each address.

    Each message is asked for as it is sent, so that none is older than what was told meanwhile.
    """

    def __init__(self, nursery: trio.Nursery, outlet: Outlet, whole: Whole) -> None:
        self._nursery = nursery
        self._outlet = outlet
        self._whole = whole
        self._running: dict[Peer, trio.CancelScope] = {}

    def stop(self, to: Peer) -> None:
        """Ends the one that still runs to this address, if any."""
        if to in self._running:
            self._running[to].cancel()

    def start(self, to: Peer, client: Client | None) -> None:
        """A new one takes the place of one that still runs; without a client, everything is sent.

        Raises Refused where too many run, to one that is no client.
        """
        if client is None and to not in self._running and len(self._running) >= MAX_AT_ONCE:
            raise Refused("too many ask for the whole state at once: ask again in a second")
        self.stop(to)
        scope = self._running[to] = trio.CancelScope()
        self._nursery.start_soon(self._send_all, to, client, scope)

    def refresh(self, client: Client) -> None:
        """The state once more; a large one that is still on its way comes to its end first."""
        if client.address not in self._running:
            self.start(client.address, client)

    async def _send_all(self, to: Peer, client: Client | None, scope: trio.CancelScope) -> None:
        with scope:
            await trio.lowlevel.checkpoint_if_cancelled()  # the client may be gone before this begins
            pace = Pace()
            for message in self._whole(client):
                self._outlet.send(message, to)
                await pace.rest()
            self._outlet.send(Message("/synced", (pace.sent,)), to)
        if self._running.get(to) is scope:
            del self._running[to]

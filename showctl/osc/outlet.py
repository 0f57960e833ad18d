"""What control sends: answers, news to subscribers, and states to those who do not know them yet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from showctl.model.view import View
from showctl.osc.codec import Message, encode
from showctl.osc.methods import Place, Values, read_state
from showctl.osc.routes import Address, Peer, Routes
from showctl.osc.streams import Streams
from showctl.osc.subscribers import Known, Subscribers
from showctl.osc.telling import Told
from showctl.shared.clients import Client
from showctl.shared.host import host_ns

MAX_ADDRESS = 160
MAX_REASON = 300
"""Characters of an `/error`: with both it stays below 512 bytes."""


_encoded = lru_cache(maxsize=128)(encode)
"""What one client is told is, most often, what the next one is told."""


class Outlet:
    """The ways to all clients, and what each already knows. Nothing here waits."""

    def __init__(self, routes: Routes, streams: Streams, subscribers: Subscribers) -> None:
        self._routes = routes
        self.streams = streams
        self._subscribers = subscribers
        self.known = Known()
        self.undelivered = 0
        """Messages that a full buffer or an unreachable host refused."""

    def send(self, message: Message, to: Peer) -> None:
        packet = _encoded(message)
        if stream := self.streams.find(to):
            stream.send(packet)
        elif len(to) == 3 or not self._send_datagram(packet, to):
            self.undelivered += 1

    def _send_datagram(self, packet: bytes, to: Address) -> bool:
        """Whether the system took it."""
        route = self._routes.find(to)
        if route is None:
            return False
        try:
            route[0].sendto(packet, route[1])
        except OSError:
            return False
        return True

    def refuse(self, sender: Peer, address: str, reason: str) -> None:
        error = Message("/error", (address[:MAX_ADDRESS], reason[:MAX_REASON]))
        self.send(error, self._subscribers.reply_to(sender))

    def tell(self, told: Iterable[Told]) -> None:
        """News to everybody who wants that topic."""
        for each in told:
            for client in self._subscribers.all:
                if each.topic in client.topics:
                    self.send(each.message, client.address)

    def tell_states(self, client: Client, states: Iterable[tuple[str, Values]]) -> None:
        """States to one client, save those that it knows."""
        for address, values in states:
            if "mix" in client.topics and not self.known.knows(client.address, address, values):
                self.known.told(client.address, address, values, host_ns())
                self.send(Message(address, values), client.address)

    def whole_states(self, view: View, states: Mapping[str, Place], client: Client | None) -> list[Message]:
        """Every state, to be sent to this client."""
        messages = []
        for address, place in states.items():
            values = read_state(view, place)
            messages.append(Message(address, values))
            if client:
                self.known.told(client.address, address, values, host_ns())
        return messages

"""What control sends: answers, news to subscribers, and states to those who do not know them yet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from showctl.model.show import Ports
from showctl.model.units import HostNs
from showctl.osc.codec import Message, encode
from showctl.osc.methods import State
from showctl.osc.plain import fitted, plain_text, under_prefix
from showctl.osc.routes import Address, Peer, Routes
from showctl.osc.streams import Streams
from showctl.osc.subscribers import Known, Subscribers
from showctl.osc.teller import Told
from showctl.osc.turn import Pace, Turn
from showctl.shared.clients import Client, prefix_for
from showctl.shared.host import host_ns

MAX_ADDRESS = 160
MAX_REASON = 300
"""Characters of an `/error`: with both it stays below 512 bytes."""

UNSENT_SECONDS = 10
"""So long it is said that a message could not be sent: what goes once a second must not miss it."""

NS = 1_000_000_000


_encoded = lru_cache(maxsize=128)(encode)
"""What one client is told is, most often, what the next one is told."""


class Outlet:
    """The ways to all clients, and what each already knows. Only what is told to a crowd takes its time."""

    def __init__(self, routes: Routes, streams: Streams, subscribers: Subscribers, ports: Ports | None = None) -> None:
        self._routes = routes
        self.streams = streams
        self.subscribers = subscribers
        self._ports = ports or Ports()
        self.known = Known()
        self._unsent: dict[Address, tuple[HostNs, str]] = {}
        self._asked: tuple[Client, ...] = ()
        self._wanted: dict[str, tuple[bool, ...]] = {}

    def send(self, message: Message, to: Peer) -> None:
        """At the address under which that client hears it."""
        client = self.subscribers.client_at(to)
        self._deliver(self._packet(message, client.flags if client else frozenset()), to)

    def _packet(self, message: Message, flags: frozenset[str]) -> bytes:
        """As a client of these flags hears it."""
        return _encoded(under_prefix(message, prefix_for(self._ports, flags)))

    def _deliver(self, packet: bytes, to: Peer) -> None:
        if stream := self.streams.find(to):
            stream.send(packet)
        elif len(to) == 2 and (reason := self._send_datagram(packet, to)) and self.subscribers.client_at(to):
            self._unsent[to] = host_ns(), reason

    def _send_datagram(self, packet: bytes, to: Address) -> str:
        """Why the system did not take it; nothing where it did."""
        route = self._routes.find(to)
        if route is None:
            return "no socket reaches such an address"
        try:
            route[0].sendto(packet, route[1])
        except OSError as exc:
            return exc.strerror or str(exc)
        return ""

    def unsent(self, now: HostNs) -> Iterator[str]:
        """A sentence for each client to whom something could not be sent lately."""
        self._unsent = {to: failed for to, failed in self._unsent.items() if now - failed[0] < UNSENT_SECONDS * NS}
        for client in self.subscribers.all:
            if failed := self._unsent.get(client.address):
                yield f"not everything reaches {_who(client)}: {failed[1]}"

    def refuse(self, sender: Peer, address: str, reason: str) -> None:
        client = self.subscribers.client_of(sender)
        words = (plain_text(text, utf8=reads_utf8(client)) for text in (address[:MAX_ADDRESS], reason[:MAX_REASON]))
        self.send(fitted(Message("/error", tuple(words))), self.subscribers.reply_to(sender))

    def wanted(self, topic: str) -> tuple[bool, ...]:
        """In which writings somebody may want something of that topic: with UTF-8, without."""
        clients = self.subscribers.all
        if clients is not self._asked:
            self._asked = clients
            self._wanted.clear()
        if topic not in self._wanted:
            wanting = (client for client in clients if topic in client.topics or client.listens)
            self._wanted[topic] = tuple({reads_utf8(client) for client in wanting})
        return self._wanted[topic]

    async def tell(self, told: Iterable[Told], *, utf8: bool | None = None) -> None:
        """News to everybody who wants that topic; to those alone who read text so, where it differs.

        A crowd is told in turns, so that a GO never waits for it, and much is told in bursts.
        """
        told = tuple(told)
        clients = [client for client in self.subscribers.all if utf8 in {None, reads_utf8(client)}] if told else []
        turn, pace = Turn(), Pace()
        for number, each in enumerate(told):
            if number and await pace.rest():
                turn.begin()
            packets = dict[frozenset[str], bytes]()
            for client in clients:
                if client.wants(each.topic, each.message.address):
                    packet = packets.get(client.flags)
                    if packet is None:
                        packet = packets[client.flags] = self._packet(each.message, client.flags)
                    self._deliver(packet, client.address)
                    await turn.rest()

    def untold(self, client: Client, states: Iterable[State]) -> list[State]:
        """Those that it wants, save what it knows or has just set itself."""
        return [
            state
            for state in states
            if client.wants(state.topic, state.address)
            and not self.known.passed(client.address, state.address, state.values)
        ]

    def tell_states(self, client: Client, states: Iterable[State]) -> None:
        """States to one client, save those that it knows, or has just set itself."""
        for state in self.untold(client, states):
            self.send(self.state(state, client), client.address)

    def state(self, state: State, client: Client | None) -> Message:
        """The message that tells it, which this client is then held to know."""
        if client:
            self.known.told(client.address, state.address, state.values, host_ns())
        return Message(state.address, state.values)


def _who(client: Client) -> str:
    return f"{client.name} ({client.host})" if client.name else f"{client.host}:{client.port}"


def reads_utf8(client: Client | None) -> bool:
    return client is not None and "utf8" in client.flags

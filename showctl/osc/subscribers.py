"""Who is told what: subscriptions, their half minute of life, and what each client already knows."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from showctl.errors import Refused
from showctl.model.units import HostNs
from showctl.osc.arguments import Value
from showctl.osc.codec import Arg
from showctl.osc.routes import Address, Peer
from showctl.shared.boards import BoardWriter
from showctl.shared.clients import FLAGS, LEASE_SECONDS, TOPICS, Client, Clients

NS = 1_000_000_000

MAX_CLIENTS = 2000

RENEW_SECONDS = 5
"""How much life a word must add before the record is written again."""

ECHO_SECONDS = 0.3
"""A client that says within this what it was just told is a control following its own feedback."""

DEFAULT_TOPICS = TOPICS - {"meter"}


class Subscribers:
    """The clients, kept on a board so that the pacer and a later control know them."""

    def __init__(self, board: BoardWriter[Clients], clients: Clients) -> None:
        """A stream ended with the control that held it: of `clients`, its clients are gone."""
        self._board = board
        kept = tuple(client for client in clients.clients if not client.stream)
        self._clients: dict[Peer, Client] = {client.address: client for client in kept}
        self._voices: dict[Peer, Address] = {client.heard_from or client.address: client.address for client in kept}
        if kept != clients.clients:
            self._publish()

    @property
    def all(self) -> tuple[Client, ...]:
        return tuple(self._clients.values())

    def client_of(self, sender: Peer) -> Client | None:
        """The client that speaks from this address."""
        return self._clients.get(self._voices.get(sender, sender))

    def reply_to(self, sender: Peer) -> Peer:
        """Where an answer goes: to the sender, or to the port it named when it subscribed."""
        return self._voices.get(sender, sender)

    def subscribe(self, sender: Peer, args: tuple[Arg, ...], now: HostNs, ear: Address | None = None) -> Client:
        """`[i port] [s words…]`. Raises Refused for a word that is no topic and no flag.

        A client at the end of a stream has its `ear` there, unless it names a UDP port, and stays as long as it does.
        """
        port, words = _port_and_words(args)
        topics, flags = frozenset(words & TOPICS) or DEFAULT_TOPICS, frozenset(words & FLAGS)
        host, own_port = ear if ear and not port else sender[:2]
        if ear:
            client = Client(host, port or own_port, topics, flags, stream=True)
        else:
            expires = None if "stay" in words else HostNs(now + LEASE_SECONDS * NS)
            client = Client(host, port or own_port, topics, flags, expires, (host, own_port))
        if client.address not in self._clients and len(self._clients) >= MAX_CLIENTS:
            raise Refused(f"{MAX_CLIENTS} clients are subscribed already: unsubscribe one")
        if ear:
            self._clients.pop(self.reply_to(sender), None)  # it has one place, and nothing else would remove the other
        self._clients[client.address] = client
        self._voices[sender] = client.address
        self._publish()
        return client

    def unsubscribe(self, sender: Peer) -> None:
        """No more to this client; no error if there was none."""
        if self._clients.pop(self._voices.pop(sender, sender), None):
            self._publish()

    def heard(self, sender: Peer, now: HostNs) -> None:
        """Each word of a client is worth another half minute."""
        client = self.client_of(sender)
        if client and client.expires is not None:
            expires = HostNs(now + LEASE_SECONDS * NS)
            if expires - client.expires > RENEW_SECONDS * NS:
                self._clients[client.address] = msgspec.structs.replace(client, expires=expires)
                self._publish()

    def drop_expired(self, now: HostNs) -> tuple[Client, ...]:
        """Forgets, and names, those that have been silent for too long."""
        gone = tuple(client for client in self._clients.values() if not client.lives_at(now))
        for client in gone:
            del self._clients[client.address]
        if gone:
            self._voices = {voice: address for voice, address in self._voices.items() if address in self._clients}
            self._publish()
        return gone

    def _publish(self) -> None:
        self._board.write(Clients(self.all))


def _port_and_words(args: tuple[Arg, ...]) -> tuple[int, set[str]]:
    """The port is 0 where none is named."""
    port = 0
    if args and isinstance(args[0], int | float) and not isinstance(args[0], bool):
        if not 1 <= args[0] <= 65535:  # NaN is not
            raise Refused(f"expected a port from 1 to 65535, got {args[0]:g}")
        port, args = int(args[0]), args[1:]
    words = {word.lower() if isinstance(word, str) else str(word) for word in args} - {"all"}
    unknown = sorted(words - TOPICS - FLAGS)
    if unknown:
        known = " ".join(sorted(TOPICS)), " ".join(sorted(FLAGS))
        raise Refused(f'"{unknown[0]}" is no topic ({known[0]}) and no flag ({known[1]})')
    return port, words


@dataclass(slots=True)
class Known:
    """What each client last said or was told of each state address."""

    _values: dict[tuple[Address, str], tuple[tuple[Value, ...], HostNs | None]] = field(default_factory=dict)

    def told(self, client: Address, address: str, values: tuple[Value, ...], now: HostNs) -> None:
        self._values[client, address] = values, now

    def said(self, client: Address, address: str, values: tuple[Value, ...]) -> None:
        self._values[client, address] = values, None

    def knows(self, client: Address, address: str, values: tuple[Value, ...]) -> bool:
        known = self._values.get((client, address))
        return known is not None and alike(known[0], values)

    def echoes(self, client: Address, address: str, values: tuple[Value, ...], now: HostNs) -> bool:
        """Whether the client only says what it was told a moment ago."""
        known, when = self._values.get((client, address), ((), None))
        return when is not None and now - when < ECHO_SECONDS * NS and alike(known, values)

    def forget(self, client: Address) -> None:
        self._values = {key: value for key, value in self._values.items() if key[0] != client}


def alike(some: tuple[Value, ...], others: tuple[Value, ...]) -> bool:
    """Equal as float32 carries them; a switch's T is its 1."""
    if len(some) != len(others):
        return False
    return all(a == b or _near(a, b) for a, b in zip(some, others, strict=True))


def _near(a: Value, b: Value) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return False
    return abs(a - b) <= 1e-6 * max(1.0, abs(a), abs(b))

"""Who is told what: subscriptions, their half minute of life, and what each client already knows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from showctl.errors import Refused
from showctl.model.units import HostNs
from showctl.osc.arguments import Value
from showctl.osc.codec import Arg
from showctl.osc.routes import Address, Peer
from showctl.shared.boards import BoardWriter
from showctl.shared.clients import FLAGS, LEASE_SECONDS, TOPICS, Client, Clients, topics_of

NS = 1_000_000_000

MAX_CLIENTS = 2000

MAX_LISTENED = 1 << 18
"""Characters of all addresses that are listened to, so that everybody still fits on the board."""

RENEW_SECONDS = 5
"""How much life a word must add to count."""

WRITE_SECONDS = 1
"""So often at the most the record is written for that alone: whoever reads it has to think of everybody anew."""

MOST_LATELY = 64
"""So many values that a client was told lately are remembered."""

ECHO_SECONDS = 0.3
"""A client that says within this what it was just told is a control following its own feedback."""

REST_SECONDS = 0.5
"""So long after its last word about a state a control has come to rest."""


class Subscribers:
    """The clients, kept on a board so that the pacer and a later control know them.

    Those that the show file lists are told without asking, wherever they were found last; where one of them
    subscribes itself, that holds for as long as the subscription.
    """

    def __init__(self, board: BoardWriter[Clients], clients: Clients) -> None:
        """A stream ended with the control that held it: of `clients`, its clients are gone."""
        self._board = board
        kept = tuple(client for client in clients.clients if not client.stream)
        subscribed = [client for client in kept if not client.name]
        self._clients: dict[Peer, Client] = {client.address: client for client in subscribed}
        self._voices: dict[Peer, Address] = {each.heard_from or each.address: each.address for each in subscribed}
        self._listed: dict[str, Client] = {client.name: client for client in kept if client.name}
        self._all: dict[Peer, Client] = self._listed_by_address() | self._clients
        self.all = tuple(self._all.values())
        """Everybody; another tuple whenever anything is different."""
        self._renewed = False
        self._write_from = HostNs(0)
        if kept != clients.clients:
            self._publish()

    def _listed_by_address(self) -> dict[Peer, Client]:
        return {client.address: client for client in self._listed.values()}

    def client_at(self, address: Peer) -> Client | None:
        """The client that listens there."""
        return self._all.get(address)

    def client_of(self, sender: Peer) -> Client | None:
        """The client that speaks from this address.

        A listed one may speak from any port of its host, if it is the only one there: tablets do.
        """
        client = self.client_at(self._voices.get(sender, sender))
        return client or (self._listed_on(sender[0]) if self._listed and len(sender) == 2 else None)

    def _listed_on(self, host: str) -> Client | None:
        """Not on this machine, where many programs speak."""
        found = [client for client in self._listed.values() if client.host == host]
        return found[0] if len(found) == 1 and not is_loopback(host) else None

    def reply_to(self, sender: Peer) -> Peer:
        """Where an answer goes: to the sender, or to the port it named when it subscribed or the show file gives it."""
        client = self.client_of(sender)
        return client.address if client else sender

    def place(self, client: Client) -> bool:
        """Tells a client of the show file from now on, and nobody where it was before; False if nothing changed."""
        if self._listed.get(client.name) == client:
            return False
        self._listed[client.name] = client
        self._publish()
        return True

    def keep_listed(self, names: Iterable[str]) -> None:
        """Forgets those of the show file that are none of these."""
        gone = self._listed.keys() - set(names)
        if gone:
            self._listed = {name: client for name, client in self._listed.items() if name not in gone}
            self._publish()

    def wished(self, sender: Peer, args: tuple[Arg, ...], now: HostNs, ear: Address | None = None) -> Client:
        """The client that `[i port] [s words…]` asks for. Raises Refused for a word that is no topic and no flag.

        A client at the end of a stream has its `ear` there, unless it names a UDP port, and stays as long as it does.
        """
        port, words = _port_and_words(args)
        topics, flags = topics_of(words), words & FLAGS
        host, own_port = ear if ear and not port else sender[:2]
        if ear:
            before = self.client_of(sender)
            listens = before.listens if before else frozenset[str]()
            client = Client(host, port or own_port, topics, flags, stream=True, listens=listens)
        else:
            expires = None if "stay" in words else HostNs(now + LEASE_SECONDS * NS)
            client = Client(host, port or own_port, topics, flags, expires, (host, own_port))
        self._refuse_one_too_many(client)
        return client

    def subscribe(self, sender: Peer, client: Client) -> None:
        """Tells it from now on. Raises Refused where too many are told already."""
        self._refuse_one_too_many(client)
        if client.stream:
            self._clients.pop(self.reply_to(sender), None)  # it has one place, and nothing else would remove the other
        self._admit(client, sender)
        self._publish()

    def _refuse_one_too_many(self, client: Client) -> None:
        if client.address not in self._clients and len(self._clients) >= MAX_CLIENTS:
            raise Refused(f"{MAX_CLIENTS} clients are subscribed already: unsubscribe one")

    def listen(self, sender: Peer, addresses: frozenset[str], ear: Address) -> Client:
        """A client at the end of a stream is told what is said under these addresses, besides its topics."""
        others = sum(len(text) for client in self.all if client.address != ear for text in client.listens)
        if others + sum(map(len, addresses)) > MAX_LISTENED:
            raise Refused("too many addresses are listened to: subscribe to their topics instead")
        client = self.client_of(sender) or Client(*ear, frozenset(), stream=True)
        client = msgspec.structs.replace(client, listens=addresses)
        self._admit(client, sender)
        if not client.topics and not addresses:
            self.unsubscribe(sender)
        else:
            self._publish()
        return client

    def _admit(self, client: Client, sender: Peer) -> None:
        """With the one voice that it had last: senders may be forged, and each would leave one behind."""
        self._clients[client.address] = client
        self._voices = {voice: heard for voice, heard in self._voices.items() if heard != client.address}
        self._voices[sender] = client.address

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
                client = msgspec.structs.replace(client, expires=expires)
                self._clients[client.address] = self._all[client.address] = client
                self._renewed = True

    def drop_expired(self, now: HostNs) -> tuple[Client, ...]:
        """Forgets, and names, those that have been silent for too long; writes down, now and then, who was not."""
        gone = tuple(client for client in self._clients.values() if not client.lives_at(now))
        for client in gone:
            del self._clients[client.address]
        if gone:
            self._voices = {voice: address for voice, address in self._voices.items() if address in self._clients}
        if gone or (self._renewed and now > self._write_from):
            self._write_from = HostNs(now + WRITE_SECONDS * NS)
            self._publish()
        return gone

    def _publish(self) -> None:
        self._renewed = False
        self._all = self._listed_by_address() | self._clients
        self.all = tuple(self._all.values())
        self._board.write(Clients(self.all))


def is_loopback(host: str) -> bool:
    return host.startswith("127.") or host in {"::1", "::ffff:127.0.0.1"}


def _port_and_words(args: tuple[Arg, ...]) -> tuple[int, frozenset[str]]:
    """The port is 0 where none is named."""
    port = 0
    if args and isinstance(args[0], int | float) and not isinstance(args[0], bool):
        if not 1 <= args[0] <= 65535 or args[0] != int(args[0]):  # NaN is not
            raise Refused(f"expected a port from 1 to 65535, got {args[0]:g}")
        port, args = int(args[0]), args[1:]
    words = frozenset(word.lower() if isinstance(word, str) else str(word) for word in args)
    unknown = sorted(words - TOPICS - FLAGS - {"all"})
    if unknown:
        known = " ".join(sorted(TOPICS)), " ".join(sorted(FLAGS))
        raise Refused(f'"{unknown[0]}" is no topic ({known[0]}) and no flag ({known[1]})')
    return port, words


Values = tuple[Value, ...]


@dataclass(slots=True)
class _Knowledge:
    """What a client believes of one address, what it was told of it lately, and what it has said since.

    A fader in motion is told often, and says much before the first of it is done.
    """

    believed: Values | None = None
    lately: list[tuple[HostNs, Values]] = field(default_factory=list)
    said: list[Values] = field(default_factory=list)


@dataclass(slots=True)
class Known:
    """What each client last said or was told of each state address."""

    _of: dict[Address, dict[str, _Knowledge]] = field(default_factory=dict)
    _moving: dict[tuple[Address, str], HostNs] = field(default_factory=dict)
    """When a client last set a state to something else, and was not told it since."""

    def told(self, client: Address, address: str, values: Values, now: HostNs) -> None:
        self._moving.pop((client, address), None)
        known = self._about(client, address)
        known.believed, known.said = values, []
        known.lately = [*_since(known.lately, now)[-MOST_LATELY:], (now, values)]

    def said(self, client: Address, address: str, values: Values, now: HostNs) -> None:
        """It moved its control itself: what it was told before is over.

        To say again what it knows moves nothing: an echo, however late, is not answered for ever.
        """
        if not self.knows(client, address, values):
            self._moving[client, address] = now
        known = self._about(client, address)
        known.believed, known.lately, known.said = values, [], [*known.said[-MOST_LATELY:], values]

    def rested(self, now: HostNs) -> list[tuple[Address, str]]:
        """The controls that have come to rest: client and address. What they passed on the way is over."""
        still = [key for key, when in self._moving.items() if now - when >= REST_SECONDS * NS]
        for client, address in still:
            del self._moving[client, address]
            self._about(client, address).said = []
        return still

    def doubted(self, client: Address, address: str) -> None:
        """What it shows now is not known: it said something that could not be done."""
        known = self._about(client, address)
        known.believed, known.said = None, []

    def knows(self, client: Address, address: str, values: Values) -> bool:
        believed = self._about(client, address).believed
        return believed is not None and alike(believed, values)

    def passed(self, client: Address, address: str, values: Values) -> bool:
        """Whether its own control is there, or was on its way: to be told that now would pull it back."""
        return self.knows(client, address, values) or any(
            alike(said, values) for said in self._about(client, address).said
        )

    def echoes(self, client: Address, address: str, values: Values, now: HostNs) -> bool:
        """Whether the client only says what it was told a moment ago."""
        return any(alike(told, values) for _, told in _since(self._about(client, address).lately, now))

    def forget(self, client: Address) -> None:
        for address in self._of.pop(client, {}):
            self._moving.pop((client, address), None)

    def _about(self, client: Address, address: str) -> _Knowledge:
        return self._of.setdefault(client, {}).setdefault(address, _Knowledge())


def _since(lately: list[tuple[HostNs, Values]], now: HostNs) -> list[tuple[HostNs, Values]]:
    """Those that are not older than an echo can be."""
    return [(when, values) for when, values in lately if now - when < ECHO_SECONDS * NS]


def alike(some: tuple[Value, ...], others: tuple[Value, ...]) -> bool:
    """Equal as float32 carries them; a switch's T is its 1."""
    if len(some) != len(others):
        return False
    return all(a == b or _near(a, b) for a, b in zip(some, others, strict=True))


def _near(a: Value, b: Value) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return False
    return abs(a - b) <= 1e-6 * max(1.0, abs(a), abs(b))

"""Packets to commands: decoded, bound to methods, held where they ask for it, and handed on; one after the other."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import trio

from showctl.errors import Refused
from showctl.model.view import View
from showctl.osc.access import Access
from showctl.osc.arguments import Value
from showctl.osc.codec import Bundle, Message, OscDecodeError, decode
from showctl.osc.held import Held
from showctl.osc.inbox import MAX_WAITING, Inbox, receive_one
from showctl.osc.ledger import Ledger
from showctl.osc.methods import OnClient, Values, read_state
from showctl.osc.once import Once, ack, opened
from showctl.osc.outlet import Outlet
from showctl.osc.routes import Peer
from showctl.osc.streams import Stream
from showctl.osc.subscribers import Subscribers
from showctl.osc.surface import Bound, Surface, messages_of
from showctl.osc.sync import Sync
from showctl.shared.delivered import Delivery
from showctl.shared.host import host_ns

log = logging.getLogger(__name__)

TURN_NS = 500_000
"""How long datagrams may keep everything else waiting: a flood of them is dealt with in turns."""

UNNOTED = frozenset({"/ping", "/sync", "/subscribe"})
"""Asked for again and again, and changes nothing that sounds."""

DISCARDING = frozenset({"/panic", "/stop"})
"""What lets go of every bundle that waits."""

Answer = Callable[[str], None]
"""Hears "" when all was done, or why it was not."""

Submit = Callable[[tuple[Bound, ...], Callable[[str], None], str], None]
"""Hands commands on; the callback hears "" or why they were refused. Raises Refused when too many wait."""


class Turn:
    """So much time at once, then everybody else has theirs."""

    def __init__(self, turn_ns: int) -> None:
        self._turn_ns = turn_ns
        self._until = 0

    def begin(self) -> None:
        """After a wait, in which the others had theirs."""
        self._until = host_ns() + self._turn_ns

    @property
    def over(self) -> bool:
        return host_ns() > self._until

    async def rest(self) -> None:
        """Lets the others come first if the turn is over."""
        if self.over:
            await trio.lowlevel.checkpoint()
            self.begin()


@dataclass(slots=True)
class OscServer:
    """The conversation with all clients, over UDP and streams."""

    surface: Surface
    subscribers: Subscribers
    outlet: Outlet
    sync: Sync
    held: Held
    view: Callable[[], View]
    submit: Submit
    access: Access
    once: Once
    ledger: Ledger

    async def receive(self, udp: socket.socket) -> None:
        """Serves until cancelled: takes in what has come, and does a turn's worth of it.

        Taking in comes first, for it is cheap, and what is overtaken meanwhile need not be done at all.
        """
        inbox, turn = Inbox(self.surface.states.__contains__), Turn(TURN_NS)
        while True:
            if inbox:
                await trio.lowlevel.checkpoint()
            else:
                await trio.lowlevel.wait_readable(udp)
            turn.begin()
            for _ in range(MAX_WAITING - len(inbox)):
                received = receive_one(udp)
                if received is None:
                    break
                inbox.put(*received)
                await turn.rest()
            turn.begin()
            while inbox and not turn.over:
                self.take(*inbox.take())

    @asynccontextmanager
    async def conversation(self, peer: Peer) -> AsyncIterator[Stream]:
        """With a client at the end of a stream, for as long as the block lasts; its subscription ends with it."""
        async with self.outlet.streams.opened(peer) as stream:
            try:
                yield stream
            finally:
                self._forget(peer)

    def _forget(self, peer: Peer) -> None:
        client = self.subscribers.client_of(peer)
        self.subscribers.unsubscribe(peer)
        self.access.forget(peer)
        self.sync.stop(peer)
        if client:
            self.sync.stop(client.address)
            self.outlet.known.forget(client.address)

    def take(self, packet: bytes, sender: Peer) -> None:
        """Deals with one packet of a client; nothing that it holds can end the service."""
        try:
            self.handle(packet, sender)
        except Exception:
            log.exception("a packet of %d bytes from %s could not be dealt with", len(packet), sender)
            self.outlet.refuse(sender, "/", "an error of showctl itself: see its log")

    def handle(self, received: bytes, sender: Peer) -> None:
        """Does what one packet asks for; at most one `/error` answers it."""
        self.subscribers.heard(sender, host_ns())
        try:
            packet = decode(received)
        except OscDecodeError as exc:
            self.outlet.refuse(sender, "/", str(exc))
            return
        messages = tuple(messages_of(packet))
        if not messages:  # a bundle of nothing asks for nothing
            return
        try:
            ids, inner = opened(messages)
        except Refused as exc:
            self._refuse(messages[:1], sender, str(exc))
        else:
            if not ids or self.access.rights(sender).role == "nothing":
                self._take(packet, inner, sender, partial(self._refuse, messages, sender))
            elif not self._repeated(ids, sender):
                self._take_once(ids, packet, inner, sender)

    def _refuse(self, messages: tuple[Message, ...], sender: Peer, refused: str) -> None:
        """Notes what was asked for, and says why it was not done, if it was not."""
        self._note(messages, sender, refused)
        if refused:
            self.outlet.refuse(sender, messages[0].address, refused)

    def _note(self, messages: tuple[Message, ...], sender: Peer, refused: str) -> None:
        for message in messages:
            if refused or message.address not in UNNOTED:
                self.ledger.note(sender, message, refused)

    def _repeated(self, ids: tuple[str, ...], sender: Peer) -> bool:
        """Whether any of this was heard before; says again what became of it, or will when it is done."""
        now = host_ns()
        known = {each: delivery for each in ids if (delivery := self.once.known(sender, each, now))}
        for delivery in known.values():
            if delivery.result:
                self._acknowledge(delivery, sender, again=True)
        for each in ids if known else ():
            if each not in known:
                self._finish(
                    self.once.begin(sender, each, now), sender, "other commands of its bundle were done before"
                )
        return bool(known)

    def _take_once(
        self, ids: tuple[str, ...], packet: Message | Bundle, messages: tuple[Message, ...], sender: Peer
    ) -> None:
        begun = [self.once.begin(sender, each, host_ns()) for each in ids]

        def answer(refused: str) -> None:
            self._note(messages, sender, refused)
            for delivery in begun:
                self._finish(delivery, sender, refused)

        self._take(packet, messages, sender, answer, "".join(f" #{delivery.key}" for delivery in begun))

    def _finish(self, delivery: Delivery, sender: Peer, refused: str) -> None:
        self._acknowledge(self.once.finish(delivery, refused), sender, again=False)

    def _acknowledge(self, delivery: Delivery, sender: Peer, *, again: bool) -> None:
        self.outlet.send(ack(delivery, again=again), self.subscribers.reply_to(sender))

    def _take(
        self,
        packet: Message | Bundle,
        messages: tuple[Message, ...],
        sender: Peer,
        answer: Answer,
        key: str = "",
    ) -> None:
        """Now or when it is due; `answer` hears "" or why it is refused, once."""
        try:
            commands = tuple(bound for message in messages for bound in self._heeded(message, sender))
            self.access.check(sender, commands)
            obey = partial(self._obey, commands, sender, answer, key)
            wait = self.held.seconds_until(packet)
            if wait > 0:
                self.held.hold(wait, obey, answer)
                return
            self.held.refuse_late(-wait, commands)
        except Refused as exc:
            answer(str(exc))
        else:
            obey()

    def _heeded(self, message: Message, sender: Peer) -> Iterator[Bound]:
        """The commands of a message, without a state that only echoes what the client was just told."""
        client, said = self.subscribers.client_of(sender), _values(message)
        for bound in self.surface.bind(message):
            if client and bound.address in self.surface.states:
                if self.outlet.known.echoes(client.address, bound.address, said, host_ns()):
                    continue
                self.outlet.known.said(client.address, bound.address, said)
            yield bound

    def _obey(self, commands: tuple[Bound, ...], sender: Peer, answer: Answer, key: str) -> None:
        if any(bound.address in DISCARDING for bound in commands):
            self.held.clear()
        try:
            for bound in commands:
                if isinstance(bound.command, OnClient):
                    self._converse(bound.command, sender)
            acting = tuple(bound for bound in commands if not isinstance(bound.command, OnClient))
            if acting:
                by = f"{acting[0].sent.address} from {sender[0]}:{sender[1]}{key}"
                self.submit(acting, partial(self._done, acting, sender, answer), by)
        except Refused as exc:
            answer(str(exc))
        else:
            if not acting:
                answer("")

    def _done(self, commands: tuple[Bound, ...], sender: Peer, answer: Answer, refused: str) -> None:
        """Tells the sender what became of it, and the true value where it now believes another."""
        answer(refused)
        client = self.subscribers.client_of(sender)
        touched = [bound for bound in commands if bound.address in self.surface.states]
        if client and touched:
            view = self.view()
            self.outlet.tell_states(client, [(bound.address, read_state(view, bound.place)) for bound in touched])

    def _converse(self, command: OnClient, sender: Peer) -> None:
        match command.what:
            case "subscribe":
                ear = self.outlet.streams.listen(sender)
                client = self.subscribers.subscribe(sender, command.values, host_ns(), ear)
                self.outlet.known.forget(client.address)
                self.sync.start(client.address, client)
            case "unsubscribe":
                self.subscribers.unsubscribe(sender)
            case "sync":
                self.sync.start(self.subscribers.reply_to(sender), self.subscribers.client_of(sender))
            case "ping":
                self.outlet.send(Message("/pong", command.values), self.subscribers.reply_to(sender))
            case "hello":
                role = self.access.hello(sender, str(command.values[0]), host_ns())
                self.outlet.send(Message("/welcome", (role,)), self.subscribers.reply_to(sender))


def _values(message: Message) -> Values:
    return tuple(arg for arg in message.args if isinstance(arg, Value))

"""Packets to commands: decoded, bound to methods, held where they ask for it, and handed on; one after the other."""

from __future__ import annotations

import logging
import socket
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Protocol

import trio

from showctl.errors import Refused
from showctl.model.view import View
from showctl.osc.access import Access
from showctl.osc.arguments import Value
from showctl.osc.codec import Bundle, Message, OscDecodeError, decode
from showctl.osc.held import Held, by_time
from showctl.osc.inbox import MAX_WAITING, Inbox, receive_one
from showctl.osc.ledger import Ledger
from showctl.osc.methods import OnClient, Values, state_at
from showctl.osc.once import COMMAND, opened
from showctl.osc.outlet import Outlet
from showctl.osc.patterns import is_pattern
from showctl.osc.receipts import Receipts
from showctl.osc.reception import Reception
from showctl.osc.routes import Peer
from showctl.osc.streams import Stream
from showctl.osc.subscribers import Subscribers, is_loopback
from showctl.osc.surface import Bound, Surface
from showctl.osc.turn import BURST, Turn
from showctl.shared.host import host_ns

log = logging.getLogger(__name__)

UNNOTED = frozenset({"/ping", "/sync", "/subscribe"})
"""Asked for again and again, and changes nothing that sounds."""

MAX_COMMANDS = 2048
"""Of those due together: all states of a large show, each once. Of a bundle of patterns it could be a million."""

MAX_PATTERNS = 32
"""In one packet: the worst that fits 128 characters takes some 20 ms on a large show."""

MAX_TIMES = 8
"""In one packet: each may mean MAX_COMMANDS."""

MANY = 4 * BURST
"""States to be set right: beyond, a client is sent the whole state, at a pace that it can bear."""

DISCARDING = frozenset({"/panic", "/stop"})
"""What lets go of every bundle that waits."""


class Answer(Protocol):
    """Hears "" when all was done, or why it was not, and of a bundle which address is `about` that."""

    def __call__(self, refused: str, about: str = "", /) -> None: ...


Submit = Callable[[tuple[Bound, ...], Callable[[str, str], None], str], None]
"""Hands commands on; the callback hears "" or why they are refused, and at what address. Raises Refused at once."""


@dataclass(slots=True)
class OscServer:
    """The conversation with all clients, over UDP and streams."""

    surface: Surface
    subscribers: Subscribers
    outlet: Outlet
    reception: Reception
    held: Held
    view: Callable[[], View]
    submit: Submit
    access: Access
    receipts: Receipts
    ledger: Ledger

    async def receive(self, udp: socket.socket) -> None:
        """Serves until cancelled: takes in what has come, and does a turn's worth of it.

        Taking in comes first, for it is cheap, and what is overtaken meanwhile need not be done at all.
        """
        inbox, turn = Inbox(lambda address: self.surface.bare(address) in self.surface.states), Turn()
        own_port = udp.getsockname()[1]
        while True:
            if inbox:
                await trio.lowlevel.checkpoint()
            else:
                await trio.lowlevel.wait_readable(udp)
            turn.begin()
            for _ in range(MAX_WAITING):
                received = None if inbox.full else receive_one(udp)
                if received is None:
                    break
                if not self._is_own(received[1], own_port):
                    inbox.put(*received)
                await turn.rest()
            turn.begin()
            while inbox and not turn.over:
                self.take(*inbox.take())

    def _is_own(self, sender: Peer, port: int) -> bool:
        """What this service told itself, where somebody gave it its own address: it would obey its own feedback."""
        return sender[1] == port and (is_loopback(sender[0]) or sender[0] in self.access.own())

    @asynccontextmanager
    async def conversation(self, peer: Peer) -> AsyncIterator[Stream]:
        """With a client at the end of a stream, for as long as the block lasts; its subscription ends with it."""
        async with self.outlet.streams.opened(peer) as stream:
            try:
                yield stream
            finally:
                self.reception.forget(peer)

    def take(self, packet: bytes, sender: Peer) -> None:
        """Deals with one packet of a client; nothing that it holds can end the service."""
        try:
            self.handle(packet, sender)
        except Exception:
            log.exception("a packet of %d bytes from %s could not be dealt with", len(packet), sender)
            self.outlet.refuse(sender, "/", "an error of showctl itself: see its log")

    def handle(self, received: bytes, sender: Peer) -> None:
        """Does what one packet asks for; of what is due at the same time, at most one `/error` answers it."""
        self.subscribers.heard(sender, host_ns())
        try:
            packet = decode(received)
        except OscDecodeError as exc:
            self.outlet.refuse(sender, "/", str(exc))
            return
        if self._is_error(packet):
            return
        due = sorted(by_time(packet).items())
        try:
            parts = [(timetag, *opened(messages, self.surface.bare)) for timetag, messages in due]
            _refuse_too_much([message for _, _, messages in parts for message in messages], len(parts))
        except Refused as exc:
            self._refuse(tuple(due[0][1][:1]), sender, str(exc))
        else:
            for part in parts:
                self._handle_together(*part, sender)

    def _handle_together(self, timetag: int, ids: tuple[str, ...], messages: tuple[Message, ...], sender: Peer) -> None:
        if not ids:
            self._take(timetag, messages, sender, partial(self._refuse, messages, sender))
        elif self.access.rights(sender).role == "nothing":
            tell = partial(self.receipts.answer_stranger, ids, sender)
            self._take(timetag, messages, sender, partial(self._acknowledge, messages, sender, tell))
        elif not self.receipts.repeated(ids, sender):
            begun = self.receipts.begin(ids, sender)
            tell = partial(self.receipts.finish, begun, sender)
            key = "".join(f" #{delivery.key}" for delivery in begun)
            self._take(timetag, messages, sender, partial(self._acknowledge, messages, sender, tell), key)

    def _is_error(self, packet: Message | Bundle) -> bool:
        """Of another service, or our own where somebody gave us our own address: two would go on for ever."""
        if not isinstance(packet, Message) or self.surface.bare(packet.address):
            return False
        return packet.address.endswith("/error")

    def _refuse(self, messages: tuple[Message, ...], sender: Peer, refused: str, about: str = "") -> None:
        """Notes what was asked for, and says why it was not done, if it was not."""
        self._note(messages, sender, refused)
        if refused:
            self.outlet.refuse(sender, about or messages[0].address, refused)

    def _note(self, messages: tuple[Message, ...], sender: Peer, refused: str) -> None:
        for message in messages:
            address = self.surface.bare(message.address)
            if refused or address not in UNNOTED:
                whole = address in self.surface.places and address != COMMAND
                # Of what is no command, what it held is not written down: it may be a passcode with a slip in it.
                self.ledger.note(sender, message if whole else Message(message.address), refused)

    def _acknowledge(
        self, messages: tuple[Message, ...], sender: Peer, tell: Callable[[str], None], refused: str, _about: str = ""
    ) -> None:
        """Notes what was asked for with ids, and tells what became of it."""
        self._note(messages, sender, refused)
        tell(refused)

    def _take(
        self,
        timetag: int,
        messages: tuple[Message, ...],
        sender: Peer,
        answer: Answer,
        key: str = "",
    ) -> None:
        """Now or when it is due; `answer` hears "" or why it is refused, once."""
        try:
            each = (bound for message in messages for bound in self._meant(message, sender, meant=bool(key)))
            commands = tuple(islice(each, MAX_COMMANDS + 1))
            if len(commands) > MAX_COMMANDS:
                raise Refused(f"it means more than {MAX_COMMANDS} commands: send fewer at once")
            obey = partial(self._obey, commands, sender, answer, key)
            wait = self.held.seconds_until(timetag)
            if wait > 0:
                self.held.hold(wait, obey, partial(self._not_done, messages, sender, answer))
                return
            self.held.refuse_late(-wait, commands)
        except Refused as exc:
            self._not_done(messages, sender, answer, str(exc), exc.about)
        else:
            obey()

    def _meant(self, message: Message, sender: Peer, *, meant: bool) -> tuple[Bound, ...]:
        """The commands of a message, where its sender may give them. Raises Refused, which names it.

        What came with an id is `meant`: a control that follows its own feedback sends none.
        """
        try:
            commands = tuple(self._heeded(message, sender, meant=meant))
            self.access.check(sender, commands)
        except Refused as exc:
            exc.about = message.address
            raise
        return commands

    def _not_done(
        self, messages: Iterable[Message], sender: Peer, answer: Answer, refused: str, about: str = ""
    ) -> None:
        """Nothing of a packet was done; what its sender now believes of states is set right."""
        answer(refused, about)
        if self.subscribers.client_of(sender) is None:
            return
        meant = dict.fromkeys(state for message in messages for state in self.surface.states_of(message))
        self._set_right(meant, sender, doubted=True)

    def _heeded(self, message: Message, sender: Peer, *, meant: bool) -> Iterator[Bound]:
        """The commands of a message, without a state that only echoes what the client was just told."""
        for address in self.surface.addresses(message):
            bound = tuple(self.surface.bound(address, message))
            if not self._echoed(address, message, sender, meant=meant):
                yield from bound

    def _echoed(self, address: str, message: Message, sender: Peer, *, meant: bool) -> bool:
        """Whether it is such an echo; else the client is held to show now what it said."""
        client, said, known, now = self.subscribers.client_of(sender), _values(message), self.outlet.known, host_ns()
        if client is None or address not in self.surface.states:
            return False
        if meant or not known.echoes(client.address, address, said, now):
            known.said(client.address, address, said, now)
            return False
        if not known.knows(client.address, address, said):  # of an older value: it might show that
            self._set_right([address], sender, doubted=True)
        return True

    def _obey(self, commands: tuple[Bound, ...], sender: Peer, answer: Answer, key: str) -> None:
        """All of them or none: what the sender asks for itself, too, only where its commands are done."""
        acting = tuple(bound for bound in commands if not isinstance(bound.command, OnClient))
        done = partial(self._done, acting, sender, answer)
        try:
            asked = [ask for bound in commands for ask in self._asked(bound, sender)]
            if acting:
                by = f"{acting[0].sent.address} from {sender[0]}:{sender[1]}{key}"
                refused = list[str]()

                def then(reason: str, about: str) -> None:
                    refused.append(reason)
                    self._then(asked, done, reason, about)

                self.submit(acting, then, by)
                if not any(refused) and any(bound.address in DISCARDING for bound in acting):
                    self.held.clear()  # at once: what becomes due meanwhile is not wanted any more
            else:
                self._then(asked, done, "", "")
        except Refused as exc:
            done(str(exc), exc.about)

    def _asked(self, bound: Bound, sender: Peer) -> Iterator[Callable[[], None]]:
        """What a command about the conversation does, where it is one. Raises Refused, which names it."""
        if isinstance(bound.command, OnClient):
            try:
                yield self.reception.asked(bound.command, sender, bound.sent)
            except Refused as exc:
                exc.about = bound.sent.address
                raise

    def _then(self, asked: Iterable[Callable[[], None]], done: Answer, refused: str, about: str) -> None:
        """After the commands, what else was asked for; not if they were refused."""
        try:
            for ask in () if refused else asked:
                ask()
        except Refused as exc:
            refused, about = str(exc), exc.about
        done(refused, about)

    def _done(self, commands: tuple[Bound, ...], sender: Peer, answer: Answer, refused: str, about: str = "") -> None:
        """Tells the sender what became of it, and the true value where it now believes another."""
        answer(refused, about)
        self._set_right([bound.address for bound in commands], sender)

    def _set_right(self, addresses: Iterable[str], sender: Peer, *, doubted: bool = False) -> None:
        """Tells the client the true values of states that it does not know, or that it may not show."""
        client = self.subscribers.client_of(sender)
        touched = [address for address in addresses if address in self.surface.states]
        if client and touched:
            view = self.view()
            for address in touched if doubted else ():
                self.outlet.known.doubted(client.address, address)
            states = [state_at(view, each, self.surface.states[each]) for each in touched]
            if len(self.outlet.untold(client, states)) > MANY:
                self.reception.sync.start(client.address, client)
            else:
                self.outlet.tell_states(client, states)


def _refuse_too_much(messages: Iterable[Message], times: int) -> None:
    if sum(is_pattern(message.address) for message in messages) > MAX_PATTERNS:
        raise Refused(f"expected at most {MAX_PATTERNS} address patterns in a packet")
    if times > MAX_TIMES:
        raise Refused(f"expected at most {MAX_TIMES} different times in a packet, got {times}")


def _values(message: Message) -> Values:
    return tuple(arg for arg in message.args if isinstance(arg, Value))

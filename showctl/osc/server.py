"""Datagrams to commands: decoded, bound to methods, held where they ask for it, and handed on; one after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import trio

from showctl.errors import Refused
from showctl.model.view import View
from showctl.osc.arguments import Value
from showctl.osc.codec import Bundle, Message, OscDecodeError, decode
from showctl.osc.held import Held
from showctl.osc.methods import OnClient, Values, state_at
from showctl.osc.outlet import Outlet
from showctl.osc.subscribers import Address, Subscribers
from showctl.osc.surface import Bound, Surface, messages_of
from showctl.osc.sync import Sync
from showctl.shared.host import host_ns

log = logging.getLogger(__name__)

MAX_DATAGRAM = 65_536

DISCARDING = frozenset({"/panic", "/stop"})
"""What lets go of every bundle that waits."""

Submit = Callable[[tuple[Bound, ...], Callable[[str], None], str], None]
"""Hands commands on; the callback hears "" or why they were refused. Raises Refused when too many wait."""


@dataclass(slots=True)
class OscServer:
    """The conversation with all clients over one UDP socket."""

    surface: Surface
    subscribers: Subscribers
    outlet: Outlet
    sync: Sync
    held: Held
    view: Callable[[], View]
    submit: Submit

    async def receive(self, udp: trio.socket.SocketType) -> None:
        """Serves until cancelled; nothing that a datagram holds can end it."""
        while True:
            try:
                datagram, sender = await udp.recvfrom(MAX_DATAGRAM)
            except OSError:  # some systems report here that an earlier answer found nobody there
                continue
            address = str(sender[0]), int(sender[1])
            try:
                self.handle(datagram, address)
            except Exception:
                log.exception("a datagram of %d bytes from %s could not be dealt with", len(datagram), address)
                self.outlet.refuse(address, "/", "an error of showctl itself: see its log")

    def handle(self, datagram: bytes, sender: Address) -> None:
        """Does what one datagram asks for; at most one `/error` answers it."""
        self.subscribers.heard(sender, host_ns())
        try:
            packet = decode(datagram)
        except OscDecodeError as exc:
            self.outlet.refuse(sender, "/", str(exc))
            return
        first = next(messages_of(packet), None)
        if first is None:  # a bundle of nothing asks for nothing
            return
        try:
            self._take(packet, sender)
        except Refused as exc:
            self.outlet.refuse(sender, first.address, str(exc))
            self._set_right(self._meant(packet), sender, doubted=True)

    def _meant(self, packet: Message | Bundle) -> Iterator[str]:
        """The addresses that a refused packet was for, as far as there are such."""
        for message in messages_of(packet):
            with suppress(Refused):
                yield from self.surface.addresses(message)

    def _take(self, packet: Message | Bundle, sender: Address) -> None:
        commands = tuple(bound for message in messages_of(packet) for bound in self._heeded(message, sender))
        wait = self.held.seconds_until(packet)
        if wait > 0:
            self.held.hold(wait, partial(self._obey_held, commands, sender))
        else:
            self.held.refuse_late(-wait, commands)
            self._obey(commands, sender)

    def _heeded(self, message: Message, sender: Address) -> Iterator[Bound]:
        """The commands of a message, without a state that only echoes what the client was just told."""
        for address in self.surface.addresses(message):
            bound = tuple(self.surface.bound(address, message))
            if not self._echoed(address, message, sender):
                yield from bound

    def _echoed(self, address: str, message: Message, sender: Address) -> bool:
        """Whether it is such an echo; else the client is held to show now what it said."""
        client, said, known = self.subscribers.client_of(sender), _values(message), self.outlet.known
        if client is None or address not in self.surface.states:
            return False
        if not known.echoes(client.address, address, said, host_ns()):
            known.said(client.address, address, said)
            return False
        if not known.knows(client.address, address, said):  # of an older value: it might show that
            self._set_right([address], sender, doubted=True)
        return True

    def _obey_held(self, commands: tuple[Bound, ...], sender: Address) -> None:
        try:
            self._obey(commands, sender)
        except Refused as exc:
            self.outlet.refuse(sender, commands[0].sent.address, str(exc))

    def _obey(self, commands: tuple[Bound, ...], sender: Address) -> None:
        if any(bound.address in DISCARDING for bound in commands):
            self.held.clear()
        for bound in commands:
            if isinstance(bound.command, OnClient):
                self._converse(bound.command, sender)
        acting = tuple(bound for bound in commands if not isinstance(bound.command, OnClient))
        if acting:
            by = f"{acting[0].sent.address} from {sender[0]}:{sender[1]}"
            try:
                self.submit(acting, partial(self._done, acting, sender), by)
            except Refused as exc:
                self._done(acting, sender, str(exc))

    def _done(self, commands: tuple[Bound, ...], sender: Address, refused: str) -> None:
        """Tells the sender why nothing happened, and the true value where it now believes another."""
        if refused:
            self.outlet.refuse(sender, commands[0].sent.address, refused)
        self._set_right([bound.address for bound in commands], sender)

    def _set_right(self, addresses: Iterable[str], sender: Address, *, doubted: bool = False) -> None:
        """Tells the client the true values of states that it does not know, or that it may not show."""
        client = self.subscribers.client_of(sender)
        touched = [address for address in addresses if address in self.surface.states]
        if client and touched:
            view = self.view()
            for address in touched if doubted else ():
                self.outlet.known.doubted(client.address, address)
            self.outlet.tell_states(client, [state_at(view, each, self.surface.states[each]) for each in touched])

    def _converse(self, command: OnClient, sender: Address) -> None:
        match command.what:
            case "subscribe":
                client = self.subscribers.subscribe(sender, command.values, host_ns())
                self.outlet.known.forget(client.address)
                self.sync.start(client.address, client)
            case "unsubscribe":
                self.subscribers.unsubscribe(sender)
            case "sync":
                self.sync.start(self.subscribers.reply_to(sender), self.subscribers.client_of(sender))
            case "ping":
                self.outlet.send(Message("/pong", command.values), self.subscribers.reply_to(sender))


def _values(message: Message) -> Values:
    return tuple(arg for arg in message.args if isinstance(arg, Value))

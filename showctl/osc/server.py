"""Datagrams to commands: decoded, bound to methods, held where they ask for it, and handed on; one after the other."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

import trio

from showctl.errors import Refused
from showctl.model.view import View
from showctl.osc.arguments import Value
from showctl.osc.codec import Bundle, Message, OscDecodeError, decode
from showctl.osc.held import Held
from showctl.osc.methods import OnClient, Values, read_state
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
        client, said = self.subscribers.client_of(sender), _values(message)
        for bound in self.surface.bind(message):
            if client and bound.address in self.surface.states:
                if self.outlet.known.echoes(client.address, bound.address, said, host_ns()):
                    continue
                self.outlet.known.said(client.address, bound.address, said)
            yield bound

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
            self.submit(acting, partial(self._done, acting, sender), by)

    def _done(self, commands: tuple[Bound, ...], sender: Address, refused: str) -> None:
        """Tells the sender why nothing happened, and the true value where it now believes another."""
        if refused:
            self.outlet.refuse(sender, commands[0].sent.address, refused)
        client = self.subscribers.client_of(sender)
        touched = [bound for bound in commands if bound.address in self.surface.states]
        if client and touched:
            view = self.view()
            self.outlet.tell_states(client, [(bound.address, read_state(view, bound.place)) for bound in touched])

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

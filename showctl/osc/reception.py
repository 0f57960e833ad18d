"""What clients ask for themselves: to be told what happens, the whole state, a sign of life, to be let in.

Each is looked at first and done when the rest of its packet is: a bundle is done whole, or not at all.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from showctl.errors import Refused
from showctl.osc.access import Access
from showctl.osc.codec import Message
from showctl.osc.methods import OnClient
from showctl.osc.outlet import Outlet
from showctl.osc.routes import Peer
from showctl.osc.subscribers import Subscribers
from showctl.osc.sync import Sync
from showctl.shared.clients import Client
from showctl.shared.host import host_ns


@dataclass(frozen=True, slots=True)
class Reception:
    """Of one service."""

    subscribers: Subscribers
    outlet: Outlet
    sync: Sync
    access: Access

    def asked(self, command: OnClient, sender: Peer, sent: Message) -> Callable[[], None]:
        """What does it, once; until then nothing has changed. Both raise Refused where it cannot be done."""
        return partial(self._serve, self._prepared(command, sender, sent), sender)

    def _serve(self, act: Callable[[], None], sender: Peer) -> None:
        """Not to a connection that has ended meanwhile: the next one from that port may be somebody else."""
        if len(sender) == 2 or self.outlet.streams.find(sender):
            act()

    def _prepared(self, command: OnClient, sender: Peer, sent: Message) -> Callable[[], None]:
        match command.what:
            case "subscribe":
                ear = self.outlet.streams.listen(sender)
                client = self.subscribers.wished(sender, command.values, host_ns(), ear)
                return partial(self._subscribe, sender, client)
            case "unsubscribe":
                return partial(self.unsubscribe, sender)
            case "sync":
                return partial(self._sync, sender)
            case "ping":
                return partial(self._answer, sender, Message("/pong", sent.args, sent.tags))
            case "hello":
                self.access.check_passcode(sender, str(command.values[0]), host_ns())
                return partial(self._welcome, sender)
            case "cmd":
                raise Refused("a command cannot hold another /cmd")

    def _subscribe(self, sender: Peer, client: Client) -> None:
        self.subscribers.subscribe(sender, client)
        self.outlet.known.forget(client.address)
        self.sync.start(client.address, client)

    def unsubscribe(self, sender: Peer) -> None:
        """No more to this client, and nothing is remembered of what it was told."""
        client = self.subscribers.client_of(sender)
        self.subscribers.unsubscribe(sender)
        if client:
            self.sync.stop(client.address)
            self.outlet.known.forget(client.address)

    def _sync(self, sender: Peer) -> None:
        self.sync.start(self.subscribers.reply_to(sender), self.subscribers.client_of(sender))

    def _welcome(self, sender: Peer) -> None:
        self._answer(sender, Message("/welcome", (self.access.sign_in(sender),)))

    def _answer(self, sender: Peer, message: Message) -> None:
        self.outlet.send(message, self.subscribers.reply_to(sender))

    def forget(self, sender: Peer) -> None:
        """Its connection has ended."""
        self.unsubscribe(sender)
        self.access.forget(sender)
        self.sync.stop(sender)

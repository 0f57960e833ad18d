"""Commands with an id: done once per sender and id, however often they arrive, and always acknowledged.

So a client can repeat over a network that loses, doubles and reorders packets, until it hears the `/ack`.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

import msgspec

from showctl.errors import Refused
from showctl.model.units import HostNs
from showctl.osc.codec import Message
from showctl.osc.plain import fitted, plain_text
from showctl.osc.routes import Peer
from showctl.shared.delivered import KEPT, Delivery

COMMAND = "/cmd"

NS = 1_000_000_000
REMEMBERED_SECONDS = 600
MAX_ID = 64
MAX_RESULT = 160
"""Characters; with both a record fits its slot, whatever the script: four bytes a character at the most."""

OK = "ok"
Answer = Literal["ok", "duplicate", "error"]


class Journal(Protocol):
    """Where deliveries are written down before they have effect."""

    def send(self, value: Delivery) -> None: ...


@dataclass(slots=True)
class Once:
    """What was heard in the last ten minutes, the newest last."""

    journal: Journal
    _known: OrderedDict[tuple[Peer, str], Delivery] = field(default_factory=OrderedDict)

    def recall(self, deliveries: Iterable[Delivery], committed: frozenset[str]) -> None:
        """Take over from a control that ended; `committed` are the keys in the recording of the night.

        What it had begun, and what is not there, was never done: the client will repeat it.
        """
        for delivery in deliveries:
            self._known[delivery.sender, delivery.id] = delivery
        for key, delivery in list(self._known.items()):
            if not delivery.result and delivery.key in committed:
                self._known[key] = msgspec.structs.replace(delivery, result=OK)
            elif not delivery.result:
                del self._known[key]

    def known(self, sender: Peer, command_id: str, now: HostNs) -> Delivery | None:
        """What became of it, if it was heard before; without a result it is still being done."""
        self._forget(now)
        return self._known.get((sender, command_id))

    def begin(self, sender: Peer, command_id: str, now: HostNs) -> Delivery:
        """Note that it is about to be done, for good."""
        delivery = Delivery(sender[0], sender[1], command_id, now, stream=sender[2] if len(sender) == 3 else "")
        self._keep(delivery)
        return delivery

    def finish(self, delivery: Delivery, refused: str) -> Delivery:
        """Note how it went; `refused` is "" or the reason."""
        done = msgspec.structs.replace(delivery, result=outcome(refused))
        self._keep(done)
        return done

    def _keep(self, delivery: Delivery) -> None:
        self._known[delivery.sender, delivery.id] = delivery
        if len(self._known) > KEPT:
            self._known.popitem(last=False)
        self.journal.send(delivery)

    def _forget(self, now: HostNs) -> None:
        """Those that are too old. They lie in the order in which they began."""
        while self._known and now - next(iter(self._known.values())).at >= REMEMBERED_SECONDS * NS:
            self._known.popitem(last=False)


def opened(
    messages: Sequence[Message], bare: Callable[[str], str] = str
) -> tuple[tuple[str, ...], tuple[Message, ...]]:
    """The ids in a packet, and its messages with what the ids stand for; `bare` takes a prefix off. Raises Refused."""
    found = [_unwrapped(message, bare) if bare(message.address) == COMMAND else ("", message) for message in messages]
    ids = tuple(command_id for command_id, _ in found if command_id)
    if len(set(ids)) < len(ids):
        raise Refused("expected a different id for each command of a bundle")
    return ids, tuple(message for _, message in found)


def _unwrapped(message: Message, bare: Callable[[str], str]) -> tuple[str, Message]:
    """The id, and the message that is to be done once. Raises Refused for what is not `id address args…`."""
    match message.args:
        case (str(command_id), str(address), *args) if command_id and address.startswith("/"):
            if len(command_id) > MAX_ID:
                raise Refused(f"expected an id of at most {MAX_ID} characters, got {len(command_id)}")
            if bare(address) == COMMAND:
                raise Refused("a command cannot hold another /cmd")
            return command_id, Message(address, tuple(args), message.tags[2:])
        case _:
            raise Refused("expected an id, an address and its arguments, all in one message")


def outcome(refused: str) -> str:
    """What an acknowledgement says became of it; `refused` is "" or the reason."""
    return refused[:MAX_RESULT] or OK


def ack(command_id: str, result: str, *, again: bool, utf8: bool = False) -> Message:
    """The acknowledgement; a duplicate's text is the first result."""
    answer: Answer = "duplicate" if again else "ok" if result == OK else "error"
    texts = (plain_text(text, utf8=utf8) for text in (command_id, answer, result))
    return fitted(Message("/ack", tuple(texts)))

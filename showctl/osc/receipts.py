"""The acknowledgements of commands with an id, and which of them were heard before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from showctl.osc.once import Once, ack, outcome
from showctl.osc.outlet import Outlet, reads_utf8
from showctl.osc.routes import Peer
from showctl.osc.subscribers import Subscribers
from showctl.shared.delivered import Delivery
from showctl.shared.host import host_ns


@dataclass(frozen=True, slots=True)
class Receipts:
    """Of one service."""

    once: Once
    subscribers: Subscribers
    outlet: Outlet

    def repeated(self, ids: Sequence[str], sender: Peer) -> bool:
        """Whether any of this was heard before; says again what became of it, or will when it is done."""
        now = host_ns()
        known = {each: delivery for each in ids if (delivery := self.once.known(sender, each, now))}
        for delivery in known.values():
            if delivery.result:
                self._acknowledge(delivery.id, delivery.result, sender, again=True)
        others = [each for each in ids if each not in known] if known else []
        self.finish(self.begin(others, sender), sender, "other commands of its bundle were done before")
        return bool(known)

    def begin(self, ids: Iterable[str], sender: Peer) -> list[Delivery]:
        """They are about to be done."""
        return [self.once.begin(sender, each, host_ns()) for each in ids]

    def finish(self, begun: Iterable[Delivery], sender: Peer, refused: str) -> None:
        """They are done, or why they are not."""
        for delivery in begun:
            self._acknowledge(delivery.id, self.once.finish(delivery, refused).result, sender, again=False)

    def answer_stranger(self, ids: Iterable[str], sender: Peer, refused: str) -> None:
        """Acknowledges what is not remembered: who may do nothing may be anybody, forged ones too."""
        for each in ids:
            self._acknowledge(each, outcome(refused), sender, again=False)

    def _acknowledge(self, command_id: str, result: str, sender: Peer, *, again: bool) -> None:
        utf8 = reads_utf8(self.subscribers.client_of(sender))
        self.outlet.send(ack(command_id, result, again=again, utf8=utf8), self.subscribers.reply_to(sender))

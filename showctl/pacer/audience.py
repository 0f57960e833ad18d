"""Who is told what: subscribers and targets alike, as listeners with what makes their packets differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from showctl.model.show import Ports, Show, Target
from showctl.model.units import HostNs
from showctl.shared.clients import TOPICS, Client

Address = tuple[str, int]

AHEAD_SECONDS = 0.2
"""How long before it sounds a stamped bundle is sent."""


@dataclass(frozen=True, slots=True)
class Listener:
    """One address. What it is told leaves `early_frames` before it sounds, and `ahead_frames` more as a bundle."""

    address: Address
    topics: frozenset[str]
    prefix: str = ""
    utf8: bool = False
    early_frames: int = 0
    ahead_frames: int = 0
    cues_of: Target | None = None  # gets the messages of this target's cues, and nothing else
    expires: HostNs | None = None
    listens: frozenset[str] = frozenset()  # addresses of which it is told besides

    def wants(self, topic: str, address: str) -> bool:
        return topic in self.topics or address in self.listens

    @property
    def lead_frames(self) -> int:
        return self.early_frames + self.ahead_frames

    @property
    def stamped(self) -> bool:
        return self.ahead_frames > 0

    def lives_at(self, now: HostNs) -> bool:
        return self.expires is None or now < self.expires


def audience(show: Show, clients: Iterable[Client], rate: int) -> tuple[Listener, ...]:
    """Everybody, machines before people: of what is due together, cues go first."""
    return (
        *(_cue_listener(target, rate) for target in show.targets),
        *(_feed_listener(target, show.ports, rate) for target in show.targets if target.feed),
        *(_client_listener(client, show.ports, rate) for client in clients),
    )


def _cue_listener(target: Target, rate: int) -> Listener:
    return Listener((target.host, target.port), frozenset(), early_frames=_early(target, rate), cues_of=target)


def _feed_listener(target: Target, ports: Ports, rate: int) -> Listener:
    words = frozenset(target.feed)
    topics = TOPICS - {"meter"} if "all" in words else words & TOPICS
    listener = _flagged(Listener((target.host, target.port), topics), words, ports, rate)
    return replace(listener, early_frames=_early(target, rate))


def _client_listener(client: Client, ports: Ports, rate: int) -> Listener:
    listener = Listener(client.address, client.topics, expires=client.expires, listens=client.listens)
    return _flagged(listener, client.flags, ports, rate)


def _flagged(listener: Listener, flags: frozenset[str], ports: Ports, rate: int) -> Listener:
    return replace(
        listener,
        prefix=ports.prefix if "prefix" in flags or not ports.bare else "",
        utf8="utf8" in flags,
        ahead_frames=round(AHEAD_SECONDS * rate) if "timetag" in flags else 0,
    )


def _early(target: Target, rate: int) -> int:
    return round(target.latency_ms * rate / 1000)

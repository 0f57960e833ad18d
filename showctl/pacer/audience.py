"""Who is told what: subscribers and targets alike, as listeners with what makes their packets differ."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

from showctl.model.night import Night
from showctl.model.show import Ports, Show, Target
from showctl.model.targets import latency_ms
from showctl.model.units import HostNs
from showctl.shared.clients import Client, prefix_for, topics_of

Address = tuple[str, int]

AHEAD_SECONDS = 0.2
"""How long before it sounds a stamped bundle is sent."""


Group = tuple[int, str]
"""A lead in frames, and the target whose cues go out so early, if any."""


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
    def group(self) -> Group:
        """Who is told equally early goes together; a target's cues are kept account of on their own."""
        return self.lead_frames, self.cues_of.slug if self.cues_of else ""

    @property
    def stamped(self) -> bool:
        return self.ahead_frames > 0

    def lives_at(self, now: HostNs) -> bool:
        return self.expires is None or now < self.expires

    @property
    def voice(self) -> tuple[str, bool, int, int]:
        """Who has the same is told the same bytes."""
        return self.prefix, self.utf8, self.early_frames, self.ahead_frames


@dataclass(frozen=True, slots=True, eq=False)
class Choir:
    """Listeners of one group and one voice: a thousand of them cost no more thought than one."""

    listeners: tuple[Listener, ...]
    _wanting: dict[tuple[str, str], tuple[Listener, ...]] = field(default_factory=dict)

    @property
    def first(self) -> Listener:
        """For what is the same for all."""
        return self.listeners[0]

    def wanting(self, topic: str, address: str) -> tuple[Listener, ...]:
        """Those who want what is told under an address."""
        known = self._wanting.get((topic, address))
        if known is None:
            known = tuple(listener for listener in self.listeners if listener.wants(topic, address))
            self._wanting[topic, address] = known
        return known


def choirs(listeners: Iterable[Listener]) -> dict[Group, tuple[Choir, ...]]:
    """By groups, and in them by voices; both in the order of their first listeners."""
    groups: dict[Group, dict[object, list[Listener]]] = {}
    for listener in listeners:
        groups.setdefault(listener.group, {}).setdefault(listener.voice, []).append(listener)
    return {group: tuple(Choir(tuple(alike)) for alike in voices.values()) for group, voices in groups.items()}


def audience(show: Show, clients: Iterable[Client], night: Night, rate: int) -> tuple[Listener, ...]:
    """Everybody, machines before people: of what is due together, cues go first. Targets as they are set tonight."""
    targets = tuple(_tonight(show, target, night) for target in show.targets if target.slug not in night.targets_off)
    return (
        *(_cue_listener(target, rate) for target in targets),
        *(_feed_listener(target, show.ports, rate) for target in targets if target.feed),
        *(_client_listener(client, show.ports, rate) for client in clients),
    )


def _tonight(show: Show, target: Target, night: Night) -> Target:
    return msgspec.structs.replace(target, latency_ms=latency_ms(show, night, target.slug))


def _cue_listener(target: Target, rate: int) -> Listener:
    return Listener((target.host, target.port), frozenset(), early_frames=_early(target, rate), cues_of=target)


def _feed_listener(target: Target, ports: Ports, rate: int) -> Listener:
    words = frozenset(target.feed)
    prefix, utf8, ahead = _manner(words, ports, rate)
    return Listener((target.host, target.port), topics_of(words), prefix, utf8, _early(target, rate), ahead)


def _client_listener(client: Client, ports: Ports, rate: int) -> Listener:
    prefix, utf8, ahead = _manner(client.flags, ports, rate)
    return Listener(
        client.address,
        client.topics,
        prefix,
        utf8,
        ahead_frames=ahead,
        expires=client.expires,
        listens=client.listens,
    )


def _manner(words: frozenset[str], ports: Ports, rate: int) -> tuple[str, bool, int]:
    """Prefix, whether text may be UTF-8, and the frames by which bundles go ahead."""
    ahead = round(AHEAD_SECONDS * rate) if "timetag" in words else 0
    return prefix_for(ports, words), "utf8" in words, ahead


def _early(target: Target, rate: int) -> int:
    return round(target.latency_ms * rate / 1000)

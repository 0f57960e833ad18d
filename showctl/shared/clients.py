"""Who is told what: written by control before it has effect, read by the pacer, kept over a restart of either."""

from __future__ import annotations

from collections.abc import Iterable

from showctl.model.show import Ports, Record
from showctl.model.units import HostNs

TOPICS = frozenset({"beat", "section", "song", "transport", "position", "text", "cue", "mix", "meter", "health", "led"})
FLAGS = frozenset({"timetag", "utf8", "prefix", "refresh", "stay", "mirror"})

DEFAULT_TOPICS = TOPICS - {"meter"}
"""What is told to who names no topic, or `all`: the meters are asked for by name."""

LEASE_SECONDS = 30
"""How long a subscription lasts after the client's last word."""


class Client(Record, frozen=True):
    """One UDP address that is told `topics`, until host time `expires` (None: for good).

    Besides, it is told what is said under the addresses to which it `listens`, whatever their topics.
    A client of a `stream` is one of the control that holds its connection, and of no later one.
    """

    host: str
    port: int
    topics: frozenset[str]
    flags: frozenset[str] = frozenset()
    expires: HostNs | None = None
    heard_from: tuple[str, int] | None = None  # where it speaks from, if that is not where it listens
    name: str = ""  # of those that the show file lists: its slug there
    stream: bool = False
    listens: frozenset[str] = frozenset()

    def wants(self, topic: str, address: str) -> bool:
        return topic in self.topics or address in self.listens

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port

    def lives_at(self, now: HostNs) -> bool:
        return self.expires is None or now < self.expires


def topics_of(words: Iterable[str]) -> frozenset[str]:
    """The topics among the words of a subscription or a feed."""
    words = frozenset(words)
    named = words & TOPICS
    return named | DEFAULT_TOPICS if "all" in words or not named else named


def prefix_for(ports: Ports, flags: frozenset[str]) -> str:
    """What the addresses begin with that a client of these flags hears; empty for bare ones."""
    return ports.prefix if "prefix" in flags or not ports.bare else ""


class Clients(Record, frozen=True):
    """Everybody who is told anything."""

    clients: tuple[Client, ...] = ()


class SignedIn(Record, frozen=True):
    """Who has said the passcode, as the address and port they speak from."""

    senders: tuple[tuple[str, int], ...] = ()

"""Who is told what: written by control before it has effect, read by the pacer, kept over a restart of either."""

from __future__ import annotations

from showctl.model.show import Record
from showctl.model.units import HostNs

TOPICS = frozenset({"beat", "section", "song", "transport", "position", "text", "cue", "mix", "meter", "health", "led"})
FLAGS = frozenset({"timetag", "utf8", "prefix", "refresh", "stay"})

LEASE_SECONDS = 30
"""How long a subscription lasts after the client's last word."""


class Client(Record, frozen=True):
    """One UDP address that is told `topics`, until host time `expires` (None: for good).

    A client of a `stream` is one of the control that holds its connection, and of no later one.
    """

    host: str
    port: int
    topics: frozenset[str]
    flags: frozenset[str] = frozenset()
    expires: HostNs | None = None
    heard_from: tuple[str, int] | None = None  # where it speaks from, if that is not where it listens
    stream: bool = False

    @property
    def address(self) -> tuple[str, int]:
        return self.host, self.port

    def lives_at(self, now: HostNs) -> bool:
        return self.expires is None or now < self.expires


class Clients(Record, frozen=True):
    """Everybody who is told anything."""

    clients: tuple[Client, ...] = ()


class SignedIn(Record, frozen=True):
    """Who has said the passcode, as the address and port they speak from."""

    senders: tuple[tuple[str, int], ...] = ()

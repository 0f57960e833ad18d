"""Who may do what: roles by address range, the narrowest of them, and a passcode on top where the show asks for one.

A sender is the address and port it speaks from. UDP senders can be forged on a network that lets them: ranges keep
out strangers and slips of the finger, not an attacker on the same wire.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from typing import Literal, TypeAlias, TypeVar

from showctl.errors import Refused
from showctl.model.show import Access as Ranges
from showctl.model.units import HostNs
from showctl.osc.methods import Role
from showctl.osc.routes import Peer
from showctl.osc.surface import Bound

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network

K = TypeVar("K")
V = TypeVar("V")

NS = 1_000_000_000

WRONG_TRIES = 5
LOCKED_SECONDS = 60.0
"""So many wrong passcodes from one machine, and it is not listened to for so long."""

MAX_REMEMBERED = 4096
"""Senders that signed in or tried to; beyond, those are forgotten that were heard of longest ago."""

RANK: dict[Role, int] = {"nothing": 0, "view": 1, "mix": 2, "control": 3, "admin": 4}


@dataclass(frozen=True, slots=True)
class Rights:
    """A role, and for `mix` the buses it is about."""

    role: Role
    buses: frozenset[str] = frozenset()

    def allows(self, bound: Bound) -> bool:
        """Whether this command may be done."""
        if self.role == "mix" and bound.place.captures.get("bus") in self.buses:
            return True
        return RANK[self.role] >= RANK[bound.place.method.role]


_NOTHING = Rights("nothing")

THIS_MACHINE = "127.0.0.1"


@dataclass(slots=True)
class _Tries:
    wrong: int = 0
    locked_until: HostNs | None = None


@dataclass(slots=True)
class Access:
    """The doorkeeper of one service. `signed_in` are the senders that said the passcode."""

    ranges: Ranges
    signed_in: OrderedDict[Peer, None] = field(default_factory=OrderedDict)
    remember: Callable[[Iterable[Peer]], None] = lambda _: None
    """Writes down who has signed in, for the next control."""
    own: Callable[[], Iterable[str]] = tuple
    """The addresses of this machine; whoever speaks from one may do what 127.0.0.1 may."""
    _tries: OrderedDict[str, _Tries] = field(default_factory=OrderedDict)
    _by_range: Callable[[str], Rights] = field(init=False)

    def __post_init__(self) -> None:
        self._by_range = lru_cache(MAX_REMEMBERED)(partial(rights_by_range, self.ranges))

    def forget(self, sender: Peer) -> None:
        """Its connection has ended: whoever has the next one from that port is somebody else."""
        self.signed_in.pop(sender, None)

    def check(self, sender: Peer, commands: Iterable[Bound]) -> None:
        """Raises Refused for the first command that this sender may not give."""
        rights = self.rights(sender)
        for bound in commands:
            if not rights.allows(bound):
                raise Refused(self._why(sender, rights))

    def rights(self, sender: Peer) -> Rights:
        """What a sender may do now."""
        due = self._due(sender[0])
        if self.ranges.passcode and sender not in self.signed_in and RANK[due.role] > RANK["view"]:
            return Rights("view")
        return due

    def check_passcode(self, sender: Peer, passcode: str, now: HostNs) -> None:
        """Raises Refused for a wrong one, and after too many from one machine. Where none is asked for, any will do."""
        host, expected = sender[0], self.ranges.passcode
        if not expected:
            return
        tries = _kept(self._tries, host, _Tries())
        if tries.locked_until and now < tries.locked_until:
            wait = (tries.locked_until - now) / NS
            raise Refused(f"too many wrong passcodes from {host}: try again in {wait:.0f} s")
        if not hmac.compare_digest(passcode.encode(), expected.encode()):
            self._count_wrong(tries, now)
            raise Refused("the passcode is wrong")
        del self._tries[host]

    def sign_in(self, sender: Peer) -> Role:
        """Lets in who said the passcode; the sender's role from now on."""
        if self.ranges.passcode:
            _kept(self.signed_in, sender, None)
            self.remember(self.signed_in)
        return self.rights(sender).role

    def _due(self, host: str) -> Rights:
        """This machine may get and lose addresses; the ranges stay."""
        due = self._by_range(host)
        return self._by_range(THIS_MACHINE) if due == _NOTHING and host in self.own() else due

    def _count_wrong(self, tries: _Tries, now: HostNs) -> None:
        tries.wrong += 1
        if tries.wrong >= WRONG_TRIES:
            tries.wrong, tries.locked_until = 0, HostNs(now + round(LOCKED_SECONDS * NS))

    def _why(self, sender: Peer, rights: Rights) -> str:
        if self._due(sender[0]) != rights:
            return "a passcode is asked for: send it with /hello"
        may = {"nothing": "do nothing here", "view": "only look", "mix": f"only mix {_listed(rights.buses)}"}
        return f"{sender[0]} may {may.get(rights.role, 'not do this')}: [access] in show.toml says who may do what"


def rights_by_range(ranges: Ranges, host: str) -> Rights:
    """What the narrowest range that holds `host` gives it; of equal ones, the most."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return _NOTHING
    holding = [(network.prefixlen, rights) for network, rights in _networks(ranges) if address in network]
    narrowest = max((prefix for prefix, _ in holding), default=0)
    best = [rights for prefix, rights in holding if prefix == narrowest]
    most = max(best, key=lambda rights: RANK[rights.role], default=_NOTHING)
    alike = (rights.buses for rights in best if rights.role == most.role)
    return replace(most, buses=frozenset[str]().union(*alike))


def _networks(ranges: Ranges) -> Iterator[tuple[Network, Rights]]:
    given: tuple[tuple[Literal["admin", "control", "view"], tuple[str, ...]], ...] = (
        ("admin", ranges.admin),
        ("control", ranges.control),
        ("view", ranges.view),
    )
    for role, texts in given:
        yield from ((ipaddress.ip_network(text), Rights(role)) for text in texts)
    for bus, texts in ranges.mix.items():
        yield from ((ipaddress.ip_network(text), Rights("mix", frozenset({bus}))) for text in texts)


def _kept(remembered: OrderedDict[K, V], key: K, new: V) -> V:
    """What is remembered of `key`, now the newest; the oldest is forgotten where there are too many."""
    value = remembered.setdefault(key, new)
    remembered.move_to_end(key)
    if len(remembered) > MAX_REMEMBERED:
        remembered.popitem(last=False)
    return value


def _listed(buses: frozenset[str]) -> str:
    return " and ".join(sorted(buses))

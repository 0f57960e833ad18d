"""What has arrived over UDP, put in order: in a flood of faders, only where each one came to rest has to be done.

Where many datagrams wait, a state that its sender has set anew in the meantime is overtaken, unless the sender said
something else in between: what is no plain state (a trigger, a bundle, a pattern) finds the states as they were told
before it. Between senders UDP promises no order, and those who said such a thing come first: a GO does not wait behind
other people's faders.

What the system had no room for never gets here. Linux counts it: SO_MEMINFO, `sk_drops` (linux/sock_diag.h).
"""

from __future__ import annotations

import socket
import struct
import sys
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeAlias

from showctl.osc.codec import MAX_PACKET_BYTES
from showctl.osc.routes import Peer, address_of

MAX_WAITING = 4096
MAX_WAITING_BYTES = 1 << 24
"""In an inbox; then no more are fetched: what the system cannot keep is lost, and counted."""

FLOOD = 32
"""With fewer waiting, each is done and noted: nothing is gained by leaving any out."""

Received: TypeAlias = tuple[bytes, Peer]

_SO_MEMINFO = 55  # asm-generic/socket.h; the socket module has no name for it
_MEMINFO = struct.Struct("=9I")
_DROPS = 8


def receive_one(udp: socket.socket) -> Received | None:
    """None where there is nothing now; some systems report here, too, that an earlier answer found nobody."""
    try:
        datagram, place = udp.recvfrom(MAX_PACKET_BYTES)
    except OSError:
        return None
    return datagram, address_of(place)


def lost_datagrams(udp: socket.socket) -> int:
    """How many came while there was no room for them, since the socket was opened; 0 where the system does not tell."""
    if sys.platform == "linux":
        with suppress(OSError, struct.error):
            drops: int = _MEMINFO.unpack(udp.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, _MEMINFO.size))[_DROPS]
            return drops
    return 0


class Inbox:
    """Datagrams that wait; `is_state` knows the addresses of which only the last word counts."""

    def __init__(self, is_state: Callable[[str], bool], flood: int = FLOOD) -> None:
        self._is_state = is_state
        self._flood = flood
        self._hurried: OrderedDict[Peer, _FromOne] = OrderedDict()
        self._others: OrderedDict[Peer, _FromOne] = OrderedDict()
        self._waiting = 0
        self._waiting_bytes = 0

    def __len__(self) -> int:
        return self._waiting

    @property
    def full(self) -> bool:
        return self._waiting >= MAX_WAITING or self._waiting_bytes >= MAX_WAITING_BYTES

    def put(self, datagram: bytes, sender: Peer) -> None:
        client = self._hurried.get(sender) or self._others.setdefault(sender, _FromOne())
        address = _address(datagram)
        self._waiting_bytes += len(datagram)
        if self._is_state(address):
            overtaken = client.set(address, datagram, overtake=self._waiting >= self._flood)
            self._waiting += overtaken is None
            self._waiting_bytes -= len(overtaken or b"")
        else:
            self._waiting += 1
            client.say(datagram)
            self._hurried[sender] = client
            self._others.pop(sender, None)

    def take(self) -> Received:
        """The next one; raises KeyError where there is none. Clients have their turns, the hurried ones first."""
        clients = self._hurried or self._others
        sender, client = clients.popitem(last=False)
        datagram = client.next()
        self._waiting -= 1
        self._waiting_bytes -= len(datagram)
        if client.said:
            (self._hurried if client.hurries else self._others)[sender] = client
        return datagram, sender


@dataclass(slots=True)
class _FromOne:
    """What one client has said, in order, by address; "" is what is no state. The number keeps apart what must not
    be overtaken."""

    said: OrderedDict[tuple[int, str], bytes] = field(default_factory=OrderedDict)
    hurries: int = 0
    _else_said: int = 0

    def set(self, address: str, datagram: bytes, *, overtake: bool) -> bytes | None:
        """It may take the place of an older one, which is returned, but comes last."""
        overtaken = self.said.pop((self._else_said, address), None) if overtake else None
        if (self._else_said, address) in self.said:
            self._else_said += 1
        self.said[self._else_said, address] = datagram
        return overtaken

    def say(self, datagram: bytes) -> None:
        self._else_said += 1
        self.said[self._else_said, ""] = datagram
        self.hurries += 1

    def next(self) -> bytes:
        (_, address), datagram = self.said.popitem(last=False)
        self.hurries -= not address
        return datagram


def _address(datagram: bytes) -> str:
    """As it stands there, up to the zero byte that ends it."""
    return datagram[: datagram.find(0)].decode("ascii", "replace")

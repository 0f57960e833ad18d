"""Clients at the end of a stream, TCP or any other: what waits to go to them, and the relay that brings them more."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import trio

from showctl.errors import Refused
from showctl.osc.relay import Relay
from showctl.osc.routes import Address, Peer

MAX_WAITING_BYTES = 1 << 18
"""For one client. The whole state of a large show is half of it; beyond, the oldest goes: news are worth more."""

PACKET_COST = 64
"""What a packet that waits takes besides its bytes."""

TAKEN_BYTES = 1 << 14
"""How much is written at once."""


class Stream:
    """A client and its queue. `send` never waits."""

    def __init__(self, peer: Peer, nursery: trio.Nursery, service: Sequence[socket.socket]) -> None:
        self.peer = peer
        self.dropped = 0
        """Packets that gave way to newer ones."""
        self._nursery = nursery
        self._service = service
        self._relay: Relay | None = None
        self._waiting: deque[bytes] = deque()
        self._waiting_bytes = 0
        self._news = trio.Event()
        self._finished = False

    def send(self, packet: bytes) -> None:
        """One packet, not framed yet."""
        self._waiting.append(packet)
        self._waiting_bytes += len(packet) + PACKET_COST
        while self._waiting_bytes > MAX_WAITING_BYTES and len(self._waiting) > 1:
            self._take_one()
            self.dropped += 1
        self._news.set()

    async def take(self) -> list[bytes]:
        """Packets to be written now; waits for one. Empty when there is none and there will be none."""
        while not self._waiting and not self._finished:
            self._news = trio.Event()
            await self._news.wait()
        taken: list[bytes] = []
        taken_bytes = 0
        while self._waiting and taken_bytes < TAKEN_BYTES:
            taken.append(self._take_one())
            taken_bytes += len(taken[-1])
        return taken

    def _take_one(self) -> bytes:
        packet = self._waiting.popleft()
        self._waiting_bytes -= len(packet) + PACKET_COST
        return packet

    def finish(self) -> None:
        """Nothing more is expected from the client: what waits is still to be written, then it is over."""
        self._finished = True
        self._news.set()

    @property
    def address(self) -> Address:
        """Where the pacer reaches this client; the relay is opened when this is first asked for. Raises Refused."""
        if self._relay is None:
            try:
                self._relay = Relay(self._service)
            except OSError as exc:
                raise Refused(f"this machine has no socket left to tell you anything ({exc.strerror})") from exc
            self._nursery.start_soon(self._relay.forward, self.send)
        return self._relay.address

    def reached_by(self) -> tuple[Peer, ...]:
        """All that messages to this client may be addressed to."""
        return (self.peer, self._relay.address) if self._relay else (self.peer,)


class Streams:
    """All of them. `service` are the UDP sockets that control and pacer send from."""

    def __init__(self, service: Sequence[socket.socket]) -> None:
        self._service = service
        self._reached_by: dict[Peer, Stream] = {}
        self.dropped = 0
        """By those that are gone."""

    def find(self, to: Peer) -> Stream | None:
        """The client with this address; None for a UDP client."""
        return self._reached_by.get(to)

    def listen(self, peer: Peer) -> Address | None:
        """The address under which this client is told what happens; None for a UDP client. Raises Refused."""
        if len(peer) == 2:
            return None
        stream = self._reached_by.get(peer)
        if stream is None:
            raise Refused("your connection has ended")
        self._reached_by[stream.address] = stream
        return stream.address

    @asynccontextmanager
    async def opened(self, peer: Peer) -> AsyncIterator[Stream]:
        """A client for as long as the block lasts."""
        async with trio.open_nursery() as nursery:
            stream = Stream(peer, nursery, self._service)
            self._reached_by[peer] = stream
            try:
                yield stream
            finally:
                self.dropped += stream.dropped
                for name in stream.reached_by():
                    self._reached_by.pop(name, None)
                nursery.cancel_scope.cancel()

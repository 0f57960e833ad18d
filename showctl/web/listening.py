"""All WebSockets, and what OSCQuery adds to a stream of OSC: LISTEN and IGNORE, and the news of another tree."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
import trio

from showctl.errors import Refused
from showctl.osc.codec import Message, decode, encode
from showctl.osc.methods import Values
from showctl.osc.routes import Address, Peer
from showctl.osc.server import OscServer
from showctl.osc.streams import Stream
from showctl.shared.host import host_ns
from showctl.web.changes import changes
from showctl.web.tree import Node

KIND = "ws"
"""What a peer at the end of a WebSocket is called, beside "tcp"."""

MAX_NEWS = 256
"""Commands to a client that wait; one that is so slow reads the whole tree again anyway."""


class Command(msgspec.Struct):
    """A text frame from a client."""

    name: str = msgspec.field(name="COMMAND")
    path: str = msgspec.field(name="DATA")


@dataclass(slots=True)
class Connection:
    """A WebSocket: a stream of OSC, and beside it commands as text."""

    peer: Peer
    stream: Stream
    _news: deque[str] = field(default_factory=lambda: deque(maxlen=MAX_NEWS))
    _come: trio.Event = field(default_factory=trio.Event)

    def tell(self, command: str) -> None:
        """Queues it; where too many wait, the oldest goes."""
        self._news.append(command)
        self._come.set()

    async def next_command(self) -> str:
        """Waits for it."""
        while not self._news:
            self._come = trio.Event()
            await self._come.wait()
        return self._news.popleft()


class Listening:
    """The WebSockets of one service. `now` are the values that a node shows, if it shows anything."""

    def __init__(self, server: OscServer, tree: Node, now: Callable[[Node], Values | None]) -> None:
        self.tree = tree
        self._server = server
        self._now = now
        self._switches = _switches(tree)
        self._connections: dict[Peer, Connection] = {}

    @property
    def silent(self) -> int:
        """Clients that are connected and are told nothing."""
        return sum(self._server.subscribers.client_of(peer) is None for peer in self._connections)

    @asynccontextmanager
    async def connected(self, address: Address) -> AsyncIterator[Connection]:
        """A client, for as long as the block lasts."""
        peer: Peer = (*address, KIND)
        async with self._server.conversation(peer) as stream:
            connection = self._connections[peer] = Connection(peer, stream)
            try:
                yield connection
            finally:
                del self._connections[peer]

    def obey(self, connection: Connection, text: str) -> None:
        """Does what a text frame asks for. The proposal has no answer for what nobody understands."""
        try:
            command = msgspec.json.decode(text, type=Command)
        except (msgspec.DecodeError, RecursionError):
            return
        node = self.tree.find(command.path)
        heard = self._heard_by(connection.peer)
        if command.name == "IGNORE" and node and node.path in heard:
            self._listen(connection.peer, heard - {node.path})
        elif command.name == "LISTEN" and node and node.readable:
            try:
                client = self._listen(connection.peer, heard | {node.path})
            except Refused as exc:
                self._server.outlet.refuse(connection.peer, node.path, str(exc))
                return
            self._tell_now(connection, client, node)

    def _tell_now(self, connection: Connection, client: Address, node: Node) -> None:
        values = self._now(node)
        if values is not None:
            self._server.outlet.known.told(client, node.path, values, host_ns())
            connection.stream.send(encode(Message(node.path, values)))

    def _heard_by(self, peer: Peer) -> frozenset[str]:
        client = self._server.subscribers.client_of(peer)
        return client.listens if client else frozenset()

    def _listen(self, peer: Peer, paths: frozenset[str]) -> Address:
        """Under which address it is told. Raises Refused."""
        ear = self._server.outlet.streams.listen(peer)
        assert ear  # noqa: S101 - a WebSocket is a stream
        return self._server.subscribers.listen(peer, paths, ear).address

    def typed(self, packet: bytes) -> bytes:
        """With the types that the tree promises: there a switch is T or F; to desks it is told as 0 or 1."""
        if packet[: packet.find(0)] not in self._switches:
            return packet
        message = decode(packet)
        assert isinstance(message, Message)  # noqa: S101 - it begins with an address
        return encode(Message(message.address, tuple(map(bool, message.args))))

    def adopt(self, tree: Node) -> None:
        """Another show: whoever listened to what was renamed goes on, and everybody hears what changed."""
        changed = changes(self.tree, tree)
        self.tree, self._switches = tree, _switches(tree)
        for connection in self._connections.values():
            before = self._heard_by(connection.peer)
            after = frozenset(path for path in map(changed.now_at, before) if tree.find(path))
            if before != after:
                self._listen(connection.peer, after)
            for command in changed.commands():
                connection.tell(command.decode())


def _switches(tree: Node) -> frozenset[bytes]:
    return frozenset(node.path.encode() for node in tree.walk() if node.is_switch)

"""OSC over TCP: connections in bounded number, each read in order and answered in its own framing.

Nothing that a client does, or does not do, holds up the others: it has its turn, its queue, and its patience.
"""

from __future__ import annotations

import errno
import socket
from collections import Counter
from contextlib import suppress

import trio

from showctl.osc.framing import Framing, FramingError, Unframer
from showctl.osc.routes import Address, address_of
from showctl.osc.server import OscServer
from showctl.osc.streams import Stream
from showctl.osc.turn import Turn

MAX_CONNECTIONS = 256
MAX_OF_ONE_HOST = 64
"""Of a client that forgets to close what it opens, the others must not go short."""

READ_BYTES = 1 << 12
"""What is looked through at once, however many packets it holds."""
SEND_BUFFER_BYTES = 1 << 16
"""What lies in the kernel cannot give way to news any more: for a client that reads slowly, it should be little."""

STALLED_SECONDS = 30.0
"""A client that takes nothing for so long does not read at all, or is no longer there."""

FAREWELL_SECONDS = 1.0
"""How long the last words may take."""

TURN_NS = 100_000
"""How long one connection may keep the others waiting."""

NO_SOCKET_LEFT = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
NO_SOCKET_SECONDS = 0.1

KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPALIVE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""Half-open connections end within a minute; TCP_KEEPALIVE is how macOS calls the first. Seconds, save the last: ms."""


class TcpServer:
    """The connections of one service."""

    def __init__(self) -> None:
        self._hosts: Counter[str] = Counter()
        self.refused = 0
        """Connections beyond what is allowed: closed at once."""
        self.stalled = 0
        """Connections closed because the client did not read."""

    @property
    def connections(self) -> int:
        return self._hosts.total()

    async def serve(self, listener: socket.socket, server: OscServer) -> None:
        """Accepts until cancelled."""
        accepting = trio.socket.from_stdlib_socket(listener)
        async with trio.open_nursery() as nursery:
            while True:
                try:
                    connection, place = await accepting.accept()
                except OSError as exc:  # most often, it was gone again before it was accepted
                    await trio.sleep(NO_SOCKET_SECONDS if exc.errno in NO_SOCKET_LEFT else 0)
                    continue
                address = address_of(place)
                if self.connections >= MAX_CONNECTIONS or self._hosts[address[0]] >= MAX_OF_ONE_HOST:
                    self.refused += 1
                    connection.close()
                    continue
                self._hosts[address[0]] += 1
                nursery.start_soon(self._converse, connection, address, server)

    async def _converse(self, connection: trio.socket.SocketType, address: Address, server: OscServer) -> None:
        """From the first byte to the last. The connection is closed afterwards, whatever happened."""
        _keep_alive(connection)
        try:
            async with trio.SocketStream(connection) as ends, server.conversation((*address, "tcp")) as stream:
                await _Conversation(self, server, ends, stream).run()
        finally:
            self._hosts[address[0]] -= 1
            if not self._hosts[address[0]]:
                del self._hosts[address[0]]


class _Conversation:
    """One connection: a reader, and a writer for what waits."""

    def __init__(self, tcp: TcpServer, server: OscServer, ends: trio.SocketStream, stream: Stream) -> None:
        self._tcp = tcp
        self._server = server
        self._ends = ends
        self._stream = stream
        self._unframer = Unframer()

    async def run(self) -> None:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._write, nursery.cancel_scope)
            with suppress(trio.BrokenResourceError):
                await self._read()
            self._stream.finish()
            nursery.cancel_scope.deadline = trio.current_time() + FAREWELL_SECONDS
        if self._unframer.over:
            await self._part()

    async def _read(self) -> None:
        """Until the client has ended the connection, or nothing of it can be understood any more."""
        turn = Turn(TURN_NS)
        while not self._unframer.over:
            chunk = await self._ends.receive_some(READ_BYTES)
            if not chunk:
                return
            turn.begin()
            for found in self._unframer.feed(chunk):
                if isinstance(found, FramingError):
                    self._server.outlet.refuse(self._stream.peer, "/", str(found))
                else:
                    self._server.take(found, self._stream.peer)
                await turn.rest()

    async def _write(self, scope: trio.CancelScope) -> None:
        """Until nothing is to be written any more; where the client does not take it, that ends the reading too."""
        try:
            while packets := await self._stream.take():
                framing = self._unframer.framing or Framing.LENGTH
                with trio.fail_after(STALLED_SECONDS):
                    await self._ends.send_all(b"".join(map(framing.framed, packets)))
        except trio.TooSlowError:
            self._tcp.stalled += 1
            scope.cancel()
        except trio.BrokenResourceError:
            scope.cancel()

    async def _part(self) -> None:
        """Lets the client read why: closing with its bytes unread would take ours from it (RFC 1122, 4.2.2.13)."""
        with trio.move_on_after(FAREWELL_SECONDS), suppress(trio.BrokenResourceError):
            await self._ends.send_eof()
            while await self._ends.receive_some(READ_BYTES):
                pass


def _keep_alive(connection: trio.socket.SocketType) -> None:
    with suppress(OSError):  # it may be gone already
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        for name, value in KEEPALIVE.items():
            if hasattr(socket, name):
                connection.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)

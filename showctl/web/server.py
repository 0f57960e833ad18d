"""The HTTP server: Hypercorn's trio worker behind a door that bears what networks do.

Hypercorn's own `serve` accepts without limit, waits for ever for a client that does not read (in a shielded scope,
so not even an end is an end), and lets an exception of one connection end all of them. Control also answers GO: so
connections are accepted, bounded and ended here, and each is then served by Hypercorn.
"""

from __future__ import annotations

import logging
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, cast

import trio
from hypercorn.config import Config
from hypercorn.protocol import ws_stream
from hypercorn.trio.tcp_server import TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import (
    ASGIFramework,
    ASGIReceiveCallable,
    ASGISendCallable,
    ASGISendEvent,
    ConnectionState,
    Scope,
)
from hypercorn.utils import wrap_app

from showctl.osc.codec import MAX_PACKET_BYTES

MAX_CONNECTIONS = 100
"""More are closed at once."""

HEAD_BYTES = 8192
"""The longest request line and headers. There are no bodies."""

REQUEST_SECONDS = 30.0
"""How long a connection lives. The application gives each request so long, and a WebSocket as long as it likes: it
finds the scope as `lifeline` in the state of the request."""

IDLE_SECONDS = 15.0
"""How long a connection may go without a request, or take for the head of one."""

SILENCE_SECONDS = 40
"""After this without a byte a client is gone; a living WebSocket answers a ping each PING_SECONDS."""

PING_SECONDS = 15.0

PATIENCE_SECONDS = 10.0
"""For a client to take CHUNK_BYTES."""

CHUNK_BYTES = 1 << 16

LAST_WORDS_SECONDS = 1.0
"""For what is still to be said when a client has ended its side."""

END_PATIENCE_SECONDS = 0.3
"""The same when the service ends: control has a second for everything."""

log = logging.getLogger(__name__)

# A compressed frame can hold a thousand times its size, which wsproto would unpack in one step, however long GO waits.
# What we send is too small to gain by it. Hypercorn has no switch: so a client's offer to compress is never accepted.
vars(ws_stream)["server_extensions_handshake"] = lambda *_: None

# Where no descriptor is left, trio waits for one, and says so ten times a second with a traceback.
logging.getLogger("trio.serve_listeners").disabled = True


Stream: TypeAlias = trio.SSLStream[trio.SocketStream]
"""What Hypercorn says it is given; of one without TLS it uses what `Line` has."""


@dataclass(slots=True)
class Line:
    """A client's stream as Hypercorn uses it, with an end to the patience for one that does not read.

    `lifeline` is cancelled soon after either side has ended it: Hypercorn would keep it up to its next ping.
    """

    stream: trio.SocketStream
    lifeline: trio.CancelScope
    patience: float = PATIENCE_SECONDS
    _sending: trio.CancelScope | None = None

    @property
    def socket(self) -> trio.socket.SocketType:
        return self.stream.socket

    async def send_all(self, data: bytes) -> None:
        """Raises BrokenResourceError where the client is too slow."""
        for start in range(0, len(data), CHUNK_BYTES):
            with trio.move_on_after(self.patience) as self._sending:
                await self.stream.send_all(data[start : start + CHUNK_BYTES])
            if self._sending.cancelled_caught:
                await trio.aclose_forcefully(self.stream)
                raise trio.BrokenResourceError

    async def receive_some(self, max_bytes: int) -> bytes:
        try:
            received = bytes(await self.stream.receive_some(max_bytes))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._over()
            raise
        if not received:
            self._over()
        return received

    async def send_eof(self) -> None:
        await self.stream.send_eof()

    async def aclose(self) -> None:
        self._over()
        await self.stream.aclose()

    def _over(self) -> None:
        self.lifeline.deadline = min(self.lifeline.deadline, trio.current_time() + LAST_WORDS_SECONDS)

    def hurry(self) -> None:
        """The service ends."""
        self.patience = END_PATIENCE_SECONDS
        if self._sending:
            self._sending.deadline = min(self._sending.deadline, trio.current_time() + END_PATIENCE_SECONDS)


class _GoneError(OSError):
    """A client that has broken the rules since."""


def _tolerant(app: ASGIFramework) -> ASGIFramework:
    """What cannot be sent to a client in the state that it is in, is for the application a client that has gone."""

    async def tolerant(scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        async def send_if_there(event: ASGISendEvent) -> None:
            try:
                await send(event)
            except Exception as exc:
                raise _GoneError from exc

        with suppress(_GoneError):
            await app(scope, receive, send_if_there)

    return tolerant


def _config() -> Config:
    config = Config()
    config.accesslog = None
    config.errorlog = log
    config.include_server_header = False
    config.h11_max_incomplete_size = HEAD_BYTES
    config.keep_alive_timeout = IDLE_SECONDS
    config.read_timeout = SILENCE_SECONDS
    config.websocket_ping_interval = PING_SECONDS
    config.websocket_max_message_size = MAX_PACKET_BYTES
    return config


@dataclass(slots=True)
class Door:
    """The way in to `app`: who is being served, and who was not."""

    app: ASGIFramework
    config: Config = field(default_factory=_config)
    turned_away: int = 0
    faults: int = 0
    _open: list[Line] = field(default_factory=list)

    @property
    def connections(self) -> int:
        return len(self._open)

    async def serve(
        self, listeners: Sequence[socket.socket], *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
    ) -> None:
        """On these listening sockets, until cancelled; then it says goodbye, within END_PATIENCE_SECONDS or so.

        The sockets stay open: whoever comes next may go on with them.
        """
        for listener in listeners:
            listener.setblocking(False)
        own = [trio.SocketListener(trio.socket.from_stdlib_socket(listener.dup())) for listener in listeners]
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._hurry_at_end)
            await nursery.start(partial(trio.serve_listeners, self._admit, own))
            task_status.started()

    async def _admit(self, stream: trio.SocketStream) -> None:
        """Serves one connection; whatever happens to it is its own affair."""
        if len(self._open) >= MAX_CONNECTIONS:
            self.turned_away += 1
            await trio.aclose_forcefully(stream)
            return
        with trio.CancelScope(deadline=trio.current_time() + REQUEST_SECONDS) as lifeline:
            line = Line(stream, lifeline)
            self._open.append(line)
            try:
                await self._serve(line)
            except* Exception as group:
                self._note(group)
            finally:
                self._open.remove(line)
                await trio.aclose_forcefully(stream)

    async def _serve(self, line: Line) -> None:
        app, state = wrap_app(_tolerant(self.app), 0, "asgi"), ConnectionState({"lifeline": line.lifeline})
        await TCPServer(app, self.config, WorkerContext(None), state, cast("Stream", line))

    def _note(self, group: BaseExceptionGroup[Exception]) -> None:
        """The first, and then ever fewer of them: a client must not be able to fill the log."""
        self.faults += 1
        if self.faults & (self.faults - 1) == 0:
            log.warning("a connection broke the HTTP server's rules (%d so far): %r", self.faults, group.exceptions[0])

    async def _hurry_at_end(self) -> None:
        try:
            await trio.sleep_forever()
        finally:
            for line in self._open:
                line.hurry()

"""Addresses to answers: the ASGI application."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import cast
from urllib.parse import unquote_plus

import msgspec
import trio
from hypercorn.typing import ASGIFramework
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from showctl.layouts.files import layout_files, layout_names
from showctl.osc.methods import Values
from showctl.osc.server import OscServer
from showctl.shared.health import Health
from showctl.web.listening import Connection, Listening
from showctl.web.origins import may_connect
from showctl.web.pages import front_page, status
from showctl.web.query import answer, host_info
from showctl.web.server import Door
from showctl.web.tree import Node, Told, ValueOf, tree, values_of
from showctl.web.visitors import Endpoint, for_those_who_may, may_look, peer_of

PIECES_AT_ONCE = 20
"""Nodes of the tree between two looks at what else there is to do: about a quarter of a millisecond."""

GONE = (OSError, RuntimeError, WebSocketDisconnect)
"""What sending to a client raises that is not there any more."""

GOING_AWAY = 1001
GOODBYE_SECONDS = 0.2

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backstage:
    """What the pages see of control: the conversation that a WebSocket joins, and what it has beside that."""

    server: OscServer
    osc_port: int
    told: Callable[[bool], Told]
    """Everything of "OSC out" that holds now; with the names as they are written, or in ASCII."""
    health: Callable[[], Health | None]


class Web:
    """OSCQuery and its pages, for the show that is played."""

    def __init__(self, backstage: Backstage) -> None:
        self.backstage = backstage
        self.listening = Listening(backstage.server, tree(backstage.server.view().score.show), self._now)
        self.door: Door = Door(self.app)
        self._tree_lock = trio.Lock()
        self._layouts: Mapping[str, tuple[str, bytes]] | None = None
        self._layouts_lock = trio.Lock()
        self._refused = 0

    @property
    def app(self) -> ASGIFramework:
        routes = [
            Route("/api/status", self._for_those_who_may(self._status)),
            Route("/layouts/{name}", self._for_those_who_may(self._layout)),
            WebSocketRoute("/{path:path}", self._converse),
            Route("/{path:path}", self._for_those_who_may(self._query)),
        ]
        return cast("ASGIFramework", Starlette(routes=routes))  # it takes any mapping where the other has its own

    @property
    def title(self) -> str:
        return self.backstage.server.view().score.show.title

    def _for_those_who_may(self, answer: Endpoint) -> Endpoint:
        return for_those_who_may(self.backstage.server.access, answer)

    async def _status(self, _: Request) -> Response:
        backstage = self.backstage
        body = status(self.title, backstage.told(True), backstage.health(), self._clients())
        return _json(msgspec.json.encode(body))

    async def _layout(self, request: Request) -> Response:
        """A layout of this show to download: made once, in a thread, for a large show takes a while."""
        async with self._layouts_lock:
            if self._layouts is None:
                self._layouts = await trio.to_thread.run_sync(layout_files, self.backstage.server.view().score.show)
        name = request.path_params["name"]
        if name not in self._layouts:
            there = ", ".join(self._layouts)
            return PlainTextResponse(f"there is no layout {name}: there are {there}\n", 404)
        media_type, body = self._layouts[name]
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        return Response(body, media_type=media_type, headers=headers)

    def _clients(self) -> int:
        return len(self.backstage.server.subscribers.all) + self.listening.silent

    async def _query(self, request: Request) -> Response:
        # A query in a URL may be written "VALUE", "VALUE=" or percent-encoded; a second one is no proper question.
        attribute = unquote_plus(request.scope["query_string"].decode("latin-1")).removesuffix("=")
        path: str = request.scope["path"]
        if attribute == "HOST_INFO":
            return _json(msgspec.json.encode(self._host_info(request)))
        if not attribute and path == "/" and "text/html" in request.headers.get("accept", ""):
            return HTMLResponse(front_page(self.title, layout_names(self.backstage.server.view().score.show)))
        answered = answer(self.listening.tree, path, attribute, self._values())
        if answered.status != 200:
            return Response(status_code=answered.status)
        async with self._tree_lock:  # one at a time: many large trees at once would keep a GO waiting
            return _json(await _joined(answered.body))

    def _host_info(self, request: Request) -> dict[str, object]:
        return host_info(self.title, self.backstage.osc_port, request.scope["server"][1])

    def _values(self) -> ValueOf:
        return values_of(self.backstage.server.view(), lambda: self.backstage.told(False))

    def _now(self, node: Node) -> Values | None:
        values = self._values()(node)
        return None if values is None else tuple(values)

    async def _converse(self, websocket: WebSocket) -> None:
        host, port = peer_of(websocket)
        own, origin = websocket.headers.get("host", ""), websocket.headers.get("origin")
        if not (may_look(self.backstage.server.access, host) and may_connect(own, origin)):
            self._refused += 1
            if self._refused & (self._refused - 1) == 0:  # ever fewer lines: nobody shall fill the log
                log.warning("refused a WebSocket to %s, for a page from %r (%d so far)", host, origin, self._refused)
            await websocket.close()
            return
        await websocket.accept()
        websocket.state.lifeline.deadline = math.inf
        async with self.listening.connected((host, port)) as connection:
            try:
                async with trio.open_nursery() as nursery:
                    nursery.start_soon(self._send_packets, websocket, connection)
                    nursery.start_soon(_send_commands, websocket, connection)
                    await self._hear(websocket, connection)
                    nursery.cancel_scope.cancel()
            finally:
                with trio.move_on_after(GOODBYE_SECONDS, shield=True), suppress(*GONE):
                    await websocket.close(GOING_AWAY)

    async def _hear(self, websocket: WebSocket, connection: Connection) -> None:
        """Until the client goes."""
        while True:
            frame = await websocket.receive()
            if frame["type"] == "websocket.disconnect":
                return
            if frame.get("bytes") is not None:
                self.backstage.server.take(frame["bytes"], connection.peer)
            else:
                self.listening.obey(connection, frame["text"])

    async def _send_packets(self, websocket: WebSocket, connection: Connection) -> None:
        with suppress(*GONE):  # `_hear` will say so
            while packets := await connection.stream.take():
                for packet in packets:
                    await websocket.send_bytes(self.listening.typed(packet))


async def _send_commands(websocket: WebSocket, connection: Connection) -> None:
    with suppress(*GONE):
        while True:
            await websocket.send_text(await connection.next_command())


async def _joined(body: Iterable[bytes]) -> bytes:
    """Control's loop must not wait for a large tree: now and then, others have their turn."""
    parts = list[bytes]()
    for piece in body:
        parts.append(piece)
        if len(parts) % PIECES_AT_ONCE == 0:
            await trio.lowlevel.checkpoint()
    return b"".join(parts)


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json", headers={"Cache-Control": "no-store"})

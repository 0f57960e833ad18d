"""A service without sound, over HTTP: what `tests.rig` runs, and clients that none of its code is in."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import trio
from trio_websocket import WebSocketConnection, open_websocket

from showctl.model.show import Show
from showctl.osc.codec import Arg, Message, decode, encode
from showctl.web.app import Web
from tests.rig import Rig, running_service

HERE = "127.0.0.1"


class Browser:
    """A client over a WebSocket."""

    def __init__(self, connection: WebSocketConnection) -> None:
        self.connection = connection

    async def command(self, name: str, path: str) -> None:
        await self.connection.send_message(json.dumps({"COMMAND": name, "DATA": path}))

    async def send(self, address: str, *args: Arg) -> None:
        await self.connection.send_message(encode(Message(address, args)))

    async def hear(self) -> tuple[object, ...]:
        """The next OSC message: its address, type tags and arguments."""
        with trio.fail_after(5):
            frame = await self.connection.get_message()
        assert isinstance(frame, bytes), frame
        message = decode(frame)
        assert isinstance(message, Message)
        return (message.address, message.tags, *message.args)

    async def settle(self) -> list[tuple[object, ...]]:
        """Everything heard until the service has dealt with all that was sent so far."""
        await self.send("/ping", "settled")
        heard = [await self.hear()]
        while heard[-1][0] != "/pong":
            heard.append(await self.hear())
        return heard[:-1]


@dataclass
class Site:
    rig: Rig
    port: int
    http: httpx.AsyncClient

    @property
    def web(self) -> Web:
        web = self.rig.service.web
        assert web
        return web

    async def get(self, url: str, **headers: str) -> tuple[int, Any]:
        """Status, and JSON or None."""
        answer = await self.http.get(url, headers=headers)
        return answer.status_code, answer.json() if answer.content else None

    @asynccontextmanager
    async def browser(self, *headers: tuple[bytes, bytes]) -> AsyncIterator[Browser]:
        async with open_websocket(HERE, self.port, "/", use_ssl=False, extra_headers=list(headers)) as connection:
            yield Browser(connection)


@asynccontextmanager
async def site(path: Path, show: Show) -> AsyncIterator[Site]:
    async with running_service(path, show, web=True) as rig:
        port = rig.sockets.web_port
        async with httpx.AsyncClient(base_url=f"http://{HERE}:{port}", trust_env=False, timeout=10) as http:
            yield Site(rig, port, http)


UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n"
)


PINGED = bytes([0x89, 0])
GOING_AWAY = bytes([0x88, 2]) + (1001).to_bytes(2, "big")
"""Frames from a server (RFC 6455, 5.2): what every connection begins with here, and how it ends."""


@asynccontextmanager
async def upgraded(port: int) -> AsyncIterator[tuple[trio.SocketStream, bytes]]:
    """A raw WebSocket, and the head of the answer."""
    async with await trio.open_tcp_stream(HERE, port) as stream:
        await stream.send_all(UPGRADE)
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += await stream.receive_some(1)
        yield stream, head


async def rest(stream: trio.SocketStream) -> bytes:
    """All that the other side still says."""
    said = b""
    with trio.fail_after(20):
        while chunk := await stream.receive_some():
            said += chunk
    return said

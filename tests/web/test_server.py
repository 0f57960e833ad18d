"""What the HTTP server bears: clients that are too many, too slow, too loud, or make no sense."""

from __future__ import annotations

import logging
import os
import socket
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import cast

import pytest
import trio
from hypercorn.typing import ASGIFramework
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from trio.testing import open_stream_to_socket_listener, wait_all_tasks_blocked

from showctl.web import server
from showctl.web.server import Door, Line
from tests.test_service import SHOW
from tests.web.serving import GOING_AWAY, HERE, PINGED, UPGRADE, rest, site, upgraded

GET = b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
LARGE = "x" * 8_000_000


async def hello(request: Request) -> Response:
    return PlainTextResponse(LARGE if "large" in request.query_params else "hello")


@asynccontextmanager
async def serving() -> AsyncIterator[tuple[Door, int]]:
    """A server of a page that says hello, and its port."""
    app = Starlette(routes=[Route("/", hello)])
    door = Door(cast("ASGIFramework", app))
    with socket.create_server((HERE, 0)) as listener:
        async with trio.open_nursery() as nursery:
            await nursery.start(door.serve, (listener,))
            yield door, listener.getsockname()[1]
            nursery.cancel_scope.cancel()


async def answer(port: int, request: bytes = GET) -> bytes:
    """All that comes back, until the server has nothing more to say or has ended the connection."""
    async with await trio.open_tcp_stream(HERE, port) as stream:
        with trio.fail_after(10):
            await stream.send_all(request)
            said = b""
            while not said.endswith(b"hello"):
                chunk = await stream.receive_some()
                if not chunk:
                    break
                said += chunk
    return said


async def test_beyond_so_many_connections_more_are_closed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server, "MAX_CONNECTIONS", 3)
    async with serving() as (door, port):
        waiting = [await trio.open_tcp_stream(HERE, port) for _ in range(3)]
        await wait_all_tasks_blocked()
        assert await gone(port)
        assert door.turned_away == 1
        for stream in waiting:
            await stream.aclose()
        while door.connections:
            await trio.lowlevel.checkpoint()
        assert (await answer(port)).endswith(b"hello")


async def say_all(stream: trio.SocketStream, data: bytes) -> None:
    """Until the server has ended the connection too, in whatever way."""
    with trio.fail_after(10), suppress(trio.BrokenResourceError):
        await stream.send_all(data)
        await stream.send_eof()
        while await stream.receive_some():
            pass


async def gone(port: int) -> bool:
    """Whether a new connection is ended without a word."""
    async with await trio.open_tcp_stream(HERE, port) as stream:
        with trio.fail_after(10):
            try:
                return await stream.receive_some() == b""
            except trio.BrokenResourceError:
                return True


async def test_who_does_not_read_is_cut_off() -> None:
    listeners = await trio.open_tcp_listeners(0, host=HERE)
    async with await open_stream_to_socket_listener(listeners[0]) as client, await listeners[0].accept() as stream:
        line = Line(stream, trio.CancelScope(), patience=0.01)
        with pytest.raises(trio.BrokenResourceError):
            await line.send_all(LARGE.encode())
        await client.aclose()
    await listeners[0].aclose()


async def test_who_does_not_read_cannot_hold_up_the_end() -> None:
    with trio.fail_after(server.PATIENCE_SECONDS / 2):
        async with serving() as (_, port):
            stream = await trio.open_tcp_stream(HERE, port)
            await stream.send_all(GET.replace(b"/ ", b"/?large=1 "))
            await stream.receive_some(10)  # it has begun
            await wait_all_tasks_blocked(0.01)
        await stream.aclose()


@pytest.mark.parametrize(
    "request_",
    [
        b"\0" * 40,
        b"/go\0\0\0\0,\0\0\0" * 100,
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -4\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
        b"GET http://[ HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: \xff\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n" + b"\xff" * 100,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 100,
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9999999\r\n\r\n" + b"b" * 1_000_000,
        b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nb\r\n" * 1000,
    ],
    ids=range(17),
)  # fmt: skip
async def test_what_makes_no_sense_is_answered_or_ended_and_the_next_is_served(
    request_: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with site(tmp_path, SHOW) as there:
        async with await trio.open_tcp_stream(HERE, there.port) as stream:
            await say_all(stream, request_)
        assert await there.get("/transport?VALUE") == (200, {"VALUE": ["stopped"]})
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []


def frame(opcode: int, payload: bytes, *, bits: int = 0x80) -> bytes:
    """A masked frame as a client sends it (RFC 6455, 5.2), the mask being zero."""
    size = struct.pack(">BH", 0x80 | 126, len(payload)) if len(payload) > 125 else bytes([0x80 | len(payload)])
    return bytes([bits | opcode]) + size + bytes(4) + payload


async def test_no_compression_is_agreed_to(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, upgraded(there.port) as (_, head):
        assert head.startswith(b"HTTP/1.1 101 ")
        assert b"sec-websocket-extensions" not in head.lower()


TEXT, BINARY, PING = 1, 2, 9


@pytest.mark.parametrize(
    "sent",
    [
        frame(TEXT, b"\xff\xfe"),  # no UTF-8
        frame(TEXT, b"x", bits=0xC0),  # compressed
        frame(15, b""),
        frame(PING, b"x" * 126),
        bytes([0x80 | BINARY, 3]) + b"abc",  # not masked
        bytes([0x80 | BINARY, 0x80 | 127]) + struct.pack(">Q", 2**63 - 1) + bytes(4),
        b"".join(frame(BINARY, b"x" * 60_000, bits=0) for _ in range(3)),  # one message that never ends
    ],
    ids=range(7),
)
async def test_a_websocket_that_breaks_the_rules_is_closed_and_the_others_are_served(
    sent: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        async with upgraded(there.port) as (stream, _):
            await say_all(stream, sent)
        assert await browser.settle() == []
        while there.web.door.connections > 1:
            await browser.settle()
    assert [record for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR] == []


async def test_random_bytes_neither_end_it_nor_fill_its_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async with site(tmp_path, SHOW) as there:
        for number in range(100):
            start = (b"", b"GET / HTTP/1.1\r\n", UPGRADE)[number % 3]
            async with await trio.open_tcp_stream(HERE, there.port) as stream:
                await say_all(stream, start + os.urandom(500))
        assert await there.get("/transport?VALUE") == (200, {"VALUE": ["stopped"]})
    assert len(caplog.records) < 20


async def test_a_websocket_is_told_that_the_service_goes(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, upgraded(there.port) as (stream, _):
        there.rig.end_control()
        with trio.fail_after(10):
            assert await rest(stream) == PINGED + GOING_AWAY


async def test_the_next_control_goes_on_with_the_same_port(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        there.rig.end_control()
        early = socket.create_connection((HERE, there.port))  # waits in the meantime
        await there.rig.replace_control()
        early.setblocking(False)
        async with trio.SocketStream(trio.socket.from_stdlib_socket(early)) as stream:
            with trio.fail_after(10):
                await stream.send_all(b"GET /transport?VALUE HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
                said = await rest(stream)
        assert said.endswith(b'{"VALUE":["stopped"]}')

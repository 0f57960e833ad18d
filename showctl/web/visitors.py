"""Who asks over HTTP, and whether anything of the show may be shown there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeAlias

import trio
from starlette.requests import HTTPConnection, Request
from starlette.responses import PlainTextResponse, Response

from showctl.osc.access import Access
from showctl.osc.routes import Address, address_of
from showctl.web.server import REQUEST_SECONDS

Endpoint: TypeAlias = Callable[[Request], Awaitable[Response]]


def for_those_who_may(access: Access, answer: Endpoint) -> Endpoint:
    """`answer` for those who may look, and a refusal for all others; each request has REQUEST_SECONDS."""

    async def answer_if_allowed(request: Request) -> Response:
        request.state.lifeline.deadline = trio.current_time() + REQUEST_SECONDS
        host = peer_of(request)[0]
        if not may_look(access, host):
            return PlainTextResponse(f"{host} may see nothing here: [access] in show.toml says who may\n", 403)
        return await answer(request)

    return answer_if_allowed


def may_look(access: Access, host: str) -> bool:
    """Whether anything of the show may be shown to this machine."""
    return access.rights((host, 0)).role != "nothing"


def peer_of(connection: HTTPConnection) -> Address:
    """Who is at the other end."""
    return address_of(connection.client or ("", 0))

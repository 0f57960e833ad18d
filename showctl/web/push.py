"""What TouchOSC Mk1 takes for its editor: a port on which every request is answered with the layout of the show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import trio
from hypercorn.typing import ASGIFramework
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from showctl.layouts.files import pushed
from showctl.osc.server import OscServer
from showctl.web.server import Door
from showctl.web.visitors import for_those_who_may


class Push:
    """The layout of the show that is played, for whoever may download it on the web port."""

    def __init__(self, server: OscServer) -> None:
        self._show = server.view().score.show
        self._made: tuple[Mapping[str, str], bytes] | None = None
        self._lock = trio.Lock()
        route = Route("/{path:path}", for_those_who_may(server.access, self._layout))
        self.door = Door(cast("ASGIFramework", Starlette(routes=[route])))

    async def _layout(self, _: Request) -> Response:
        """Made once, in a thread, for a large show takes a while."""
        async with self._lock:
            if self._made is None:
                self._made = await trio.to_thread.run_sync(pushed, self._show)
        headers, body = self._made
        return Response(body, headers=headers)

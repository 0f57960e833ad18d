from __future__ import annotations

from pathlib import Path

import trio

from showctl.osc.codec import Message
from showctl.osc.outlet import Outlet
from showctl.osc.routes import Routes
from showctl.osc.streams import Streams
from showctl.osc.subscribers import Subscribers
from showctl.osc.sync import Sync
from showctl.shared.boards import clients_writer
from showctl.shared.clients import Client, Clients
from showctl.shared.rundir import RuntimeDirectory


async def test_one_that_is_stopped_before_it_begins_asks_for_nothing(tmp_path: Path) -> None:
    """Or a client that is gone would be remembered by what it was going to be told."""
    asked: list[Client | None] = []

    def whole(client: Client | None) -> list[Message]:
        asked.append(client)
        return []

    subscribers = Subscribers(clients_writer(RuntimeDirectory(tmp_path)), Clients())
    async with trio.open_nursery() as nursery:
        sync = Sync(nursery, Outlet(Routes(()), Streams(()), subscribers), whole)
        sync.start(("127.0.0.1", 9000), None)
        sync.stop(("127.0.0.1", 9000))
    assert asked == []

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import trio

from showctl.osc.codec import Message
from showctl.osc.outlet import Outlet
from showctl.osc.routes import Routes
from showctl.osc.streams import Streams
from showctl.osc.subscribers import Subscribers
from showctl.osc.sync import Sync
from showctl.osc.turn import BURST
from showctl.shared.boards import clients_writer
from showctl.shared.clients import TOPICS, Client, Clients
from showctl.shared.rundir import RuntimeDirectory


async def test_one_that_is_stopped_before_it_begins_asks_for_nothing(tmp_path: Path) -> None:
    """Or a client that is gone would be remembered by what it was going to be told."""
    asked: list[Client | None] = []

    def whole(client: Client | None) -> Iterator[Message]:
        asked.append(client)
        return iter(())

    subscribers = Subscribers(clients_writer(RuntimeDirectory(tmp_path)), Clients())
    async with trio.open_nursery() as nursery:
        sync = Sync(nursery, Outlet(Routes(()), Streams(()), subscribers), whole)
        sync.start(("127.0.0.1", 9000), None)
        sync.stop(("127.0.0.1", 9000))
    assert asked == []


async def test_a_refresh_lets_a_large_state_come_to_its_end(tmp_path: Path) -> None:
    begun = ended = 0

    def whole(_: Client | None) -> Iterator[Message]:
        nonlocal begun, ended
        begun += 1
        yield from [Message("/bus/house/click/db", (0.0,))] * 10 * BURST
        ended += 1

    client = Client("127.0.0.1", 9000, TOPICS, frozenset({"refresh"}))
    subscribers = Subscribers(clients_writer(RuntimeDirectory(tmp_path)), Clients())
    with trio.fail_after(10):
        async with trio.open_nursery() as nursery:
            sync = Sync(nursery, Outlet(Routes(()), Streams(()), subscribers), whole)
            while not ended:
                sync.refresh(client)
                await trio.lowlevel.checkpoint()
            assert begun == 1
            while nursery.child_tasks:
                await trio.lowlevel.checkpoint()
            sync.refresh(client)
    assert (begun, ended) == (2, 2)

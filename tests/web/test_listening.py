from __future__ import annotations

import trio
from trio.testing import wait_all_tasks_blocked

from showctl.osc.streams import Stream
from showctl.web.listening import MAX_NEWS, Connection

PEER = ("192.168.1.31", 50000, "ws")


async def test_a_client_that_is_too_slow_misses_the_oldest_commands(nursery: trio.Nursery) -> None:
    connection = Connection(PEER, Stream(PEER, nursery, ()))
    for number in range(MAX_NEWS + 3):
        connection.tell(str(number))
    assert [await connection.next_command() for _ in range(MAX_NEWS)] == [str(n) for n in range(3, MAX_NEWS + 3)]


async def test_the_next_command_is_waited_for(nursery: trio.Nursery) -> None:
    connection, heard = Connection(PEER, Stream(PEER, nursery, ())), list[str]()

    async def take() -> None:
        heard.append(await connection.next_command())

    async with trio.open_nursery() as both:
        both.start_soon(take)
        await wait_all_tasks_blocked()
        connection.tell("news")
    assert heard == ["news"]

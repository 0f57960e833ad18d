"""Watching the real network of this machine, on which another process is a tablet."""

from __future__ import annotations

import uuid

import pytest
import trio

from showctl.discovery.advertise import advertised
from showctl.discovery.browse import Found
from showctl.discovery.services import osc_udp
from showctl.discovery.watch import watch
from tests.discovery.advertising import Tablet

DEADLINE_SECONDS = 20

Event = tuple[str, str, int]
"""A name, an address and a port; "" and 0 where it has left."""


class Watched:
    """What is told of instances with this in their names."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self._send, self._events = trio.open_memory_channel[Event](100)

    def hear(self, name: str, found: Found | None) -> None:
        if self._wanted in name:
            self._send.send_nowait((name, found.host if found else "", found.port if found else 0))

    async def next(self, unlike: Event | None = None) -> Event:
        """The next event that differs from the one before."""
        with trio.fail_after(DEADLINE_SECONDS):
            while (event := await self._events.receive()) == unlike:
                pass
        return event


@pytest.fixture
def mark() -> str:
    return uuid.uuid4().hex[:8]


async def test_a_tablet_is_told_as_it_comes_moves_and_leaves(mark: str) -> None:
    watched, name = Watched(mark), f"iPad {mark}"
    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch, watched.hear)
        tablet = Tablet(name, "192.168.77.31", 9000)
        first = await watched.next()
        assert first == (name, "192.168.77.31", 9000)
        tablet.move("192.168.77.32", 9001)
        moved = await watched.next(first)
        while moved != (name, "192.168.77.32", 9001):  # port and address may be told one after the other
            moved = await watched.next(moved)
        await trio.to_thread.run_sync(tablet.leave)
        assert await watched.next(moved) == (name, "", 0)
        nursery.cancel_scope.cancel()


async def test_services_of_our_own_kind_are_none(mark: str) -> None:
    watched = Watched(mark)
    async with trio.open_nursery() as nursery, advertised(f"Show {mark}", [osc_udp(8000)]):
        nursery.start_soon(watch, watched.hear)
        tablet = Tablet(f"iPad {mark}", "192.168.77.31", 9000)
        assert (await watched.next())[0] == f"iPad {mark}"
        await trio.to_thread.run_sync(tablet.leave)
        nursery.cancel_scope.cancel()

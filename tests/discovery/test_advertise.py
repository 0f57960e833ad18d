"""Advertising on the real network of this machine, seen by python-zeroconf in another process."""

from __future__ import annotations

import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import trio
import trio.testing

from showctl.discovery.advertise import advertised
from showctl.discovery.browse import browse
from showctl.discovery.interfaces import addresses
from showctl.discovery.services import OSC_UDP, Advertised, osc_udp

KIND = f"{OSC_UDP}.local."
TXT = "app=showctl txtvers=1 types=ifsTFI version=1.1"
DEADLINE_SECONDS = 60


@pytest.fixture
def name() -> str:
    return f"Rooftop {uuid.uuid4().hex[:8]}"


class Other:
    """What another process sees, a line for each change."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def line(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    async def sees(self) -> str:
        with trio.fail_after(DEADLINE_SECONDS):
            return await trio.to_thread.run_sync(self.line, abandon_on_cancel=True)


@contextmanager
def other(name: str, kind: str = KIND) -> Iterator[Other]:
    command = [sys.executable, str(Path(__file__).with_name("other.py")), kind, name]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            seer = Other(process)
            assert seer.line() == "browsing"
            yield seer
        finally:
            process.kill()


@pytest.mark.parametrize("bind", ["", "::"])
async def test_it_is_seen_while_the_block_lasts_and_says_goodbye(name: str, bind: str) -> None:
    with other(name) as seer:
        async with advertised(name, [osc_udp(8123)], bind):
            assert await seer.sees() == f"+ {','.join(addresses())}:8123 {TXT}"
        assert await seer.sees() == "-"


async def test_it_says_goodbye_when_it_is_cancelled(name: str) -> None:
    with other(name) as seer:
        with trio.CancelScope() as scope:
            async with advertised(name, [osc_udp(8123)]):
                await seer.sees()
                scope.cancel()
                await trio.sleep_forever()
        assert await seer.sees() == "-"


async def test_ending_before_it_was_told_waits_for_nobody(name: str) -> None:
    started = time.monotonic()
    async with advertised(name, [osc_udp(8123)]):
        pass
    assert time.monotonic() - started < 1.6  # registering alone takes longer


async def test_a_taken_name_gets_a_number_for_all_services_alike(name: str) -> None:
    both = [osc_udp(8124), Advertised("_osc._tcp", 8124)]
    with (
        other(name) as first,
        other(f"{name}-2") as second,
        other(f"{name}-2", "_osc._tcp.local.") as third,
    ):
        async with advertised(name, [osc_udp(8123)]):
            await first.sees()
            async with advertised(name, both):
                assert (await second.sees()).split()[1].endswith(":8124")
                assert (await third.sees()).split()[1].endswith(":8124")


async def test_it_follows_the_addresses_of_the_machine(name: str) -> None:
    found = [addresses()]
    async with advertised(name, [osc_udp(8123)], find=lambda: found[0], rescan_seconds=0.1):
        with other(name) as seer:
            assert await seer.sees() == f"+ {','.join(addresses())}:8123 {TXT}"
        found[0] = (*addresses(), "127.0.0.1") if addresses() != ("127.0.0.1",) else ("127.0.0.1", "127.0.0.2")
        with trio.fail_after(DEADLINE_SECONDS):
            while await _seen_afresh(name) != set(found[0]):
                pass


async def _seen_afresh(name: str) -> set[str]:
    """The addresses, which come in any order."""
    with other(name) as seer:
        seen = await seer.sees()
    return set(seen.removeprefix("+ ").partition(":")[0].split(","))


async def test_browsing_finds_its_own_kind_with_address_and_port(name: str) -> None:
    with other(name) as seer:
        async with advertised(name, [osc_udp(8123)]):
            await seer.sees()
            found = await trio.to_thread.run_sync(browse, 1.5)
    assert [(each.host, each.port) for each in found if each.name == name] == [(addresses()[0], 8123)]


async def test_a_network_that_cannot_be_used_is_no_reason_to_fail_nor_to_give_up(
    name: str, caplog: pytest.LogCaptureFixture
) -> None:
    times = 0

    def find() -> tuple[str, ...]:
        """Without a network for a while, with one, and when it has been seen, without again."""
        nonlocal times
        times += 1
        if times < 4 or gone:
            raise OSError("Network is unreachable")
        return addresses()

    gone = False
    async with advertised(name, [osc_udp(8123)], find=find, rescan_seconds=0.1):
        with other(name) as seer:
            assert (await seer.sees()).startswith("+")
            gone = True
            assert await seer.sees() == "-"
            gone = False
            assert (await seer.sees()).startswith("+")
    assert len([record for record in caplog.records if "cannot be used" in record.message]) == 1

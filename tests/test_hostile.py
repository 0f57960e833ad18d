"""What a network can do to a running service, as a user starts it: and what nobody else notices of it.

All the while a song plays, and a neighbour who keeps the rules is served: each of its commands is acknowledged, over
UDP and over TCP, and beats reach it in their order. Afterwards nothing was logged, nothing has grown, and the same
engine plays on.
"""

from __future__ import annotations

import os
import random
import resource
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import count
from pathlib import Path

import pytest
import trio

from showctl.osc.codec import Message, encode
from showctl.osc.framing import Framing
from showctl.osc.tcp import MAX_CONNECTIONS, MAX_OF_ONE_HOST
from showctl.shared.clock import ClockReader
from showctl.shared.health import health_reader
from showctl.shared.rundir import RuntimeDirectory
from tests.fuzz.huge import DATAGRAMS, STREAMS
from tests.fuzz.test_corpus import KEPT
from tests.rig import Caller, Tablet
from tests.supervisor.running import eventually

MAX_UDP_BYTES = 65_507
MAX_GROWTH_MB = 48
"""Of the control process, over everything that is done to it here. Its queues and memos may fill to their bounds."""

ASKED_EACH_SECONDS = 0.01
"""How often the neighbour wants something; it should not be what keeps the machine busy."""

BEATS_A_BAR = 4
CONNECTIONS = 10_000
FEW = MAX_OF_ONE_HOST
"""Descriptors of a service to which hardly anybody is connected are fewer."""

SHOW = """title = "Hostile"
setlist = [{ song = "long", count_in = 0 }]
[audio]
device = "virtual"
block_size = 1024
[click]
sound = "beep"
count_in = 0
[transport]
go_guard = 0.0
[buses.house]
channels = [1]
mix = { click = 0.0 }
[access]
control = ["127.0.0.0/8"]
"""
SONG = 'title = "Long"\ntempo = 300\nend = 1000\n'


@dataclass(frozen=True)
class Running:
    """A service, and what is seen of it from outside."""

    port: int
    web_port: int
    directory: RuntimeDirectory
    log: Path

    @property
    def address(self) -> tuple[str, int]:
        return "127.0.0.1", self.port

    def pids(self) -> tuple[int, ...]:
        health = health_reader(self.directory).read()
        assert health
        return tuple(health.pid(role) for role in ("engine", "pacer", "control"))

    def epoch(self) -> int:
        """Of the sound: another engine would begin another. Xruns are for the bench, where nothing else runs."""
        clock = ClockReader(self.directory.clock).read()
        assert clock
        return clock.epoch

    def control_mb(self) -> float:
        """What the control process has in memory."""
        pages = int(Path(f"/proc/{self.pids()[2]}/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1e6

    def descriptors(self) -> set[int]:
        """Those that the control process has open."""
        return set(map(int, os.listdir(f"/proc/{self.pids()[2]}/fd")))

    def complaints(self) -> list[str]:
        return [line for line in self.log.read_text().splitlines() if "Traceback" in line or "ERROR" in line]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "show/songs/long").mkdir(parents=True)
    (folder / "show/show.toml").write_text(SHOW)
    (folder / "show/songs/long/song.toml").write_text(SONG)
    environ = os.environ | {"SHOWCTL_CACHE": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
    command = [sys.executable, "-m", "showctl", "serve", str(folder / "show"), "--osc-port", "0", "--web-port", "0",
               "--no-zeroconf", "--bind", "127.0.0.1", "--state", str(folder / "run")]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        try:
            assert process.stdout
            ready = process.stdout.readline()
            assert ready.startswith("ready ")
            facts = dict(word.split("=", 1) for word in ready.split()[1:] if "=" in word)
            osc, web = (int(facts[name].rpartition(":")[2]) for name in ("osc", "web"))
            (log,) = (folder / "state").rglob("*.log")
            yield Running(osc, web, RuntimeDirectory(folder / "run"), log)
        finally:
            process.terminate()
            assert process.wait(20) == 0


@contextmanager
def unharmed(service: Running) -> Iterator[None]:
    """Whatever is done in the block."""
    pids, epoch, before = service.pids(), service.epoch(), service.control_mb()
    yield
    assert (service.pids(), service.epoch()) == (pids, epoch)
    assert service.complaints() == []
    assert service.control_mb() - before < MAX_GROWTH_MB


@asynccontextmanager
async def neighbour_served(service: Running) -> AsyncIterator[None]:
    """A song plays, and a neighbour is served until the block has ended, and once more."""
    done = trio.Event()
    desk, ear = await Tablet(service.address).open(), await Tablet(service.address).open()
    with unharmed(service), desk.socket, ear.socket, trio.fail_after(60):
        await _until_acknowledged(desk, "select", "/song/select", 1)
        await _until_acknowledged(desk, "play", "/play")
        async with await trio.open_tcp_stream(*service.address) as ends, trio.open_nursery() as nursery:
            await nursery.start(_over_tcp, Caller(ends, Framing.SLIP), done)
            await nursery.start(_beats, ear, done)
            nursery.start_soon(_over_udp, desk, done)
            yield
            done.set()
        await _until_acknowledged(desk, "stop", "/stop")


async def _until_acknowledged(desk: Tablet, command_id: str, *command: str | float) -> None:
    """Repeats it as clients do, for a datagram may be lost."""
    while True:
        await desk.send("/cmd", command_id, *command)
        with trio.move_on_after(0.5):
            while (heard := await desk.hear())[1:2] != (command_id,):
                pass
            assert heard[2] in {"ok", "duplicate"}, heard
            assert heard[3] == "ok"
            return


async def _over_udp(desk: Tablet, done: trio.Event) -> None:
    for number in count():
        last = done.is_set()
        await _until_acknowledged(desk, f"udp {number}", "/bus/house/click/db", -float(number % 20))
        if last:
            return
        await trio.sleep(ASKED_EACH_SECONDS)


async def _over_tcp(caller: Caller, done: trio.Event, *, task_status: trio.TaskStatus[None]) -> None:
    """In order, nothing twice and nothing missing."""
    for number in count():
        last = done.is_set()
        await caller.send("/ping", number)
        assert await caller.hear() == ("/pong", number)
        if number == 0:
            task_status.started()
        if last:
            return
        await trio.sleep(ASKED_EACH_SECONDS)


async def _beats(ear: Tablet, done: trio.Event, *, task_status: trio.TaskStatus[None]) -> None:
    """Each follows the one before it."""
    await ear.send("/subscribe", "beat", "stay")
    before = await _next_beat(ear)
    task_status.started()
    while not done.is_set():
        beat = await _next_beat(ear)
        assert beat == before + 1
        before = beat
    await ear.send("/unsubscribe")


async def _next_beat(ear: Tablet) -> int:
    """Its number in the song."""
    bar, beat = (await ear.hear_until("/beat", patience=30))[-1][1:3]
    return BEATS_A_BAR * int(str(bar)) + int(str(beat))


# ── connections ──


@contextmanager
def descriptors(wanted: int) -> Iterator[int]:
    """As many as the system gives this process, up to `wanted`."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, most), hard))
    try:
        yield max(soft, most)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


class Crowd:
    """Connections of strangers, from this machine's many loopback addresses."""

    def __init__(self, service: Running) -> None:
        self._service = service
        self._sockets: list[trio.socket.SocketType] = []

    async def connect(self, host: str, port: int = 0) -> trio.SocketStream:
        client = trio.socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._sockets.append(client)
        await client.bind((host, 0))
        await client.connect(("127.0.0.1", port or self._service.port))
        return trio.SocketStream(client)

    def leave(self) -> None:
        for each in self._sockets:
            each.close()


@pytest.fixture
async def crowd(service: Running) -> AsyncIterator[Crowd]:
    crowd = Crowd(service)
    yield crowd
    crowd.leave()


async def test_of_ten_thousand_connections_as_many_are_served_as_there_is_room_for_and_the_others_closed(
    service: Running, crowd: Crowd
) -> None:
    with descriptors(CONNECTIONS + 1000) as room:
        async with neighbour_served(service):
            opened, closed = list[trio.SocketStream](), 0
            for number in range(CONNECTIONS):
                opened.append(await crowd.connect(f"127.0.2.{number % 8 + 1}"))
                if len(opened) > room - 1000:
                    closed += await _closed(opened[MAX_CONNECTIONS:])
                    del opened[MAX_CONNECTIONS:]
            there = [await _is_served(ends) for ends in opened]
            assert (sum(there), there.count(False) + closed) == (MAX_CONNECTIONS - 1, CONNECTIONS - MAX_CONNECTIONS + 1)
        crowd.leave()
        with trio.fail_after(30):
            while not await _is_served(await crowd.connect("127.0.2.9")):
                pass


async def _closed(connections: list[trio.SocketStream]) -> int:
    """How many the service has closed, politely: it reads as an end."""
    ends = [await each.receive_some(1) for each in connections]
    for each in connections:
        await each.aclose()
    return ends.count(b"")


async def test_without_a_descriptor_left_those_who_are_there_are_served_and_later_the_others(
    service: Running, crowd: Crowd
) -> None:
    control = service.pids()[2]
    limits = resource.prlimit(control, resource.RLIMIT_NOFILE)
    few = partial(eventually, lambda: len(service.descriptors()) < FEW, "those of the test before have left")
    await trio.to_thread.run_sync(few)
    room = set(range(next(number for number in count() if number not in service.descriptors()) + 8))
    async with neighbour_served(service):
        resource.prlimit(control, resource.RLIMIT_NOFILE, (len(room), limits[1]))
        try:
            osc = [await crowd.connect("127.0.2.10") for _ in range(20)]
            web = [await crowd.connect("127.0.2.10", service.web_port) for _ in range(5)]
            await trio.to_thread.run_sync(eventually, lambda: service.descriptors() >= room, "no descriptor left")
            await osc[0].send_all(Framing.LENGTH.framed(encode(Message("/subscribe"))))
            assert (await Caller(osc[0], Framing.LENGTH).hear())[:2] == ("/error", "/subscribe")
        finally:
            resource.prlimit(control, resource.RLIMIT_NOFILE, limits)
        assert all([await _is_served(ends) for ends in osc])
        for ends in web:
            await ends.send_all(b"GET /?HOST_INFO HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
            assert (await ends.receive_some(15)) == b"HTTP/1.1 200 \r\n"[:15]


async def _is_served(ends: trio.SocketStream) -> bool:
    caller = Caller(ends, Framing.LENGTH)
    try:
        await caller.send("/ping", "there")
        return await caller.hear() == ("/pong", "there")
    except trio.BrokenResourceError:
        return False


async def test_who_begins_a_packet_and_says_no_more_keeps_nobody_waiting(service: Running, crowd: Crowd) -> None:
    async with neighbour_served(service):
        beginnings = (b"", b"\0\0", b"\0\1\0\0", b"\0\1\0\0/half a pack", b"\xc0/half", b"/\xdb")
        silent = [await crowd.connect(f"127.0.3.{number}") for number in range(1, 3) for _ in range(MAX_OF_ONE_HOST)]
        for number, ends in enumerate(silent):
            await ends.send_all(beginnings[number % len(beginnings)] or b"\0")
        newcomer = await crowd.connect("127.0.3.9")
        assert await _is_served(newcomer)


async def test_who_sends_one_byte_at_a_time_is_answered_like_all_others(service: Running, crowd: Crowd) -> None:
    async with neighbour_served(service), trio.open_nursery() as nursery:
        for framing in (*Framing, *Framing):
            nursery.start_soon(_dawdle, await crowd.connect("127.0.4.1"), framing)


async def _dawdle(ends: trio.SocketStream, framing: Framing) -> None:
    ends.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in framing.framed(encode(Message("/ping", ("slowly",)))) * 5:
        await ends.send_all(bytes([byte]))
    caller = Caller(ends, framing)
    assert [await caller.hear() for _ in range(5)] == [("/pong", "slowly")] * 5
    await ends.aclose()


async def test_who_never_reads_the_answers_keeps_nobody_waiting(service: Running, crowd: Crowd) -> None:
    async with neighbour_served(service):
        deaf = [await crowd.connect(f"127.0.5.{number}") for number in range(1, 21)]
        asked = Framing.LENGTH.framed(encode(Message("/ping", (b"x" * 1000,))))
        for ends in deaf:
            await ends.send_all(asked * 500)


@pytest.mark.parametrize("kind", ["noise", "ends", "escapes", "sizes"])
async def test_garbage_in_a_stream_ends_it_or_is_skipped(service: Running, crowd: Crowd, kind: str) -> None:
    noise = random.Random(1).randbytes(20_000)
    garbage = {
        "noise": b"\xc0" + noise + b"\xc0",
        "ends": STREAMS["64 KiB of ENDs"],
        "escapes": b"\xc0" + b"\xdbx\xc0" * 1000,
        "sizes": b"\0\0" + noise,
    }[kind]
    async with neighbour_served(service):
        for number in range(16):
            ends = await crowd.connect(f"127.0.6.{number % 8 + 1}")
            try:
                await ends.send_all(garbage)
                if kind != "sizes":
                    await ends.send_all(Framing.SLIP_DOUBLE.framed(encode(Message("/ping", ("after all",)))))
                    caller = Caller(ends, Framing.SLIP)
                    assert (await caller.hear_until("/pong"))[-1] == ("/pong", "after all")
            except trio.BrokenResourceError:
                assert kind == "sizes"


# ── datagrams ──


async def test_bad_datagrams_in_a_burst_are_refused_and_those_in_order_done(service: Running) -> None:
    bad = [path.read_bytes()[1:] for path in KEPT if path.parent.name != "patterns"]
    bad += [packet for packet in DATAGRAMS.values() if len(packet) <= MAX_UDP_BYTES]
    bad += [b"\0" * MAX_UDP_BYTES, b"/" * MAX_UDP_BYTES, b"#bundle\0" * (MAX_UDP_BYTES // 8), b""]
    # What stops or moves the song is no bad datagram.
    bad = [packet for packet in bad if not any(word in packet for word in (b"/go", b"/song", b"/stop", b"/panic"))]
    async with neighbour_served(service):
        with trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            await udp.bind(("127.0.7.1", 0))
            for _ in range(5):
                for packet in bad:
                    await udp.sendto(packet, service.address)

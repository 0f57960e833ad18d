"""OSC over real TCP connections, against a service with an engine that only commits."""

from __future__ import annotations

import gc
import logging
import socket
import struct
import subprocess
import sys
from functools import partial
from pathlib import Path

import msgspec
import pytest
import trio
from pythonosc.osc_message import OscMessage
from pythonosc.tcp_client import SimpleTCPClient

from showctl.discovery.interfaces import addresses
from showctl.model.show import encode_show
from showctl.model.units import Frame
from showctl.osc import streams, tcp
from showctl.osc.codec import Message, decode, encode
from showctl.osc.framing import Framing
from showctl.osc.subscribers import Known, Subscribers
from showctl.pacer.sender import Sender
from showctl.shared.boards import clients_reader, clients_writer, signed_in_reader
from showctl.shared.clients import Client, Clients, SignedIn
from showctl.shared.rundir import RuntimeDirectory
from showctl.shared.service import write_show
from tests.rig import Caller, Rig, calling, running_service
from tests.test_service import BAR, SHOW

OWN = addresses()[0]
"""An address of this machine that others reach, if it has any."""

GARBAGE = [
    b"GET / HTTP/1.1\r\nHost: desk\r\n\r\n",
    bytes.fromhex("ff ff ff fc"),
    bytes.fromhex("00 ff ff ff 2f 67 6f 00"),
    bytes.fromhex("7f ff ff ff"),
]


async def is_served(rig: Rig) -> bool:
    """Whether a well-formed neighbour is, over UDP and over TCP."""
    tablet = await rig.tablet()
    await tablet.send("/ping", "udp")
    async with calling(rig) as caller:
        await caller.send("/ping", "tcp")
        return (await tablet.hear(), await caller.hear()) == (("/pong", "udp"), ("/pong", "tcp"))


# ── the clients that there are ──


@pytest.mark.parametrize("mode", ["1.0", "1.1"])
async def test_python_osc_speaks_and_is_answered_in_either_mode(tmp_path: Path, mode: str) -> None:
    def speak(port: int) -> list[OscMessage]:
        with SimpleTCPClient(  # type: ignore[no-untyped-call]
            "127.0.0.1", port, mode=mode
        ) as client:
            client.send_message("/ping", [1, "two"])
            return [OscMessage(packet) for packet in client.receive(10) if packet]

    async with running_service(tmp_path, SHOW) as rig:
        (answer,) = await trio.to_thread.run_sync(speak, rig.sockets.port)
        assert (answer.address, answer.params) == ("/pong", [1, "two"])


@pytest.mark.parametrize("framing", Framing)
async def test_a_command_may_come_byte_by_byte_and_is_answered_in_its_framing(tmp_path: Path, framing: Framing) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as caller:
        for byte in framing.framed(encode(Message("/ping", (1,)))):
            await caller.ends.send_all(bytes([byte]))
        answer = framing.framed(encode(Message("/pong", (1,))))
        received = b""
        with trio.fail_after(10):
            while len(received) < len(answer):
                received += await caller.ends.receive_some(100)
        assert received == answer


async def test_commands_of_one_connection_are_done_in_their_order(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig, Framing.SLIP) as caller:
        packets = (Message("/song/select", (2,)), Message("/go"), *(Message("/ping", (n,)) for n in range(500)))
        await caller.ends.send_all(b"".join(caller.framing.framed(encode(packet)) for packet in packets))
        assert [await caller.hear() for _ in range(500)] == [("/pong", n) for n in range(500)]
        while rig.service.conductor.view().state != "playing":
            await trio.lowlevel.checkpoint()


async def test_what_was_said_before_hanging_up_is_done_and_answered(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as caller:
        await caller.send("/ping", "last words")
        await caller.ends.send_eof()
        assert await caller.hear() == ("/pong", "last words")
        assert await caller.hear() == ()


# ── subscriptions ──


async def test_a_subscription_is_told_down_its_connection_and_dies_with_it(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        async with calling(rig, Framing.SLIP_DOUBLE) as caller:
            await caller.send("/subscribe", "mix")
            assert (await caller.hear_until("/synced"))[0][0] != "/synced"
            (client,) = rig.service.subscribers.all
            assert (client.stream, client.expires) == (True, None)
            await tablet.send("/bus/drums/click/db", -20.0)
            assert ("/bus/drums/click/db", -20.0) in await caller.hear_until("/bus/drums/click/fader")
        with trio.fail_after(10):
            while rig.service.subscribers.all:
                await tablet.settle()
        assert await is_served(rig)


async def test_a_connection_that_is_reset_takes_its_subscription_with_it(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        async with calling(rig) as caller:
            await caller.send("/subscribe")
            await caller.hear_until("/synced")
            caller.ends.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        with trio.fail_after(10):
            while rig.service.subscribers.all:
                await tablet.settle()


async def test_an_unsubscribed_client_is_still_answered(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as caller:
        await caller.send("/subscribe", "mix")
        await caller.hear_until("/synced")
        await caller.send("/unsubscribe")
        await caller.send("/goo")
        assert (await caller.hear())[:2] == ("/error", "/goo")
        assert rig.service.subscribers.all == ()


async def test_a_client_may_be_told_at_a_udp_port_for_as_long_as_it_is_connected(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        async with calling(rig) as caller:
            for port in ((), (tablet.port,)):
                await caller.send("/subscribe", *port, "mix")
            await tablet.hear_until("/synced")
            assert [client.address for client in rig.service.subscribers.all] == [("127.0.0.1", tablet.port)]
        with trio.fail_after(10):
            while rig.service.subscribers.all:
                await tablet.settle()


async def test_a_udp_client_with_the_same_port_is_another_client(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as caller:
        await caller.send("/subscribe", "mix")
        await caller.hear_until("/synced")
        udp = trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with udp:
            await udp.bind(("127.0.0.1", caller.port))
            await udp.sendto(encode(Message("/ping", ("by udp",))), rig.address)
            with trio.fail_after(10):
                assert decode(await udp.recv(1000)) == Message("/pong", ("by udp",))


async def test_beats_of_the_pacer_come_down_the_connection(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig, Framing.SLIP) as caller:
        score = rig.service.conductor.score
        write_show(RuntimeDirectory(tmp_path), score.hash, encode_show(SHOW))
        await caller.send("/subscribe", "beat")
        await caller.hear_until("/synced")
        await rig.service.conductor.perform(rig.service.surface.bind(Message("/song/select", (1,))))
        await rig.service.conductor.perform(rig.service.surface.bind(Message("/go")))
        (udp,) = rig.sockets.udp
        command = [sys.executable, "-m", "showctl.pacer", str(tmp_path), "--fd", str(udp.fileno())]
        async with trio.open_nursery() as nursery:
            rig.committer.sound(Frame(0))
            run = partial(trio.run_process, stdin=subprocess.PIPE, pass_fds=[udp.fileno()], check=False)
            pacer: trio.Process = await nursery.start(run, command)
            heard: list[tuple[object, ...]] = []
            for beat in range(1, 5):
                rig.committer.sound(Frame(BAR // 4 * beat - 1))
                heard.append(await caller.hear())
            pacer.terminate()
        assert [(*message[:4], message[5]) for message in heard] == [
            ("/beat", 1, 1, 4, 2),
            ("/beat", 1, 2, 4, 0),
            ("/beat", 1, 3, 4, 0),
            ("/beat", 1, 4, 4, 0),
        ]


@pytest.mark.parametrize(
    ("bind", "host"), [("127.0.0.1", "127.0.0.1"), (OWN, OWN), ("::1", "::1"), ("::", "::1"), ("::", OWN)]
)
async def test_the_service_itself_is_relayed_and_nobody_else(tmp_path: Path, bind: str, host: str) -> None:
    everybody = msgspec.structs.replace(SHOW.access, control=("0.0.0.0/0", "::/0"))
    show = msgspec.structs.replace(SHOW, access=everybody)
    async with running_service(tmp_path, show, bind) as rig, calling(rig, host=host) as caller:
        await caller.send("/subscribe", "mix")
        await caller.hear_until("/synced")
        (client,) = rig.service.subscribers.all
        packet = encode(Message("/forged"))
        with socket.socket(socket.AF_INET6 if ":" in client.host else socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            for _ in range(10):
                stranger.sendto(packet, client.address)
        assert Sender(rig.sockets.udp).send(encode(Message("/paced")), [client.address]) == 1
        assert await caller.hear() == ("/paced",)


def open_sockets() -> int:
    """Of this process; files come and go while the night's levels are written down."""
    return sum(each.is_socket() for each in Path("/proc/self/fd").iterdir())


async def test_nothing_is_left_of_connections_that_have_ended(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        gc.collect()  # or what is left of tests before this one goes meanwhile
        before = open_sockets()
        for _ in range(30):
            async with calling(rig) as caller:
                await caller.send("/subscribe")
        with trio.fail_after(10):
            while rig.service.tcp.connections:
                await tablet.settle()
        assert open_sockets() == before
        assert rig.service.outlet.known == Known()


def test_a_new_control_forgets_the_streams_of_the_one_before(tmp_path: Path) -> None:
    directory = RuntimeDirectory(tmp_path)
    board = clients_writer(directory)
    by_udp = Client("127.0.0.1", 9000, frozenset({"mix"}))
    board.write(before := Clients((Client("127.0.0.1", 9001, frozenset({"mix"}), stream=True), by_udp)))
    assert Subscribers(board, before).all == (by_udp,)
    assert clients_reader(directory).read() == Clients((by_udp,))


# ── who it is ──


async def test_a_command_with_an_id_is_done_once_for_each_connection(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as caller, calling(rig) as other:
        await caller.send("/cmd", "1", "/song/select", 2)
        assert await caller.hear() == ("/ack", "1", "ok", "ok")
        await caller.send("/cmd", "1", "/song/select", 2)
        assert await caller.hear() == ("/ack", "1", "duplicate", "ok")
        await other.send("/cmd", "1", "/song/select", 1)
        assert await other.hear() == ("/ack", "1", "ok", "ok")
        await rig.replace_control()
        udp = trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with udp:
            await udp.bind(("127.0.0.1", caller.port))
            await udp.sendto(encode(Message("/cmd", ("1", "/song/select", 2))), rig.address)
            with trio.fail_after(10):
                assert decode(await udp.recv(1000)) == Message("/ack", ("1", "ok", "ok"))


async def test_a_sign_in_ends_with_its_connection_and_is_not_handed_to_the_next_control(tmp_path: Path) -> None:
    show = msgspec.structs.replace(SHOW, access=msgspec.structs.replace(SHOW.access, passcode="rooftop"))
    async with running_service(tmp_path, show) as rig:
        async with calling(rig) as caller:
            await caller.send("/hello", "rooftop")
            assert await caller.hear() == ("/welcome", "control")
            assert list(rig.service.access.signed_in) == [("127.0.0.1", caller.port, "tcp")]
            assert signed_in_reader(RuntimeDirectory(tmp_path)).read() == SignedIn()
        with trio.fail_after(10):
            while rig.service.access.signed_in:
                await trio.lowlevel.checkpoint()


# ── those that do harm ──


@pytest.mark.parametrize("garbage", GARBAGE)
async def test_garbage_is_answered_once_and_its_connection_closed(
    tmp_path: Path, garbage: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as caller:
        await caller.ends.send_all(garbage + b"more" * 5000)
        heard = await caller.hear()
        assert heard[:2] == ("/error", "/")
        assert str(heard[2]).startswith("expected a ")
        assert await caller.hear() == ()
        assert await is_served(rig)
    assert caplog.records == []


async def test_a_packet_that_is_no_osc_costs_nothing_but_an_error(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as caller:
        await caller.ends.send_all(Framing.LENGTH.framed(b"/go\0,q\0\0"))
        assert (await caller.hear())[:2] == ("/error", "/")
        await caller.send("/ping")
        assert await caller.hear() == ("/pong",)


async def test_who_stops_in_the_middle_of_a_packet_holds_up_nobody(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as silent, calling(rig) as halfway:
        await halfway.ends.send_all(Framing.LENGTH.framed(encode(Message("/ping")))[:7])
        assert await is_served(rig)
        await silent.send("/ping")
        assert await silent.hear() == ("/pong",)


async def test_a_client_that_never_reads_loses_the_oldest_and_then_its_connection(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tcp, "STALLED_SECONDS", 0.2)
    monkeypatch.setattr(streams, "MAX_WAITING_BYTES", 20_000)
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as deaf:
        with pytest.raises(trio.BrokenResourceError):
            await _send_for_ever(deaf)
        assert rig.service.tcp.stalled == 1
        assert rig.service.outlet.streams.dropped > 0
        assert await is_served(rig)


async def _send_for_ever(deaf: Caller) -> None:
    with trio.fail_after(30):
        while True:
            await deaf.send("/ping", b"x" * 1000)


async def test_news_reach_a_slow_reader_rather_than_what_is_old() -> None:
    async with trio.open_nursery() as nursery:
        stream = streams.Stream(("192.168.1.31", 50000, "tcp"), nursery, ())
        packets = [b"%07d" % number for number in range(10_000)]
        for packet in packets:
            stream.send(packet)
        stream.finish()
        taken: list[bytes] = []
        while some := await stream.take():
            taken += some
    kept = streams.MAX_WAITING_BYTES // (7 + streams.PACKET_COST)
    assert taken == packets[-kept:]
    assert stream.dropped == len(packets) - kept


async def test_connections_beyond_the_bound_are_closed_at_once_and_counted(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        some_more = tcp.MAX_CONNECTIONS + 10
        kept = [await _connected(rig, f"127.0.1.{number % 8 + 1}") for number in range(some_more)]
        with trio.fail_after(10):
            while rig.service.tcp.refused < 10:
                await trio.lowlevel.checkpoint()
            assert [await ends.receive_some(1) for ends in kept[tcp.MAX_CONNECTIONS :]] == [b""] * 10
        assert rig.service.tcp.connections == tcp.MAX_CONNECTIONS
        first = Caller(kept[0], Framing.LENGTH)
        await first.send("/ping")
        assert await first.hear() == ("/pong",)
        await first.send("/subscribe", "health")
        while (await first.hear_until("/health"))[-1][-1] != "10 TCP connections refused, too many at once":
            pass
        for ends in kept:
            await ends.aclose()
        with trio.fail_after(10):
            while rig.service.tcp.connections:
                await trio.lowlevel.checkpoint()
        assert await is_served(rig)


async def test_one_host_cannot_take_all_connections(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        greedy = [await _connected(rig, "127.0.1.1") for _ in range(tcp.MAX_CONNECTIONS + 1)]
        with trio.fail_after(10):
            assert await greedy[-1].receive_some(1) == b""
        assert rig.service.tcp.connections == tcp.MAX_OF_ONE_HOST
        assert await is_served(rig)
        for ends in greedy:
            await ends.aclose()


async def _connected(rig: Rig, host: str) -> trio.SocketStream:
    """From one of this machine's many loopback addresses."""
    client = trio.socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    await client.bind((host, 0))
    await client.connect(rig.address)
    return trio.SocketStream(client)


# ── IPv6 ──


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_on_all_addresses_a_client_is_known_by_its_plain_one(tmp_path: Path, host: str) -> None:
    async with running_service(tmp_path, SHOW, "::") as rig, calling(rig, host=host) as caller:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        with trio.socket.socket(family, socket.SOCK_DGRAM) as udp:
            await udp.bind((host, 0))
            await udp.sendto(encode(Message("/subscribe", ("mix",))), (host, rig.sockets.port))
            mixed = [each for each in rig.service.surface.states.values() if each.method.topic == "mix"]
            with trio.fail_after(10):
                while decode(await udp.recv(1000)) != Message("/synced", (len(mixed),)):
                    pass
            assert [client.address for client in rig.service.subscribers.all] == [udp.getsockname()[:2]]
        await caller.send("/song/select", 1)
        await caller.send("/ping")
        assert await caller.hear() == ("/pong",)
        while not rig.committer.log:
            await trio.lowlevel.checkpoint()
        assert rig.committer.log[0].edit.by == f"/song/select from {host}:{caller.port}"

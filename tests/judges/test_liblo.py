"""liblo as a client of the running service, over UDP and TCP."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TypeAlias

import pyliblo3
import pytest

from showctl.osc.codec import Message, encode
from showctl.osc.framing import Framing
from tests.clients.serving import HOST, Serving, serving
from tests.judges.liblo import TCP, UDP, Liblo, arguments_of
from tests.judges.song import LIGHTS, SONG, bounced_beats

UNIX_EPOCH = 2_208_988_800
"""In the seconds since 1900 that liblo counts."""

Dial: TypeAlias = Callable[[int], Liblo]

BOTH = pytest.mark.parametrize("protocol", [pytest.param(UDP, id="udp"), pytest.param(TCP, id="tcp")])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("liblo")


@pytest.fixture(scope="module")
def service(folder: Path) -> Iterator[Serving]:
    with serving(folder, more=LIGHTS.format(port=9), song=SONG) as running:
        yield running


@pytest.fixture
def dial(service: Serving) -> Iterator[Dial]:
    """Makes clients of the service, over UDP or TCP."""
    with ExitStack() as stack:
        yield lambda protocol: stack.enter_context(Liblo(protocol, service.port))


@BOTH
def test_a_ping_of_all_types_comes_back_as_it_was_sent(dial: Dial, protocol: int) -> None:
    liblo = dial(protocol)
    args: list[tuple[Any, ...]] = [
        ("i", -(2**31)), ("f", 0.1), ("s", "two words"), ("b", b"a\0bc\xff"), ("h", 2**62 + 1), ("d", 0.1),
        ("t", 3.9e9 + 0.5), ("S", "symbol"), ("c", "A"), ("m", (1, 0x90, 60, 100)), ("T",), ("F",), ("N",), ("I",),
    ]  # fmt: skip
    liblo.send("/ping", *args)
    values = [arg[1] for arg in args if len(arg) == 2]
    values[1] = pytest.approx(0.1)
    assert liblo.hear() == ("/pong", "ifsbhdtScmTFNI", [*values, True, False, None, float("inf")])


@BOTH
def test_the_whole_state_is_as_long_as_it_says_and_of_plain_types(dial: Dial, protocol: int) -> None:
    liblo = dial(protocol)
    liblo.send("/sync")
    *state, synced = liblo.hear_until("/synced")
    assert synced == ("/synced", "i", [len(state)])
    assert set("".join(types for _, types, _ in state)) == set("ifs")
    assert ("/song", "sii", ["Tune", 1, 1]) in state


@BOTH
def test_what_liblo_sets_by_a_pattern_is_heard_by_others_and_what_is_wrong_is_refused(
    dial: Dial, protocol: int
) -> None:
    sender, other = dial(protocol), dial(UDP)
    other.subscribe("mix")
    for dimmed in (True, False):
        sender.send("/bus/{house,drums}/di?", dimmed)
        assert sorted(other.hear() for _ in range(2)) == [
            ("/bus/drums/dim", "i", [int(dimmed)]),
            ("/bus/house/dim", "i", [int(dimmed)]),
        ]
    sender.send("/bus/drums/click/db", "loud")
    refused, types, (address, reason) = sender.hear()
    assert (refused, types, address) == ("/error", "ss", "/bus/drums/click/db")
    assert "expected" in reason
    for answer in ("ok", "duplicate"):
        sender.send("/cmd", f"id-{protocol}", "/ping")
        assert ("/ack", "sss", [f"id-{protocol}", answer, "ok"]) in sender.hear_until("/ack")


@BOTH
def test_a_bundle_of_liblo_is_done_at_its_time_and_together(dial: Dial, protocol: int) -> None:
    sender, other = dial(protocol), dial(UDP)
    other.subscribe("mix")
    later = [pyliblo3.Message("/bus/drums/mono", True), pyliblo3.Message("/talkback", True)]
    sender.send(pyliblo3.Bundle(pyliblo3.time() + 1.0, *later))
    sender.send(pyliblo3.Bundle(pyliblo3.Message("/bus/drums/click/mute", True)))
    heard = [other.hear() for _ in range(3)]
    assert heard[0] == ("/bus/drums/click/mute", "i", [1])
    assert sorted(heard[1:]) == [("/bus/drums/mono", "i", [1]), ("/talkback", "i", [1])]
    sender.send(pyliblo3.Bundle(*(pyliblo3.Message(address, False) for address, *_ in heard)))
    assert sorted(other.hear() for _ in range(3)) == sorted((address, "i", [0]) for address, *_ in heard)


@pytest.mark.parametrize("framing", Framing)
def test_liblo_reads_the_stream_of_the_service_in_every_framing(service: Serving, framing: Framing) -> None:
    """Of its own accord liblo sends sizes, and it reads SLIP too: so what the service writes is passed on to it."""
    with (
        Liblo(TCP) as liblo,
        socket.create_connection((HOST, service.port), 10) as client,
        socket.create_connection((HOST, liblo.port), 10) as passed_on,
    ):
        client.sendall(framing.framed(encode(Message("/sync"))))
        while not arguments_of("/synced", liblo.heard):
            chunk = client.recv(1460)
            assert chunk, "the service closed the connection"
            passed_on.sendall(chunk)
            while liblo.server.recv(1):
                pass
    *state, synced = liblo.heard
    assert synced == ("/synced", "i", [len(state)])
    assert state


def test_every_beat_of_a_song_is_heard_as_it_was_bounced_and_stamped_with_its_moment(
    dial: Dial, service: Serving, folder: Path
) -> None:
    udp, tcp, ahead = dial(UDP), dial(TCP), dial(UDP)
    bounced = [beat for _, beat in bounced_beats(folder)]
    udp.subscribe("beat", "transport")
    tcp.subscribe("beat", "transport")
    ahead.subscribe("beat", "timetag")
    udp.send("/song/select", "tune")
    udp.send("/go", ("T",))
    assert [ahead.hear() for _ in bounced] == [("/beat", "iiifii", list(beat)) for beat in bounced]
    moments = {f"{bar}.{beat}": moment for (bar, beat, *_), moment in zip(bounced, ahead.timetags, strict=True)}
    clicks = service.clicks(range(6))
    assert {beat: moment - UNIX_EPOCH for beat, moment in moments.items()} == pytest.approx(clicks, abs=0.005)
    heard, over_tcp = (each.hear_until("/transport", "stopped") for each in (udp, tcp))
    assert heard == over_tcp
    assert [tuple(args) for args in arguments_of("/beat", heard)] == bounced

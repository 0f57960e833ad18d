"""Wireshark's dissector reads all that the service sent to all sorts of clients, over UDP and both framings of TCP."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from showctl.osc.codec import IMPULSE, Arg, Bundle, Message, decode
from showctl.osc.framing import Framing
from showctl.osc.outgoing import OUTGOING
from tests.clients.serving import HOST, serving
from tests.judges.recording import FIRST_CLIENT_PORT, Recorder, capture, record
from tests.judges.song import LIGHTS, SONG
from tests.judges.tshark import dissected

EVERY_TYPE: tuple[tuple[str, Arg], ...] = (
    ("i", -(2**31)), ("f", 0.1), ("s", "two words"), ("b", b"a\0bc\xff"), ("b", b""), ("h", -(2**62) - 1), ("d", 0.1),
    ("t", 0xEEB2_1775_CFC6_7599), ("t", 1), ("S", "symbol"), ("c", "A"), ("r", 0x11223344),
    ("m", bytes([1, 0x90, 60, 100])), ("T", True), ("F", False), ("N", None), ("I", IMPULSE), ("i", 1),
)  # fmt: skip
"""Arrays are unknown to the dissector, and the service sends none of its own."""

WITHOUT_BYTES = frozenset("TFNI")


def as_dissected(packet: Message | Bundle) -> object:
    """A packet as our own decoder reads it, in the form of `dissected`."""
    if isinstance(packet, Bundle):
        return packet.timetag, [as_dissected(element) for element in packet.elements]
    values = [
        pytest.approx(value, rel=1e-5) if isinstance(value, float) else value  # shown with six digits
        for tag, value in zip(packet.tags, packet.args, strict=True)
        if tag not in WITHOUT_BYTES
    ]
    return packet.address, f",{packet.tags}", values


def unslipped_by_tshark(packet: bytes) -> bytes:
    """Its SLIP takes every 0xDC and 0xDD for an escaped byte, also where no ESC stands before it, against RFC 1055."""
    return packet.replace(b"\xdc", b"\xc0").replace(b"\xdd", b"\xdb")


def expected(client: Recorder, dissected: Sequence[object]) -> list[object]:
    """What tshark should have read, or, of a SLIP stream, what its mistake makes of it."""
    packets = [as_dissected(decode(packet)) for packet in client.packets]
    if client.framing in {None, Framing.LENGTH}:
        return packets
    mistaken = [as_dissected(decode(unslipped_by_tshark(packet))) for packet in client.packets]
    read = [*dissected, *[None] * len(packets)]
    return [its if it == its else ours for it, its, ours in zip(read, mistaken, packets, strict=False)]


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Recorder]]:
    """After a night of theirs: five subscribers, and the lights, which are a target of the show."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as lights, ExitStack() as stack:
        lights.bind((HOST, 0))
        more = LIGHTS.format(port=lights.getsockname()[1])
        service = stack.enter_context(serving(tmp_path_factory.mktemp("tshark"), more=more, song=SONG))
        subscribers = [Recorder.calling(service.port, framing) for framing in (None, None, *Framing)]
        for each in subscribers:
            stack.enter_context(each.socket)
        clients = [*subscribers, Recorder(lights)]
        _subscribe(clients)
        _play(clients)
        yield clients


def _subscribe(clients: Sequence[Recorder]) -> None:
    """Plain and with timetags; and each asks for everything that has an answer."""
    tags, values = "".join(tag for tag, _ in EVERY_TYPE), [value for _, value in EVERY_TYPE]
    for client, flags in zip(clients, ([], ["timetag", "utf8"], [], ["timetag"], ["timetag", "refresh"]), strict=False):
        client.send("/subscribe", "all", "meter", *flags)
        client.send("/ping", *values, tags=tags)
        client.send("/cmd", "id", "/bus/drums/dim", True)
        client.send("/hello", "sesame")
        client.send("/göo")
        client.send("/sync")
        record(clients, partial(client.heard, "/synced"))


def _play(clients: Sequence[Recorder]) -> None:
    """The song to its end, with a jump."""
    first, *_, lights = clients
    first.send("/go")
    record(clients, partial(first.heard, "/section", "Intro"))
    first.send("/section/jump", "Chorus")
    record(clients, lambda: all(each is lights or each.heard("/transport", "stopped") for each in clients))


def test_tshark_reads_every_message_as_it_was_meant(clients: list[Recorder], tmp_path: Path) -> None:
    file = tmp_path / "night.pcap"
    file.write_bytes(capture(clients))
    packets, wrong = dissected(file)
    assert wrong == []
    for port, client in enumerate(clients, FIRST_CLIENT_PORT):
        assert packets[port] == expected(client, packets[port])


def test_what_it_read_was_all_that_can_be_told(clients: list[Recorder]) -> None:
    *subscribers, lights = ({message.address for message in client.messages} for client in clients)
    heard = set().union(*subscribers)
    assert [row.address for row in OUTGOING if not any(map(_pattern(row.address).fullmatch, heard))] == []
    assert lights >= {"/beat", "/section", "/wash"}


def _pattern(address: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"<\w+>", "[^/]+", address))

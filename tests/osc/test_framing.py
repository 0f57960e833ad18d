from __future__ import annotations

import itertools

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pythonosc import slip

from showctl.osc.codec import MAX_PACKET_BYTES, Message, decode, encode
from showctl.osc.framing import Framing, FramingError, Unframer

GO = encode(Message("/go"))
ODD = encode(Message("/m", (b"\xc0\xdb\xdc\xdd",)))
"""A packet with every byte that SLIP gives a meaning."""


def bytes_of(dump: str) -> bytes:
    return bytes.fromhex(dump)


def read(stream: bytes, *cuts: int) -> list[bytes | str]:
    """What comes out of the stream, cut at these places; errors by their sentences."""
    unframer = Unframer()
    places = sorted({0, *cuts, len(stream)})
    chunks = [stream[start:end] for start, end in itertools.pairwise(places)]
    return [str(each) if isinstance(each, FramingError) else each for chunk in chunks for each in unframer.feed(chunk)]


# ── as it lies on the wire ──

LENGTH_GO = bytes_of("00 00 00 08   2f 67 6f 00 2c 00 00 00")
SLIP_GO = bytes_of("2f 67 6f 00 2c 00 00 00   c0")
SLIP_DOUBLE_GO = bytes_of("c0   2f 67 6f 00 2c 00 00 00   c0")


@pytest.mark.parametrize(
    ("framing", "stream"),
    [(Framing.LENGTH, LENGTH_GO), (Framing.SLIP, SLIP_GO), (Framing.SLIP_DOUBLE, SLIP_DOUBLE_GO)],
)
def test_a_packet_in_each_framing(framing: Framing, stream: bytes) -> None:
    assert framing.framed(GO) == stream
    unframer = Unframer()
    assert list(unframer.feed(stream)) == [GO]
    assert (unframer.framing, unframer.over) == (framing, False)


def test_end_and_esc_inside_a_packet_are_two_bytes_each() -> None:
    assert ODD[-4:] == bytes_of("c0 db dc dd")
    assert Framing.SLIP.framed(ODD)[-7:] == bytes_of("db dc   db dd   dc   dd   c0")


def test_packets_may_share_an_end_or_have_two() -> None:
    assert read(b"\xc0" + GO + b"\xc0" + ODD.replace(b"\xdb", b"\xdb\xdd").replace(b"\xc0", b"\xdb\xdc") + b"\xc0") == [
        GO,
        ODD,
    ]
    assert read(SLIP_DOUBLE_GO + SLIP_DOUBLE_GO) == [GO, GO]
    assert read(SLIP_GO + SLIP_GO) == [GO, GO]


def test_a_bundle_begins_a_stream_with_single_ends_too() -> None:
    assert read(b"#bundle\0" + bytes(8) + b"\xc0") == [b"#bundle\0" + bytes(8)]


# ── what is wrong ──


@pytest.mark.parametrize("first", [b"GET / HTTP/1.1\r\n", b"\xff", b"\x01\0\0\0"])
def test_a_stream_that_begins_otherwise_is_over_with_one_error(first: bytes) -> None:
    unframer = Unframer()
    (error,) = unframer.feed(first)
    assert str(error).startswith("expected a stream that begins with a size (0x00), with END (0xC0), '/' or '#', got ")
    assert unframer.over
    assert list(unframer.feed(LENGTH_GO)) == []


@pytest.mark.parametrize(
    ("size", "shown"),
    [("ff ff ff fc", "-4"), ("7f ff ff ff", "2147483647"), ("00 01 00 01", "65537"), ("00 00 00 00", "0")],
)
def test_a_wrong_size_ends_the_stream_after_what_came_before(size: str, shown: str) -> None:
    stream = LENGTH_GO + bytes_of(size) + LENGTH_GO
    assert read(stream) == [GO, f"expected a packet size from 1 to 65536, got {shown}"]


def test_an_esc_with_no_meaning_costs_one_packet_of_a_slip_stream() -> None:
    error = "expected ESC (0xDB) to be followed by 0xDC or 0xDD, got b'/go\\xdb\\x00'"
    assert read(SLIP_DOUBLE_GO + b"/go\xdb\0\xc0" + SLIP_DOUBLE_GO) == [GO, error, GO]


def test_an_esc_right_before_end_costs_one_packet_too() -> None:
    assert read(b"/go\xdb\xc0" + SLIP_GO)[1:] == [GO]


@pytest.mark.parametrize("filler", [b"x", b"\xdb\xdd"])
def test_a_packet_that_is_too_long_is_not_kept_and_the_next_one_is_read(filler: bytes) -> None:
    unframer = Unframer()
    assert list(unframer.feed(b"/")) == []
    for _ in range(200):
        assert list(unframer.feed(filler * 1000)) == []
    error, packet = unframer.feed(b"\xc0" + SLIP_GO)
    assert str(error) == "expected a packet of at most 65536 bytes before END (0xC0)"
    assert packet == GO


@pytest.mark.parametrize("framing", Framing)
def test_the_longest_packet_passes(framing: Framing) -> None:
    longest = b"/" + b"\xdb" * (MAX_PACKET_BYTES - 1)
    assert read(framing.framed(longest)) == [longest]


# ── whatever it is, however it is cut ──

PACKETS = st.lists(st.binary(min_size=1, max_size=40).map(lambda tail: b"/" + tail), min_size=1, max_size=6)
CUTS = st.lists(st.integers(0, 300), max_size=8)
FRAMINGS = st.sampled_from(Framing)


@given(FRAMINGS, PACKETS, CUTS)
@example(Framing.LENGTH, [GO, ODD], list(range(40)))
@example(Framing.SLIP_DOUBLE, [GO, ODD], list(range(40)))
def test_all_packets_come_back_however_the_stream_is_cut(
    framing: Framing, packets: list[bytes], cuts: list[int]
) -> None:
    assert read(b"".join(map(framing.framed, packets)), *cuts) == packets


@given(st.sampled_from([b"\0", b"\xc0", b"/", b"#", b""]), st.binary(max_size=300), CUTS)
@example(b"\0", b"\0\0\x01x\0\1\0\0", [2])
@example(b"\xc0", b"\xdb\xc0/go\0", [1, 2])
def test_garbage_gives_the_same_however_it_is_cut(first: bytes, garbage: bytes, cuts: list[int]) -> None:
    stream = first + garbage
    whole, cut = read(stream), read(stream, *cuts)
    if stream and stream[0] not in b"\0\xc0/#":  # that error quotes as much as has come
        whole, cut = [len(whole)], [len(cut)]  # type: ignore[list-item]
    assert whole == cut


@given(st.binary(max_size=60).map(lambda tail: b"/" + tail))
def test_python_osc_writes_slip_alike(packet: bytes) -> None:
    assert Framing.SLIP_DOUBLE.framed(packet) == slip.encode(packet)


def test_what_is_framed_decodes() -> None:
    (packet,) = read(LENGTH_GO)
    assert isinstance(packet, bytes)
    assert decode(packet) == Message("/go")


@pytest.mark.parametrize("framing", Framing)
def test_of_a_chunk_one_packet_is_taken_after_the_other(framing: Framing) -> None:
    """So that whoever deals with them can let others come first in between."""
    found = Unframer().feed(framing.framed(b"/go\0") * 1000)
    assert iter(found) is found
    assert next(found) == b"/go\0"
    assert len(list(found)) == 999

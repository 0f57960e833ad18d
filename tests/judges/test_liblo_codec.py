"""Packets that showctl writes and liblo reads, and the reverse, over real sockets.

liblo knows neither `r` nor arrays; its `c` is one byte. What pyliblo3 cannot do is left to the other direction, or to
other judges: it has no empty blobs, and bundles within bundles it only reads.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial
from typing import TypeAlias

import pyliblo3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.osc.codec import IMPULSE, Arg, Bundle, Message, decode, encode, encode_bundle
from showctl.osc.patterns import AddressSpace
from tests.clients.serving import HOST
from tests.judges.liblo import Heard, Liblo
from tests.osc.strategies import ADDRESS, TEXT
from tests.osc.test_patterns import ADDRESSES

Typed: TypeAlias = tuple[str, Arg]

VALUES: dict[str, st.SearchStrategy[Arg]] = {
    "i": st.integers(-(2**31), 2**31 - 1),
    "f": st.floats(width=32, allow_nan=False),
    "s": TEXT,
    "b": st.binary(min_size=1, max_size=9),
    "h": st.integers(-(2**63), 2**63 - 1),
    "d": st.floats(allow_nan=False),
    "t": st.integers(0, 2**53 - 1).map(lambda number: number << 11),  # what pyliblo3's float can hold
    "S": TEXT,
    "c": st.characters(min_codepoint=1, max_codepoint=127),
    "m": st.binary(min_size=4, max_size=4),
    "T": st.just(True),
    "F": st.just(False),
    "N": st.just(None),
    "I": st.just(IMPULSE),
}
TYPED = st.lists(st.one_of([st.tuples(st.just(tag), values) for tag, values in VALUES.items()]), max_size=5)


def as_message(address: str, items: list[Typed]) -> Message:
    return Message(address, tuple(value for _, value in items), "".join(tag for tag, _ in items))


MESSAGES = st.builds(as_message, ADDRESS, TYPED)


def as_liblo(tag: str, value: Arg) -> object:
    """The value as pyliblo3 takes and gives it."""
    match tag, value:
        case "m", bytes():
            return tuple(value)
        case "t", int():
            return value / 2**32
        case "I", _:
            return float("inf")
        case _:
            return value


def heard_as(message: Message) -> Heard:
    return message.address, message.tags, list(map(as_liblo, message.tags, message.args))


@pytest.fixture(scope="module")
def ours() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        udp.bind((HOST, 0))
        udp.settimeout(20)
        yield udp


@pytest.fixture(scope="module")
def liblo(ours: socket.socket) -> Iterator[Liblo]:
    with Liblo(service_port=ours.getsockname()[1]) as liblo:
        yield liblo


@settings(deadline=None)
@given(message=MESSAGES)
def test_liblo_reads_what_is_written(message: Message, ours: socket.socket, liblo: Liblo) -> None:
    ours.sendto(encode(message), (HOST, liblo.port))
    assert liblo.hear() == heard_as(message)


@settings(deadline=None)
@given(message=MESSAGES)
def test_what_liblo_writes_is_read(message: Message, ours: socket.socket, liblo: Liblo) -> None:
    liblo.send(message.address, *zip(message.tags, map(as_liblo, message.tags, message.args), strict=True))
    assert decode(ours.recv(65_536)) == message


PAST = st.integers(0, 2**52 - 1).map(lambda number: number << 11)  # before 1968, so that liblo waits for none of them


def bundles(element: st.SearchStrategy[Message | Bundle]) -> st.SearchStrategy[Bundle]:
    return st.builds(Bundle, PAST, st.lists(element, max_size=3).map(tuple))


@settings(deadline=None)
@given(bundle=bundles(MESSAGES | bundles(MESSAGES | bundles(MESSAGES))))
def test_liblo_reads_bundles_inside_each_other(bundle: Bundle, ours: socket.socket, liblo: Liblo) -> None:
    end = Message("/longer than any other")
    liblo.timetags.clear()
    for packet in (encode_bundle(later(bundle)), encode(end)):
        ours.sendto(packet, (HOST, liblo.port))
    messages, timetags = spelt_out(later(bundle))
    assert liblo.hear_until(end.address) == [*map(heard_as, messages), heard_as(end)]
    assert liblo.timetags == timetags


def later(bundle: Bundle, earliest: int = 0) -> Bundle:
    """The bundle with nested timetags raised to those that enclose them."""
    timetag = max(bundle.timetag, earliest)
    return Bundle(timetag, tuple(later(e, timetag) if isinstance(e, Bundle) else e for e in bundle.elements))


def spelt_out(bundle: Bundle) -> tuple[list[Message], list[float]]:
    """Messages and timetags, in the order in which they stand in the packet."""
    messages, timetags = list[Message](), [bundle.timetag / 2**32]
    for element in bundle.elements:
        inner = spelt_out(element) if isinstance(element, Bundle) else ([element], [])
        messages += inner[0]
        timetags += inner[1]
    return messages, timetags


@settings(deadline=None)
@given(timetag=PAST, messages=st.lists(MESSAGES, max_size=3))
def test_a_bundle_of_liblo_is_read(timetag: int, messages: list[Message], ours: socket.socket, liblo: Liblo) -> None:
    written = [
        pyliblo3.Message(each.address, *zip(each.tags, map(as_liblo, each.tags, each.args), strict=True))
        for each in messages
    ]
    liblo.send(pyliblo3.Bundle(timetag / 2**32, *written))
    assert decode(ours.recv(65_536)) == Bundle(timetag, tuple(messages))


@pytest.mark.parametrize(
    "pattern",
    [
        "/bus/*/click/db",
        "/bus/iem?/stem*/{db,mute}",
        "/bus/{iem1,iem2,drums}/*/fader",
        "/bus/[!f]*/click/mute",
        "/bus/[d-f]*/stem1/db",
        "/bus/d*s/c*k/*b",
        "/bus/????/click/db",
        "/*/*/*/*",
        "/song/[0-9]*/select",
        "/g?",
        "/{go,db}",
    ],
)
def test_a_pattern_reaches_in_liblo_what_it_reaches_here(pattern: str, ours: socket.socket) -> None:
    """Of addresses with as many parts: liblo's `*` at the end of a pattern runs on over '/', against OSC 1.0."""
    addresses = [address for address in ADDRESSES if address.count("/") == pattern.count("/")]
    reached = list[str]()
    with Liblo() as liblo:
        for address in addresses:
            liblo.server.add_method(address, None, partial(_note, reached), address)
        ours.sendto(encode(Message(pattern)), (HOST, liblo.port))
        liblo.hear()
    assert reached == list(AddressSpace(tuple(addresses)).match(pattern))
    assert reached


def _note(reached: list[str], _address: str, _args: object, _types: str, _source: object, method: str) -> None:
    reached.append(method)

"""Whatever arrives, `decode` answers or refuses; whatever it accepts, python-osc reads alike."""

from __future__ import annotations

import contextlib
import struct
from typing import TypeAlias

from hypothesis import example, given
from hypothesis import strategies as st
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from showctl.osc.codec import (
    IMPULSE,
    Arg,
    Bundle,
    Message,
    OscDecodeError,
    decode,
    encode,
    encode_bundle,
)
from tests.osc.strategies import ADDRESS, TEXT

_VALUES: dict[str, st.SearchStrategy[Arg]] = {
    "i": st.integers(-(2**31), 2**31 - 1),
    "f": st.floats(width=32, allow_nan=False),
    "s": TEXT,
    "b": st.binary(max_size=9),
    "h": st.integers(-(2**63), 2**63 - 1),
    "d": st.floats(allow_nan=False),
    "t": st.integers(0, 2**64 - 1),
    "r": st.integers(0, 2**32 - 1),
    "m": st.binary(min_size=4, max_size=4),
    "c": st.characters(exclude_categories=["Cs"]),
    "S": TEXT,
    "T": st.just(True),
    "F": st.just(False),
    "N": st.just(None),
    "I": st.just(IMPULSE),
}
_ALL_TAGS = "".join(_VALUES)
_SHARED_TAGS = _ALL_TAGS.translate(dict.fromkeys(map(ord, "ISc")))  # python-osc skips those three


_Typed: TypeAlias = tuple[str, Arg]
"""Type tags, more than one for an array, and their value."""


def typed_values(tags: str) -> st.SearchStrategy[list[_Typed]]:
    single = st.one_of([st.tuples(st.just(tag), _VALUES[tag]) for tag in tags])
    array = st.lists(single, max_size=3).map(as_array)
    nested = st.lists(single | array, max_size=2).map(as_array)
    return st.lists(single | array | nested, max_size=4)


def as_array(items: list[_Typed]) -> _Typed:
    return f"[{''.join(tags for tags, _ in items)}]", tuple(value for _, value in items)


def messages(tags: str = _ALL_TAGS) -> st.SearchStrategy[Message]:
    return st.builds(as_message, ADDRESS, typed_values(tags))


def as_message(address: str, items: list[_Typed]) -> Message:
    return Message(address, tuple(value for _, value in items), "".join(tags for tags, _ in items))


def bundles(tags: str = _ALL_TAGS) -> st.SearchStrategy[Bundle]:
    inner = bundles_of(messages(tags))
    return bundles_of(messages(tags) | inner).map(later)


def bundles_of(element: st.SearchStrategy[Message | Bundle]) -> st.SearchStrategy[Bundle]:
    return st.builds(Bundle, _VALUES["t"], st.lists(element, max_size=2).map(tuple))


def later(bundle: Bundle, earliest: int = 0) -> Bundle:
    """The bundle with nested timetags raised to those that enclose them."""
    timetag = max(bundle.timetag, earliest)
    return Bundle(timetag, tuple(later(e, timetag) if isinstance(e, Bundle) else e for e in bundle.elements))


def packet_of(packet: Message | Bundle) -> bytes:
    return encode_bundle(packet) if isinstance(packet, Bundle) else encode(packet)


_WORDS = st.binary(max_size=4) | st.sampled_from([0, 1, 4, 8, -4, -8, 2**31 - 1, -(2**31)]).map(
    lambda number: struct.pack(">i", number)
)


@st.composite
def damaged(draw: st.DrawFn, packets: st.SearchStrategy[Message | Bundle]) -> bytes:
    """A good packet in which up to three times up to four bytes were replaced, removed or put in."""
    packet = bytearray(packet_of(draw(packets)))
    for _ in range(draw(st.integers(0, 3))):
        at = draw(st.integers(0, len(packet)))
        packet[at : at + draw(st.integers(0, 4))] = draw(_WORDS)
    return bytes(packet)


@given(st.binary(max_size=200) | st.binary(max_size=50).map(lambda tail: b"#bundle\0" + tail))
@example(b"#bundle\0" + struct.pack(">qi", 1, -4))
def test_arbitrary_bytes_raise_nothing_but_a_decode_error(datagram: bytes) -> None:
    with contextlib.suppress(OscDecodeError):
        decode(datagram)


@given(damaged(messages() | bundles()))
def test_a_damaged_packet_is_refused_or_written_back_as_it_was_understood(datagram: bytes) -> None:
    with contextlib.suppress(OscDecodeError):
        written = packet_of(decode(datagram))
        assert packet_of(decode(written)) == written


@given(messages())
def test_every_message_comes_back(message: Message) -> None:
    assert decode(encode(message)) == message


@given(bundles())
def test_every_bundle_comes_back(bundle: Bundle) -> None:
    assert decode(encode_bundle(bundle)) == bundle


@given(damaged(messages(_SHARED_TAGS) | bundles(_SHARED_TAGS)))
def test_python_osc_reads_alike_whatever_is_accepted(datagram: bytes) -> None:
    try:
        packet = decode(datagram)
    except OscDecodeError:
        return
    assert_read_alike(packet, datagram)


def assert_read_alike(packet: Message | Bundle, datagram: bytes) -> None:
    if isinstance(packet, Message):
        if not set(packet.tags) & set("ISc"):
            other = OscMessage(datagram)
            assert (packet.address, [repr(a) for a in plain(packet)]) == (
                other.address,
                [repr(p) for p in other.params],
            )
        return
    others = list(OscBundle(datagram))
    assert len(others) == len(packet.elements)
    for element, other in zip(packet.elements, others, strict=True):
        assert_read_alike(element, other.dgram)


def plain(message: Message) -> list[object]:
    """The arguments as python-osc gives them: arrays as lists, MIDI as tuples, timetags as (datetime, fraction)."""
    stack: list[list[object]] = [[]]
    values = iter(flat(message.args))
    for tag in message.tags:
        if tag == "[":
            stack.append([])
        elif tag == "]":
            closed = stack.pop()
            stack[-1].append(closed)
        else:
            stack[-1].append(as_python_osc(tag, next(values)))
    return stack[0]


def flat(args: tuple[Arg, ...]) -> list[Arg]:
    return [leaf for arg in args for leaf in (flat(arg) if isinstance(arg, tuple) else [arg])]


def as_python_osc(tag: str, value: Arg) -> object:
    if tag == "m":
        assert isinstance(value, bytes)
        return tuple(value)
    if tag == "t":
        assert isinstance(value, int)
        return OscMessage(b"/\0\0\0,t\0\0" + struct.pack(">Q", value)).params[0]
    return value

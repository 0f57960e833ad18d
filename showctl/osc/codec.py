"""OSC 1.0 packets with the types of 1.1: read strictly, because they come from a network, and written plainly.

Sources: the OSC 1.0 specification; "Features and Future of Open Sound Control version 1.1" (NIME 2009).
Values are plain Python, and `Message.tags` tells apart what Python does not:

    i h -> int    f d -> float    s S -> str    c -> str of one character    b -> bytes    m -> bytes, 4 of them
    t -> int, a timetag    r -> int, 0xRRGGBBAA    T F -> bool    N -> None    I -> IMPULSE    [ ] -> tuple
"""

from __future__ import annotations

import enum
import math
import reprlib
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from pythonosc.osc_message_builder import BuildError, OscMessageBuilder

from showctl.errors import ShowctlError

MAX_PACKET_BYTES = 65_536
MAX_ELEMENTS = 256
"""Messages and bundles inside one packet, at all depths together."""
MAX_DEPTH = 8
"""Bundles inside each other, and arrays inside each other."""
MAX_ARGUMENTS = 1024
"""Characters in the type tag strings of one packet, all messages together."""

_BUNDLE = b"#bundle\0"
_FLOAT32_MAX: float = struct.unpack(">f", b"\x7f\x7f\xff\xff")[0]
_INT32 = struct.Struct(">i")
_UINT64 = struct.Struct(">Q")


class OscDecodeError(ShowctlError):
    """A packet breaks a rule; the sentence says at which byte, which rule, and what stood there."""


class OscEncodeError(ShowctlError):
    """A message cannot be written as OSC: its address, or a value that its type tag cannot carry."""


class Impulse(enum.Enum):
    """The value of the tag `I`, also called bang."""

    IMPULSE = "I"


IMPULSE: Final = Impulse.IMPULSE

Arg: TypeAlias = "int | float | str | bytes | bool | Impulse | tuple[Arg, ...] | None"


@dataclass(frozen=True, slots=True)
class Message:
    """One OSC message. `tags` is its type tag string without the comma; left out, it follows from `args`.

    Inferred, an int is always `i` and a float always `f`, which every peer reads; `h`, `d` and the rest are asked
    for by `tags`.
    """

    address: str
    args: tuple[Arg, ...] = ()
    tags: str = ""

    def __post_init__(self) -> None:
        if self.args and not self.tags:
            object.__setattr__(self, "tags", "".join(map(_inferred_tag, self.args)))


@dataclass(frozen=True, slots=True)
class Bundle:
    """Messages that take effect together, at `timetag` (64-bit NTP, 1 = immediately)."""

    timetag: int
    elements: tuple[Message | Bundle, ...] = ()


def _inferred_tag(arg: Arg) -> str:
    if isinstance(arg, bool):
        return "T" if arg else "F"
    if isinstance(arg, tuple):
        return f"[{''.join(map(_inferred_tag, arg))}]"
    for kind, tag in _TAG_OF:
        if isinstance(arg, kind):
            return tag
    raise TypeError(f"expected a value that OSC can carry, got {arg!r}")


_TAG_OF = ((int, "i"), (float, "f"), (str, "s"), (bytes, "b"), (type(None), "N"), (Impulse, "I"))


# Reading. `start`, `offset` and `end` count bytes of the whole datagram and stay multiples of 4, so errors name the
# place and padding needs no bounds check of its own.


def decode(datagram: bytes | bytearray | memoryview) -> Message | Bundle:
    """One packet, as a UDP datagram or a TCP frame holds it. Raises `OscDecodeError` and nothing else.

    Bundles are atomic: one bad element refuses them whole. An absent type tag string means no arguments.
    """
    data = bytes(datagram)
    end = len(data)
    if end % 4 or not 0 < end <= MAX_PACKET_BYTES:
        raise _wrong(0, f"a packet of 4 to {MAX_PACKET_BYTES} bytes in steps of 4", end)
    if data.startswith(_BUNDLE):
        return _bundle(_Packet(data), 0, end, depth=1, earliest=0)
    return _message(data, 0, end, MAX_ARGUMENTS)


def _wrong(offset: int, expected: str, got: object) -> OscDecodeError:
    return OscDecodeError(f"OSC packet, byte {offset}: expected {expected}, got {reprlib.repr(got)}")


@dataclass(slots=True)
class _Packet:
    """A bundle being read, and what it may still hold."""

    data: bytes
    elements: int = MAX_ELEMENTS
    arguments: int = MAX_ARGUMENTS


def _bundle(packet: _Packet, start: int, end: int, depth: int, earliest: int) -> Bundle:
    if depth > MAX_DEPTH:
        raise _wrong(start, f"at most {MAX_DEPTH} bundles inside each other", depth)
    if end - start < 16:
        raise _wrong(start, "a bundle of at least 16 bytes", end - start)
    timetag: int = _UINT64.unpack_from(packet.data, start + 8)[0]
    if timetag < earliest:
        raise _wrong(start + 8, f"a timetag not before the enclosing bundle's {earliest}", timetag)
    elements: list[Message | Bundle] = []
    offset = start + 16
    while offset < end:
        first, offset = offset + 4, _element_end(packet.data, offset, end)
        elements.append(_element(packet, first, offset, depth, timetag))
    return Bundle(timetag, tuple(elements))


def _element_end(data: bytes, offset: int, end: int) -> int:
    size: int = _INT32.unpack_from(data, offset)[0]
    room = end - offset - 4
    if size % 4 or not 0 < size <= room:
        raise _wrong(offset, f"an element size in steps of 4, above 0 and within the {room} bytes left", size)
    return offset + 4 + size


def _element(packet: _Packet, start: int, end: int, depth: int, timetag: int) -> Message | Bundle:
    packet.elements -= 1
    if packet.elements < 0:
        raise _wrong(start, f"at most {MAX_ELEMENTS} elements in a packet", MAX_ELEMENTS + 1)
    if packet.data.startswith(_BUNDLE, start, end):
        return _bundle(packet, start, end, depth + 1, timetag)
    message = _message(packet.data, start, end, packet.arguments)
    packet.arguments -= len(message.tags)
    return message


def _message(data: bytes, start: int, end: int, max_tags: int) -> Message:
    address, offset = _read_string(data, start, end)
    if not _is_address(address):
        raise _wrong(start, "'#bundle' or an address that starts with '/' and is all printable", address)
    if offset == end:
        return Message(address)
    tags_at = offset
    tags, offset = _read_string(data, offset, end)
    if not tags.startswith(","):
        raise _wrong(tags_at, "a type tag string that starts with ','", tags)
    if len(tags) > max_tags + 1:
        raise _wrong(tags_at, f"at most {MAX_ARGUMENTS} type tags in a packet, {max_tags} left", len(tags) - 1)
    args, offset = _read_args(data, tags, tags_at, offset, end)
    if offset != end:
        raise _wrong(offset, "no bytes after the last argument of a message", end - offset)
    return Message(address, args, tags[1:])


def _is_address(address: str) -> bool:
    return address.startswith("/") and address.isprintable()


def _read_args(data: bytes, tags: str, tags_at: int, offset: int, end: int) -> tuple[tuple[Arg, ...], int]:
    arrays: list[list[Arg]] = [[]]
    for index, tag in enumerate(tags[1:], tags_at + 1):
        read = _READ.get(tag)
        if read is not None:
            value, offset = read(data, offset, end)
            arrays[-1].append(value)
        elif tag == "[" and len(arrays) <= MAX_DEPTH:
            arrays.append([])
        elif tag == "]" and len(arrays) > 1:
            closed = tuple(arrays.pop())
            arrays[-1].append(closed)
        else:
            raise _wrong(index, f"a known type tag, arrays closed and at most {MAX_DEPTH} deep", tag)
    if len(arrays) > 1:
        raise _wrong(tags_at, "a ']' for every '['", tags)
    return tuple(arrays[0]), offset


_Reader: TypeAlias = Callable[[bytes, int, int], tuple[Arg, int]]
"""(data, offset, end) -> (value, offset after it)."""


def _read_string(data: bytes, start: int, end: int) -> tuple[str, int]:
    nul = data.find(0, start, end)
    if nul < 0:
        raise _wrong(start, "a string ended by a zero byte", data[start : min(end, start + 40)])
    after = (nul | 3) + 1
    _check_padding(data, nul, after)
    try:
        return data[start:nul].decode(), after
    except UnicodeDecodeError as exc:
        raise _wrong(start + exc.start, "a string in UTF-8", data[start + exc.start : start + exc.end]) from exc


def _check_padding(data: bytes, start: int, end: int) -> None:
    if data[start:end].strip(b"\0"):
        raise _wrong(start, "zero bytes up to the next multiple of 4", data[start:end])


def _read_blob(data: bytes, offset: int, end: int) -> tuple[bytes, int]:
    size, start = _read_int32(data, offset, end)
    if not 0 <= size <= end - start:
        raise _wrong(offset, f"a blob size from 0 to the {end - start} bytes left", size)
    after = start + size + -size % 4
    _check_padding(data, start + size, after)
    return data[start : start + size], after


def _read_char(data: bytes, offset: int, end: int) -> tuple[str, int]:
    code, after = _read_int32(data, offset, end)
    if not 0 <= code <= 0x10FFFF or 0xD800 <= code <= 0xDFFF:
        raise _wrong(offset, "the code of a character", code)
    return chr(code), after


def _fixed(layout: str) -> Callable[[bytes, int, int], tuple[Any, int]]:
    size, unpack_from = struct.calcsize(layout), struct.Struct(layout).unpack_from

    def read(data: bytes, offset: int, end: int) -> tuple[Any, int]:
        after = offset + size
        if after > end:
            raise _wrong(offset, f"{size} bytes of argument", end - offset)
        return unpack_from(data, offset)[0], after

    return read


def _constant(value: Arg) -> _Reader:
    return lambda _data, offset, _end: (value, offset)


_read_int32 = _fixed(">i")

_READ: dict[str, _Reader] = {
    "i": _read_int32,
    "f": _fixed(">f"),
    "s": _read_string,
    "b": _read_blob,
    "T": _constant(True),
    "F": _constant(False),
    "N": _constant(None),
    "I": _constant(IMPULSE),
    "h": _fixed(">q"),
    "d": _fixed(">d"),
    "t": _fixed(">Q"),
    "r": _fixed(">I"),
    "m": _fixed(">4s"),
    "c": _read_char,
    "S": _read_string,
}


# Writing.


def encode(message: Message) -> bytes:
    """The message as a packet of its own. Raises `OscEncodeError`.

    A finite float beyond float32 and an int beyond its type become the nearest value that fits: what goes out keeps
    the types a desk expects.
    """
    if not _is_address(message.address):
        raise OscEncodeError(f"expected an address that starts with '/' and is all printable, got {message.address!r}")
    builder = OscMessageBuilder(message.address)
    try:
        for tag, value in zip(message.tags, _flat(message.args), strict=True):
            builder.args.append(_BUILD[tag](value))
        packet: bytes = builder.build().dgram
    except (BuildError, KeyError, OverflowError, TypeError, ValueError) as exc:
        raise OscEncodeError(
            f"{message.address}: expected values of the types {message.tags!r}, got {reprlib.repr(message.args)}"
        ) from exc
    return _with_tags(packet, message)


def encode_bundle(bundle: Bundle) -> bytes:
    """The bundle as a packet; its timetag is kept to the bit. Raises `OscEncodeError`.

    Not python-osc's builder: that takes float seconds, and reads every element again at every level.
    """
    parts = [_BUNDLE, _UINT64.pack(_clamped(bundle.timetag, 0, 2**64 - 1))]
    for element in bundle.elements:
        packet = encode_bundle(element) if isinstance(element, Bundle) else encode(element)
        parts += (_INT32.pack(len(packet)), packet)
    return b"".join(parts)


def _flat(args: tuple[Arg, ...]) -> Iterator[Arg]:
    """One value for each type tag; the brackets of an array count as None."""
    for arg in args:
        if isinstance(arg, tuple):
            yield from (None, *_flat(arg), None)
        else:
            yield arg


def _with_tags(packet: bytes, message: Message) -> bytes:
    """The packet with its true type tags, where the builder was given others of the same layout."""
    start = (len(message.address.encode()) | 3) + 2
    end = start + len(message.tags)
    return packet[:start] + message.tags.encode() + packet[end:]


def _clamped(value: int, least: int, most: int) -> int:
    return max(least, min(most, value))


def _float32(value: float) -> float:
    return max(-_FLOAT32_MAX, min(_FLOAT32_MAX, value)) if math.isfinite(value) else value


def _text(value: str) -> str:
    if "\0" in value:
        raise ValueError("a zero byte ends an OSC string")
    return value


def _signed64(timetag: int) -> int:
    return (_clamped(timetag, 0, 2**64 - 1) ^ 1 << 63) - (1 << 63)


# What the builder is told for each tag: python-osc cannot write c, t, I, S or an empty blob, so each of them goes in as
# a type of the same bytes and gets its tag from `_with_tags`.
_BUILD: dict[str, Callable[[Any], tuple[str, Any]]] = {
    "i": lambda value: ("i", _clamped(value, -(2**31), 2**31 - 1)),
    "f": lambda value: ("f", _float32(value)),
    "s": lambda value: ("s", _text(value)),
    "b": lambda value: ("b", value) if value else ("i", 0),
    "T": lambda _value: ("T", True),
    "F": lambda _value: ("F", False),
    "N": lambda _value: ("N", None),
    "I": lambda _value: ("N", None),
    "[": lambda _value: ("[", None),
    "]": lambda _value: ("]", None),
    "h": lambda value: ("h", _clamped(value, -(2**63), 2**63 - 1)),
    "d": lambda value: ("d", value),
    "t": lambda value: ("h", _signed64(value)),
    "r": lambda value: ("r", _clamped(value, 0, 2**32 - 1)),
    "m": lambda value: ("m", tuple(value)),
    "c": lambda value: ("i", ord(value)),
    "S": lambda value: ("s", _text(value)),
}

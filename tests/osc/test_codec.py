from __future__ import annotations

import math
import struct

import pytest
from pythonosc.osc_bundle import OscBundle
from pythonosc.osc_message import OscMessage

from showctl.errors import ShowctlError
from showctl.osc.codec import (
    IMPULSE,
    MAX_ARGUMENTS,
    MAX_DEPTH,
    MAX_ELEMENTS,
    Arg,
    Bundle,
    Message,
    OscDecodeError,
    OscEncodeError,
    decode,
    encode,
    encode_bundle,
)

FLOAT32_MAX = 3.4028234663852886e38


def packed(text: bytes) -> bytes:
    return text + bytes(4 - len(text) % 4)


def raw(address: bytes, tags: bytes, arguments: bytes = b"") -> bytes:
    return packed(address) + packed(b"," + tags) + arguments


def bundled(*elements: bytes, timetag: int = 1) -> bytes:
    sized = (struct.pack(">i", len(element)) + element for element in elements)
    return b"#bundle\0" + struct.pack(">Q", timetag) + b"".join(sized)


def nested(depth: int) -> bytes:
    packet = bundled()
    for _ in range(depth - 1):
        packet = bundled(packet)
    return packet


# The two examples of the OSC 1.0 specification.
FREQUENCY = bytes.fromhex("2f6f7363 696c6c61 746f722f 342f6672 65717565 6e637900 2c660000 43dc0000")
FOO = bytes.fromhex("2f666f6f 00000000 2c696973 66660000 000003e8 ffffffff 68656c6c 6f000000 3f9df3b6 40b5b22d")


def float32(value: float) -> float:
    single: float = struct.unpack(">f", struct.pack(">f", value))[0]
    return single


VECTORS = [
    (Message("/oscillator/4/frequency", (440.0,), "f"), FREQUENCY),
    (Message("/foo", (1000, -1, "hello", float32(1.234), float32(5.678)), "iisff"), FOO),
    (Message("/go"), raw(b"/go", b"")),
    (Message("/x", (True, False, None), "TFN"), raw(b"/x", b"TFN")),
    (Message("/x", (b"abcde",), "b"), raw(b"/x", b"b", b"\0\0\0\5abcde\0\0\0")),
    (Message("/x", (-(2**40), 0.1), "hd"), raw(b"/x", b"hd", struct.pack(">qd", -(2**40), 0.1))),
    (
        Message("/x", (0x11223344, bytes([1, 0x90, 60, 100])), "rm"),
        raw(b"/x", b"rm", b"\x11\x22\x33\x44\1\x90\x3c\x64"),
    ),
    (Message("/x", ((1, (2.0,), ()), "é"), "[i[f][]]s"), raw(b"/x", b"[i[f][]]s", b"\0\0\0\1\x40\0\0\0\xc3\xa9\0\0")),
]

BEYOND_PYTHON_OSC = [
    (Message("/x", (IMPULSE, 7), "Ii"), raw(b"/x", b"Ii", b"\0\0\0\7")),
    (Message("/x", ("sym", "A", 5), "Sci"), raw(b"/x", b"Sci", b"sym\0\0\0\0A\0\0\0\5")),
    (Message("/x", (b"", 5), "bi"), raw(b"/x", b"bi", b"\0\0\0\0\0\0\0\5")),
    (Message("/x", (2**63 + 5, 1), "tt"), raw(b"/x", b"tt", struct.pack(">QQ", 2**63 + 5, 1))),
]


@pytest.mark.parametrize(("message", "packet"), VECTORS + BEYOND_PYTHON_OSC)
def test_a_packet_reads_as_its_message(message: Message, packet: bytes) -> None:
    assert decode(packet) == message


@pytest.mark.parametrize(("message", "packet"), VECTORS + BEYOND_PYTHON_OSC)
def test_a_message_writes_as_its_packet(message: Message, packet: bytes) -> None:
    assert encode(message).hex(" ", 4) == packet.hex(" ", 4)


def as_python_osc(arg: Arg) -> object:
    return [as_python_osc(item) for item in arg] if isinstance(arg, tuple) else arg


@pytest.mark.parametrize(("message", "packet"), [v for v in VECTORS if "m" not in v[0].tags])
def test_python_osc_reads_the_same(message: Message, packet: bytes) -> None:
    other = OscMessage(packet)
    assert (other.address, other.params) == (message.address, [as_python_osc(arg) for arg in message.args])


def test_python_osc_reads_the_same_midi() -> None:
    message = Message("/x", (bytes([1, 0x90, 60, 100]),), "m")
    assert OscMessage(encode(message)).params == [(1, 0x90, 60, 100)]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_buffer_is_read(kind: type[bytes] | type[bytearray] | type[memoryview]) -> None:
    assert decode(kind(FREQUENCY)) == VECTORS[0][0]


def test_a_missing_type_tag_string_means_no_arguments() -> None:
    assert decode(b"/go\0") == Message("/go")


def test_types_follow_from_python_values() -> None:
    message = Message("/x", (1, 2.0, "s", b"b", True, False, None, IMPULSE, (1, (2.0,))))
    assert message.tags == "ifsbTFNI[i[f]]"


def test_a_value_osc_does_not_know_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(TypeError, match=r"^expected a value that OSC can carry, got \{1\}$"):
        Message("/x", ({1},))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("tags", "arg", "sent"),
    [
        ("f", 1e39, FLOAT32_MAX),
        ("f", -1e300, -FLOAT32_MAX),
        ("f", 3.4028235677973366e38, FLOAT32_MAX),
        ("f", math.inf, math.inf),
        ("f", -math.inf, -math.inf),
        ("f", 0.1, float32(0.1)),
        ("i", 2**31, 2**31 - 1),
        ("i", -(2**31) - 1, -(2**31)),
        ("i", 10**400, 2**31 - 1),
        ("h", 2**63, 2**63 - 1),
        ("h", -(2**63) - 1, -(2**63)),
        ("t", 2**64, 2**64 - 1),
        ("t", -1, 0),
        ("r", 2**32, 2**32 - 1),
    ],
)
def test_a_number_beyond_its_type_goes_out_as_the_nearest(tags: str, arg: Arg, sent: Arg) -> None:
    assert decode(encode(Message("/x", (arg,), tags))) == Message("/x", (sent,), tags)


def test_plain_numbers_are_always_i_and_f() -> None:
    assert decode(encode(Message("/x", (2**40, 1e39)))) == Message("/x", (2**31 - 1, FLOAT32_MAX), "if")


def test_not_a_number_stays_one() -> None:
    message = decode(encode(Message("/x", (math.nan,))))
    assert isinstance(message, Message)
    assert isinstance(message.args[0], float)
    assert math.isnan(message.args[0])


@pytest.mark.parametrize(
    ("address", "args", "tags"),
    [
        ("go", (), ""),
        ("", (), ""),
        ("/a\n", (), ""),
        ("/a\0b", (), ""),
        ("/a\ud800", (), ""),
        ("/x", ("a\0b",), "s"),
        ("/x", ("\ud800",), "s"),
        ("/x", ("one",), "i"),
        ("/x", (1.5,), "i"),
        ("/x", (10**400,), "f"),
        ("/x", (1, 2), "i"),
        ("/x", (), "i"),
        ("/x", (1,), "?"),
        ("/x", ("ab",), "c"),
        ("/x", (b"123",), "m"),
    ],
)
def test_what_osc_cannot_carry_is_refused_with_one_sentence(address: str, args: tuple[Arg, ...], tags: str) -> None:
    with pytest.raises(OscEncodeError, match=r"^[^\n]*expected [^\n]*, got [^\n]*$") as refusal:
        encode(Message(address, args, tags))
    assert isinstance(refusal.value, ShowctlError)


BUNDLE = Bundle(
    0xEC000000_00000003,
    (Message("/a", (1,)), Bundle(0xEC000000_00000004, (Message("/b", (IMPULSE,)), Bundle(2**64 - 1))), Message("/c")),
)


def test_a_bundle_comes_back_with_its_timetags_to_the_bit() -> None:
    assert decode(encode_bundle(BUNDLE)) == BUNDLE


def test_a_bundle_is_laid_out_as_the_specification_says() -> None:
    assert encode_bundle(Bundle(1, (Message("/go"), Bundle(2)))) == bundled(raw(b"/go", b""), bundled(timetag=2))


def test_python_osc_reads_the_same_bundle() -> None:
    other = OscBundle(encode_bundle(Bundle(2_208_988_805 << 32, (Message("/a", (1, "x")), Bundle(2**64 - 1)))))
    assert other.timestamp == 5.0
    assert [type(element) for element in other] == [OscMessage, OscBundle]
    assert (other.content(0).address, other.content(0).params) == ("/a", [1, "x"])


def test_a_nested_bundle_may_carry_the_time_of_its_enclosing_one() -> None:
    assert decode(bundled(bundled(timetag=9), timetag=9)) == Bundle(9, (Bundle(9),))


BAD_PACKETS = {
    "nothing": b"",
    "a length that is no multiple of 4": b"/go\0\0",
    "more than 64 KiB": raw(b"/x", b"s", bytes(65_536)),
    "no address": packed(b"go"),
    "an empty address": bytes(4),
    "an address without its end": b"/abc",
    "an address in Latin-1": packed(b"/\xe9"),
    "an address with a control character": packed(b"/a\x07"),
    "an address with a line separator": packed("/a\u2028b".encode()),
    "padding of an address that is not zero": b"/a\0x",
    "padding of a string that is not zero": raw(b"/x", b"s", b"a\0\0x"),
    "padding of a blob that is not zero": raw(b"/x", b"b", b"\0\0\0\1a\0\0x"),
    "a string in Latin-1": raw(b"/x", b"s", b"\xe9\0\0\0"),
    "a string without its end": raw(b"/x", b"s", b"abcd"),
    "a type tag string without its end": b"/x\0\0,iii",
    "arguments without a type tag string": packed(b"/x") + b"\0\0\0\5",
    "type tags without a comma": packed(b"/x") + packed(b"i") + b"\0\0\0\5",
    "an unknown tag": raw(b"/x", b"iQ", b"\0\0\0\5"),
    "an unknown tag before others": raw(b"/x", b"Qi", b"\0\0\0\5"),
    "a tag beyond ASCII": raw(b"/x", "é".encode()),
    "an int cut short": raw(b"/x", b"i"),
    "a float cut short": raw(b"/x", b"ff", bytes(4)),
    "a double cut short": raw(b"/x", b"d", bytes(4)),
    "a MIDI message cut short": raw(b"/x", b"m"),
    "a blob of negative size": raw(b"/x", b"bi", struct.pack(">ii", -8, 744646912)),
    "a blob whose size leads back to itself": raw(b"/x", b"bi", struct.pack(">i", -4)),
    "a blob larger than its message": raw(b"/x", b"b", struct.pack(">i", 5) + bytes(4)),
    "a blob of 2 GiB": raw(b"/x", b"b", b"\x7f\xff\xff\xff"),
    "a blob without a size": raw(b"/x", b"b"),
    "a character beyond Unicode": raw(b"/x", b"c", b"\0\x11\0\0"),
    "half of a surrogate pair": raw(b"/x", b"c", b"\0\0\xd8\0"),
    "bytes after the last argument": raw(b"/x", b"i", bytes(8)),
    "bytes after no argument": raw(b"/x", b"", bytes(4)),
    "an array not closed": raw(b"/x", b"[i", bytes(4)),
    "an array not opened": raw(b"/x", b"i]", bytes(4)),
    "arrays too deep": raw(b"/x", b"[" * (MAX_DEPTH + 1) + b"]" * (MAX_DEPTH + 1)),
    "30,000 arrays inside each other": raw(b"/x", b"[" * 30_000 + b"]" * 30_000),
    "too many arguments": raw(b"/x", b"T" * (MAX_ARGUMENTS + 1)),
    "64 KiB of tags": raw(b"/x", b"N" * 65_524),
    "too many arguments in all messages": bundled(*[raw(b"/x", b"T" * 100)] * (MAX_ARGUMENTS // 100 + 1)),
    "a bundle cut short": b"#bundle\0" + bytes(4),
    "a bundle without a timetag": b"#bundle\0",
    "bundle in name only": packed(b"#bundler"),
    "an element of size -4": bundled() + struct.pack(">i", -4),
    "an element of size 0": bundled() + bytes(4),
    "an element size that is no multiple of 4": bundled() + struct.pack(">i", 3) + b"/a\0\0",
    "an element larger than its packet": bundled() + struct.pack(">i", 8) + b"/go\0",
    "an element larger than its bundle": bundled(bundled() + struct.pack(">i", 8) + b"/go\0", b"/go\0"),
    "an argument that reaches into the next element": bundled(raw(b"/x", b"i"), raw(b"/x", b"")),
    "a string that ends in the next element": bundled(raw(b"/x", b"s", b"abcd"), raw(b"/x", b"")),
    "an element that is neither": bundled(bytes(4)),
    "a bad element among good ones": bundled(raw(b"/a", b""), raw(b"/x", b"Q"), raw(b"/b", b"")),
    "a nested bundle before its enclosing one": bundled(bundled(timetag=8), timetag=9),
    "too many elements": bundled(*[b"/go\0"] * (MAX_ELEMENTS + 1)),
    "too many elements at two depths": bundled(*[bundled(*[b"/go\0"] * 127)] * 3),
    "bundles too deep": nested(MAX_DEPTH + 1),
    "2,000 bundles inside each other": nested(2000),
}


@pytest.mark.parametrize("name", BAD_PACKETS)
def test_a_bad_packet_is_refused_with_one_sentence(name: str) -> None:
    with pytest.raises(OscDecodeError, match=r"^OSC packet, byte \d+: expected [^\n]*, got [^\n]*$") as refusal:
        decode(BAD_PACKETS[name])
    assert isinstance(refusal.value, ShowctlError)
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        (
            "an element of size -4",
            "byte 16: expected an element size in steps of 4, above 0 and within the 0 bytes left, got -4",
        ),
        ("an unknown tag", "byte 6: expected a known type tag, arrays closed and at most 8 deep, got 'Q'"),
        ("a string in Latin-1", "byte 8: expected a string in UTF-8, got b'\\xe9'"),
        ("an argument that reaches into the next element", "byte 28: expected 4 bytes of argument, got 0"),
        ("a string that ends in the next element", "byte 28: expected a string ended by a zero byte, got b'abcd'"),
        ("bytes after the last argument", "byte 12: expected no bytes after the last argument of a message, got 4"),
        ("too many arguments", "byte 4: expected at most 1024 type tags in a packet, 1024 left, got 1025"),
        (
            "a nested bundle before its enclosing one",
            "byte 28: expected a timetag not before the enclosing bundle's 9, got 8",
        ),
    ],
)
def test_a_refusal_says_place_rule_and_value(name: str, sentence: str) -> None:
    with pytest.raises(OscDecodeError) as refusal:
        decode(BAD_PACKETS[name])
    assert str(refusal.value) == f"OSC packet, {sentence}"


@pytest.mark.parametrize(
    "packet",
    [
        raw(b"/x", b"T" * MAX_ARGUMENTS),
        raw(b"/x", b"[" * MAX_DEPTH + b"]" * MAX_DEPTH),
        bundled(*[b"/go\0"] * MAX_ELEMENTS),
        nested(MAX_DEPTH),
        packed(b"/" + b"a" * 65_530),
    ],
)
def test_a_packet_at_a_limit_is_read(packet: bytes) -> None:
    decode(packet)

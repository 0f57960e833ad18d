"""What is fuzzed: each target takes the bytes of one input and raises FaultError where a promise is broken.

An input begins with a byte that says who speaks, or how; the rest is what arrives. The same targets are run by atheris
(`make fuzz`), by hypothesis, and on the kept corpus.
"""

from __future__ import annotations

import random
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from showctl.osc import patterns
from showctl.osc.codec import MAX_PACKET_BYTES, Arg, Message, OscEncodeError, encode
from showctl.osc.framing import Found, Framing, FramingError, Unframer
from showctl.osc.patterns import AddressSpace, OscPatternError
from tests.fuzz.packets import bundle_of
from tests.fuzz.world import FORGED, SENDERS, TCP, WEB, FaultError, World

NEIGHBOUR_EACH = 16
"""Inputs between two words of the neighbour."""

SETTLE_EACH = 64


class Target:
    """One, in a world of its own that lasts from input to input."""

    def __init__(self, folder: Path) -> None:
        self.world = World(folder)
        self.inputs = 0
        self.chunks = 0

    def __call__(self, given: bytes) -> None:
        """One input. Raises FaultError, or what the code under test should not have raised."""
        self.inputs += 1
        if given:
            self.run(given[0], given[1:])
        if self.inputs % NEIGHBOUR_EACH == 0:
            self.world.check_neighbour()
        if self.inputs % SETTLE_EACH == 0:
            self.world.settle()

    def run(self, first: int, rest: bytes) -> None:
        raise NotImplementedError

    def close(self) -> None:
        self.world.settle()
        self.world.check_neighbour()
        self.world.close()


class Datagrams(Target):
    """A datagram of any sender, forged ones too, or a packet at the end of a stream."""

    def run(self, first: int, rest: bytes) -> None:
        self.world.take(rest[:MAX_PACKET_BYTES], self.world.sender(first))


class Streams(Target):
    """A TCP stream, however it is cut: the same packets, and no more kept than one."""

    def run(self, first: int, rest: bytes) -> None:
        dice = random.Random(bytes([first]) + rest)
        whole = self._read([rest])
        if self._read(_cut(rest, dice, first * first + 1)) != whole:
            raise FaultError(f"the packets depend on how the stream is cut: {rest[:200]!r}")
        packets = [packet for packet in whole if packet is not None]
        if self._read([b"".join(map(Framing.SLIP_DOUBLE.framed, packets))]) != packets:
            raise FaultError(f"packets do not come through SLIP as they are: {rest[:200]!r}")
        for packet in packets[:8]:
            self.world.take(packet, TCP)

    def _read(self, chunks: list[bytes]) -> list[bytes | None]:
        """The packets, and None for each error."""
        unframer, found = Unframer(), list[bytes | None]()
        for chunk in chunks:
            self.chunks += 1
            found += map(_packet, unframer.feed(chunk))
            begun = len(getattr(unframer._reader, "_begun", b""))
            if begun > 2 * MAX_PACKET_BYTES + 4:
                raise FaultError(f"{begun} bytes are kept of one packet")
        return found


def _packet(found: Found) -> bytes | None:
    if not isinstance(found, FramingError):
        return found
    if len(str(found)) > 200:
        raise FaultError(f"an error quotes too much: {found}")
    return None


def _cut(stream: bytes, dice: random.Random, most: int) -> list[bytes]:
    chunks, at = list[bytes](), 0
    while at < len(stream):
        size = dice.randint(1, most)
        chunks.append(stream[at : at + size])
        at += size
    return chunks


class Patterns(Target):
    """Address patterns, in a number of steps that grows with the pattern and the names, and with nothing else.

    Counting costs twenty times what it counts: of the inputs, those with a first byte of 0 are counted.
    """

    STEPS = 12
    """Lines for each character of the pattern and each name it may be held against."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._addresses = tuple(self.world.surface.places)
        self._space = AddressSpace(self._addresses)
        self._names = len({name for address in self._addresses for name in address.split("/")})

    def run(self, first: int, rest: bytes) -> None:
        text = "/" + rest.decode("utf-8", "replace")
        if first == 0:
            with counted() as steps:
                self._match(text)
            length = min(len(text), patterns.MAX_PATTERN_CHARACTERS)
            most = self.STEPS * (length + 1) * (self._names + len(self._addresses))
            if steps[0] > most:
                raise FaultError(f"expected at most {most} steps, got {steps[0]} for {text!r}")
        else:
            found = self._match(text)
            if found is not None and patterns.is_pattern(text) and first == 1:
                alone = tuple(each for each in self._addresses if patterns.matches(text, each))
                if alone != found:
                    raise FaultError(f"the tree finds {found}, one by one it is {alone}: {text!r}")
            if "\0" not in text and text.isprintable():
                self.world.take(encode(Message(text, (1.0,))), self.world.sender(first % FORGED))

    def _match(self, text: str) -> tuple[str, ...] | None:
        try:
            return self._space.match(text)
        except OscPatternError:
            return None


@contextmanager
def counted() -> Iterator[list[int]]:
    """How many lines of `patterns` are run."""
    steps = [0]

    def trace(frame: FrameType, event: str, _arg: object) -> object:
        if frame.f_code.co_filename != patterns.__file__:
            return None
        steps[0] += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        yield steps
    finally:
        sys.settrace(before)


class WebSockets(Target):
    """What a WebSocket brings: text from an even first byte on, packets from an odd one."""

    WORDS = ('{"COMMAND":"LISTEN","DATA":"%s"}', '{"COMMAND":"IGNORE","DATA":"%s"}', "%s")

    def run(self, first: int, rest: bytes) -> None:
        if first % 2:
            self.world.take(rest[:MAX_PACKET_BYTES], WEB)
        else:
            self.world.obey(self.WORDS[first // 2 % len(self.WORDS)].replace("%s", rest.decode("utf-8", "replace")))


class Arguments(Target):
    """Every address of the show with arguments of every type; alone, in a `/cmd`, in a bundle, for later."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._addresses = tuple(self.world.surface.places)

    def run(self, first: int, rest: bytes) -> None:
        reader = _Reader(rest)
        messages = [self._message(reader, first) for _ in range(1 + reader.byte() % 4)]
        packets = list(filter(None, map(_encoded, messages)))
        if not packets:
            return
        when = reader.byte()
        packet = packets[0] if when % 3 == 0 else bundle_of(*packets)
        if when % 3 == 2:
            packet = packet[:8] + struct.pack(">Q", _soon(when)) + packet[16:]
        self.world.take(packet, SENDERS[reader.byte() % FORGED])

    def _message(self, reader: _Reader, first: int) -> Message:
        address = self._addresses[(reader.byte() << 8 | reader.byte()) % len(self._addresses)]
        args, tags = reader.arguments()
        if first % 4 == 1:
            return Message("/cmd", (reader.text(), address, *args), f"ss{tags}")
        if first % 4 == 2:
            return Message(("/subscribe", "/hello", "/ping", "/cmd")[first // 4 % 4], args, tags)
        return Message(address, args, tags)


def _soon(when: int) -> int:
    """A timetag some seconds from 2026 on, or one that is over."""
    return 1 + when if when % 2 else (3_990_000_000 << 32) + (when << 32)


def _encoded(message: Message) -> bytes | None:
    try:
        return encode(message)
    except OscEncodeError:
        return None


WORDS = ("beat", "all", "stay", "utf8", "prefix", "meter", "refresh", "bar", "now", "end", "section", "one", "Intro",
         "Solo#2", "1.1", "2 + 1 beat", "1:02.5", "open", "woodblock", "9" * 30, " " * 40, "", "\0", "/ping", "/cmd",
         "ä" * 70, "夜", "🎸" * 64, "1 + 1/999999999 bar", "999999999.999999999+999999999/1")  # fmt: skip

NUMBERS = (0, 1, -1, 2**31 - 1, -(2**31), 2**63 - 1, -(2**63), 65535, 65536, 1000)
FLOATS = (0.0, -0.0, 1.0, 0.5, -90.0, 1e-45, 3.4e38, 1e308, float("nan"), float("inf"), float("-inf"), 119.5)


class _Reader:
    """Choices out of bytes; zeros when there are no more."""

    def __init__(self, given: bytes) -> None:
        self._given, self._at = given, 0

    def byte(self) -> int:
        self._at += 1
        return self._given[self._at - 1] if self._at <= len(self._given) else 0

    def text(self) -> str:
        choice = self.byte()
        if choice < 200:
            return WORDS[choice % len(WORDS)]
        length = self.byte()
        raw = bytes(self.byte() for _ in range(length % 80))
        return raw.decode("utf-8", "replace") * (1 + length // 80 * 400)

    def arguments(self) -> tuple[tuple[Arg, ...], str]:
        """Values and their tags."""
        args, tags = list[Arg](), ""
        for _ in range(self.byte() % 6):
            tag = "ifsbTFNIhdtrmcS["[self.byte() % 16]
            if tag == "[":
                inner, inner_tags = self.arguments()
                args.append(inner)
                tags += f"[{inner_tags}]"
            else:
                args.append(self._value(tag))
                tags += tag
        return tuple(args), tags

    def _value(self, tag: str) -> Arg:
        if tag in "ihtr":
            return NUMBERS[self.byte() % len(NUMBERS)] if self.byte() % 2 else self.byte()
        if tag in "fd":
            return FLOATS[self.byte() % len(FLOATS)]
        if tag in "sS":
            return self.text()
        if tag in "bm":
            return bytes(self.byte() for _ in range(4 if tag == "m" else self.byte() % 9))
        return chr(self.byte()) if tag == "c" else None


TARGETS: dict[str, Callable[[Path], Target]] = {
    "datagrams": Datagrams,
    "streams": Streams,
    "patterns": Patterns,
    "websockets": WebSockets,
    "arguments": Arguments,
}

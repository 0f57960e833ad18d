"""Where an OSC packet ends in a stream of bytes: the two ways of OSC 1.0 and 1.1, told apart by the first byte.

    length   int32 size, packet                       OSC 1.0 specification: "a big-endian 32-bit two's complement
                                                      integer that gives the number of bytes"
    SLIP     [END] packet END, with END and ESC       RFC 1055; OSC 1.1 (NIME 2009) asks for an END on both sides,
             inside the packet written as two bytes   older senders put one behind each packet

A size below 16 MiB begins with 0x00, a SLIP stream with END (0xC0), or with the '/' or '#' of its first packet.

Of a stream of sizes, nothing can be understood any more after a wrong one: it is over. A SLIP stream goes on at its
next END, which cannot stand inside a packet: that is what SLIP is for, and it costs a desk only the spoilt packet.
"""

from __future__ import annotations

import enum
import reprlib
from collections.abc import Iterator
from typing import TypeAlias

from showctl.errors import ShowctlError
from showctl.osc.codec import MAX_PACKET_BYTES

END, ESC, ESC_END, ESC_ESC = 0xC0, 0xDB, 0xDC, 0xDD

_END, _ESC = bytes([END]), bytes([ESC])
_ESCAPED_END, _ESCAPED_ESC = bytes([ESC, ESC_END]), bytes([ESC, ESC_ESC])
_SIZE_BYTES = 4


class FramingError(ShowctlError):
    """Bytes of a stream that make no packet."""


class Framing(enum.Enum):
    """How the other side marks packets, and wants ours marked."""

    LENGTH = "length"
    SLIP = "SLIP"  # one END, behind each packet
    SLIP_DOUBLE = "SLIP with END on both sides"

    def framed(self, packet: bytes) -> bytes:
        """The packet as it goes into the stream."""
        match self:
            case Framing.LENGTH:
                return len(packet).to_bytes(_SIZE_BYTES, "big") + packet
            case Framing.SLIP:
                return _escaped(packet) + _END
            case Framing.SLIP_DOUBLE:
                return _END + _escaped(packet) + _END


Found: TypeAlias = bytes | FramingError
"""A packet, or why there is none where one should have been."""


class Unframer:
    """Packets out of a stream, in whatever chunks it arrives. Holds at most one packet that is not complete yet."""

    def __init__(self) -> None:
        self.framing: Framing | None = None
        """None before the first byte."""
        self.over = False
        """Nothing that follows can be understood: the connection must be closed."""
        self._reader: _LengthReader | _SlipReader | None = None

    def feed(self, chunk: bytes) -> Iterator[Found]:
        """What the chunk completes, in order; all of it is to be taken before the next. Once `over`, nothing.

        One after the other, so that others may have their turn in between: there can be thousands.
        """
        if not chunk or self.over:
            return
        if self._reader is None:
            self.framing = _framing_of(chunk[0])
            if self.framing is None:
                self.over = True
                yield FramingError(f"expected {_BEGINNINGS}, got {reprlib.repr(chunk[:8])}")
                return
            self._reader = _LengthReader() if self.framing is Framing.LENGTH else _SlipReader()
        yield from self._reader.feed(chunk)
        self.over = self._reader.over


_BEGINNINGS = "a stream that begins with a size (0x00), with END (0xC0), '/' or '#'"


def _framing_of(first: int) -> Framing | None:
    if first in b"/#":
        return Framing.SLIP
    return {0: Framing.LENGTH, END: Framing.SLIP_DOUBLE}.get(first)


class _LengthReader:
    def __init__(self) -> None:
        self.over = False
        self._begun = bytearray()

    def feed(self, chunk: bytes) -> Iterator[Found]:
        self._begun += chunk
        start = 0
        while len(self._begun) - start >= _SIZE_BYTES:
            size = int.from_bytes(self._begun[start : start + _SIZE_BYTES], "big", signed=True)
            if not 0 < size <= MAX_PACKET_BYTES:
                self.over = True
                self._begun.clear()
                yield FramingError(f"expected a packet size from 1 to {MAX_PACKET_BYTES}, got {size}")
                return
            end = start + _SIZE_BYTES + size
            if end > len(self._begun):
                break
            yield bytes(self._begun[start + _SIZE_BYTES : end])
            start = end
        del self._begun[:start]


class _SlipReader:
    over = False  # the next END is a new beginning

    def __init__(self) -> None:
        self._begun = bytearray()
        self._spoilt = False

    def feed(self, chunk: bytes) -> Iterator[Found]:
        first, *others = chunk.split(_END)
        self._add(first)
        if others:
            yield from self._finish()
            for part in filter(None, others[:-1]):  # a chunk of nothing but ENDs is soon looked through
                self._add(part)
                yield from self._finish()
            self._add(others[-1])

    def _add(self, part: bytes) -> None:
        """Of a packet that is too long no more is kept. Escaped, every byte of one may be two."""
        if len(self._begun) + len(part) > 2 * MAX_PACKET_BYTES:
            self._spoilt = True
            self._begun.clear()
        if not self._spoilt:
            self._begun += part

    def _finish(self) -> Iterator[Found]:
        """Nothing between two ENDs is no packet (RFC 1055 advises END on both sides)."""
        written, spoilt = bytes(self._begun), self._spoilt
        self._begun.clear()
        self._spoilt = False
        packet = _unescaped(written)
        if spoilt or len(packet or b"") > MAX_PACKET_BYTES:
            yield FramingError(f"expected a packet of at most {MAX_PACKET_BYTES} bytes before END (0xC0)")
        elif packet is None:
            rule = "expected ESC (0xDB) to be followed by 0xDC or 0xDD"
            yield FramingError(f"{rule}, got {reprlib.repr(written)}")
        elif packet:
            yield packet


def _escaped(packet: bytes) -> bytes:
    """ESC first: what stands for END holds one."""
    return packet.replace(_ESC, _ESCAPED_ESC).replace(_END, _ESCAPED_END)


def _unescaped(written: bytes) -> bytes | None:
    """None where an ESC is followed by anything else. In the reverse order, for the same reason."""
    if written.count(_ESC) != written.count(_ESCAPED_END) + written.count(_ESCAPED_ESC):
        return None
    return written.replace(_ESCAPED_END, _END).replace(_ESCAPED_ESC, _ESC)

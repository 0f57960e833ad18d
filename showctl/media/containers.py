"""What the header of an audio file promises, held against what the file holds.

libsndfile repairs a wrong header in silence: a WAV cut in half simply has half the frames. A stem that stops in
the middle of a show must be found before, so the sizes are read here from the chunks themselves.
Sources: RIFF/WAVE (Microsoft, 1991), RF64 (EBU Tech 3306), AIFF 1.3 (Apple, 1989), Ogg (RFC 3533).
"""

from __future__ import annotations

import os
import string
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

UNKNOWN_LENGTH = 0xFFFFFFFF
_CHUNK_NAME_BYTES = frozenset((string.ascii_letters + string.digits + " ").encode())
_OGG_SEARCH_BYTES = 1 << 17  # a page has at most 65,307 bytes, so the last one starts in here


@dataclass(frozen=True, slots=True)
class Extent:
    """The bytes of audio that a header `promised`, the bytes of those `present`, and the `stray` ones behind them."""

    promised: int
    present: int
    stray: int


def audio_extent(file: BinaryIO) -> Extent | None:
    """The extent of the audio chunk of a WAV, RF64 or AIFF file; None if there is none or its length is not told."""
    found = _audio_chunk(file)
    if found is None:
        return None
    start, promised = found
    size = _size(file)
    return Extent(promised, min(promised, max(0, size - start)), _stray_bytes(file, start + promised + promised % 2))


def ogg_is_complete(file: BinaryIO) -> bool:
    """Whether the last page of an Ogg file is whole and bears the end-of-stream flag."""
    size = _size(file)
    file.seek(max(0, size - _OGG_SEARCH_BYTES))
    tail = file.read(_OGG_SEARCH_BYTES)
    page = tail.rfind(b"OggS")
    if page < 0 or len(tail) < page + 27:
        return False
    lacing = tail[page + 27 : page + 27 + tail[page + 26]]
    return bool(tail[page + 5] & 4) and page + 27 + tail[page + 26] + sum(lacing) <= len(tail)


def _audio_chunk(file: BinaryIO) -> tuple[int, int] | None:
    """First byte and length of the chunk that holds the samples."""
    file.seek(0)
    form = file.read(12)
    wanted = b"SSND" if form[:4] == b"FORM" else b"data"
    long_length: int | None = None
    for name, start, length in _chunks(file, 12, _byte_order(form)):
        if name == b"ds64":  # RF64 keeps the length of a large file here
            long_length = struct.unpack("<8xQ", file.read(16))[0]
        elif name == wanted:
            told = long_length if length == UNKNOWN_LENGTH else length
            return None if told is None else (start, told)
    return None


def _byte_order(form: bytes) -> str:
    return ">" if form[:4] in {b"FORM", b"RIFX"} else "<"


def _chunks(file: BinaryIO, place: int, order: str) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and length of each chunk from `place` on, with the file at its first byte."""
    size = _size(file)
    while place + 8 <= size:
        file.seek(place)
        name, length = struct.unpack(order + "4sI", file.read(8))
        yield name, place + 8, length
        place += 8 + length + length % 2


def _stray_bytes(file: BinaryIO, place: int) -> int:
    """How many bytes from `place` to the end belong to no chunk; padding with zeros does not count."""
    file.seek(0)
    for name, start, _ in _chunks(file, place, _byte_order(file.read(12))):
        if not _CHUNK_NAME_BYTES.issuperset(name):
            file.seek(start - 8)
            return 0 if not any(file.read(1 << 16)) else _size(file) - start + 8
    return 0


def _size(file: BinaryIO) -> int:
    return os.fstat(file.fileno()).st_size

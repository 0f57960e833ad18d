"""A process that writes or reads shared records as fast as it can: `python hammer.py WHAT PATH`.

What record `seq` holds follows from `seq`, so a reader knows every byte of it.
"""

from __future__ import annotations

import itertools
import sys
from pathlib import Path

from showctl.shared.records import (
    NumberReader,
    NumberWriter,
    RecordReader,
    RecordWriter,
    RingReader,
    RingWriter,
)

FIELDS = "qdqdqdqdqd"
SMALL_BYTES = 800
LARGE_BYTES = 1_000_000
CHANGES = 3_000


def small_payload(seq: int) -> bytes:
    """0 to 800 bytes."""
    return seq.to_bytes(8, "little") * (seq % 101)


def large_payload(seq: int) -> bytes:
    """Takes long to write, so a kill lands inside."""
    return seq.to_bytes(8, "little") * (LARGE_BYTES // 8)


def numbers(seq: int) -> tuple[float, ...]:
    return (seq, seq / 2) * 5


def write_records(path: Path) -> None:
    _write(RecordWriter(path, SMALL_BYTES), path)


def write_ring(path: Path) -> None:
    _write(RingWriter(path, SMALL_BYTES), path)


def write_large(path: Path) -> None:
    writer = RecordWriter(path, LARGE_BYTES)
    head = RecordReader(path).head
    writer.write(large_payload(head + 1))
    print("ready", flush=True)
    for seq in itertools.count(head + 2):
        writer.write(large_payload(seq))


def write_numbers(path: Path) -> None:
    writer = NumberWriter(path, FIELDS)
    print("ready", flush=True)
    for seq in itertools.count(1):
        writer.write(numbers(seq))


def read_records(path: Path) -> None:
    reader, seen = RecordReader(path), 0
    for _ in range(CHANGES):
        while not reader.changed(seen) or (record := reader.read()) is None or record[0] == seen:
            pass
        assert record[0] > seen
        assert record[1] == small_payload(record[0])
        seen = record[0]


def read_ring(path: Path) -> None:
    reader, delivered = RingReader(path, after=0), 0
    while delivered < CHANGES:
        for seq, payload in reader.poll():
            assert payload == small_payload(seq)
            delivered += 1
        assert delivered + reader.lost == reader.seq


def read_numbers(path: Path) -> None:
    reader, seen = NumberReader(path, FIELDS), 0
    for _ in range(CHANGES):
        while (row := reader.read()) is None or row[0] == seen:
            pass
        assert row[0] > seen
        assert row == numbers(row[0])
        seen = row[0]


def _write(writer: RecordWriter, path: Path) -> None:
    print("ready", flush=True)
    for seq in itertools.count(RecordReader(path).head + 1):
        writer.write(small_payload(seq))


if __name__ == "__main__":
    globals()[sys.argv[1]](Path(sys.argv[2]))

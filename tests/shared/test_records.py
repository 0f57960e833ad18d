from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import IO

import pytest

from showctl.errors import RuntimeFilesError
from showctl.shared.records import (
    NumberReader,
    NumberWriter,
    RecordReader,
    RecordWriter,
    RingReader,
    RingWriter,
)

from . import hammer

HEADER_BYTES = 128


def start(what: str, path: Path, output: int | None = None) -> subprocess.Popen[bytes]:
    arguments = [sys.executable, hammer.__file__, what, str(path)]
    return subprocess.Popen(arguments, stdout=output, stderr=subprocess.PIPE)


def complaints(reader: subprocess.Popen[bytes]) -> bytes:
    return reader.communicate(timeout=60)[1]


def first_line(process: subprocess.Popen[bytes]) -> bytes:
    pipe: IO[bytes] | None = process.stdout
    assert pipe is not None
    return pipe.readline()


def kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


def scribble(path: Path, at: int, content: bytes) -> None:
    with path.open("r+b") as file:
        file.seek(at)
        file.write(content)


def refusal(action: type[RecordReader] | type[RingReader], path: Path) -> str:
    with pytest.raises(RuntimeFilesError) as caught:
        action(path)
    return str(caught.value)


def test_the_newest_value_is_read_with_its_number(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "plan", 100)
    reader = RecordReader(tmp_path / "plan")
    seen = [reader.read()]
    for payload in (b"one", b"", b"three" * 20, b"four", b"five", b"six"):
        writer.write(payload)
        seen.append(reader.read())
    assert seen == [None, (1, b"one"), (2, b""), (3, b"three" * 20), (4, b"four"), (5, b"five"), (6, b"six")]


def test_the_file_looks_as_documented(tmp_path: Path) -> None:
    RecordWriter(tmp_path / "plan", 9, slots=2).write(b"abcdefghi")
    words = (tmp_path / "plan").read_bytes().hex(" ", 8).split()
    assert words == [
        *["73686f7763746c31", "0200000000000000", "0900000000000000", *["0" * 16] * 5],
        *["0100000000000000", *["0" * 16] * 7],
        *["0" * 16] * 8,
        *["0100000000000000", "0900000000000000", "6162636465666768", "6900000000000000"],
        *["863b2beb00000000", "0100000000000000", *["0" * 16] * 2],
    ]


def test_changed_tells_of_writes_after_a_number(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "plan", 100)
    reader = RecordReader(tmp_path / "plan")
    seq = writer.write(b"one")
    assert (reader.changed(0), reader.changed(seq)) == (True, False)
    writer.write(b"one")
    assert reader.changed(seq)


def test_a_new_writer_continues_the_sequence(tmp_path: Path) -> None:
    sequence = [RecordWriter(tmp_path / "plan", 100).write(b"x") for _ in range(6)]
    assert sequence == [1, 2, 3, 4, 5, 6]


def test_a_writer_that_was_frozen_goes_on_after_its_successor(tmp_path: Path) -> None:
    frozen = RecordWriter(tmp_path / "plan", 100)
    frozen.write(b"old")
    successor = RecordWriter(tmp_path / "plan", 100)
    assert [successor.write(b"new"), frozen.write(b"late"), successor.write(b"new")] == [2, 3, 4]


def test_a_half_written_record_leaves_the_one_before_readable(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "plan", 80, slots=4)
    for payload in (b"one", b"two"):
        writer.write(payload)
    slot_bytes = ((tmp_path / "plan").stat().st_size - HEADER_BYTES) // 4
    scribble(tmp_path / "plan", HEADER_BYTES + 3 * slot_bytes, b"\x03" + bytes(7) + b"\x50" + b"\xaa" * 30)
    assert RecordReader(tmp_path / "plan").read() == (2, b"two")
    assert RecordWriter(tmp_path / "plan", 80).write(b"three") == 3
    assert RecordReader(tmp_path / "plan").read() == (3, b"three")


@pytest.mark.parametrize("byte", [0, 8, 16, 24, 32])
def test_a_record_with_any_part_damaged_gives_way_to_the_one_before(tmp_path: Path, byte: int) -> None:
    writer = RecordWriter(tmp_path / "plan", 8, slots=2)
    writer.write(b"previous")
    writer.write(b"damaged!")
    scribble(tmp_path / "plan", HEADER_BYTES + byte, b"\xee")  # record 2 is in slot 0
    assert RecordReader(tmp_path / "plan").read() == (1, b"previous")


def test_a_reader_keeps_what_it_had_when_nothing_newer_verifies(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "plan", 8, slots=2)
    writer.write(b"seen")
    reader = RecordReader(tmp_path / "plan")
    reader.read()
    writer.write(b"damaged")
    scribble(tmp_path / "plan", HEADER_BYTES, b"\xee" * 8)
    assert reader.read() == (1, b"seen")


def test_a_payload_too_large_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    writer = RecordWriter(tmp_path / "plan", 10)
    writer.write(b"fits")
    with pytest.raises(RuntimeFilesError, match=r"at most 10 bytes .*plan, got 11"):
        writer.write(b"x" * 11)
    assert RecordReader(tmp_path / "plan").read() == (1, b"fits")


def test_files_that_are_no_records_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "text").write_text("hello " * 100)
    RecordWriter(tmp_path / "short", 100)
    with (tmp_path / "short").open("r+b") as file:
        file.truncate(200)
    assert "No such file" in refusal(RecordReader, tmp_path / "missing")
    assert "found an empty file" in refusal(RecordReader, tmp_path / "empty")
    assert "found something else" in refusal(RingReader, tmp_path / "text")
    assert "expected 4 slots" in refusal(RecordReader, tmp_path / "short")


def test_a_writer_refuses_a_file_of_another_shape(tmp_path: Path) -> None:
    RecordWriter(tmp_path / "plan", 100)
    with pytest.raises(RuntimeFilesError, match=r"expected 4 × 200 bytes in .* found 4 × 100 bytes"):
        RecordWriter(tmp_path / "plan", 200)


def test_every_ring_reader_gets_every_record_once_in_order(tmp_path: Path) -> None:
    writer = RingWriter(tmp_path / "edits", 8)
    from_start = RingReader(tmp_path / "edits", after=0)
    writer.write(b"a")
    writer.write(b"b")
    from_now = RingReader(tmp_path / "edits")
    writer.write(b"c")
    from_one = RingReader(tmp_path / "edits", after=1)
    assert from_start.poll() == ((1, b"a"), (2, b"b"), (3, b"c"))
    assert from_now.poll() == ((3, b"c"),)
    assert from_one.poll() == ((2, b"b"), (3, b"c"))
    assert from_start.poll() == ()
    assert (from_start.lost, from_now.lost, from_one.lost) == (0, 0, 0)


def test_a_ring_counts_what_was_overwritten_unread(tmp_path: Path) -> None:
    writer = RingWriter(tmp_path / "edits", 8, slots=4)
    reader = RingReader(tmp_path / "edits")
    for number in range(10):
        writer.write(b"%d" % number)
    assert reader.poll() == ((7, b"6"), (8, b"7"), (9, b"8"), (10, b"9"))
    assert reader.lost == 6


def test_a_damaged_ring_record_is_awaited_for_one_poll_then_counted_lost(tmp_path: Path) -> None:
    writer = RingWriter(tmp_path / "edits", 8, slots=8)
    reader = RingReader(tmp_path / "edits")
    for payload in (b"a", b"b", b"c"):
        writer.write(payload)
    scribble(tmp_path / "edits", HEADER_BYTES + 2 * 64 + 16, b"\xee")  # record 2
    assert [reader.poll(), reader.poll(), reader.poll()] == [((1, b"a"),), ((3, b"c"),), ()]
    assert reader.lost == 1


def test_numbers_come_back_exactly(tmp_path: Path) -> None:
    row = (-(2**63), 2**63 - 1, 47_984.999_999_7, -0.1)
    NumberWriter(tmp_path / "clock", "qqdd").write(row)
    assert NumberReader(tmp_path / "clock", "qqdd").read() == row


def test_numbers_are_none_before_the_first_write(tmp_path: Path) -> None:
    NumberWriter(tmp_path / "clock", "qd")
    assert NumberReader(tmp_path / "clock", "qd").read() is None


def test_a_number_reader_refuses_another_row(tmp_path: Path) -> None:
    NumberWriter(tmp_path / "clock", "qd")
    with pytest.raises(RuntimeFilesError, match=r"expected a row of 24 bytes in .*, found 16 bytes"):
        NumberReader(tmp_path / "clock", "qdd")


@pytest.mark.parametrize("kind", ["records", "ring", "numbers"])
def test_no_reader_ever_sees_a_torn_record(tmp_path: Path, kind: str) -> None:
    path = tmp_path / kind
    writer = start(f"write_{kind}", path, subprocess.PIPE)
    first_line(writer)
    readers = [start(f"read_{kind}", path) for _ in range(2)]
    try:
        assert [complaints(reader) for reader in readers] == [b"", b""]
    finally:
        for process in (writer, *readers):
            kill(process)


def test_a_killed_writer_leaves_a_whole_record_and_the_next_one_continues(tmp_path: Path) -> None:
    path = tmp_path / "plan"
    for _ in range(3):
        writer = start("write_large", path, subprocess.PIPE)
        first_line(writer)
        kill(writer)
        head = RecordReader(path).head
        assert RecordReader(path).read() == (head, hammer.large_payload(head))
        assert RecordWriter(path, hammer.LARGE_BYTES).write(hammer.large_payload(head + 1)) == head + 1

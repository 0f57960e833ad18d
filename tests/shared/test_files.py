from __future__ import annotations

from pathlib import Path

import pytest

from showctl.errors import RuntimeFilesError
from showctl.shared.files import atomic_write


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    atomic_write(tmp_path / "night", b"a longer first version")
    atomic_write(tmp_path / "night", b"second")
    assert {entry.name: entry.read_bytes() for entry in tmp_path.iterdir()} == {"night": b"second"}


def test_whoever_opened_the_old_file_still_reads_it(tmp_path: Path) -> None:
    atomic_write(tmp_path / "night", b"old")
    with (tmp_path / "night").open("rb") as file:
        atomic_write(tmp_path / "night", b"new")
        assert file.read() == b"old"


def test_a_failed_write_is_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "night").mkdir()
    with pytest.raises(RuntimeFilesError, match=r"cannot write .*night \(Is a directory\): free space"):
        atomic_write(tmp_path / "night", b"new")
    assert [entry.name for entry in tmp_path.iterdir()] == ["night"]

from __future__ import annotations

from pathlib import Path

import pytest

from showctl.errors import RuntimeFilesError
from showctl.model.mix import Mix
from showctl.model.plan import Committed, Cued, Edit, Plan, Rest
from showctl.model.units import Frame, SongFrame
from showctl.shared.nightlog import Recording, append_committed, begin_night, read_night

PLAN = Plan(1, "abc", 48000, (Rest(Frame(0), "arm", Cued(1, SongFrame(0))),))
LOG = tuple(
    Committed(version, Frame(100 * version), Edit(f"e{version}", 1, version - 1, mix=Mix())) for version in (2, 3)
)


def recorded(path: Path) -> Path:
    begin_night(path, PLAN)
    for line in LOG:
        append_committed(path, line)
    return path


def test_a_night_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_night(recorded(tmp_path / "nights" / "1.jsonl")) == Recording(PLAN, LOG)


def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    path = recorded(tmp_path / "1.jsonl")
    path.write_bytes(path.read_bytes()[:-5])
    assert read_night(path) == Recording(PLAN, LOG[:1])


@pytest.mark.parametrize("content", [b"", b"x", b'{"a": 1}\n', b"[]\n"])
def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "1.jsonl").write_bytes(content)
    with pytest.raises(RuntimeFilesError, match="expected the recording of a night"):
        read_night(tmp_path / "1.jsonl")


def test_a_file_that_is_missing_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(RuntimeFilesError, match="No such file"):
        read_night(tmp_path / "1.jsonl")

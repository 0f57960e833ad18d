from __future__ import annotations

import resource
import signal
from pathlib import Path

import pytest

from showctl.errors import RuntimeFilesError
from showctl.model.mix import Mix
from showctl.model.plan import Committed, Cued, Edit, Plan, Rest
from showctl.model.units import Frame, SongFrame
from showctl.shared.nightlog import NightLog, Recording, begin_night, read_night

PLAN = Plan(1, "abc", 48000, (Rest(Frame(0), "arm", Cued(1, SongFrame(0))),))
LOG = tuple(
    Committed(version, Frame(100 * version), Edit(f"e{version}", 1, version - 1, mix=Mix())) for version in (2, 3)
)


def recorded(path: Path) -> Path:
    begin_night(path, PLAN)
    with NightLog(path) as log:
        log.append(LOG)
    return path


def test_a_night_is_read_as_it_was_written(tmp_path: Path) -> None:
    assert read_night(recorded(tmp_path / "nights" / "1.jsonl")) == Recording(PLAN, LOG)


def test_a_last_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    path = recorded(tmp_path / "1.jsonl")
    path.write_bytes(path.read_bytes()[:-5])
    assert read_night(path) == Recording(PLAN, LOG[:1])


def test_who_opens_a_recording_again_goes_on_at_its_end(tmp_path: Path) -> None:
    begin_night(tmp_path / "1.jsonl", PLAN)
    for line in LOG:
        with NightLog(tmp_path / "1.jsonl") as log:
            log.append([line])
    assert read_night(tmp_path / "1.jsonl") == Recording(PLAN, LOG)


def test_what_cannot_be_written_is_told_with_its_place(tmp_path: Path) -> None:
    with pytest.raises(RuntimeFilesError, match=f"cannot write {tmp_path} "):
        NightLog(tmp_path)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only Linux has a disk that is always full")
def test_a_full_disk_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").symlink_to("/dev/full")
    with NightLog(tmp_path / "1.jsonl") as log, pytest.raises(RuntimeFilesError, match=r"No space left.*free space"):
        log.append(LOG)


def test_a_disk_that_fills_up_within_a_line_leaves_whole_ones(tmp_path: Path) -> None:
    path = tmp_path / "1.jsonl"
    begin_night(path, PLAN)
    with NightLog(path) as log:
        log.append(LOG[:1])
        room = path.stat().st_size + 40
        handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, limits[1]))
        try:
            with pytest.raises(RuntimeFilesError, match="free space"):
                log.append(LOG[1:])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
            signal.signal(signal.SIGXFSZ, handler)
        assert read_night(path) == Recording(PLAN, LOG[:1])
        log.append(LOG[1:])
    assert read_night(path) == Recording(PLAN, LOG)


@pytest.mark.parametrize("content", [b"", b"x", b'{"a": 1}\n', b"[]\n"])
def test_what_is_no_recording_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "1.jsonl").write_bytes(content)
    with pytest.raises(RuntimeFilesError, match="expected the recording of a night"):
        read_night(tmp_path / "1.jsonl")


def test_a_file_that_is_missing_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(RuntimeFilesError, match="No such file"):
        read_night(tmp_path / "1.jsonl")

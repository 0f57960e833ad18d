from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from showctl.errors import RuntimeFilesError
from showctl.shared.rundir import (
    Lease,
    RuntimeDirectory,
    claim_directory,
    default_directory,
    open_directory,
)

CLAIM_AND_WAIT = """
import sys
from pathlib import Path
from showctl.shared.rundir import RuntimeDirectory, claim_directory
with claim_directory(RuntimeDirectory(Path(sys.argv[1]))) as claimed:
    claimed.directory.plan.write_bytes(b"left behind")
    print("claimed", flush=True)
    sys.stdin.read()
"""


def start_owner(path: Path) -> subprocess.Popen[str]:
    """Another supervisor, which holds `path` until its stdin closes or it is killed."""
    arguments = [sys.executable, "-c", CLAIM_AND_WAIT, str(path)]
    owner = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert owner.stdout is not None
    assert owner.stdout.readline() == "claimed\n"
    return owner


def claim_and_fail(directory: RuntimeDirectory) -> None:
    with claim_directory(directory):
        directory.plan.write_bytes(b"plan")
        raise LookupError


def claim_refusal(path: Path) -> str:
    with pytest.raises(RuntimeFilesError) as caught, claim_directory(RuntimeDirectory(path)):
        pass
    return str(caught.value)


def test_a_claimed_directory_is_private_and_gone_after_a_clean_exit(tmp_path: Path) -> None:
    directory = RuntimeDirectory(tmp_path / "run" / "rooftop")
    with claim_directory(directory) as claimed:
        directory.show("abc").parent.mkdir()
        directory.show("abc").write_bytes(b"show")
        directory.plan.write_bytes(b"plan")
        mode = stat.S_IMODE(directory.path.stat().st_mode)
        assert (mode, claimed.stale, open_directory(directory.path)) == (0o700, False, directory)
    assert not directory.path.exists()


def test_an_empty_directory_with_open_doors_is_closed(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o755)
    with claim_directory(RuntimeDirectory(tmp_path / "run")):
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) == 0o700


def test_a_second_owner_is_refused_and_told_the_first(tmp_path: Path) -> None:
    owner = start_owner(tmp_path / "run")
    sentence = claim_refusal(tmp_path / "run")
    owner.communicate(timeout=60)
    assert f"in use by another service (process {owner.pid}): stop that" in sentence
    assert owner.returncode == 0


def test_the_directory_of_a_killed_owner_is_stale_and_can_be_cleared(tmp_path: Path) -> None:
    owner = start_owner(tmp_path / "run")
    owner.kill()
    owner.communicate()
    with claim_directory(RuntimeDirectory(tmp_path / "run")) as claimed:
        assert (claimed.stale, claimed.directory.plan.read_bytes()) == (True, b"left behind")
        claimed.clear()
        assert not claimed.directory.plan.exists()
        assert "in use" in claim_refusal(tmp_path / "run")


def test_an_error_leaves_the_files_to_be_found(tmp_path: Path) -> None:
    directory = RuntimeDirectory(tmp_path / "run")
    with pytest.raises(LookupError):
        claim_and_fail(directory)
    with claim_directory(directory) as claimed:
        assert (claimed.stale, directory.plan.read_bytes()) == (True, b"plan")


def test_a_folder_with_other_things_in_it_is_refused_and_untouched(tmp_path: Path) -> None:
    (tmp_path / "song.wav").write_bytes(b"precious")
    tmp_path.chmod(0o755)
    assert "found something else there" in claim_refusal(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["song.wav"]
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_a_file_or_a_link_in_its_place_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "target").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "target")
    assert "cannot use" in claim_refusal(tmp_path / "file")
    assert "found something else there" in claim_refusal(tmp_path / "link")


def test_opening_without_a_service_says_so(tmp_path: Path) -> None:
    with pytest.raises(RuntimeFilesError, match="start `showctl serve` first"):
        open_directory(tmp_path / "run")


def test_every_file_has_a_place_of_its_own_inside(tmp_path: Path) -> None:
    directory = RuntimeDirectory(tmp_path)
    names = [name for name, value in vars(RuntimeDirectory).items() if isinstance(value, property)]
    places = [getattr(directory, name) for name in names]
    places += [directory.show("abc"), directory.bell("engine"), directory.bell("control"), tmp_path / "lock"]
    places += [directory.heartbeat("engine"), directory.heartbeat("control")]
    assert len(set(places)) == len(places) == 22
    assert all(place.is_relative_to(tmp_path) for place in places)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has such directories")
def test_the_default_lies_in_the_session_s_directory_or_else_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = f"showctl-{os.getuid()}-rooftop"
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    assert default_directory("rooftop").path == tmp_path / name
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "missing"))
    assert default_directory("rooftop").path == Path("/dev/shm", name)  # noqa: S108 - nothing is made


def test_a_lease_rises_whoever_takes_it(tmp_path: Path) -> None:
    engine, first, second = (Lease(tmp_path / "lease") for _ in range(3))
    seen = [engine.current()]
    for holder in (first, second, first, first):
        seen += [holder.take(), engine.current()]
    assert seen == [0, 1, 1, 2, 2, 3, 3, 4, 4]

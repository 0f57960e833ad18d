"""Where a show's nights and running files are kept."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from showctl.cli.places import night_path, show_name
from showctl.shared.rundir import claim_directory, default_directory

NOW = dt.datetime(2026, 1, 31, 20, 15)


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two shows in folders of the same name."""
    for variable in ("XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        monkeypatch.setenv(variable, str(tmp_path))
    one, other = tmp_path / "one" / "Démo", tmp_path / "other" / "Démo"
    one.mkdir(parents=True)
    other.mkdir(parents=True)
    return one, other


def test_shows_in_folders_of_one_name_can_be_served_at_once(folders: tuple[Path, Path]) -> None:
    one, other = (default_directory(show_name(folder)) for folder in folders)
    with claim_directory(one), claim_directory(other):
        assert one.path.exists()
        assert other.path.exists()


def test_shows_in_folders_of_one_name_have_their_nights_apart(folders: tuple[Path, Path]) -> None:
    one, other = (night_path(folder, NOW) for folder in folders)
    assert one.parent != other.parent
    assert (one.name, other.name) == ("2026-01-31-201500.jsonl",) * 2


def test_a_show_has_one_name_however_it_is_reached(
    folders: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link").symlink_to(folders[0])
    monkeypatch.chdir(folders[0])
    names = {show_name(folder) for folder in (folders[0], tmp_path / "link", Path())}
    assert [name[:-8] for name in names] == ["demo-"]


def test_a_long_name_is_cut(tmp_path: Path) -> None:
    assert len(show_name(tmp_path / ("a" * 200))) == 49


def test_a_second_night_in_the_same_second_is_a_file_of_its_own(folders: tuple[Path, Path]) -> None:
    first = night_path(folders[0], NOW)
    first.touch()
    assert night_path(folders[0], NOW).name == "2026-01-31-201500-2.jsonl"

"""`showctl export` as people use it; the show and its audio are real."""

from __future__ import annotations

import zlib
from pathlib import Path

import pytest

from showctl.cli import main
from tests.layouts.readers import mk1_xml, read_tosc

SHOW = """\
title = "Rooftop Ü"
setlist = ["opener"]
[audio]
device = "virtual"
[buses.house]
channels = [1]
"""

SONG = """\
tempo = 120
end = 9
sections = [[1, "Intro"], [5, "Verse & Co"]]
"""


@pytest.fixture
def show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SHOWCTL_CACHE", str(tmp_path / "cache"))
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    folder = tmp_path / "show"
    (folder / "songs" / "opener").mkdir(parents=True)
    (folder / "show.toml").write_text(SHOW, encoding="utf-8")
    (folder / "songs" / "opener" / "song.toml").write_text(SONG, encoding="utf-8")
    return folder


def run(*arguments: object) -> int:
    return main([str(argument) for argument in arguments])


@pytest.mark.parametrize(
    ("kind", "name"),
    [("touchosc", "rooftop-u.tosc"), ("touchosc-mk1", "rooftop-u.touchosc"), ("open-stage-control", "rooftop-u.json")],
)
def test_a_layout_is_named_after_the_show_and_its_path_is_told(
    show: Path, capsys: pytest.CaptureFixture[str], kind: str, name: str
) -> None:
    assert run("export", kind, show) == 0
    assert capsys.readouterr().out == f"{name}\n"
    assert [path.name for path in Path().iterdir()] == [name]


def test_it_holds_the_sections_of_the_show(show: Path) -> None:
    assert run("export", "touchosc", show) == 0
    assert "Verse & Co" in read_tosc(Path("rooftop-u.tosc").read_bytes()).texts


def test_it_goes_where_it_is_told_a_file_or_a_folder(show: Path, tmp_path: Path) -> None:
    assert run("export", "touchosc", show, "-o", tmp_path / "mine.tosc") == 0
    assert run("export", "touchosc", show, "--phone", "-o", tmp_path) == 0
    assert sorted(path.name for path in tmp_path.glob("*.tosc")) == ["mine.tosc", "rooftop-u-phone.tosc"]


def test_the_one_before_is_replaced_whole_and_readable_by_others(show: Path) -> None:
    Path("rooftop-u.tosc").write_bytes(b"old")
    assert run("export", "touchosc", show) == 0
    assert zlib.decompress(Path("rooftop-u.tosc").read_bytes()).startswith(b"<?xml")
    assert Path("rooftop-u.tosc").stat().st_mode & 0o044
    assert run("export", "touchosc-mk1", show) == 0
    assert mk1_xml(Path("rooftop-u.touchosc").read_bytes()).startswith(b"<?xml")


def test_a_name_of_something_else_is_wrong_usage_and_nothing_is_touched(
    show: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (show / "show.toml").read_bytes()
    assert run("export", "touchosc", show, "-o", show / "show.toml") == 2
    assert capsys.readouterr().err == "showctl: expected a name ending in .tosc for TouchOSC, got show.toml\n"
    assert (show / "show.toml").read_bytes() == before


def test_a_show_with_an_error_has_no_layout(show: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (show / "show.toml").write_text(SHOW + "nonsense = 1\n", encoding="utf-8")
    assert run("export", "touchosc", show) == 1
    assert "nonsense" in capsys.readouterr().err
    assert list(Path().iterdir()) == []


def test_a_folder_that_is_not_there_is_a_sentence(show: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "touchosc", show, "-o", "nowhere/a.tosc") == 1
    assert "cannot write nowhere/a.tosc (No such file or directory)" in capsys.readouterr().err

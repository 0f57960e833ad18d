from __future__ import annotations

from pathlib import Path

import pytest

from showctl.errors import RuntimeFilesError
from showctl.model.mix import BusMix, Mix
from showctl.model.mixes import Mixes
from showctl.model.show import Bus, Show
from showctl.shared.kept import NIGHT_SECONDS, Kept, kept_path, read_kept, write_kept

SHOW = Show("Test", {}, (), (Bus("drums", "Drums", (0, 1)),))
LIVE = Mix({"drums": BusMix(levels_db={"master": -6.0})}, mute_all=True, talkback=True)
KEPT = Kept(Mixes({"loud": LIVE.buses}), LIVE, 1000.0)


def test_what_is_kept_is_read_again_and_lies_beside_the_nights_of_its_show(tmp_path: Path) -> None:
    path = kept_path(tmp_path / "rooftop" / "2026-01-01.jsonl")
    assert path == tmp_path / "rooftop" / "mixes.json"
    assert read_kept(path) == Kept()
    write_kept(path, KEPT)
    assert read_kept(path) == KEPT
    assert [entry.name for entry in path.parent.iterdir()] == ["mixes.json"]


def test_live_levels_come_back_the_same_night_and_nobody_still_talks() -> None:
    assert KEPT.live_for(SHOW, 1000.0 + NIGHT_SECONDS - 1) == Mix(LIVE.buses, mute_all=True)
    assert KEPT.live_for(SHOW, 1000.0 + NIGHT_SECONDS) == Mix()
    assert KEPT.live_for(SHOW, 999.0) == Mix()  # a clock that was set back says nothing


def test_a_file_that_cannot_be_read_is_laid_aside(tmp_path: Path) -> None:
    path = tmp_path / "mixes.json"
    path.write_text('{"mixes": 3}')
    assert read_kept(path) == Kept()
    assert [entry.name for entry in tmp_path.iterdir()] == ["mixes.unreadable"]


def test_a_folder_that_cannot_be_made_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RuntimeFilesError, match=r"cannot make .*: make the folder above it writable"):
        write_kept(tmp_path / "file" / "mixes.json", KEPT)

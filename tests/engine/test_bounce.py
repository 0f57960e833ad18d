"""Files that hold what a renderer renders, and a night that comes out of its log as it was."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import soundfile

from showctl.engine.bank import Bank
from showctl.engine.bounce import Excerpt, bounce
from showctl.errors import ShowctlError
from showctl.model.mix import BusMix, Mix
from showctl.model.plan import Committed, Edit
from showctl.model.score import Score
from showctl.model.units import Frame
from tests.engine.shows import MEDIA, RATE, WITH_CLICK, A, Audio, B, Rig, placed, plan, play, rest, same, show, song

SHOW = show((song("a", audio=A), song("b", audio=B)))


def read(files: dict[str, Path]) -> Audio:
    assert {soundfile.info(path).subtype for path in files.values()} == {"FLOAT"}
    return np.column_stack([soundfile.read(files[bus.slug], dtype="float32")[0] for bus in SHOW.buses])


def test_each_bus_is_a_file_of_what_was_rendered(tmp_path: Path) -> None:
    score = Score(SHOW)
    files = bounce(score, Excerpt(plan(score, play(0, 1, 0)), Frame(20_000)), Bank(RATE, MEDIA), tmp_path / "out")
    assert files == {"house": tmp_path / "out" / "house.wav", "drums": tmp_path / "out" / "drums.wav"}
    same(read(files), placed(20_000, (0, A)))


def test_a_night_is_rendered_again_from_its_log(tmp_path: Path) -> None:
    rnd = random.Random(4)
    night = Rig(SHOW, rest(0), media=MEDIA, mix=WITH_CLICK)
    heard = [night.play(256)]
    for version in range(1, 40):
        spans = rnd.choice([(play(0, 1, rnd.randrange(90_000), "jump"),), (rest(0, "pause"),), None])
        mix = Mix({"drums": BusMix({"master": rnd.uniform(-20, 0)})}) if rnd.random() < 0.5 else None
        at = Frame(night.head + rnd.randrange(2_000)) if rnd.random() < 0.5 else None
        night.renderer.offer(Edit(str(version), 1, version, at, spans, mix))
        heard.append(night.play(64 * rnd.randint(1, 50), iter(lambda: rnd.choice([64, 128, 192]), 0)))
    log = tuple(night.renderer.committed)
    assert len(log) == 39
    excerpt = Excerpt(plan(night.score, rest(0), mix=WITH_CLICK), Frame(night.head), log=log)
    same(read(bounce(night.score, excerpt, night.bank, tmp_path)), np.concatenate(heard))


def test_an_excerpt_begins_in_the_middle(tmp_path: Path) -> None:
    score = Score(SHOW)
    excerpt = Excerpt(plan(score, play(0, 1, 0)), Frame(9_000), since=Frame(5_000))
    same(read(bounce(score, excerpt, Bank(RATE, MEDIA), tmp_path)), placed(9_000, (0, A))[5_000:])


def test_a_log_of_another_night_is_refused_with_a_sentence(tmp_path: Path) -> None:
    score = Score(SHOW)
    log = (Committed(9, Frame(100), Edit("x", 1, 8, None, (rest(0),))),)
    with pytest.raises(ShowctlError, match=r"expected a log that fits its plan: edit x \(version 9\) is stale"):
        bounce(score, Excerpt(plan(score, play(0, 1, 0)), Frame(9_000), log=log), Bank(RATE, MEDIA), tmp_path)


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    score = Score(SHOW)
    with pytest.raises(ShowctlError, match=r"cannot write .*house.wav \(Not a directory\)"):
        bounce(score, Excerpt(plan(score, play(0, 1, 0)), Frame(9)), Bank(RATE, MEDIA), tmp_path / "file" / "sub")

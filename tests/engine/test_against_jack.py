"""The real thing: PortAudio on a JACK server, captured by another client, against the bounce of the committed log."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest
import soundfile

from showctl.engine.bank import Bank
from showctl.engine.bounce import Excerpt, bounce
from showctl.model.mix import BusMix, ClickMix, Mix
from showctl.model.plan import Cued, Edit, Span
from showctl.model.score import Score
from showctl.model.show import Audio as AudioSettings
from showctl.model.units import Frame, SongFrame
from showctl.shared.clock import AnchorLogReader
from tests.engine.heard import first_audible, heard
from tests.engine.jack_capture import PERIOD, Capture, jack_server
from tests.engine.running import Stage, running
from tests.engine.shows import MEDIA, RATE, A, Audio, B, plan, play, rest, show, song


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with jack_server() as name:
        yield name


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    made = msgspec.structs.replace(
        show((song("a", audio=A), song("b", audio=B))), audio=AudioSettings("auto", block_size=PERIOD)
    )
    stage = Stage(tmp_path, made, plan(Score(made), rest(0), mix=Mix()), MEDIA)
    yield stage
    stage.close()


def test_what_is_heard_is_what_the_log_of_the_night_renders(stage: Stage, server: str, tmp_path: Path) -> None:
    capture = Capture(server, 3, 60)
    with running(stage, environ=os.environ | {"JACK_DEFAULT_SERVER": server}) as engine:
        assert engine.line()["playing"] == "system (JACK Audio Connection Kit)"
        capture.connect()
        _play_a_little(stage)
        capture.close()
        end = stage.clock.head
    anchors = AnchorLogReader(stage.directory.anchors).poll()
    rendered = _rendered(stage, end, tmp_path)
    compared = heard(capture.audio, rendered, anchors, PERIOD)
    assert compared.unexplained == [], f"anchors {anchors}"
    assert compared.compared > 0.8 * (len(rendered) - first_audible(rendered))


def _play_a_little(stage: Stage) -> None:
    """A start, levels in motion, a jump, a pause and going on."""
    _edit(stage, play(0, 1, 0, "start"))
    for level in range(8):
        mix = Mix({"drums": BusMix({"master": -3.0 * level, "click": -1.0 * level})}, ClickMix(subdivision=2))
        _edit(stage, mix=mix)
    start = stage.plan.spans[-1].start
    _edit(stage, play(start + 40_000, 1, 90_000, "jump"), at=Frame(0))
    stage.pass_frame(start + 60_000)
    _edit(stage, rest(0, "pause", cued=Cued(1, SongFrame(1), paused=True)))
    _edit(stage, play(0, 2, 30_000, "resume"))
    stage.pass_frame(stage.plan.spans[-1].start + 30_000)
    _edit(stage, rest(0, "stop"))
    stage.pass_frame(stage.plan.spans[-1].start + 20_000)


def _edit(stage: Stage, *spans: Span, mix: Mix | None = None, at: Frame | None = None) -> None:
    """At session frames `spans` name themselves, where `at` is 0; else as soon as possible."""
    version = stage.plan.version
    edit = Edit(str(version), stage.number, version, None, spans or None, mix)
    if at is not None:
        edit = _aimed(edit)
    verdict = stage.judged(edit)
    assert not verdict.refused


def _aimed(edit: Edit) -> Edit:
    assert edit.spans
    at = edit.spans[0].start
    shifted = tuple(msgspec.structs.replace(span, start=Frame(span.start - at)) for span in edit.spans)
    return msgspec.structs.replace(edit, at=at, spans=shifted)


def _rendered(stage: Stage, end: Frame, folder: Path) -> Audio:
    bank = Bank(RATE, MEDIA)
    files = bounce(stage.score, Excerpt(stage.first_plan, end, log=stage.log), bank, folder / "bounce")
    return np.column_stack([soundfile.read(files[bus.slug], dtype="float32")[0] for bus in stage.score.show.buses])

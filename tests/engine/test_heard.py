"""The judge itself: what it lets pass, and what it does not."""

from __future__ import annotations

import numpy as np
import pytest

from showctl.model.units import Frame, HostNs
from showctl.shared.clock import Anchor
from tests.engine.heard import Heard, heard
from tests.engine.shows import Audio

PERIOD = 64
BLOCKS = 400
BEFORE = 7


@pytest.fixture
def rendered() -> Audio:
    """Two seconds of silence and clicks, then music."""
    audio = np.random.default_rng(1).uniform(-0.5, 0.5, (BLOCKS * PERIOD, 2)).astype(np.float32)
    audio[: 200 * PERIOD] = 0.0
    audio[20 * PERIOD + 5 : 21 * PERIOD] = 0.25
    audio[120 * PERIOD + 5 : 121 * PERIOD] = 0.25
    return audio


def captured(rendered: Audio, *blocks: range) -> Audio:
    """The capture of a device that played these blocks."""
    before = np.zeros((BEFORE * PERIOD, 2), np.float32)
    played = [rendered[blocks_.start * PERIOD : blocks_.stop * PERIOD] for blocks_ in blocks]
    return np.concatenate([before, *played, np.full_like(before, np.nan)])


def anchor(block: int) -> Anchor:
    return Anchor(1, Frame(block * PERIOD), 0, HostNs(0), 48000.0)


def test_the_same_audio_is_compared_whole(rendered: Audio) -> None:
    whole = captured(rendered, range(BLOCKS))
    assert heard(whole, rendered, [anchor(0)], PERIOD) == Heard((BLOCKS - 20) * PERIOD, [])


def test_one_wrong_frame_is_found(rendered: Audio) -> None:
    whole = captured(rendered, range(BLOCKS))
    whole[(BEFORE + 300) * PERIOD + 17, 1] += 2e-6
    assert heard(whole, rendered, [anchor(0)], PERIOD).unexplained == [300 * PERIOD]


def test_a_missing_click_is_found(rendered: Audio) -> None:
    whole = captured(rendered, range(BLOCKS))
    whole[(BEFORE + 120) * PERIOD : (BEFORE + 121) * PERIOD] = 0.0
    assert heard(whole, rendered, [anchor(0)], PERIOD).unexplained == [120 * PERIOD]


@pytest.mark.parametrize("after", [302, 340, 297])
def test_going_on_elsewhere_needs_an_anchor_near(rendered: Audio, after: int) -> None:
    gap = captured(rendered, range(300), range(after, BLOCKS))
    assert heard(gap, rendered, [anchor(0), anchor(280), anchor(310)], PERIOD).unexplained == [300 * PERIOD]
    assert heard(gap, rendered, [anchor(0), anchor(302)], PERIOD).unexplained == []


def test_a_gap_in_silence_shows_at_the_next_sound(rendered: Audio) -> None:
    gap = captured(rendered, range(50), range(53, BLOCKS))
    assert heard(gap, rendered, [anchor(0)], PERIOD).unexplained == [117 * PERIOD]
    assert heard(gap, rendered, [anchor(0), anchor(53)], PERIOD).unexplained == []


def test_what_was_not_captured_is_not_judged(rendered: Audio) -> None:
    whole = captured(rendered, range(BLOCKS))
    whole[(BEFORE + 300) * PERIOD : (BEFORE + 310) * PERIOD] = np.nan
    assert heard(whole, rendered, [anchor(0)], PERIOD) == Heard((BLOCKS - 30) * PERIOD, [])

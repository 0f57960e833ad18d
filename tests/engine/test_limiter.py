"""The safety limiter: untouched below, never above, the same in any block size, and silent where there is no number."""

from __future__ import annotations

import random

import numpy as np
import pytest

from showctl.engine.limiter import RELEASE_DB_PER_SECOND, Limiter
from showctl.model.show import Bus
from tests.engine.shows import Audio

RATE = 48000
HOUSE, DRUMS = Bus("house", "House", (0, 1), audience=True, limit_db=-1.0), Bus("drums", "Drums", (2,), limit_db=-6.0)
LIMITS: Audio = np.array([10 ** (-1 / 20), 10 ** (-1 / 20), 10 ** (-6 / 20)], np.float32)


def limited(audio: Audio, size: int = 128) -> Audio:
    limiter, out = Limiter((HOUSE, DRUMS), 3, RATE), audio.copy()
    for start in range(0, len(out), size):
        limiter.apply(out[start : start + size])
    return out


def noise(frames: int, peak: float) -> Audio:
    return np.random.default_rng(1).uniform(-peak, peak, (frames, 3)).astype(np.float32)


def test_below_the_limit_every_bit_stays_as_it_is() -> None:
    audio = noise(10_000, 1.0) * LIMITS
    audio[5] = LIMITS
    np.testing.assert_array_equal(limited(audio), audio)


@pytest.mark.parametrize("peak", [1.0, 4.0, 1e30])
def test_nothing_is_ever_above_the_limit(peak: float) -> None:
    assert (np.abs(limited(noise(20_000, peak))) <= LIMITS).all()


def test_it_acts_at_once_and_lets_go_by_the_same_number_of_db_each_frame() -> None:
    audio = np.full((RATE // 4, 3), 0.1, np.float32)
    audio[1_000, 0] = 10 ** (5 / 20)
    heard = limited(audio)
    reduction_db = 20 * np.log10(audio / heard)
    expected = np.maximum(0, 6 - RELEASE_DB_PER_SECOND / RATE * (np.arange(len(audio)) - 1_000))
    expected[:1_000] = 0
    np.testing.assert_allclose(reduction_db[:, 0], expected, atol=1e-4)
    np.testing.assert_allclose(reduction_db[:, 1], expected, atol=1e-4)  # the other side of the same bus
    np.testing.assert_array_equal(heard[:, 2], audio[:, 2])


def test_the_block_size_makes_no_difference() -> None:
    audio = noise(20_000, 1.0) * (1 + np.sin(np.arange(20_000) / 3_000)[:, np.newaxis].astype(np.float32))
    whole = limited(audio, 20_000)
    for size in (1, 64, 1_000):
        np.testing.assert_allclose(limited(audio, size), whole, atol=1e-6)


def test_buses_of_any_width_are_limited_each_by_itself() -> None:
    """Three at a time, in need at other moments; as if each were alone."""
    buses = (Bus("a", "A", (4,), limit_db=-3.0), Bus("b", "B", (0, 1, 2), limit_db=-1.0), Bus("c", "C", (3, 5)))
    levels = np.array([[3.0, 0.2, 0.1], [0.2, 3.0, 0.5], [0.3, 0.4, 3.0], [0.1, 0.1, 0.1]]).repeat(3_000, axis=0)
    audio = np.random.default_rng(3).uniform(-1, 1, (12_000, 6)).astype(np.float32)
    for number, bus in enumerate(buses):
        audio[:, bus.channels] *= levels[:, [number]].astype(np.float32)
    together = _through(Limiter(buses, 6, RATE), audio)
    for bus in buses:
        alone = _through(Limiter((bus,), 6, RATE), audio)
        np.testing.assert_array_equal(together[:, bus.channels], alone[:, bus.channels])
        assert not np.array_equal(alone[:, bus.channels], audio[:, bus.channels])


def _through(limiter: Limiter, audio: Audio) -> Audio:
    out = audio.copy()
    for start in range(0, len(out), 128):
        limiter.apply(out[start : start + 128])
    return out


@pytest.mark.parametrize("nonsense", [np.nan, np.inf, -np.inf])
def test_a_block_with_a_sample_that_is_no_number_is_silent_on_its_bus_alone(nonsense: float) -> None:
    rnd = random.Random(2)
    limiter = Limiter((HOUSE, DRUMS), 3, RATE)
    clean = noise(128, 0.3)
    for count in range(1, 20):
        block = clean.copy()
        block[rnd.randrange(128), 2] = nonsense
        limiter.apply(block)
        np.testing.assert_array_equal(block[:, :2], clean[:, :2])
        np.testing.assert_array_equal(block[:, 2], 0)
        assert limiter.nonfinite == count
    after = clean.copy()
    limiter.apply(after)
    np.testing.assert_array_equal(after, clean)


def test_peaks_are_those_since_they_were_last_taken() -> None:
    limiter = Limiter((HOUSE, DRUMS), 3, RATE)
    for level in (0.1, 0.4, 2.0, 0.2):
        limiter.apply(np.full((64, 3), [level, 0.0, -level / 10], np.float32))
    np.testing.assert_allclose(limiter.taken_peaks(), [LIMITS[0], 0, 0.2], rtol=1e-6)
    limiter.apply(np.full((64, 3), -0.01, np.float32))
    np.testing.assert_allclose(limiter.taken_peaks()[2], 0.01, rtol=1e-6)

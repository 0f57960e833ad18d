from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from showctl.errors import MediaError
from showctl.media.decode import Damage
from showctl.media.voices import SOUNDS, ClickFiles, ClickVoices, Mono, click_voices, load_voice

from .audio import noise, sine, write

ROLES = ("accent", "group", "beat", "subdivision")


def voices(clicks: ClickVoices) -> list[Mono]:
    return [getattr(clicks, role) for role in ROLES]


def peak_db(voice: Mono) -> float:
    return round(20 * math.log10(float(np.abs(voice).max())), 1)


def brightness_hz(voice: Mono, rate: int) -> float:
    power = np.abs(np.fft.rfft(voice, rate)) ** 2
    return float((power * np.arange(len(power))).sum() / power.sum())


def test_the_built_in_sounds_are_the_documented_ones() -> None:
    assert set(SOUNDS) == {"woodblock", "beep", "cowbell", "hihat", "tick"}


@pytest.mark.parametrize("rate", [44100, 48000, 96000])
@pytest.mark.parametrize("sound", SOUNDS)
def test_a_click_sounds_from_its_first_sample_and_ends_in_zero_without_dc(sound: str, rate: int) -> None:
    for voice in voices(click_voices(sound, rate)):
        assert voice.dtype == np.float32
        assert voice.ndim == 1
        assert voice[0] != 0.0
        assert voice[-1] == 0.0
        assert np.abs(voice[-rate // 1000 :]).max() < 0.001
        assert abs(float(voice.mean(dtype=np.float64))) < 1e-6
        assert 0.030 <= len(voice) / rate <= 0.080


@pytest.mark.parametrize("sound", SOUNDS)
def test_accents_are_louder_and_brighter_than_beats(sound: str) -> None:
    clicks = voices(click_voices(sound, 48000))
    pitches = [brightness_hz(voice, 48000) for voice in clicks]
    assert [peak_db(voice) for voice in clicks] == [-6.0, -8.0, -10.0, -16.0]
    assert pitches == sorted(pitches, reverse=True)
    assert pitches[0] > 1.2 * pitches[2]


@pytest.mark.parametrize(
    ("sound", "low_hz", "high_hz"),
    [
        ("woodblock", 800, 2000),
        ("beep", 850, 920),
        ("cowbell", 500, 1200),
        ("hihat", 6000, 12000),
        ("tick", 2000, 5000),
    ],
)
def test_a_beat_lies_in_the_range_of_its_instrument(sound: str, low_hz: float, high_hz: float) -> None:
    assert low_hz < brightness_hz(click_voices(sound, 48000).beat, 48000) < high_hz


def test_a_click_peaks_within_three_milliseconds() -> None:
    for sound in SOUNDS:
        assert all(np.argmax(np.abs(voice)) < 0.003 * 48000 for voice in voices(click_voices(sound, 48000)))


def test_an_unknown_sound_names_the_known_ones() -> None:
    with pytest.raises(MediaError, match=r"expected a click sound \(woodblock, beep, .*\) or files, got \"gong\""):
        click_voices("gong", 48000)


def test_files_of_ones_own_are_used_as_they_are(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{seed}.wav", noise(500, seed=seed)) for seed in (1, 2, 3)]
    clicks = click_voices(ClickFiles(*paths), 48000)
    assert np.array_equal(clicks.accent, noise(500, seed=1)[:, 0])
    assert np.array_equal(clicks.beat, noise(500, seed=2)[:, 0])
    assert np.array_equal(clicks.subdivision, noise(500, seed=3)[:, 0])
    assert np.allclose(clicks.group, clicks.accent * 10 ** (-2 / 20))


def test_missing_files_are_made_from_those_that_are_there(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(500))
    sound = noise(500)[:, 0]

    def levels(clicks: ClickVoices) -> list[float]:
        return [round(20 * np.log10(float((voice @ sound) / (sound @ sound))), 2) for voice in voices(clicks)]

    assert levels(click_voices(ClickFiles(beat=path), 48000)) == [0.0, -2.0, 0.0, -6.0]
    assert levels(click_voices(ClickFiles(accent=path), 48000)) == [0.0, -2.0, -4.0, -10.0]
    with pytest.raises(MediaError, match="needs a file for accent or beat"):
        click_voices(ClickFiles(subdivision=path), 48000)


def test_a_stereo_click_file_becomes_mono(tmp_path: Path) -> None:
    audio = noise(500, 2)
    clicks = click_voices(ClickFiles(beat=write(tmp_path / "a.wav", audio)), 48000)
    assert np.array_equal(clicks.beat, audio.mean(axis=1, dtype=np.float32))


def test_a_guide_is_loaded_at_the_session_rate(tmp_path: Path) -> None:
    guide = load_voice(write(tmp_path / "a.flac", sine(1.0, 44100), 44100), 48000)
    assert guide.shape == (48000, 1)
    assert np.abs(guide - sine(1.0, 48000))[4800:-4800].max() < 1e-4


def test_bad_samples_of_a_guide_are_counted(tmp_path: Path) -> None:
    audio = noise(500, 2)
    audio[7, 1] = np.nan
    damage = Damage()
    guide = load_voice(write(tmp_path / "a.wav", audio, 48000, "FLOAT"), 48000, damage)
    assert (guide[7, 1], damage) == (0.0, Damage(1, 7))


def test_too_long_or_too_wide_a_guide_is_refused_before_decoding(tmp_path: Path) -> None:
    long = write(tmp_path / "long.wav", np.zeros((8000 * 601, 1), np.float32), 8000, "PCM_U8")
    wide = write(tmp_path / "wide.wav", noise(100, 3))
    with pytest.raises(MediaError) as caught:
        load_voice(long, 48000)
    assert str(caught.value) == f"{long}: a click or guide lasts at most 10 minutes, this 10.0; make it a stem"
    with pytest.raises(MediaError, match="is mono or stereo, this has 3 channels"):
        load_voice(wide, 48000)

"""The short sounds that are no stems: the click, made here or from files, and spoken guides.

A voice is placed on exact frames, so a click made here sounds from its first sample on and ends in exact zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from showctl.errors import MediaError
from showctl.media.decode import AudioFacts, Damage, Samples, decoded, probe, resampled
from showctl.model.units import amplitude

Mono = npt.NDArray[np.float32]
"""Audio of shape (frames,)."""

MAX_VOICE_SECONDS = 600.0
MAX_VOICE_CHANNELS = 2

ACCENT_DB, GROUP_DB, BEAT_DB, SUBDIVISION_DB = -6.0, -8.0, -10.0, -16.0
"""Peaks of the built-in clicks, in dBFS."""

_NOISE_SEED = 1


@dataclass(frozen=True, slots=True)
class ClickVoices:
    """One click each for the downbeat, a group's first beat, any other beat, and what lies between; mono."""

    accent: Mono
    group: Mono
    beat: Mono
    subdivision: Mono


@dataclass(frozen=True, slots=True)
class ClickFiles:
    """A click of one's own; `accent` or `beat` at least."""

    accent: Path | None = None
    beat: Path | None = None
    subdivision: Path | None = None


@dataclass(frozen=True, slots=True)
class _Partial:
    """A decaying sine: its frequency in multiples of the pitch, its level, and its time to fall to 1/e."""

    ratio: float
    level: float
    decay_ms: float


@dataclass(frozen=True, slots=True)
class _Noise:
    """A decaying burst of noise between two frequencies, given in multiples of the pitch."""

    low_ratio: float
    high_ratio: float
    level: float
    decay_ms: float


@dataclass(frozen=True, slots=True)
class _Recipe:
    """A struck sound: what it consists of, and its pitches for accent, group, beat and subdivision."""

    length_ms: float
    attack_ms: float
    pitches_hz: tuple[float, float, float, float]
    partials: tuple[_Partial, ...]
    noise: _Noise


# The partials of the cowbell are two square waves in the ratio of a well-known drum machine's, 540 to 800 Hz;
# a woodblock is a short bar under its slit: few inharmonic modes that die within hundredths of a second.
_RECIPES = {
    "woodblock": _Recipe(
        60.0,
        0.3,
        (1480.0, 1245.0, 990.0, 830.0),
        (_Partial(1.0, 1.0, 11.0), _Partial(1.53, 0.5, 7.0), _Partial(2.47, 0.25, 4.0)),
        _Noise(1.0, 4.0, 0.4, 1.5),
    ),
    "beep": _Recipe(
        60.0,
        1.5,
        (1760.0, 1320.0, 880.0, 660.0),
        (_Partial(1.0, 1.0, 60.0), _Partial(2.0, 0.1, 30.0)),
        _Noise(1.0, 2.0, 0.0, 1.0),
    ),
    "cowbell": _Recipe(
        80.0,
        0.3,
        (720.0, 630.0, 540.0, 450.0),
        (
            _Partial(1.0, 1.0, 26.0),
            _Partial(1.481, 1.0, 30.0),
            _Partial(3.0, 0.33, 16.0),
            _Partial(4.444, 0.33, 16.0),
            _Partial(5.0, 0.2, 9.0),
            _Partial(7.407, 0.2, 9.0),
        ),
        _Noise(2.0, 8.0, 0.2, 1.5),
    ),
    "hihat": _Recipe(60.0, 0.1, (8500.0, 7600.0, 6500.0, 5800.0), (), _Noise(0.85, 1.9, 1.0, 12.0)),
    "tick": _Recipe(
        30.0,
        0.1,
        (3400.0, 2900.0, 2400.0, 2000.0),
        (_Partial(1.0, 1.0, 3.5), _Partial(1.83, 0.5, 2.0), _Partial(2.71, 0.3, 1.5)),
        _Noise(1.0, 4.0, 0.6, 0.7),
    ),
}
SOUNDS = tuple(_RECIPES)
"""The names of the built-in clicks."""


def click_voices(sound: str | ClickFiles, rate: int) -> ClickVoices:
    """The clicks of a built-in sound, or from files. Raises `MediaError` for files that cannot be used."""
    if isinstance(sound, ClickFiles):
        return _voices_from_files(sound, rate)
    if sound not in _RECIPES:
        raise MediaError(f'expected a click sound ({", ".join(SOUNDS)}) or files, got "{sound}"')
    recipe = _RECIPES[sound]
    peaks_db = (ACCENT_DB, GROUP_DB, BEAT_DB, SUBDIVISION_DB)
    return ClickVoices(
        *(_struck(recipe, pitch, rate, peak) for pitch, peak in zip(recipe.pitches_hz, peaks_db, strict=True))
    )


def load_voice(path: Path, rate: int, damage: Damage | None = None) -> Samples:
    """A mono or stereo file of at most ten minutes at `rate`, shape (frames, channels).

    Samples that are no numbers become 0, counted in `damage`. Raises `MediaError` as `decode.probe` and
    `decode.decoded` do, and for a file that is too long or has more channels.
    """
    facts = probe(path)
    _check_voice(path, facts)
    blocks = decoded(path, damage or Damage())
    return np.concatenate(list(resampled(blocks, facts.channels, facts.rate, rate)))


def _check_voice(path: Path, facts: AudioFacts) -> None:
    if facts.channels > MAX_VOICE_CHANNELS:
        raise MediaError(f"{path}: a click or guide is mono or stereo, this has {facts.channels} channels")
    if facts.seconds > MAX_VOICE_SECONDS:
        raise MediaError(
            f"{path}: a click or guide lasts at most {MAX_VOICE_SECONDS / 60:.0f} minutes,"
            f" this {facts.seconds / 60:.1f}; make it a stem"
        )


def _voices_from_files(files: ClickFiles, rate: int) -> ClickVoices:
    """What is missing is made from what is there: an accent sounds like the beat, lesser clicks are softer."""
    accent, beat, subdivision = (
        None if path is None else load_voice(path, rate).mean(axis=1, dtype=np.float32)
        for path in (files.accent, files.beat, files.subdivision)
    )
    if accent is None:
        accent = beat
    if accent is None:
        raise MediaError("a click of your own needs a file for accent or beat; name one of them")
    if beat is None:
        beat = _softer(accent, 4.0)
    if subdivision is None:
        subdivision = _softer(beat, 6.0)
    group = _softer(accent, 2.0)
    return ClickVoices(accent, group, beat, subdivision)


def _softer(voice: Mono, by_db: float) -> Mono:
    return voice * np.float32(amplitude(-by_db))


def _struck(recipe: _Recipe, pitch_hz: float, rate: int, peak_db: float) -> Mono:
    """One click: partials and noise under an attack and a fade to zero, without DC, at its peak level."""
    frames = round(recipe.length_ms / 1000 * rate)
    seconds = np.arange(1, frames + 1) / rate  # from 1: the first sample already sounds
    body = _noise(recipe.noise, pitch_hz, rate, seconds)
    for partial in recipe.partials:
        if pitch_hz * partial.ratio < 0.45 * rate:
            sine = np.sin(2 * np.pi * pitch_hz * partial.ratio * seconds)
            body += partial.level * np.exp(-1000 * seconds / partial.decay_ms) * sine
    envelope = np.minimum(1.0, 1000 * seconds / recipe.attack_ms) * _fade_out(frames)
    shaped = body * envelope
    shaped -= envelope * shaped.sum() / envelope.sum()
    return np.asarray(shaped * (amplitude(peak_db) / np.abs(shaped).max()), np.float32)


def _noise(noise: _Noise, pitch_hz: float, rate: int, seconds: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The same burst every time, band-limited with soft edges, RMS `level` before it decays."""
    white = np.random.default_rng(_NOISE_SEED).standard_normal(len(seconds))
    frequency = np.fft.rfftfreq(len(seconds), 1 / rate)
    low, high = noise.low_ratio * pitch_hz, min(noise.high_ratio * pitch_hz, 0.45 * rate)
    band = 1 / (1 + (low / np.maximum(frequency, 1.0)) ** 16) / (1 + (frequency / high) ** 16)
    coloured = np.fft.irfft(np.fft.rfft(white) * band, len(seconds))
    level = noise.level / np.sqrt(np.mean(coloured**2))
    return np.asarray(level * coloured * np.exp(-1000 * seconds / noise.decay_ms))


def _fade_out(frames: int) -> npt.NDArray[np.float64]:
    """1 over the first half, then a half cosine to exactly 0 on the last frame."""
    phase = np.clip((np.arange(frames) / (frames - 1) - 0.5) / 0.5, 0.0, 1.0)
    return 0.5 + 0.5 * np.cos(np.pi * phase)

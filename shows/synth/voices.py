# ruff: noqa: PLR0913, PLR0917 - a sound is described by all its figures at once
"""Pitched sounds: (rate, hz, seconds, velocity 0–1) → samples, mono or stereo, ringing on past `seconds`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache

import numpy as np

from synth.effects import Audio, band, quick_length

Voice = Callable[[int, float, float, float], Audio]

VOWELS = {  # formant centre Hz, width Hz, level dB
    "ah": ((780, 110, 0), (1250, 130, -5), (2700, 220, -11), (3500, 320, -15)),
    "oh": ((480, 90, 0), (850, 100, -7), (2600, 220, -16), (3300, 320, -20)),
    "eh": ((560, 90, 0), (1850, 150, -9), (2600, 220, -10), (3500, 320, -15)),
}


@lru_cache(maxsize=200)
def sounded(voice: Voice, rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    """A note, made once however often it is played."""
    return voice(rate, hz, seconds, velocity)


def saw(rate: int, hz: float | Audio, frames: int, phase: float = 0.0) -> Audio:
    """A sawtooth whose jumps are rounded (PolyBLEP), so that high notes do not alias."""
    step = np.broadcast_to(np.asarray(hz, dtype=np.float64) / rate, (frames,))
    at = (phase + np.cumsum(step) - step[0]) % 1.0
    wave: Audio = 2 * at - 1
    rising, falling = at / step, (at - 1) / step
    wave -= np.where(at < step, 2 * rising - rising**2 - 1, 0)
    wave -= np.where(at > 1 - step, falling**2 + 2 * falling + 1, 0)
    return wave


def shape(rate: int, seconds: float, attack: float, release: float, sustain: float = 1.0) -> Audio:
    """Up in `attack`, slowly to `sustain`, down in `release` after `seconds`."""
    seconds = max(seconds, attack + 0.01)
    t = np.arange(int((seconds + release) * rate)) / rate
    level = np.interp(t, [0, attack, seconds, seconds + release], [0, 1, sustain, 0])
    return level * level * (3 - 2 * level)


def glide(rate: int, hz: float, frames: int, depth: float, speed: float = 5.4, onset: float = 0.35) -> Audio:
    """A pitch that comes from a little below and gets a vibrato of `depth` (0.01 = 1 %) after `onset` s."""
    t = np.arange(frames) / rate
    vibrato = depth * np.sin(2 * np.pi * speed * t) * np.clip((t - onset) / 0.3, 0, 1)
    return hz * (1 + vibrato - 0.03 * np.exp(-t / 0.025))


def partials(rate: int, hz: float, seconds: float, levels: Sequence[float], decay: float, spread: float) -> Audio:
    """A struck or plucked string: partial k starts at levels[k-1] and falls at decay·(1 + spread·(k-1)) per second."""
    t = np.arange(int(seconds * rate)) / rate
    sound = np.zeros_like(t)
    for k, level in enumerate(levels, 1):
        partial = hz * k * np.sqrt(1 + 0.00025 * k * k)
        if partial < 0.42 * rate:
            sound += level * np.sin(2 * np.pi * partial * t) * np.exp(-decay * (1 + spread * (k - 1)) * t)
    fade = np.minimum(1, (seconds - t) / 0.04)
    return sound * fade * np.minimum(1, t / 0.0008)


def synth_bass(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    level = shape(rate, seconds * 0.92, 0.003, 0.05, 0.7)
    t = np.arange(len(level)) / rate
    wave = saw(rate, hz, len(level)) + 0.6 * saw(rate, hz * 1.004, len(level), 0.4)
    dark, bright = band(rate, wave, 0, 260, 2), band(rate, wave, 0, 1300, 2)
    bite = np.exp(-9 * t) * velocity
    return velocity * level * (0.7 * (dark + (bright - dark) * bite) + 0.8 * np.sin(2 * np.pi * hz * t))


def finger_bass(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    levels = [1.0, 0.75, 0.42 * velocity, 0.3 * velocity, 0.16 * velocity, 0.1 * velocity, 0.06 * velocity]
    note = partials(rate, hz, seconds + 0.08, levels, 1.6, 0.8)
    t = np.arange(len(note)) / rate
    return velocity * note * np.clip((seconds + 0.08 - t) / 0.08, 0, 1)


def electric_piano(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    level = shape(rate, seconds, 0.002, 0.25, 0.5)
    t = np.arange(len(level)) / rate
    tine = np.sin(2 * np.pi * 14 * hz * t) * np.exp(-28 * t) * 0.25 * velocity if 14 * hz < 0.4 * rate else 0 * t
    bark = (0.4 + 1.3 * velocity) * np.exp(-3.2 * t) * np.sin(2 * np.pi * hz * t)
    return velocity * level * np.exp(-0.9 * t) * np.sin(2 * np.pi * hz * t + bark + tine)


def piano(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    levels = [velocity ** (0.15 * k) / k**1.25 * (0.4 if k % 7 == 0 else 1) for k in range(1, 16)]
    note = partials(rate, hz, seconds + 0.35, levels, 0.9 + hz / 500, 0.28)
    t = np.arange(len(note)) / rate
    return velocity * note * np.clip((seconds + 0.35 - t) / 0.35, 0, 1)


def pluck(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    """A guitar string, plucked at a fifth of its length."""
    levels = [np.sin(np.pi * k * 0.21) / k**0.85 * velocity ** (0.1 * k) for k in range(1, 22)]
    return velocity * partials(rate, hz, max(seconds, 0.9) + 0.2, levels, 2.0 + hz / 400, 0.22)


def banjo(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    levels = [np.sin(np.pi * k * 0.13) / k**0.45 * velocity ** (0.1 * k) for k in range(1, 26)]
    return velocity * partials(rate, hz, min(max(seconds, 0.25), 0.6) + 0.1, levels, 6.0 + hz / 250, 0.1)


def mallet(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    """A marimba bar: partials 1, 3.9 and 9.2."""
    t = np.arange(int((min(seconds, 0.6) + 0.5) * rate)) / rate
    first, second, third = (np.sin(2 * np.pi * ratio * hz * t) for ratio in (1, 3.93, 9.2))
    knock = velocity * (0.3 * second * np.exp(-18 * t) + 0.12 * third * np.exp(-45 * t))
    return velocity * (first * np.exp(-5 * t) + knock)


def ensemble(rate: int, hz: float, seconds: float, cents: Sequence[float], attack: float, release: float) -> Audio:
    """Stereo: several sawtooths a few cents apart, other ones on either side."""
    level = shape(rate, seconds, attack, release)
    sides = []
    for side in (1, -1):
        detuned = [hz * 2 ** (side * c / 1200) for c in cents]
        waves = [saw(rate, f, len(level), (0.37 * n + 0.21 * side) % 1) for n, f in enumerate(detuned)]
        sides.append(sum(waves, 0 * level) * level / len(waves))
    return np.stack(sides, axis=1)


def pad(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    sound = ensemble(rate, hz, seconds, (-9, 1, 11), 0.25, 0.5)
    return velocity * band(rate, sound, 120, 700 + 1500 * velocity, 2)


def strings(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    sound = ensemble(rate, hz, seconds, (-12, -3, 5, 13), 0.09, 0.3)
    return velocity * band(rate, sound, 180, 1800 + 3200 * velocity, 1)


def staccato(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    sound = ensemble(rate, hz, min(seconds, 0.16), (-10, 2, 12), 0.012, 0.15)
    return velocity * band(rate, sound, 180, 1500 + 3500 * velocity, 1)


def synth_pluck(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    level = shape(rate, min(seconds, 0.2), 0.003, 0.18, 0.5)
    t = np.arange(len(level)) / rate
    wave = saw(rate, hz, len(level)) + saw(rate, hz * 1.006, len(level), 0.3)
    dark, bright = band(rate, wave, 100, 700, 2), band(rate, wave, 100, 5000, 2)
    return velocity * level * (dark + (bright - dark) * np.exp(-16 * t) * velocity) * 0.5


def synth_lead(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    level = shape(rate, seconds * 0.95, 0.008, 0.12, 0.8)
    pitch = glide(rate, hz, len(level), 0.006)
    wave = saw(rate, pitch, len(level)) + 0.7 * saw(rate, pitch * 1.007, len(level), 0.5)
    return velocity * band(rate, wave, 150, 1400 + 2600 * velocity, 2) * level * 0.6


def accordion(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    """Two reeds a little apart, which is what makes the tremolo."""
    level = shape(rate, seconds * 0.9, 0.03, 0.06, 0.9)
    reeds = [saw(rate, hz * 2 ** (cents / 1200), len(level), n / 3) for n, cents in enumerate((-7, 0, 8))]
    left, right = reeds[0] + reeds[1], reeds[1] + reeds[2]
    return velocity * band(rate, np.stack([left, right], axis=1) * level[:, None], 220, 3200, 1) * 0.5


def fiddle(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    level = shape(rate, seconds * 0.96, 0.035, 0.07, 0.85)
    wave = saw(rate, glide(rate, hz, len(level), 0.008, 5.9, 0.2), len(level))
    body = band(rate, wave, 250, 900, 1) + 0.7 * band(rate, wave, 1700, 3400, 2)
    rosin = band(rate, np.random.default_rng(12).standard_normal(len(level)), 2000, 7000) * 0.03
    return velocity * level * (body + rosin)


def formants(rate: int, audio: Audio, vowel: str) -> Audio:
    size = quick_length(len(audio))
    hz = np.fft.rfftfreq(size, 1 / rate)
    response = sum(
        (10 ** (db / 20) / (1 + ((hz - centre) / width) ** 2) for centre, width, db in VOWELS[vowel]), 0.02 + 0 * hz
    )
    return np.fft.irfft(np.fft.rfft(audio, size) * response, size)[: len(audio)]


def singer(vowel: str) -> Voice:
    """A wordless voice: a glottal sawtooth with vibrato and breath through a vowel's formants."""

    def sound(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
        level = shape(rate, seconds * 0.94, 0.05, 0.14, 0.85)
        throat = saw(rate, glide(rate, hz, len(level), 0.011), len(level))
        throat += 0.5 * saw(rate, glide(rate, hz * 1.004, len(level), 0.009, 4.9), len(level), 0.4)
        breath = band(rate, np.random.default_rng(13).standard_normal(len(level)), 1500, 8000) * 0.05
        sung = formants(rate, band(rate, throat, 0, 3800, 1) + breath, vowel)
        return velocity * (sung + 0.15 * np.sin(2 * np.pi * hz * np.arange(len(level)) / rate)) * level

    return sound


def choir(rate: int, hz: float, seconds: float, velocity: float) -> Audio:
    sound = ensemble(rate, hz, seconds, (-14, -4, 6, 15), 0.18, 0.35)
    sung = [formants(rate, band(rate, sound[:, side], 100, 2600, 1), "ah" if side else "oh") for side in (0, 1)]
    return velocity * np.stack(sung, axis=1)

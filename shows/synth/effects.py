"""Filters and rooms. Everything linear is a convolution, so equal bars sound equal each time they come round."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Audio = NDArray[np.float64]
"""Samples: (frames,) mono or (frames, 2) stereo."""


def quick_length(frames: int) -> int:
    """The next length that the FFT is quick at: 8 to 16 times a power of two."""
    unit = 1 << max(0, frames.bit_length() - 4)
    return -(-frames // unit) * unit


def band(rate: int, audio: Audio, low: float = 0.0, high: float = 0.0, order: int = 2) -> Audio:
    """Keeps what lies between `low` and `high` Hz (0: no bound), with Butterworth slopes and no phase shift."""
    size = quick_length(2 * len(audio))
    hz = np.fft.rfftfreq(size, 1 / rate)
    response = np.ones_like(hz)
    if high:
        response /= np.sqrt(1 + (hz / high) ** (2 * order))
    if low:
        response /= np.sqrt(1 + (low / np.maximum(hz, 1e-3)) ** (2 * order))
    shaped = response if audio.ndim == 1 else response[:, None]
    return np.fft.irfft(np.fft.rfft(audio, size, axis=0) * shaped, size, axis=0)[: len(audio)]


def convolve(audio: Audio, impulse: Audio) -> Audio:
    """A stereo signal through a stereo impulse response, cut to the signal's own length."""
    size = quick_length(len(audio) + len(impulse))
    wet = np.fft.irfft(np.fft.rfft(audio, size, axis=0) * np.fft.rfft(impulse, size, axis=0), size, axis=0)
    return wet[: len(audio)]


def room(rate: int, seconds: float, bright: float = 5000.0, predelay: float = 0.015, seed: int = 7) -> Audio:
    """A hall's impulse response: stereo noise that falls by 60 dB in `seconds`, unit energy per side."""
    frames = int(seconds * rate * 1.1)
    noise = np.random.default_rng(seed).standard_normal((frames, 2))
    noise *= np.exp(-6.9 * np.arange(frames) / (seconds * rate))[:, None]
    shaped = band(rate, noise, 180.0, bright, 1)
    shaped = np.vstack([np.zeros((int(predelay * rate), 2)), shaped])
    shaped /= np.sqrt(np.sum(shaped**2, axis=0))
    return shaped


def echoes(rate: int, seconds: float, feedback: float = 0.45, repeats: int = 6) -> Audio:
    """Ping-pong: each repeat on the other side, quieter and duller."""
    step = round(seconds * rate)
    impulse = np.zeros((step * repeats + 1024, 2))
    for n in range(1, repeats + 1):
        blur = np.hanning(4 * n + 3)
        start = step * n - len(blur) // 2
        impulse[start : start + len(blur), n % 2] += feedback**n * blur / blur.sum()
    return impulse


def widening(rate: int, depth: float = 0.5) -> Audio:
    """A chorus without movement: a few early copies that differ between left and right."""
    impulse = np.zeros((int(0.03 * rate), 2))
    impulse[0] = 1.0
    for side, taps in enumerate(((7.1, 13.7, 21.3), (9.3, 16.1, 25.9))):
        for milliseconds, sign in zip(taps, (1, -1, 1), strict=True):
            impulse[int(milliseconds * rate / 1000), side] += sign * depth / 3
    return impulse


def wet(audio: Audio, impulse: Audio, amount: float) -> Audio:
    """The dry signal with `amount` of it through `impulse`."""
    return audio + amount * convolve(audio, impulse)


def glued(rate: int, audio: Audio, drive: float = 3.2) -> Audio:
    """A drum bus: the loudest peaks, `drive` times over the soft limit, are rounded off, and the fizz is taken off."""
    peak = float(np.max(np.abs(audio)))
    return band(rate, np.tanh(audio / peak * drive), 0, 11500, 4)


def ducked(rate: int, audio: Audio, kicks: list[int], depth: float = 0.7, recovery: float = 0.3) -> Audio:
    """Pumps: turned down by `depth` at each kick, back after `recovery` seconds."""
    frames = int(recovery * rate)
    dip = 1 - depth * (1 - np.arange(frames) / frames) ** 1.5
    dip[: rate // 500] = np.linspace(1, dip[rate // 500], rate // 500)
    gain = np.ones(len(audio))
    for kick in kicks:
        here = gain[kick : kick + frames]
        np.minimum(here, dip[: len(here)], out=here)
    return audio * gain[:, None]

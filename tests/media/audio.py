"""Audio files for the tests: real ones, made by libsndfile."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

Samples = npt.NDArray[np.float32]


def noise(frames: int, channels: int = 1, seed: int = 1) -> Samples:
    """Uniform noise on the grid of 16-bit integers, so that every lossless format keeps it exactly."""
    steps = np.random.default_rng(seed).integers(-(2**14), 2**14, (frames, channels))
    return (steps / 2**15).astype(np.float32)


def sine(seconds: float, rate: int, hertz: float = 997.0) -> Samples:
    """A sine at half of full scale, shape (frames, 1)."""
    phase = 2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate
    return (0.5 * np.sin(phase)).astype(np.float32)[:, None]


def write(path: Path, audio: Samples, rate: int = 48000, subtype: str | None = None) -> Path:
    """Write a file, block by block: the Vorbis encoder cannot take a long one at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with soundfile.SoundFile(path, "w", rate, audio.shape[1], subtype) as file:
        for start in range(0, len(audio), 32768):
            file.write(audio[start : start + 32768])
    return path


def cut(path: Path, share: float) -> Path:
    """Keep the first `share` of a file's bytes."""
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])
    return path


def patch(path: Path, place: int, content: bytes) -> Path:
    """Overwrite some bytes of a file."""
    whole = bytearray(path.read_bytes())
    whole[place : place + len(content)] = content
    path.write_bytes(whole)
    return path


def patch_wav_data_size(path: Path, size: int) -> Path:
    """Let a WAV's header claim `size` bytes of audio."""
    return patch(path, path.read_bytes().index(b"data") + 4, struct.pack("<I", size))


def patch_flac_frames(path: Path, frames: int) -> Path:
    """Let a FLAC's STREAMINFO claim `frames` frames (the last 36 of the 64 bits from byte 18 on)."""
    head = int.from_bytes(path.read_bytes()[18:26], "big") >> 36 << 36
    return patch(path, 18, (head | frames).to_bytes(8, "big"))

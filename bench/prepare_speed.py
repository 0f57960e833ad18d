"""Preparing a song, beside the sum of what cannot be left out: decoding, resampling, writing the bytes."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from bench.jack import RATE
from bench.measures import Figure, Tell, compared
from bench.shows import noise
from showctl.media.cache import Cache
from showctl.media.prepare import StemSource, prepare_song
from showctl.model.units import SongFrame

STEMS = 8
FILE_RATE = 44_100
BLOCK_FRAMES = 8192
GOAL = 1.5
SETTLED_SECONDS = 60
"""A file changed a moment ago would be looked at twice."""

Samples = NDArray[np.float32]


def run(folder: Path, tell: Tell, *, quick: bool) -> Iterator[Figure]:
    """Seconds for a song of stereo stems, compressed without loss, at another rate; and for one at the same rate."""
    seconds, rounds = (20.0, 2) if quick else (120.0, 4)
    for rate, suffix in ((FILE_RATE, "flac"), (RATE, "wav")):
        tell(f"{STEMS} stereo stems of {seconds:g} s, {suffix} at {rate} Hz")
        files = _write_stems(folder / suffix, rate, seconds, suffix)
        ours, parts = [], []
        for _ in range(rounds):
            ours.append(_prepared(files, folder / "cache"))
            parts.append(_parts(files, rate, folder / "raw"))
        sums = [sum(part) for part in parts]
        share = (100 * np.median(np.array(parts), axis=0) / np.median(sums)).round()
        note = f"the sum is decoding {share[0]:g} %, soxr {share[1]:g} %, raw write with fsync {share[2]:g} %"
        what = f"prepare {STEMS} stereo stems of {seconds:g} s, {suffix} {rate / 1000:g} → {RATE / 1000:g} kHz"
        yield compared(what, "s", ours, sums, at_most=GOAL, note=note)


def _write_stems(folder: Path, rate: int, seconds: float, suffix: str) -> list[Path]:
    folder.mkdir()
    files = [folder / f"s{number}.{suffix}" for number in range(STEMS)]
    samples = noise(seconds, rate, 2)
    for number, file in enumerate(files):
        soundfile.write(file, np.roll(samples, number, axis=0), rate, "PCM_24")
        os.utime(file, times=(time.time() - SETTLED_SECONDS,) * 2)
    return files


def _prepared(files: list[Path], cache: Path) -> float:
    """Seconds to prepare into an empty cache."""
    shutil.rmtree(cache, ignore_errors=True)
    os.sync()
    since = time.perf_counter()
    song = prepare_song([StemSource(file.stem, file, SongFrame(0)) for file in files], RATE, Cache(cache))
    took = time.perf_counter() - since
    assert song.channels == 2 * STEMS
    return took


def _parts(files: list[Path], rate: int, raw: Path) -> tuple[float, float, float]:
    """Seconds to decode all of it, to resample all of it, and to write what comes out."""
    decoding = resampling = 0.0
    frames = 0
    for file in files:
        since = time.perf_counter()
        blocks = list(soundfile.blocks(file, BLOCK_FRAMES, dtype="float32", always_2d=True))
        decoding += time.perf_counter() - since
        since = time.perf_counter()
        frames = _resampled(blocks, rate)
        resampling += time.perf_counter() - since
    return decoding, resampling, _written(raw, frames)


def _resampled(blocks: list[Samples], rate: int) -> int:
    """How many frames came out."""
    if rate == RATE:
        return sum(map(len, blocks))
    stream = soxr.ResampleStream(rate, RATE, 2, dtype="float32", quality="VHQ")
    frames = sum(len(stream.resample_chunk(block)) for block in blocks)
    return frames + len(stream.resample_chunk(np.zeros((0, 2), np.float32), last=True))


def _written(path: Path, frames: int) -> float:
    """Seconds to bring as many bytes to the disk."""
    block = np.ones((1 << 20) // 4, np.float32).tobytes()
    left = frames * 2 * STEMS * 4
    os.sync()
    since = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        while left > 0:
            left -= os.write(file.fileno(), block[: min(left, len(block))])
        os.fsync(file.fileno())
    took = time.perf_counter() - since
    path.unlink()
    return took

"""Makes all audio of shows/demo: run `python shows/make_demo.py [SONG…]` after changing an arrangement or a song.toml.

Needs numpy, soundfile and soxr, which showctl has anyway, and espeak-ng (a Debian package) for the spoken guides;
without it the guides that are there stay. The same samples come out each time; a file whose sound has not changed
is left alone, because an Ogg stream gets a new random number with each writing.
"""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import soundfile
from synth import first_light, last_train, night_drive, seven_stars
from synth.effects import Audio
from synth.part import Part
from synth.speech import guides
from synth.timeline import Timeline, read_timeline

SONGS = Path(__file__).parent / "demo" / "songs"
PEAK = 10 ** (-3.5 / 20)
"""Where the sum of a song's stems peaks; Vorbis adds up to a decibel."""

ARRANGEMENTS: dict[str, tuple[int, Callable[[Timeline], list[Part]]]] = {
    "first-light": (48000, first_light.arrange),
    "night-drive": (44100, night_drive.arrange),
    "seven-stars": (48000, seven_stars.arrange),
    "last-train": (48000, last_train.arrange),
}


def main(ids: list[str]) -> None:
    for song_id in ids or ARRANGEMENTS:
        make_song(song_id)


def make_song(song_id: str) -> None:
    folder = SONGS / song_id
    rate, arrange = ARRANGEMENTS[song_id]
    song = read_timeline(folder / "song.toml", rate)
    parts = arrange(song)
    mix(parts)
    for part in parts:
        write(folder / "stems" / f"{part.name}.{part.extension}", rate, part.stored(), part.quality)
    if shutil.which("espeak-ng"):
        for name, audio in guides(folder / "song.toml", song).items():
            write(folder / name, rate, audio, 0.1)
    print(song_id, f"{len(parts)} stems, {size(folder) / 1e6:.2f} MB")


def mix(parts: list[Part]) -> None:
    """Sets the stems' levels against each other, then all of them so that their sum peaks at PEAK."""
    for part in parts:
        if part.channels == 1:
            part.samples[:] = part.samples.mean(axis=1)[:, None]
        part.settle()
    gain = PEAK / float(np.max(np.abs(sum(part.samples for part in parts))))
    for part in parts:
        part.samples *= gain


def write(path: Path, rate: int, audio: Audio, quality: float) -> None:
    """Stores as FLAC (16 bit) or Ogg Vorbis (`quality` 0–1), unless what is there sounds the same."""
    path.parent.mkdir(exist_ok=True)
    fresh = io.BytesIO()
    if path.suffix == ".flac":
        soundfile.write(fresh, audio, rate, format="FLAC", subtype="PCM_16")
    else:
        write_vorbis(fresh, rate, audio, quality)
    if not path.exists() or not same_sound(path, fresh):
        path.write_bytes(fresh.getvalue())


def write_vorbis(to: io.BytesIO, rate: int, audio: Audio, quality: float) -> None:
    """In short blocks: libsndfile takes each block onto its stack."""
    channels = 1 if audio.ndim == 1 else 2
    with soundfile.SoundFile(
        to, "w", rate, channels, format="OGG", subtype="VORBIS", compression_level=1 - quality
    ) as file:
        for start in range(0, len(audio), 4096):
            file.write(audio[start : start + 4096])


def same_sound(path: Path, fresh: io.BytesIO) -> bool:
    fresh.seek(0)
    return np.array_equal(soundfile.read(path)[0], soundfile.read(fresh)[0])


def size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    main(sys.argv[1:])

"""The guide: the name of what comes, then the count, each word on its pulse. Needs espeak-ng on the PATH."""

from __future__ import annotations

import io
import re
import subprocess
import tomllib
from functools import cache
from pathlib import Path

import numpy as np
import soundfile
import soxr

from synth.effects import Audio
from synth.timeline import Timeline

NUMBERS = ("one", "two", "three", "four", "five", "six", "seven")


@cache
def spoken(words: str, rate: int) -> Audio:
    """Mono speech that begins with its first audible sample."""
    command = ["espeak-ng", "-v", "en-gb", "-s", "210", "-p", "45", "--stdout", words]
    wave = subprocess.run(command, check=True, capture_output=True).stdout
    audio, own_rate = soundfile.read(io.BytesIO(wave))
    audible = np.flatnonzero(np.abs(audio) > 0.02 * np.max(np.abs(audio)))
    audio = audio[audible[0] : audible[-1] + 1] / np.max(np.abs(audio))
    return np.asarray(soxr.resample(audio, own_rate, rate), dtype=np.float64)


def guides(song_toml: Path, song: Timeline) -> dict[str, Audio]:
    """Each guide file of a song by its path in it: the words are those of the file's name."""
    entries = tomllib.loads(song_toml.read_text(encoding="utf-8"))["guide"]
    return {entry["file"]: guide(song, entry["at"], Path(entry["file"]).stem) for entry in entries}


def guide(song: Timeline, at: str, name: str) -> Audio:
    """`at` is written "<section or bar> - <n> bar(s)"; the last of those bars is counted."""
    target, bars = re.fullmatch(r"(.+) - (\d) bars?", at).groups()  # type: ignore[union-attr]
    arrival = arrival_bar(song, target)
    first, last = arrival - int(bars), arrival - 1
    start, length = song.frame(first), song.frame(arrival) - song.frame(first)
    audio = np.zeros(length)
    title = spoken(name.replace("-", " "), song.rate)[:length]
    audio[: len(title)] = title
    for number, quarters in zip(NUMBERS, song.meter_of(last).pulses, strict=False):
        frame = song.frame(last, quarters) - start
        word = spoken(number, song.rate)[: length - frame]
        if frame >= len(title):
            audio[frame : frame + len(word)] += word
    audio *= 0.5 / np.max(np.abs(audio))
    return audio


def arrival_bar(song: Timeline, target: str) -> int:
    name, _, number = target.partition("#")
    return int(name) if name.isdigit() else song.named(name)[int(number or 1) - 1].bar

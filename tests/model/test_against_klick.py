"""The same maps, written twice, once for us and once for klick: its rendered click track shows the same beats.

klick 0.12.2 adds up beat lengths in doubles and cuts the fraction of each sum, where a song map rounds to the nearest
frame of a closed formula. So a beat is on klick's frame or one later, never anything else, however long the song.
"""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
import soundfile as sf
from numpy.typing import NDArray

from showctl.model.meter import Pulse, parse_meter
from showctl.model.songmap import MeterMark, SongMap
from showctl.model.tempo import TempoMap, TempoMark

ACCUMULATED = 1e-3
"""Frames by which klick's sum may be off. 2,000 roundings come to 1e-6; only a nearly flat ramp comes to 4e-4, because
klick divides the difference of two tempos by the difference of their logarithms, which there are almost equal."""


@dataclass(frozen=True)
class Case:
    """`tempo` marks are (quarter, bpm, ramp), `meters` (bar, meter, accents); klick's bpm are quarters too."""

    name: str
    klick: str
    tempo: tuple[tuple[int | Fraction, float, bool], ...]
    meters: tuple[tuple[int, str, str | None], ...]
    bars: int
    pulse: Pulse = "auto"

    def song_map(self, rate: int) -> SongMap:
        tempo = TempoMap(tuple(TempoMark(Fraction(quarter), bpm, ramp) for quarter, bpm, ramp in self.tempo))
        meters = tuple(MeterMark(bar, parse_meter(meter, accents)) for bar, meter, accents in self.meters)
        return SongMap.build(rate, tempo, meters, self.pulse, end_bar=self.bars + 1)


CASES = [
    Case("four hundred bars", "400 137", ((0, 137.0, False),), ((1, "4/4", None),), 400),
    Case(
        "ramps up and down",
        "8 90\n 16 90-171.5\n 8 171.5\n 24 171.5-60\n 4 60",
        ((0, 90.0, False), (32, 90.0, False), (96, 171.5, True), (128, 171.5, False), (224, 60.0, True)),
        ((1, "4/4", None),),
        60,
    ),
    Case("waltz", "64 3/4 101.25", ((0, 101.25, False),), ((1, "3/4", None),), 64),
    Case("seven eighths", "80 7/8 143 XxXxXxx", ((0, 143.0, False),), ((1, "7/8", "2+2+3"),), 80),
    Case("five quarters", "40 5/4 97.5 XxxXx", ((0, 97.5, False),), ((1, "5/4", "3+2"),), 40),
    Case(
        "twelve eighths by the dotted quarter",
        "40 12/8 93 X..X..X..X..",
        ((0, 93.0, False),),
        ((1, "12/8", None),),
        40,
    ),
    Case(
        "twelve eighths by the eighth",
        "40 12/8 93 XxxXxxXxxXxx",
        ((0, 93.0, False),),
        ((1, "12/8", None),),
        40,
        "beat",
    ),
    Case(
        "a new tempo within a section and a meter",
        "5 113\n 3 127.75\n 8 3/4 127.75\n 4 3/4 61",
        ((0, 113.0, False), (20, 127.75, False), (56, 61.0, False)),
        ((1, "4/4", None), (9, "3/4", None)),
        20,
    ),
    Case(
        "one ramp across three meters",
        "4 4/4 100-116\n 8 7/8 116-144 XxXxXxx\n 6 5/4 144-174\n 2 5/4 174",
        ((0, 100.0, False), (74, 174.0, True)),
        ((1, "4/4", None), (5, "7/8", "2+2+3"), (13, "5/4", None)),
        20,
    ),
    Case(
        "one ramp over four hundred bars",
        "400 60-187",
        ((0, 60.0, False), (1600, 187.0, True)),
        ((1, "4/4", None),),
        400,
    ),
    Case(
        "a ramp that is nearly flat over four hundred bars",
        "400 120-120.0078125",
        ((0, 120.0, False), (1600, 120.0078125, True)),
        ((1, "4/4", None),),
        400,
    ),
    Case(
        "four hundred bars of everything",
        "60 132\n 40 132-88\n 60 7/8 88 XxXxXxx\n 40 7/8 88-151.5 XxXxXxx\n 100 3/4 151.5\n"
        "60 12/8 76 XxxXxxXxxXxx\n 40 5/4 76-200",
        (
            (0, 132.0, False),
            (240, 132.0, False),
            (400, 88.0, True),
            (610, 88.0, False),
            (750, 151.5, True),
            (1050, 76.0, False),
            (1410, 76.0, False),
            (1610, 200.0, True),
        ),
        (
            (1, "4/4", None),
            (101, "7/8", "2+2+3"),
            (201, "3/4", None),
            (301, "12/8", None),
            (361, "5/4", None),
        ),
        400,
        "beat",
    ),
]


@pytest.fixture(scope="session")
def klick() -> str:
    path = shutil.which("klick")
    if path is None:
        pytest.fail("klick is not on PATH: these tests compare with it; install klick 0.12 (Debian: apt install klick)")
    return path


def klick_track(klick: str, folder: Path, text: str, rate: int) -> tuple[NDArray[np.int64], NDArray[np.bool_], int]:
    """Frames of klick's clicks, which are emphasised, and the track's length; a click is one sample, 1 or 1/2."""
    sf.write(folder / "emphasis.wav", np.array([1.0]), rate, subtype="FLOAT")
    sf.write(folder / "normal.wav", np.array([0.5]), rate, subtype="FLOAT")
    (folder / "map").write_text(text + "\n")
    command = [klick, "-f", "map", "-S", "emphasis.wav,normal.wav", "-r", str(rate), "-W", "track.wav"]
    subprocess.run(command, cwd=folder, check=True, timeout=60)
    track, written_rate = sf.read(folder / "track.wav", dtype="int16")
    assert written_rate == rate
    frames = np.flatnonzero(track)
    return frames, track[frames] > 0.75 * 32767, len(track)


@pytest.mark.parametrize(
    ("case", "rate"),
    [(case, 48000) for case in CASES] + [(CASES[1], 44100), (CASES[8], 44100)],
    ids=lambda value: value.name if isinstance(value, Case) else str(value),
)
def test_every_pulse_is_where_klick_puts_it_before_it_cuts_the_fraction(
    klick: str, tmp_path: Path, case: Case, rate: int
) -> None:
    frames, emphasised, length = klick_track(klick, tmp_path, case.klick, rate)
    song_map = case.song_map(rate)
    pulses = song_map.pulses
    assert emphasised.tolist() == (pulses.accent > 0).tolist()
    assert set((pulses.frame - frames).tolist()) <= {0, 1}
    assert song_map.end - length in {0, 1}
    cut_off = unrounded_frames(song_map) - frames
    assert cut_off.min() > -ACCUMULATED
    assert cut_off.max() < 1.0 + ACCUMULATED


def unrounded_frames(song_map: SongMap) -> NDArray[np.float64]:
    places = zip(song_map.pulses.bar.tolist(), song_map.pulses.beat.tolist(), strict=True)
    quarters = np.array([song_map.quarter_at(bar, beat) for bar, beat in places], float)
    return song_map.tempo.seconds_at(quarters) * song_map.rate

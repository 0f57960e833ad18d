"""The demo's audio files: all sound, none too loud, on the beats that the service counts, and not too big together."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile
from numpy.typing import NDArray

from showctl.model.songmap import SongMap
from showctl.showfile.folder import read_folder
from showctl.showfile.songs import plan_show

DEMO = Path(__file__).parents[2] / "shows" / "demo"
STEMS = sorted(path.relative_to(DEMO / "songs").as_posix() for path in DEMO.glob("songs/*/stems/*"))
GUIDES = sorted(path.relative_to(DEMO / "songs").as_posix() for path in DEMO.glob("songs/*/guide/*"))
Samples = NDArray[np.float32]


def decoded(name: str) -> tuple[Samples, int]:
    """(frames, channels) and the sample rate."""
    samples, rate = soundfile.read(DEMO / "songs" / name, dtype="float32", always_2d=True)
    return samples, rate


def grid_of(song: str) -> SongMap:
    """The service's own map of a song's bars, at 48 kHz, without its audio."""
    folder = read_folder(DEMO)
    return plan_show(folder.texts, folder.listing).songs[song].time.grid


def onset(samples: Samples, near: int, rate: int) -> int:
    """The frame within 10 ms of `near` where the sound first stands out from the 8 ms before that."""
    reach, before = rate // 100, rate // 125
    window = np.abs(samples[near - reach - before : near + reach])
    threshold = max(3.0 * float(window[:before].max()), 0.2 * float(window.max()))
    return near - reach + int(np.argmax(window[before:] > threshold))


def test_each_of_the_four_songs_has_at_least_six_stems() -> None:
    counts = {song.name: len(list((song / "stems").iterdir())) for song in (DEMO / "songs").iterdir()}
    assert sorted(counts) == ["first-light", "last-train", "night-drive", "seven-stars"]
    assert min(counts.values()) >= 6


@pytest.mark.parametrize("name", STEMS + GUIDES)
def test_a_file_decodes_to_finite_sound_below_full_scale(name: str) -> None:
    samples, rate = decoded(name)
    loudest = float(np.max(np.abs(samples)))
    assert rate in {44100, 48000}
    assert np.isfinite(loudest)
    assert 0.02 < loudest < 1.0


def test_drum_hits_follow_the_accelerating_tempo_within_a_millisecond() -> None:
    grid = grid_of("last-train")
    samples, rate = decoded("last-train/stems/drums.ogg")
    beats = [int(grid.frame_at(bar, beat)) for bar in range(13, 43) for beat in (1, 2, 3, 4)]
    late = [onset(samples[:, 0], frame, rate) - frame for frame in beats]
    assert max(map(abs, late)) <= rate / 1000


def test_the_vamp_ends_as_it_begins_so_that_it_goes_round_unheard() -> None:
    grid = grid_of("night-drive")
    mix = sum_of("night-drive")
    start, end = (int(grid.frame_at(bar)) * 44100 // 48000 for bar in (25, 29))
    before = 44100 // 2
    difference = mix[end - before : end] - mix[start - before : start]
    assert np.sqrt(np.mean(difference**2)) < 0.25 * np.sqrt(np.mean(mix[end - before : end] ** 2))


def sum_of(song: str) -> Samples:
    """All stems on both channels; the lengths differ by the silence cut off their ends."""
    stems = [decoded(name)[0] for name in STEMS if name.startswith(f"{song}/")]
    total = np.zeros((max(map(len, stems)), 2), np.float32)
    for stem in stems:
        total[: len(stem)] += stem
    return total


@pytest.mark.parametrize("song", ["first-light", "night-drive", "seven-stars"])
def test_all_stems_together_do_not_clip(song: str) -> None:
    assert 0.5 < float(np.max(np.abs(sum_of(song)))) < 0.9


def test_the_show_is_small_enough_to_be_fetched_with_the_source() -> None:
    size = sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file())
    assert size <= 15_000_000

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
SONGS = ("first-light", "last-train", "night-drive", "seven-stars")
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


def files(song: str, folder: str) -> list[str]:
    return sorted(path.relative_to(DEMO / "songs").as_posix() for path in (DEMO / "songs" / song / folder).iterdir())


@pytest.mark.parametrize("song", SONGS)
def test_a_song_has_six_stems_or_more_that_sound_and_do_not_clip_alone_or_together(song: str) -> None:
    stems = files(song, "stems")
    together = np.zeros((120 * 48000, 2), np.float32)
    peaks = {}
    for name in stems:
        samples, rate = decoded(name)
        assert rate in {44100, 48000}
        peaks[name] = float(np.max(np.abs(samples)))
        if "whistle" not in name:  # it starts at another bar, alone
            together[: len(samples)] += samples
    assert len(stems) >= 6
    assert [name for name in stems if not 0.02 < peaks[name] < 1.0] == []  # NaN and infinity fail as well
    assert 0.5 < float(np.max(np.abs(together))) < 0.9


@pytest.mark.parametrize("song", SONGS)
def test_every_guide_is_a_loud_voice_that_does_not_clip(song: str) -> None:
    guides = {name: float(np.max(np.abs(decoded(name)[0]))) for name in files(song, "guide")}
    assert guides
    assert [name for name, peak in guides.items() if not 0.3 < peak < 1.0] == []


def test_drum_hits_follow_the_accelerating_tempo_within_a_millisecond() -> None:
    grid = grid_of("last-train")
    samples, rate = decoded("last-train/stems/drums.ogg")
    beats = [int(grid.frame_at(bar, beat)) for bar in range(13, 43) for beat in (1, 2, 3, 4)]
    late = [onset(samples[:, 0], frame, rate) - frame for frame in beats]
    assert max(map(abs, late)) <= rate / 1000


@pytest.mark.parametrize("stem", ["bass", "keys", "lead", "pad"])
def test_the_vamp_ends_as_the_bar_before_it_so_that_it_goes_round_unheard(stem: str) -> None:
    grid = grid_of("night-drive")
    samples, rate = decoded(f"night-drive/stems/{stem}.ogg")
    start, end = (int(grid.frame_at(bar)) * rate // 48000 for bar in (25, 29))
    last_bar = int(grid.frame_at(2)) * rate // 48000
    first_time, each_time = samples[start - last_bar : start], samples[end - last_bar : end]
    assert rms(first_time - each_time) < 0.3 * rms(each_time)  # the coding's own noise is a fifth


def rms(samples: Samples) -> float:
    return float(np.sqrt(np.mean(samples**2)))


def test_the_show_is_small_enough_to_be_fetched_with_the_source() -> None:
    size = sum(path.stat().st_size for path in DEMO.rglob("*") if path.is_file())
    assert size <= 15_000_000

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from showctl.errors import MediaError
from showctl.media.cache import Cache
from showctl.media.prepare import PreparedSong, StemColumns, StemSource, prepare_song
from showctl.model.units import SongFrame

from .audio import Samples, cut, noise, sine, write

CHILD = Path(__file__).with_name("prepare_child.py")


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def stem(path: Path, offset: int = 0, slug: str = "") -> StemSource:
    return StemSource(slug or path.stem, path, SongFrame(offset))


def mapped(song: PreparedSong) -> npt.NDArray[np.float32]:
    return np.memmap(song.path, np.float32, "r", shape=(song.frames, song.channels))


def entries(cache: Cache) -> list[str]:
    return sorted(folder.name for folder in cache.directory.iterdir() if folder.is_dir())


@contextmanager
def child(mode: str, directory: Path, rate: int, *paths: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(CHILD), mode, str(directory), str(rate), *map(str, paths)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def answer(process: subprocess.Popen[str]) -> Any:  # noqa: ANN401 - JSON
    assert process.stdout is not None
    return json.loads(process.stdout.readline())


def test_stems_lie_side_by_side_at_their_offsets(tmp_path: Path, cache: Cache) -> None:
    drums, bass, keys = noise(30_000, 3, seed=1), noise(20_000, 1, seed=2), noise(40_000, 2, seed=3)
    song = prepare_song(
        [
            stem(write(tmp_path / "drums.wav", drums), -10_000),
            stem(write(tmp_path / "bass.flac", bass), 25_000),
            stem(write(tmp_path / "keys.aiff", keys)),
        ],
        48000,
        cache,
    )
    expected: Samples = np.zeros((55_000, 6), np.float32)
    expected[:30_000, :3] = drums
    expected[35_000:55_000, 3:4] = bass
    expected[10_000:50_000, 4:] = keys
    assert np.array_equal(mapped(song), expected)
    assert (song.origin, song.frames, song.rate, song.warnings) == (-10_000, 55_000, 48000, ())
    assert song.columns == (
        StemColumns("drums", 0, 3, 30_000, SongFrame(-10_000), 48000),
        StemColumns("bass", 3, 1, 20_000, SongFrame(25_000), 48000),
        StemColumns("keys", 4, 2, 40_000, SongFrame(0), 48000),
    )


def test_stems_of_many_rates_line_up_with_each_other(tmp_path: Path, cache: Cache) -> None:
    rates = [8000, 22050, 44100, 48000, 96000, 192_000]
    stems = [stem(write(tmp_path / f"{rate}.wav", sine(1.0, rate), rate, "FLOAT")) for rate in rates]
    audio = mapped(prepare_song(stems, 48000, cache))
    assert audio.shape == (48000, 6)
    assert np.abs(audio - sine(1.0, 48000))[4800:-4800].max() < 0.5e-5


def test_a_lone_late_stem_starts_the_file(tmp_path: Path, cache: Cache) -> None:
    audio = noise(1000)
    song = prepare_song([stem(write(tmp_path / "a.wav", audio), 96_000)], 48000, cache)
    assert (song.origin, song.frames) == (96_000, 1000)
    assert np.array_equal(mapped(song), audio)


def test_64_channels_twice_are_128_columns(tmp_path: Path, cache: Cache) -> None:
    audio = noise(9000, 64)
    path = write(tmp_path / "a.wav", audio)
    assert np.array_equal(mapped(prepare_song([stem(path), stem(path)], 48000, cache)), np.hstack([audio, audio]))


def test_a_song_without_stems_is_a_mistake_of_the_caller(cache: Cache) -> None:
    with pytest.raises(ValueError, match="without stems"):
        prepare_song([], 48000, cache)


def test_progress_ends_at_what_was_expected_for_every_stem(tmp_path: Path, cache: Cache) -> None:
    seen: dict[str, list[tuple[int, int]]] = {"a": [], "b": []}
    stems = [
        stem(write(tmp_path / "a.wav", noise(441_000), 44100), 1000),
        stem(write(tmp_path / "b.wav", noise(96_000))),
    ]
    prepare_song(stems, 48000, cache, lambda slug, done, expected: seen[slug].append((done, expected)))
    assert seen["a"][-1] == (480_000, 480_000)
    assert seen["b"][-1] == (96_000, 96_000)
    assert all(steps == sorted(steps) for steps in seen.values())


def test_a_prepared_song_is_found_again_without_decoding(tmp_path: Path, cache: Cache) -> None:
    stems = [stem(write(tmp_path / "a.wav", noise(50_000))), stem(write(tmp_path / "b.wav", noise(50_000)), -7)]
    calls: list[str] = []
    song = prepare_song(stems, 48000, cache)
    assert prepare_song(stems, 48000, Cache(cache.directory), lambda slug, *_: calls.append(slug)) == song
    assert calls == []


def test_a_renamed_show_folder_and_new_stem_names_find_the_same_song(tmp_path: Path, cache: Cache) -> None:
    audio, calls = noise(1000), list[str]()
    audio[500] = np.nan
    old = stem(write(tmp_path / "old" / "a.wav", audio, subtype="FLOAT"))
    song = prepare_song([old], 48000, cache)
    shutil.move(tmp_path / "old", tmp_path / "new")
    renamed = [stem(tmp_path / "new" / "a.wav", slug="lead")]
    found = prepare_song(renamed, 48000, cache, lambda slug, *_: calls.append(slug))
    assert calls == []
    assert (found.key, found.path, found.columns[0].slug) == (song.key, song.path, "lead")
    assert found.warnings == (
        f"{tmp_path}/new/a.wav: 1 sample was not a number and became silence, the first at 0.010 s",
    )


def test_content_offset_and_rate_make_another_song(tmp_path: Path, cache: Cache) -> None:
    path = write(tmp_path / "a.wav", noise(1000))
    keys = {prepare_song([stem(path, offset)], rate, cache).key for offset in (0, 1) for rate in (44100, 48000)}
    write(path, noise(1000, seed=2))
    assert prepare_song([stem(path)], 48000, cache).key not in keys
    assert len(keys) == 4


def test_bad_samples_are_replaced_and_reported_by_file_and_place(tmp_path: Path, cache: Cache) -> None:
    spoilt = noise(44100)
    spoilt[22050:22053] = np.inf
    clean, bad = write(tmp_path / "a.wav", noise(10)), write(tmp_path / "b.wav", spoilt, 44100, "FLOAT")
    song = prepare_song([stem(clean), stem(bad)], 48000, cache)
    assert np.isfinite(mapped(song)).all()
    assert song.warnings == (f"{bad}: 3 samples were not a number and became silence, the first at 0.500 s",)


def test_a_bad_stem_is_named_and_nothing_is_left(tmp_path: Path, cache: Cache) -> None:
    good = stem(write(tmp_path / "good.wav", noise(400_000)))
    bad = stem(cut(write(tmp_path / "bad.flac", noise(400_000)), 0.5))
    with pytest.raises(MediaError, match=r"bad\.flac: ends after"):
        prepare_song([good, bad], 48000, cache)
    assert entries(cache) == []


def test_a_stem_that_changes_while_it_is_read_is_refused(tmp_path: Path, cache: Cache) -> None:
    path = write(tmp_path / "a.wav", noise(600_000))

    def change(_slug: str, _done: int, _expected: int) -> None:
        with path.open("r+b") as file:
            file.seek(100)
            file.write(b"changed")

    with pytest.raises(MediaError, match=r"a\.wav: changed while it was being read; prepare again"):
        prepare_song([stem(path)], 48000, cache, change)
    assert entries(cache) == []


@pytest.mark.parametrize("damage", ["no facts", "no audio", "short audio", "foreign facts"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, cache: Cache, damage: str) -> None:
    audio = noise(1000)
    stems = [stem(write(tmp_path / "a.wav", audio))]
    entry = Path(prepare_song(stems, 48000, cache).path).parent
    match damage:
        case "no facts":
            (entry / "song.json").unlink()
        case "no audio":
            (entry / "audio.f32").unlink()
        case "short audio":
            os.truncate(entry / "audio.f32", 3999)
        case _:
            (entry / "song.json").write_text("{}")
    assert np.array_equal(mapped(prepare_song(stems, 48000, cache)), audio)


def test_a_damaged_entry_is_made_again_though_it_is_pinned(tmp_path: Path, cache: Cache) -> None:
    stems = [stem(write(tmp_path / "a.wav", noise(1000)))]
    song = prepare_song(stems, 48000, cache)
    cache.pin([song.key])
    os.truncate(song.path, 0)
    assert np.array_equal(mapped(prepare_song(stems, 48000, cache)), noise(1000))


def test_a_damaged_entry_held_by_another_process_is_an_error(tmp_path: Path, cache: Cache) -> None:
    stems = [stem(write(tmp_path / "a.wav", noise(1000)))]
    song = prepare_song(stems, 48000, cache)
    other = Cache(cache.directory)
    other.pin([song.key])
    os.truncate(song.path, 0)
    with pytest.raises(MediaError, match="is damaged and in use; stop the other showctl and prepare again"):
        prepare_song(stems, 48000, cache)


def test_a_prepare_killed_in_the_middle_leaves_nothing_behind(tmp_path: Path) -> None:
    audio = noise(600_000)
    path = write(tmp_path / "a.wav", audio)
    with child("wait", tmp_path / "cache", 48000, path) as process:
        assert answer(process) == "halfway"
        process.kill()
        process.wait()
    leftover = next((tmp_path / "cache").glob("*.part"))
    assert (leftover / "audio.f32").stat().st_size > 0
    cache = Cache(tmp_path / "cache")
    assert entries(cache) == []
    song = prepare_song([stem(path)], 48000, cache)
    assert np.array_equal(mapped(song), audio)
    assert entries(cache) == [song.key]


def test_two_prepares_of_one_song_do_not_hurt_each_other(tmp_path: Path) -> None:
    audio = noise(600_000)
    path = write(tmp_path / "a.wav", audio)
    with child("wait", tmp_path / "cache", 48000, path) as slow:
        assert answer(slow) == "halfway"
        cache = Cache(tmp_path / "cache")
        song = prepare_song([stem(path)], 48000, cache)
        view = mapped(song)
        slow.communicate("go on\n")
        assert slow.returncode == 0
    assert np.array_equal(view, audio)
    assert np.array_equal(mapped(song), audio)
    assert entries(cache) == [song.key]


def test_a_full_disk_is_reported_and_nothing_is_left(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(600_000))
    with child("limited", tmp_path / "cache", 48000, path) as process:
        error = answer(process)["error"]
    assert error.startswith(f"the cache in {tmp_path}/cache is full (File too large): needs 2 MB, ")
    assert error.endswith(" free; free space or set SHOWCTL_CACHE to a folder on another disk")
    assert entries(Cache(tmp_path / "cache")) == []


def test_a_long_song_needs_little_memory(tmp_path: Path) -> None:
    stereo = write(tmp_path / "stereo.wav", np.tile(noise(48_000, 2), (200, 1)), 48000)
    mono = write(tmp_path / "mono.wav", np.tile(noise(44_100), (100, 1)), 44100)
    with child("memory", tmp_path / "cache", 48000, stereo, mono) as process:
        result = answer(process)
    assert result["bytes"] == 200 * 48_000 * 3 * 4 > 110_000_000
    assert 10_000_000 < result["anonymous"] < 80_000_000

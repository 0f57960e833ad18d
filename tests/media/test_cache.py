from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from showctl.errors import MediaError
from showctl.media.cache import Cache, default_directory

PIN_AND_WAIT = """
import sys
from pathlib import Path
from showctl.media.cache import Cache
Cache(Path(sys.argv[1])).pin([sys.argv[2]])
print("pinned", flush=True)
sys.stdin.readline()
"""


def add(cache: Cache, key: str, size: int) -> None:
    with cache.build(key, size) as folder:
        (folder / "audio").write_bytes(bytes(size))


def keys(cache: Cache) -> list[str]:
    return sorted(folder.name for folder in cache.directory.iterdir() if folder.is_dir())


def test_the_default_directory_is_the_users_cache_or_the_named_one() -> None:
    assert default_directory({"SHOWCTL_CACHE": "elsewhere"}) == Path("elsewhere")
    assert default_directory({}).name == "showctl"


def test_an_entry_appears_when_it_is_complete(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "a" / "b")
    with cache.build("song", 100) as folder:
        (folder / "audio").write_bytes(b"sound")
        assert cache.lookup("song") is None
    found = cache.lookup("song")
    assert found == cache.directory / "song"
    assert (cache.directory / "song" / "audio").read_bytes() == b"sound"


def test_a_failed_build_leaves_nothing(tmp_path: Path) -> None:
    cache = Cache(tmp_path)

    def interrupted_build() -> None:
        with cache.build("song", 100) as folder:
            (folder / "audio").touch()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted_build()
    assert list(tmp_path.iterdir()) == []


def test_the_least_recently_used_entry_leaves_first(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=350)
    for key in ("a", "b", "c"):
        add(cache, key, 100)
    cache.lookup("a")
    add(cache, "d", 100)
    assert keys(cache) == ["a", "c", "d"]
    add(cache, "e", 200)
    assert keys(cache) == ["d", "e"]


def test_pinned_entries_are_never_evicted(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=350)
    cache.pin(["a", "d"])
    for key in ("a", "b", "c", "d", "e"):
        add(cache, key, 100)
    assert keys(cache) == ["a", "d", "e"]
    cache.pin(["e"])
    add(cache, "f", 200)
    assert keys(cache) == ["e", "f"]


def test_a_pin_on_an_entry_still_to_come_holds_against_other_users(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    cache.pin(["a"])
    add(cache, "a", 100)
    other = Cache(tmp_path, limit_bytes=250)
    add(other, "b", 100)
    add(other, "c", 100)
    assert keys(cache) == ["a", "c"]


def test_two_builders_at_once_still_end_within_the_limit(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=150)
    with cache.build("slow", 100) as folder:
        (folder / "audio").write_bytes(bytes(100))
        add(Cache(tmp_path, limit_bytes=150), "quick", 100)
    assert keys(cache) == ["slow"]


def test_a_song_that_does_not_fit_beside_the_pinned_ones_is_refused(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=3_000_000)
    cache.pin(["a"])
    add(cache, "a", 2_000_000)
    with pytest.raises(MediaError) as caught:
        add(cache, "b", 2_000_000)
    assert str(caught.value) == (
        f"the cache in {tmp_path} may hold 3 MB: 2 MB more are needed and 2 MB are in use; raise its limit"
    )
    assert keys(cache) == ["a"]


def test_an_entry_pinned_by_another_process_stays_until_that_ends(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=250)
    add(cache, "a", 100)
    command = [sys.executable, "-c", PIN_AND_WAIT, str(tmp_path), "a"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "pinned\n"
        add(cache, "b", 100)
        add(cache, "c", 100)
        assert keys(cache) == ["a", "c"]
        other.kill()
    add(cache, "d", 100)
    assert keys(cache) == ["c", "d"]


def test_an_entry_larger_than_the_disk_says_what_is_needed_and_free(tmp_path: Path) -> None:
    cache = Cache(tmp_path, limit_bytes=10**18)
    with pytest.raises(MediaError, match=r"is full: needs 100000000\.0 GB, [0-9.]+ [GM]B free; free space or set SHOW"):
        add(cache, "a", 10**17)


def test_the_quicker_of_two_builders_wins(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    with cache.build("song", 100) as folder:
        (folder / "audio").write_bytes(b"second")
        with Cache(tmp_path).build("song", 100) as quicker:
            (quicker / "audio").write_bytes(b"first")
    assert keys(cache) == ["song"]
    assert (tmp_path / "song" / "audio").read_bytes() == b"first"


def test_scratch_of_a_living_builder_is_no_leftover(tmp_path: Path) -> None:
    cache = Cache(tmp_path)
    (tmp_path / "dead.part").mkdir()
    with cache.build("song", 100) as folder:
        Cache(tmp_path)
        assert keys(cache) == [folder.name]


def test_unchanged_files_are_not_hashed_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    path = tmp_path / "a.wav"
    path.write_bytes(b"one")
    os.utime(path, ns=(10**18, 10**18))
    [first] = cache.content_hashes([path])
    with path.open("r+b") as file:
        file.write(b"two")
    os.utime(path, ns=(10**18, 10**18))
    assert Cache(tmp_path / "cache").content_hashes([path]) == [first]
    os.utime(path, ns=(10**18 + 1, 10**18 + 1))
    assert cache.content_hashes([path]) != [first]


def test_a_file_just_written_is_hashed_again(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    path = tmp_path / "a.wav"
    path.write_bytes(b"one")
    before = path.stat()
    [first] = cache.content_hashes([path])
    path.write_bytes(b"two")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert cache.content_hashes([path]) != [first]


def test_a_damaged_hash_index_is_started_anew(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    path = tmp_path / "a.wav"
    path.write_bytes(b"one")
    first = cache.content_hashes([path])
    (tmp_path / "cache" / "hashes.json").write_bytes(b"{\x00")
    assert cache.content_hashes([path]) == first


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"none\.wav: cannot be read \(No such file or directory\)"):
        Cache(tmp_path).content_hashes([tmp_path / "none.wav"])


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(MediaError, match=r"the cache in .*file cannot be used \(File exists\); set SHOWCTL_CACHE to"):
        Cache(tmp_path / "file")

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import soundfile

from showctl.errors import MediaError, ShowFileError
from showctl.media import voices
from showctl.media.cache import Cache
from showctl.media.prepare import PreparedSong, StemSource, prepare_song
from showctl.showfile.folder import AUDIO_SUFFIXES, read_folder
from showctl.showfile.load import Loaded, load_show
from showctl.showfile.media import MAX_VOICE_CHANNELS, MAX_VOICE_SECONDS, StemToPrepare

from .helpers import SHOW, SONG

needs_links = pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")


def write_show(root: Path, song: str = SONG) -> Path:
    """A show with a second of stereo bass at 44.1 kHz and a mono guide."""
    (root / "songs/closer/stems").mkdir(parents=True)
    (root / "show.toml").write_text(SHOW, encoding="utf-8")
    (root / "songs/closer/song.toml").write_text(song, encoding="utf-8")
    soundfile.write(root / "songs/closer/stems/bass.wav", np.full((44100, 2), 0.5, np.float32), 44100)
    soundfile.write(root / "songs/closer/guide.flac", np.zeros(4800, np.float32), 48000)
    return root


def load(root: Path, cache: Path) -> Loaded:
    """Loads through the real decoder."""
    opened = Cache(cache)

    def prepare(stems: Sequence[StemToPrepare], rate: int) -> PreparedSong:
        return prepare_song([StemSource(stem.slug, stem.path, stem.offset) for stem in stems], rate, opened)

    return load_show(root, prepare)


def told(loaded: Loaded) -> list[str]:
    return [problem.sentence for problem in loaded.problems]


def test_a_folder_becomes_a_show_with_real_media(tmp_path: Path) -> None:
    song = 'tempo = 120\ndownbeat = "0:00.25"\n[[guide]]\nat = 1\nfile = "guide.flac"\n'
    loaded = load(write_show(tmp_path / "show", song), tmp_path / "cache")
    assert told(loaded) == []
    closer = loaded.usable().songs["closer"]
    assert closer.medium is not None
    assert (closer.medium.frames, closer.medium.columns, closer.medium.origin) == (48000, 2, -12000)
    assert closer.end == 96000
    assert (closer.guides[0].voice.frames, closer.guides[0].voice.columns) == (4800, 1)
    assert (tmp_path / "cache" / closer.medium.key).is_dir()


def test_real_files_that_cannot_be_used_are_told_with_those_that_speak_of_them(tmp_path: Path) -> None:
    root = write_show(tmp_path / "show", SONG + '[[guide]]\nat = 1\nfile = "guide.flac"\n[stems.pad]\npan = 0.0\n')
    (root / "songs/closer/stems/bass.wav").write_bytes(b"")
    (root / "songs/closer/stems/pad.wav").write_bytes(b"no sound")
    (root / "songs/closer/guide.flac").write_bytes(b"fLaC")
    loaded = load(root, tmp_path / "cache")
    assert [sentence.split(":")[0] for sentence in told(loaded)] == [
        "songs/closer/song.toml, line 7",
        "songs/closer/song.toml, line 8",
        "songs/closer/stems/bass.wav",
    ]
    assert str(tmp_path) not in "".join(told(loaded))
    with pytest.raises(ShowFileError) as raised:
        loaded.usable()
    assert list(raised.value.problems) == told(loaded)


def test_a_cache_that_cannot_be_written_is_no_fault_of_the_show(tmp_path: Path) -> None:
    def prepare(stems: Sequence[StemToPrepare], rate: int) -> PreparedSong:
        raise MediaError(f"the cache is full ({len(stems)} stems, {rate} Hz)")

    with pytest.raises(MediaError, match="the cache is full"):
        load_show(write_show(tmp_path), prepare)


def test_hidden_files_do_not_count(tmp_path: Path) -> None:
    root = write_show(tmp_path / "show")
    (root / "songs/closer/stems/._bass.wav").write_bytes(b"a Mac's own notes")
    (root / ".git").mkdir()
    (root / ".git/config").write_text("x")
    assert set(read_folder(root).listing.files) == {
        "show.toml",
        "songs/closer/song.toml",
        "songs/closer/stems/bass.wav",
        "songs/closer/guide.flac",
    }


@needs_links
def test_a_link_out_of_the_folder_is_told(tmp_path: Path) -> None:
    root = write_show(tmp_path / "show", SONG + '[[guide]]\nat = 1\nfile = "voice.flac"\n')
    (root / "songs/closer/guide.flac").rename(tmp_path / "elsewhere.flac")
    (root / "songs/closer/voice.flac").symlink_to(tmp_path / "elsewhere.flac")
    assert told(load(root, tmp_path / "cache")) == [
        'songs/closer/song.toml, line 7: expected a file inside the show\'s folder, found "voice.flac"'
    ]


@needs_links
def test_a_linked_stems_folder_is_told(tmp_path: Path) -> None:
    root = write_show(tmp_path / "show")
    (root / "songs/closer/stems").rename(tmp_path / "stems")
    (root / "songs/closer/stems").symlink_to(tmp_path / "stems", target_is_directory=True)
    assert told(load(root, tmp_path / "cache")) == [
        "songs/closer/song.toml, line 1: expected a folder stems/ inside the show's folder, found a link"
    ]


def test_a_folder_without_a_show_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "Show.toml").write_text(SHOW)
    assert told(load(tmp_path, tmp_path / "cache")) == ['show.toml: the file does not exist; did you mean "Show.toml"?']


@pytest.mark.parametrize("name", ["nowhere", "show.toml"])
def test_what_is_no_folder_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "show.toml").write_text(SHOW)
    with pytest.raises(ShowFileError, match="expected the folder of a show"):
        read_folder(tmp_path / name)


def test_voices_have_the_limits_of_the_decoder() -> None:
    assert (MAX_VOICE_CHANNELS, MAX_VOICE_SECONDS) == (voices.MAX_VOICE_CHANNELS, voices.MAX_VOICE_SECONDS)


def test_suffixes_are_lower_case() -> None:
    assert {suffix.lower() for suffix in AUDIO_SUFFIXES} == AUDIO_SUFFIXES

"""A song's stems as one memory-mapped file: decoded, resampled, interleaved.

All stems are read in lockstep, a block at a time, so the memory used does not depend on the length of the song.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np

from showctl.errors import MediaError
from showctl.media.cache import Cache
from showctl.media.decode import (
    AudioFacts,
    Damage,
    Samples,
    damage_warning,
    decoded,
    probe,
    resampled,
    resampled_frames,
)
from showctl.model.units import SongFrame

FORMAT_VERSION = 1
"""Part of every key; raised when the same stems would be written differently."""

AUDIO_FILE = "audio.f32"
FACTS_FILE = "song.json"

_BLOCK_BYTES = 1 << 20  # a block of interleaved audio stays in the processor's cache
_SAMPLE_BYTES = 4

Progress = Callable[[str, int, int], None]
"""Called with a stem's slug, its frames done and the frames expected, at the session rate."""


class StemSource(msgspec.Struct, frozen=True):
    """A stem to prepare: the first frame of its file, at the session rate, lies on song frame `offset`."""

    slug: str
    path: Path
    offset: SongFrame


class StemColumns(msgspec.Struct, frozen=True):
    """Where a stem lies: columns `first` to `first + channels`, `frames` decoded ones from song frame `offset` on."""

    slug: str
    first: int
    channels: int
    frames: int
    offset: SongFrame
    file_rate: int
    damaged_samples: int = 0
    damaged_at: int = 0
    """The first replaced frame, in the file's own rate."""


class PreparedSong(msgspec.Struct, frozen=True):
    """A song in the cache: float32, row-major, (frames, columns) from the first byte of `path` on.

    `np.memmap(path, np.float32, "r", shape=(frames, channels))`; row 0 is song frame `origin`.
    """

    path: str
    key: str
    rate: int
    frames: int
    origin: SongFrame
    columns: tuple[StemColumns, ...]
    warnings: tuple[str, ...] = ()

    @property
    def channels(self) -> int:
        """How many columns there are."""
        return sum(stem.channels for stem in self.columns)

    @property
    def size_bytes(self) -> int:
        """The length of the file."""
        return self.frames * self.channels * _SAMPLE_BYTES


def prepare_song(
    stems: Sequence[StemSource], rate: int, cache: Cache, progress: Progress | None = None
) -> PreparedSong:
    """The song of these stems (at least one) from the cache, decoded into it first where it is not there.

    Raises `MediaError` for a file that cannot be used and for a cache that cannot be written; nothing is left then.
    """
    if not stems:
        raise ValueError("a song without stems has nothing to prepare")
    hashes = _hashes(stems, cache)
    key = song_key(stems, hashes, rate)
    song = _stored_song(cache, key)
    if song is None:
        _build(stems, hashes, rate, cache, progress)
        song = _stored_song(cache, key)
    if song is None:
        raise MediaError(f"{cache.directory / key}: is damaged and in use; stop the other showctl and prepare again")
    return _for_stems(song, stems)


def song_key(stems: Sequence[StemSource], content_hashes: Sequence[str], rate: int) -> str:
    """The name of the entry: what is in the files and where it lies, not what the files or the show are called."""
    content = [(hash_, stem.offset) for hash_, stem in zip(content_hashes, stems, strict=True)]
    return hashlib.blake2b(msgspec.json.encode((FORMAT_VERSION, rate, content)), digest_size=20).hexdigest()


def _stored_song(cache: Cache, key: str) -> PreparedSong | None:
    """The entry, if it is whole; a damaged one is removed."""
    folder = cache.lookup(key)
    if folder is None:
        return None
    try:
        song = msgspec.json.decode((folder / FACTS_FILE).read_bytes(), type=PreparedSong)
        if (folder / AUDIO_FILE).stat().st_size == song.size_bytes:
            return msgspec.structs.replace(song, path=str(folder / AUDIO_FILE))
    except (OSError, msgspec.DecodeError):
        pass
    cache.discard(key)
    return None


def _for_stems(song: PreparedSong, stems: Sequence[StemSource]) -> PreparedSong:
    """The song with the names of today: an entry may have been made under others."""
    columns = tuple(
        msgspec.structs.replace(column, slug=stem.slug) for column, stem in zip(song.columns, stems, strict=True)
    )
    warnings = tuple(
        damage_warning(stem.path, Damage(column.damaged_samples, column.damaged_at), column.file_rate)
        for column, stem in zip(song.columns, stems, strict=True)
        if column.damaged_samples
    )
    return msgspec.structs.replace(song, columns=columns, warnings=warnings)


def _build(
    stems: Sequence[StemSource], hashes: Sequence[str], rate: int, cache: Cache, progress: Progress | None
) -> None:
    key = song_key(stems, hashes, rate)
    origin = SongFrame(min(stem.offset for stem in stems))
    readers = _readers(stems, rate, origin, progress)
    with cache.build(key, _expected_bytes(readers)) as folder:
        frames = _write_audio(folder / AUDIO_FILE, readers)
        song = PreparedSong("", key, rate, frames, origin, tuple(reader.columns() for reader in readers))
        _write_synced(folder / FACTS_FILE, msgspec.json.encode(song))
        _check_unchanged(stems, hashes, cache)


def _check_unchanged(stems: Sequence[StemSource], hashes: Sequence[str], cache: Cache) -> None:
    for stem, before, after in zip(stems, hashes, _hashes(stems, cache), strict=True):
        if before != after:
            raise MediaError(f"{stem.path}: changed while it was being read; prepare again")


def _hashes(stems: Sequence[StemSource], cache: Cache) -> list[str]:
    return cache.content_hashes([stem.path for stem in stems])


@dataclass(slots=True)
class _StemReader:
    """A stem as a stream of frames from the song's origin on: silence before its offset, then its audio."""

    source: StemSource
    facts: AudioFacts
    rate: int
    first: int
    lead: int
    progress: Progress | None
    damage: Damage = field(default_factory=Damage)
    done: int = 0
    _chunks: Iterator[Samples] = field(init=False)
    _pending: Samples = field(init=False)

    def __post_init__(self) -> None:
        channels = self.facts.channels
        audio = resampled(decoded(self.source.path, self.damage), channels, self.facts.rate, self.rate)
        self._chunks = chain(_silence(self.lead, channels), audio)
        self._pending = np.zeros((0, channels), np.float32)

    @property
    def expected(self) -> int:
        """The frames its header promises at the session rate, those before its offset included."""
        return self.lead + resampled_frames(self.facts.frames, self.facts.rate, self.rate)

    def fill(self, block: Samples) -> int:
        """Copy the next frames into `block`, zeros after the last; how many there were."""
        filled = 0
        while filled < len(block) and self._refill():
            taken = min(len(block) - filled, len(self._pending))
            block[filled : filled + taken] = self._pending[:taken]
            self._pending = self._pending[taken:]
            filled += taken
        block[filled:] = 0.0
        self._count(filled)
        return filled

    def columns(self) -> StemColumns:
        """What was read, once all of it was."""
        return StemColumns(
            self.source.slug,
            self.first,
            self.facts.channels,
            self.done - self.lead,
            self.source.offset,
            self.facts.rate,
            self.damage.samples,
            self.damage.first_frame,
        )

    def _refill(self) -> bool:
        while not len(self._pending):
            chunk = next(self._chunks, None)
            if chunk is None:
                return False
            self._pending = chunk
        return True

    def _count(self, frames: int) -> None:
        self.done += frames
        if self.progress is not None and frames and self.done > self.lead:
            self.progress(self.source.slug, self.done - self.lead, self.expected - self.lead)


def _readers(stems: Sequence[StemSource], rate: int, origin: SongFrame, progress: Progress | None) -> list[_StemReader]:
    readers: list[_StemReader] = []
    first = 0
    for stem in stems:
        facts = probe(stem.path)
        readers.append(_StemReader(stem, facts, rate, first, stem.offset - origin, progress))
        first += facts.channels
    return readers


def _silence(frames: int, channels: int) -> Iterator[Samples]:
    """Blocks of zeros."""
    for start in range(0, frames, 4096):
        yield np.zeros((min(4096, frames - start), channels), np.float32)


def _expected_bytes(readers: Sequence[_StemReader]) -> int:
    row = _SAMPLE_BYTES * sum(reader.facts.channels for reader in readers)
    return row * max(reader.expected for reader in readers)


def _write_audio(path: Path, readers: Sequence[_StemReader]) -> int:
    """Write all stems side by side until the longest ends, and bring it to the disk; the number of frames."""
    frames = 0
    with open(path, "xb", buffering=0) as file:
        for block in _interleaved(readers):
            _write_all(file.fileno(), block)
            frames += len(block)
        os.fsync(file.fileno())
    return frames


def _interleaved(readers: Sequence[_StemReader]) -> Iterator[Samples]:
    """Blocks of all stems side by side; the buffer is the same each time."""
    channels = sum(reader.facts.channels for reader in readers)
    block = np.zeros((max(1024, _BLOCK_BYTES // (_SAMPLE_BYTES * channels)), channels), np.float32)
    views = [block[:, reader.first : reader.first + reader.facts.channels] for reader in readers]
    while filled := max(reader.fill(view) for reader, view in zip(readers, views, strict=True)):
        yield block[:filled]


def _write_all(descriptor: int, block: Samples) -> None:
    remaining = block.data.cast("B")
    while remaining:
        remaining = remaining[os.write(descriptor, remaining) :]


def _write_synced(path: Path, content: bytes) -> None:
    with open(path, "xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

"""Audio files to float32, block by block at any sample rate, and what is wrong with them.

libsndfile decodes; its frame count is taken for a promise that decoding must keep. soxr resamples at its "VHQ"
setting, which costs no more time than "HQ" here and errs by less than -140 dB instead of -120; its stream
takes its own delay out, so frame n of a file lies at n × rate / file rate to the fraction.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias, cast

import msgspec
import numpy as np
import numpy.typing as npt
import soundfile
import soxr

from showctl.errors import MediaError
from showctl.media.containers import audio_extent, ogg_is_complete

Samples = npt.NDArray[np.float32]
"""Audio of shape (frames, channels)."""

_Sound: TypeAlias = Any  # soundfile.SoundFile; the library has no types

BLOCK_FRAMES = 8192
MAX_CHANNELS = 64
MIN_RATE, MAX_RATE = 4_000, 768_000
FORMATS = {"WAV": "WAV", "WAVEX": "WAV", "RF64": "WAV", "AIFF": "AIFF", "FLAC": "FLAC", "OGG": "OGG", "MP3": "MP3"}

LARGEST_SAMPLE = 1e6
"""+120 dBFS. A file of numbers beyond it is damaged, and they could overflow in the resampler."""

_SIZE_SLACK_BYTES = 64  # some writers count their own header as audio
_STRAY_BYTES = 1 << 14  # tags and padding behind the audio are smaller, a second of audio is larger
_MP3_SLACK_FRAMES = 2 * 1152  # encoders disagree whether the frame that holds the count is counted


class AudioFacts(msgspec.Struct, frozen=True):
    """What the header says of a file: `frames` is its promise, in frames of `rate`, until the file is decoded."""

    channels: int
    rate: int
    frames: int
    format: str
    subtype: str

    @property
    def seconds(self) -> float:
        """The promised length."""
        return self.frames / self.rate


@dataclass(slots=True)
class Damage:
    """Samples that were no numbers (or beyond `LARGEST_SAMPLE`) and became 0; the frame counts in the file's rate."""

    samples: int = 0
    first_frame: int = 0

    def note(self, samples: int, first_frame: int) -> None:
        if not self.samples:
            self.first_frame = first_frame
        self.samples += samples


def probe(path: Path) -> AudioFacts:
    """The facts of an audio file, from its header and its size, without decoding it.

    Raises `MediaError` for a file that is missing, unreadable, empty, of another kind, cut short (WAV, AIFF, OGG;
    FLAC and MP3 show it only when decoded), or whose header cannot be true.
    """
    with _opened(path) as (sound, _):
        return _facts(sound)


def decoded(path: Path, damage: Damage) -> Iterator[Samples]:
    """The samples of a file at its own rate, in blocks of at most `BLOCK_FRAMES`; `damage` counts replaced ones.

    Raises `MediaError` as `probe` does, and where the file does not hold what its header promised.
    """
    with _opened(path) as (sound, source):
        facts = _facts(sound)
        frame = 0
        while len(block := _read(sound, source, path, frame)):
            _replace_bad_samples(block, frame, damage)
            yield block
            frame += len(block)
        _check_promise_kept(path, facts, frame)
        _check_nothing_left(path, facts, source)


def resampled(blocks: Iterator[Samples], channels: int, file_rate: int, rate: int) -> Iterator[Samples]:
    """The same audio at `rate`: round(frames × rate / file rate) frames; untouched where the rates are equal."""
    if file_rate == rate:
        yield from blocks
        return
    stream = soxr.ResampleStream(file_rate, rate, channels, dtype="float32", quality="VHQ")
    for block in blocks:
        yield stream.resample_chunk(block)
    yield stream.resample_chunk(np.zeros((0, channels), np.float32), last=True)


def resampled_frames(frames: int, file_rate: int, rate: int) -> int:
    """How many frames `resampled` makes of `frames`."""
    return (2 * frames * rate + file_rate) // (2 * file_rate)


def damage_warning(path: Path | str, damage: Damage, file_rate: int) -> str:
    """The sentence for replaced samples."""
    many = "1 sample was" if damage.samples == 1 else f"{damage.samples} samples were"
    return f"{path}: {many} not a number and became silence, the first at {damage.first_frame / file_rate:.3f} s"


class _ForwardOnly(soundfile.SoundFile):  # type: ignore[misc]
    """A SoundFile that is read from start to end.

    The original seeks after each block it read from a seekable file. In an MP3 that costs the decoder its bit
    reservoir, and what follows is not what was recorded.
    """

    def seekable(self) -> bool:
        return False


class _Source(io.BufferedReader):
    """A file whose errors are kept or answered: libsndfile calls it through C, where no exception could pass."""

    fault: OSError | None = None

    def readinto(self, buffer: Any, /) -> int:  # noqa: ANN401 - as in typeshed
        try:
            return super().readinto(buffer)
        except OSError as exc:
            self.fault = exc
            return 0

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        try:
            return super().seek(offset, whence)
        except OSError:  # a broken header led to before the file's start: libsndfile sees that it is not there
            return self.tell()


@contextmanager
def _opened(path: Path) -> Iterator[tuple[_Sound, _Source]]:
    """The open SoundFile, its container checked, and the file under it."""
    try:
        raw = open(path, "rb", buffering=0)  # noqa: SIM115 - closed with the reader around it
    except FileNotFoundError as exc:
        raise MediaError(f"{path}: there is no such file; put it there or correct the name") from exc
    except OSError as exc:
        raise MediaError(f"{path}: cannot be opened ({exc.strerror})") from exc
    with _Source(raw, 1 << 16) as source, _sound(path, source) as sound:
        yield sound, source


def _sound(path: Path, source: _Source) -> _Sound:
    _check_not_empty(path, source)
    try:
        sound = _ForwardOnly(source)
    except soundfile.SoundFileError as exc:
        raise MediaError(_unreadable(path, source)) from exc
    try:
        _check_header(path, sound)
        _check_container(path, sound)
    except MediaError:
        sound.close()
        raise
    return sound


def _check_not_empty(path: Path, source: _Source) -> None:
    try:
        empty = not source.peek(1)
    except OSError as exc:
        raise MediaError(f"{path}: cannot be read ({exc.strerror})") from exc
    if empty:
        raise MediaError(f"{path}: the file is empty; export it again")


def _unreadable(path: Path, source: _Source) -> str:
    if source.fault is not None:
        return f"{path}: cannot be read ({source.fault.strerror})"
    return f"{path}: is not a readable audio file; export it as WAV, FLAC, AIFF, OGG or MP3"


def _facts(sound: _Sound) -> AudioFacts:
    return AudioFacts(sound.channels, sound.samplerate, sound.frames, FORMATS[sound.format], sound.subtype)


def _check_header(path: Path, sound: _Sound) -> None:
    if sound.format not in FORMATS:
        raise MediaError(f"{path}: {sound.format} is not supported; export it as WAV, FLAC, AIFF, OGG or MP3")
    if not 1 <= sound.channels <= MAX_CHANNELS:
        raise MediaError(
            f"{path}: its header says {sound.channels} channels, expected 1 to {MAX_CHANNELS}; export it again"
        )
    if not MIN_RATE <= sound.samplerate <= MAX_RATE:
        raise MediaError(
            f"{path}: its header says {sound.samplerate} Hz, expected {MIN_RATE} to {MAX_RATE} Hz; export it again"
        )


def _check_container(path: Path, sound: _Sound) -> None:
    """The checks that need no decoding. They read a handle of their own: libsndfile knows where it left its file."""
    with open(path, "rb") as file:
        if sound.format == "OGG" and not ogg_is_complete(file):
            raise MediaError(f"{path}: ends after {_seconds(sound)} without an end mark; export it again")
        if FORMATS[sound.format] in {"WAV", "AIFF"}:
            _check_extent(path, sound, file)
    if sound.frames == 0:
        raise MediaError(f"{path}: holds no audio; export it again")
    if sound.frames >= 1 << 62:  # libsndfile's "unknown"
        raise MediaError(f"{path}: its header does not tell its length; export it again")


def _check_extent(path: Path, sound: _Sound, file: BinaryIO) -> None:
    extent = audio_extent(file)
    if extent is None:
        return
    if extent.promised > extent.present + _SIZE_SLACK_BYTES:
        promised = sound.frames * extent.promised // max(extent.present, 1)
        raise MediaError(_cut_short(path, sound.frames, promised, sound.samplerate))
    if extent.stray > _STRAY_BYTES:
        raise MediaError(_more_than_promised(path, sound.frames / sound.samplerate, extent.stray))


def _read(sound: _Sound, source: _Source, path: Path, frame: int) -> Samples:
    """The next block, (0, channels) at the end."""
    try:
        block = sound.read(BLOCK_FRAMES, dtype="float32", always_2d=True)
    except soundfile.SoundFileError as exc:
        if source.fault is None:
            raise MediaError(_cut_short(path, frame, sound.frames, sound.samplerate, about="about ")) from exc
    if source.fault is not None:
        raise MediaError(f"{path}: cannot be read ({source.fault.strerror})") from source.fault
    return cast("Samples", block)


def _replace_bad_samples(block: Samples, first_frame: int, damage: Damage) -> None:
    if block.max() <= LARGEST_SAMPLE and block.min() >= -LARGEST_SAMPLE:  # both are false with a NaN inside
        return
    bad = ~(np.abs(block) <= LARGEST_SAMPLE)
    damage.note(int(np.count_nonzero(bad)), first_frame + int(np.argmax(bad.any(axis=1))))
    block[bad] = 0.0


def _check_promise_kept(path: Path, facts: AudioFacts, frames: int) -> None:
    slack = _MP3_SLACK_FRAMES if facts.format == "MP3" else 0
    if frames + slack < facts.frames or frames == 0:
        raise MediaError(_cut_short(path, frames, facts.frames, facts.rate))


def _check_nothing_left(path: Path, facts: AudioFacts, source: _Source) -> None:
    """For formats without chunk sizes: libsndfile stops where the header says, however much audio follows."""
    if facts.format in {"WAV", "AIFF"}:
        return
    left = path.stat().st_size - source.tell()
    if left > _STRAY_BYTES and b"APETAGEX" not in source.read(1 << 16):  # the one large tag found behind an MP3
        raise MediaError(_more_than_promised(path, facts.seconds, left))


def _cut_short(path: Path, frames: int, promised: int, rate: int, about: str = "") -> str:
    digits = 1 if (promised - frames) / rate >= 0.1 else 4
    return (
        f"{path}: ends after {about}{frames / rate:.{digits}f} s of the {promised / rate:.{digits}f} s"
        " its header promises; export it again"
    )


def _more_than_promised(path: Path, seconds: float, stray_bytes: int) -> str:
    return (
        f"{path}: its header promises {seconds:.1f} s, but {stray_bytes} bytes of audio follow behind;"
        " export it again as WAV or FLAC"
    )


def _seconds(sound: _Sound) -> str:
    return f"{sound.frames / sound.samplerate:.1f} s"

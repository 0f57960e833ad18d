from __future__ import annotations

import contextlib
import random
import struct
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from showctl.errors import MediaError
from showctl.media.decode import AudioFacts, Damage, Samples, decoded, probe, resampled, resampled_frames

from .audio import cut, noise, patch, patch_flac_frames, patch_wav_data_size, sine, write


def decode(path: Path) -> Samples:
    return np.concatenate(list(decoded(path, Damage())))


def resample(audio: Samples, file_rate: int, rate: int) -> Samples:
    blocks = (audio[start : start + 8192] for start in range(0, len(audio), 8192))
    return np.concatenate(list(resampled(blocks, audio.shape[1], file_rate, rate)))


def refusal(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        decode(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [
        ("a.wav", "PCM_16"),
        ("a.wav", "PCM_24"),
        ("a.wav", "PCM_32"),
        ("a.wav", "FLOAT"),
        ("a.wav", "DOUBLE"),
        ("a.flac", "PCM_16"),
        ("a.flac", "PCM_24"),
        ("a.aiff", "PCM_16"),
        ("a.aiff", "PCM_24"),
        ("a.aiff", "FLOAT"),
        ("a.rf64", "PCM_16"),
    ],
)
def test_lossless_files_decode_bit_exactly(tmp_path: Path, name: str, subtype: str) -> None:
    audio = noise(20_001, 2)
    path = write(tmp_path / name, audio, 44100, subtype)
    assert np.array_equal(decode(path), audio)
    assert (probe(path).rate, probe(path).channels, probe(path).frames) == (44100, 2, 20_001)


def test_eight_bit_files_decode_to_their_steps(tmp_path: Path) -> None:
    steps = (np.arange(-128, 128)[:, None] / 128).astype(np.float32)
    assert np.array_equal(decode(write(tmp_path / "a.wav", steps, 8000, "PCM_U8")), steps)


@pytest.mark.parametrize(("name", "subtype"), [("a.ogg", "VORBIS"), ("a.ogg", "OPUS"), ("a.mp3", "MPEG_LAYER_III")])
def test_lossy_files_keep_their_length_and_stay_in_place(tmp_path: Path, name: str, subtype: str) -> None:
    audio = sine(2.0, 48000)
    heard = decode(write(tmp_path / name, audio, 48000, subtype))
    assert heard.shape == audio.shape
    assert np.abs(heard - audio)[2400:-2400].max() < 0.02


@pytest.mark.parametrize("rate", [8000, 11025, 44100, 88200, 96000, 192_000])
def test_facts_come_from_the_header_at_any_rate(tmp_path: Path, rate: int) -> None:
    path = write(tmp_path / "a.wav", noise(rate), rate)
    assert probe(path) == AudioFacts(1, rate, rate, "WAV", "PCM_16")
    assert probe(path).seconds == 1.0


@pytest.mark.parametrize("channels", [1, 3, 8, 64])
def test_up_to_64_channels_decode_in_order(tmp_path: Path, channels: int) -> None:
    audio = noise(9000, channels)
    assert np.array_equal(decode(write(tmp_path / "a.wav", audio)), audio)


@pytest.mark.parametrize("file_rate", [8000, 22050, 44100, 47999, 96000, 192_000])
@pytest.mark.parametrize("rate", [44100, 48000])
def test_a_resampled_sine_is_the_sine(file_rate: int, rate: int) -> None:
    heard = resample(sine(2.0, file_rate), file_rate, rate)
    error = np.abs(heard - sine(2.0, rate))[rate // 10 : -rate // 10]
    assert len(heard) == 2 * rate
    assert error.max() < 0.5 * 10 ** (-120 / 20)


def test_an_impulse_keeps_its_moment_to_the_frame(tmp_path: Path) -> None:
    click = np.zeros((2 * 44100, 1), np.float32)
    click[44100] = 1.0
    heard = resample(decode(write(tmp_path / "a.wav", click, 44100, "FLOAT")), 44100, 48000)
    assert int(np.argmax(np.abs(heard))) == 48000
    np.testing.assert_allclose(heard[47990:48000], heard[48010:48000:-1], atol=1e-6)


@pytest.mark.parametrize("frames", [1, 2, 3, 100, 8191, 8192, 8193, 30_011])
@pytest.mark.parametrize(("file_rate", "rate"), [(44100, 48000), (48000, 44100), (192_000, 48000), (11025, 96000)])
def test_a_resampled_length_is_the_rounded_one(frames: int, file_rate: int, rate: int) -> None:
    heard = resample(noise(frames), file_rate, rate)
    assert len(heard) == resampled_frames(frames, file_rate, rate) == int(frames * rate / file_rate + 0.5)


def test_equal_rates_leave_the_audio_untouched() -> None:
    audio = noise(20_000, 2)
    assert np.array_equal(resample(audio, 48000, 48000), audio)


@pytest.mark.parametrize(
    ("name", "subtype"),
    [("a.wav", "PCM_16"), ("a.wav", "PCM_24"), ("a.rf64", "PCM_16"), ("a.aiff", "PCM_16"), ("a.wav", "FLOAT")],
)
def test_a_chunked_file_cut_short_is_refused_without_decoding(tmp_path: Path, name: str, subtype: str) -> None:
    path = cut(write(tmp_path / name, noise(100_000), 10_000, subtype), 0.32)
    with pytest.raises(MediaError) as caught:
        probe(path)
    assert str(caught.value) == f"{path}: ends after 3.2 s of the 10.0 s its header promises; export it again"


def test_a_flac_cut_short_is_refused(tmp_path: Path) -> None:
    path = cut(write(tmp_path / "a.flac", noise(441_000), 44100), 0.32)
    assert refusal(path).startswith(f"{path}: ends after about 3.")
    assert refusal(path).endswith("s of the 10.0 s its header promises; export it again")


def test_an_mp3_cut_short_is_refused(tmp_path: Path) -> None:
    path = cut(write(tmp_path / "a.mp3", noise(441_000), 44100), 0.32)
    assert refusal(path).startswith(f"{path}: ends after 3.")
    assert refusal(path).endswith("s of the 10.0 s its header promises; export it again")


@pytest.mark.parametrize("subtype", ["VORBIS", "OPUS"])
def test_an_ogg_cut_short_is_refused(tmp_path: Path, subtype: str) -> None:
    path = cut(write(tmp_path / "a.ogg", noise(480_000), 48000, subtype), 0.5)
    assert refusal(path).startswith(f"{path}: ends after 4.") or refusal(path).startswith(f"{path}: ends after 5.")
    assert refusal(path).endswith("s without an end mark; export it again")


def test_an_ogg_cut_between_two_pages_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.ogg", noise(480_000))
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"OggS")])
    assert refusal(path).endswith("s without an end mark; export it again")


def test_a_wav_that_holds_more_than_its_header_says_is_refused(tmp_path: Path) -> None:
    path = patch_wav_data_size(write(tmp_path / "a.wav", noise(100_000), 10_000), 20_000)
    assert refusal(path) == (
        f"{path}: its header promises 1.0 s, but 180000 bytes of audio follow behind; export it again as WAV or FLAC"
    )


def test_a_wav_never_closed_by_its_recorder_is_refused(tmp_path: Path) -> None:
    path = patch_wav_data_size(write(tmp_path / "a.wav", noise(100_000), 10_000), 0)
    assert "its header promises 0.0 s, but 200000 bytes of audio follow behind" in refusal(path)


def test_a_streamed_wav_of_untold_length_is_decoded_to_its_end(tmp_path: Path) -> None:
    audio = noise(20_000)
    path = patch_wav_data_size(write(tmp_path / "a.wav", audio), 0xFFFFFFFF)
    assert np.array_equal(decode(path), audio)


def test_chunks_behind_the_audio_are_no_audio(tmp_path: Path) -> None:
    audio = noise(20_000)
    path = write(tmp_path / "a.wav", audio)
    tag = b"\xff\xd8" * 20_000
    path.write_bytes(path.read_bytes() + b"id3 " + struct.pack("<I", len(tag)) + tag + bytes(50_000))
    assert np.array_equal(decode(path), audio)


def test_a_flac_whose_header_says_more_or_less_is_refused(tmp_path: Path) -> None:
    audio = noise(441_000)
    more = patch_flac_frames(write(tmp_path / "more.flac", audio, 44100), 882_000)
    less = patch_flac_frames(write(tmp_path / "less.flac", audio, 44100), 44_100)
    untold = patch_flac_frames(write(tmp_path / "untold.flac", audio, 44100), 0)
    assert "s of the 20.0 s its header promises" in refusal(more)
    assert "its header promises 1.0 s, but " in refusal(less)
    assert refusal(untold) == f"{untold}: its header does not tell its length; export it again"


def test_an_mp3_with_more_than_its_header_says_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", noise(441_000), 44100)
    path.write_bytes(path.read_bytes() * 2)
    assert "its header promises 10.0 s, but " in refusal(path)


def test_a_tag_behind_an_mp3_is_no_audio(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", noise(44_100), 44100)
    path.write_bytes(path.read_bytes() + b"APETAGEX" + b"\xff\xd8" * 20_000)
    assert len(decode(path)) == 44_100


@pytest.mark.parametrize(
    ("place", "content", "reason"),
    [
        (22, struct.pack("<H", 65), "its header says 65 channels, expected 1 to 64; export it again"),
        (22, struct.pack("<H", 0), "is not a readable audio file; export it as WAV, FLAC, AIFF, OGG or MP3"),
        (24, struct.pack("<I", 1), "its header says 1 Hz, expected 4000 to 768000 Hz; export it again"),
        (
            24,
            struct.pack("<I", 2**31 - 1),
            "its header says 2147483647 Hz, expected 4000 to 768000 Hz; export it again",
        ),
        (24, struct.pack("<I", 0), "is not a readable audio file; export it as WAV, FLAC, AIFF, OGG or MP3"),
    ],
)
def test_headers_that_cannot_be_true_are_refused(tmp_path: Path, place: int, content: bytes, reason: str) -> None:
    path = patch(write(tmp_path / "a.wav", noise(100_000)), place, content)
    assert refusal(path) == f"{path}: {reason}"


def test_files_that_hold_nothing_are_refused(tmp_path: Path) -> None:
    (tmp_path / "empty.wav").touch()
    (tmp_path / "text.wav").write_text("not audio\n" * 1000)
    silent = cut(write(tmp_path / "header.wav", noise(100)), 44 / 244)
    patch_wav_data_size(silent, 0)
    assert refusal(tmp_path / "empty.wav").endswith("empty.wav: the file is empty; export it again")
    assert refusal(tmp_path / "text.wav").endswith(
        "is not a readable audio file; export it as WAV, FLAC, AIFF, OGG or MP3"
    )
    assert refusal(silent).endswith("header.wav: holds no audio; export it again")


def test_files_that_cannot_be_opened_are_refused(tmp_path: Path) -> None:
    missing, folder = tmp_path / "none.wav", tmp_path / "folder.wav"
    folder.mkdir()
    assert refusal(missing) == f"{missing}: there is no such file; put it there or correct the name"
    assert refusal(folder).startswith(f"{folder}: cannot be opened (")


@pytest.mark.skipif(sys.platform != "linux", reason="needs a file of Linux whose reading fails")
def test_a_read_error_is_reported_with_its_reason(capfd: pytest.CaptureFixture[str]) -> None:
    assert refusal(Path("/proc/self/mem")) == "/proc/self/mem: cannot be read (Input/output error)"
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("name", ["a.wav", "a.aiff", "a.flac", "a.ogg", "a.mp3"])
def test_spoilt_files_are_decoded_or_refused_and_nothing_worse(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    content = write(tmp_path / name, noise(20_000, 2)).read_bytes()
    dice = random.Random(name)
    for _ in range(100):
        spoilt = bytearray(content)
        for _ in range(dice.choice((1, 3, 20))):
            spoilt[dice.randrange(dice.choice((64, len(content))))] = dice.choice((0, 255, dice.randrange(256)))
        (tmp_path / name).write_bytes(spoilt[: dice.choice((len(content), dice.randrange(len(content))))])
        with contextlib.suppress(MediaError):
            assert np.isfinite(decode(tmp_path / name)).all()
    assert "Traceback" not in capfd.readouterr().err


def test_formats_whose_promises_cannot_be_checked_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.caf"
    soundfile.write(path, noise(1000), 48000)
    assert refusal(path) == f"{path}: CAF is not supported; export it as WAV, FLAC, AIFF, OGG or MP3"


def test_samples_that_are_no_numbers_become_silence_and_are_counted(tmp_path: Path) -> None:
    audio = noise(30_000, 2)
    spoilt = audio.copy()
    spoilt[20_000, 1], spoilt[20_001, 0], spoilt[29_999] = np.nan, np.inf, (-np.inf, 3e38)
    damage = Damage()
    heard = np.concatenate(list(decoded(write(tmp_path / "a.wav", spoilt, 48000, "FLOAT"), damage)))
    audio[20_000, 1] = audio[20_001, 0] = 0.0
    audio[29_999] = 0.0
    assert np.array_equal(heard, audio)
    assert damage == Damage(4, 20_000)

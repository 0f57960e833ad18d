from __future__ import annotations

from pathlib import Path

from showctl.loader.wanted import Second
from showctl.loader.warm import FRESH_SECONDS, Warm
from showctl.media.prepare import AUDIO_FILE
from showctl.model.show import Medium
from showctl.model.units import SongFrame
from showctl.shared.residency import Residency, joined

RATE = 1000
SECONDS = [Second("a", number, RATE, 2) for number in range(3)]


def cache_with(tmp_path: Path, seconds: int) -> Path:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / AUDIO_FILE).write_bytes(bytes(seconds * RATE * 2 * 4))
    return tmp_path


def test_each_second_is_read_once_in_the_order_it_is_wanted(tmp_path: Path) -> None:
    warm = Warm(cache_with(tmp_path, 3), RATE)
    read = []
    while second := warm.next_cold(SECONDS, 0.0):
        read.append((second.number, warm.read(second, 0.0)))
    assert read == [(0, 8000), (1, 8000), (2, 8000)]
    assert warm.residency(0.0).ranges == {"a": ((0, 3),)}


def test_it_is_read_again_after_a_while_and_believed_until_then(tmp_path: Path) -> None:
    warm = Warm(cache_with(tmp_path, 3), RATE)
    warm.read(SECONDS[0], 0.0)
    assert warm.next_cold(SECONDS[:1], FRESH_SECONDS - 1) is None
    assert warm.next_cold(SECONDS[:1], FRESH_SECONDS) == SECONDS[0]
    assert warm.residency(FRESH_SECONDS + 1).ranges == {"a": ((0, 1),)}
    assert warm.residency(2 * FRESH_SECONDS).ranges == {}


def test_what_is_missing_is_not_told_to_be_there(tmp_path: Path) -> None:
    warm = Warm(cache_with(tmp_path, 1), RATE)
    for second in (*SECONDS, Second("gone", 0, RATE, 2)):
        warm.read(second, 0.0)
    assert warm.residency(0.0).ranges == {"a": ((0, 1),)}
    assert warm.next_cold(SECONDS, 1.0) is None


def test_seconds_are_joined_to_ranges() -> None:
    assert joined({3, 0, 1, 7, 4}) == ((0, 2), (3, 5), (7, 8))
    assert joined(set()) == ()


def test_a_stretch_is_resident_if_every_second_of_it_is() -> None:
    medium = Medium("a", 10 * RATE, 2, SongFrame(-500))
    residency = Residency(RATE, {"a": ((0, 2), (4, 10))})
    assert residency.resident(medium, SongFrame(-500), 2 * RATE)
    assert not residency.resident(medium, SongFrame(-500), 2 * RATE + 1)
    assert not residency.resident(medium, SongFrame(1000), RATE)
    assert residency.resident(medium, SongFrame(3500), 2 * RATE)


def test_silence_around_a_medium_needs_no_disk() -> None:
    medium = Medium("a", 10 * RATE, 2, SongFrame(-500))
    residency = Residency(RATE, {"a": ((0, 1), (9, 10))})
    assert residency.resident(medium, SongFrame(-9000), 9000)
    assert residency.resident(medium, SongFrame(9000), 60 * RATE)
    assert not Residency(RATE).resident(medium, SongFrame(0), 1)

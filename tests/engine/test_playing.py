"""The callback: it publishes how far it is, and whatever goes wrong in it is silence, not an exception."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from showctl.engine.clock import SessionClock
from showctl.engine.limiter import Limiter
from showctl.engine.playing import FAILED, NOT_FINITE, Playing
from showctl.model.plan import Edit
from showctl.model.units import HostNs
from showctl.shared.clock import ClockReader, ClockWriter, head_at
from tests.engine.shows import DRUMS, HOUSE, RATE, A, Audio, Rig, play, same, show, song

BLOCK_NS = 128 * 10**9 // RATE


def playing(folder: Path, audio: Audio) -> tuple[Rig, Playing, ClockReader]:
    """Song a plays; its medium in reach is `audio`, whatever the show says of it."""
    rig = Rig(show((song("a", audio=A),)), play(0, 1, 0), media={"a.audio": audio})
    limiter = Limiter((HOUSE, DRUMS), 3, RATE)
    made = Playing(SessionClock(RATE, 7), rig.renderer, limiter, ClockWriter(folder / "clock"))
    return rig, made, ClockReader(folder / "clock")


def fill(made: Playing, block: int) -> Audio:
    out = np.full((128, 3), np.nan, np.float32)
    made.fill(out, 10**12 + block * BLOCK_NS, 0.01, False)
    return out


def test_a_block_is_published_with_its_frame_and_its_moment(tmp_path: Path) -> None:
    _, made, clock = playing(tmp_path, A)
    for block in range(7):
        same(fill(made, block)[:, :2], A[128 * block : 128 * block + 128])
        told = clock.read()
        assert told
        at = block - block % 3  # every 8 ms, which is three blocks
        assert (told.epoch, told.block, told.session_frame, told.head) == (7, at + 1, 128 * at, 128 * at + 128)
        assert abs(told.host_ns - HostNs(10**12 + at * BLOCK_NS + 10**7)) < 1_000
        assert (told.block_frames, told.lead_frames, told.xruns, told.flags) == (128, 480, 0, 0)
        assert told.load > 0


def test_between_two_points_the_head_is_known_to_the_frame(tmp_path: Path) -> None:
    rig, made, clock = playing(tmp_path, A)
    for block in range(12):
        fill(made, block)
        told = clock.read()
        assert told
        entered_ns = 10**12 + block * BLOCK_NS
        assert abs(head_at(HostNs(entered_ns), told) - rig.renderer.head) <= 1
        assert abs(head_at(HostNs(entered_ns + BLOCK_NS // 2), told) - rig.renderer.head - 64) <= 1


def test_what_changes_the_plan_is_published_with_its_block(tmp_path: Path) -> None:
    rig, made, clock = playing(tmp_path, A)
    fill(made, 0)
    fill(made, 1)
    rig.renderer.offer(Edit("jump", 0, 1, None, (play(0, 1, 9_000, "jump"),)))
    fill(made, 2)
    told = clock.read()
    assert told
    assert (told.block, told.session_frame) == (3, rig.renderer.committed[0].head)


def test_lost_blocks_are_published_with_the_next_one(tmp_path: Path) -> None:
    _, made, clock = playing(tmp_path, A)
    fill(made, 0)
    made.fill(np.zeros((128, 3), np.float32), 10**12 + 5 * BLOCK_NS, 0.01, True)
    told = clock.read()
    assert told
    assert (told.block, told.session_frame, told.xruns) == (2, 5 * 128, 1)


def test_what_fails_is_silent_told_and_forgotten_when_it_works_again(tmp_path: Path) -> None:
    rig, made, clock = playing(tmp_path, A[:0, :1])
    for block in range(40):
        np.testing.assert_array_equal(fill(made, block), 0)
    told = clock.read()
    assert told
    assert (told.flags, made.failed_blocks, len(made.faults)) == (FAILED, 40, 16)
    assert "ValueError" in made.faults[0]
    rig.bank.media["a.audio"] = A
    same(fill(made, 40)[:, :2], A[40 * 128 : 41 * 128])
    told = clock.read()
    assert told
    assert told.flags == 0


def test_samples_that_are_no_numbers_are_silent_and_flagged(tmp_path: Path) -> None:
    _, made, clock = playing(tmp_path, np.full_like(A, np.nan))
    np.testing.assert_array_equal(fill(made, 0), 0)
    told = clock.read()
    assert told
    assert told.flags == NOT_FINITE

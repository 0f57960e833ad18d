"""Whole renderings compared with audio put together by hand from the media."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import repeat

import numpy as np
import pytest

from showctl.engine.regions import fade_gains
from showctl.engine.renderer import Renderer
from showctl.model.mix import BusMix, ClickMix, Mix
from showctl.model.plan import CountIn, Cued, Cycle, Edit, Fade, Loop, MixMark
from showctl.model.units import Frame, SongFrame
from tests.engine.shows import (
    BAR,
    MEDIA,
    SILENT_CLICK,
    SPOKEN,
    WITH_CLICK,
    A,
    Audio,
    B,
    Rig,
    guide,
    noise,
    placed,
    play,
    rest,
    rising,
    same,
    show,
    song,
)


def rig(*spans: object, a: Audio = A, b: Audio = B, origin: int = 0, mix: Mix = SILENT_CLICK, **more: object) -> Rig:
    """Song a (entry 1) and song b (entry 2) of four bars each; what `more` says is of the plan."""
    songs = (song("a", audio=a, origin=origin), song("b", audio=b, origin=origin))
    return Rig(show(songs), *spans, media={"a.audio": a, "b.audio": b}, mix=mix, **more)  # type: ignore[arg-type]


FALLING = 1 - rising()


def test_a_start_at_the_beginning_of_the_medium_has_no_fade() -> None:
    same(rig(rest(0), play(1_000, 1, 0, "start")).play(3_000), placed(3_000, (1_000, A)))


def test_a_start_in_the_middle_fades_in_up_to_the_boundary() -> None:
    heard = rig(rest(0), play(1_000, 1, 5_000, "start")).play(3_000)
    same(heard, placed(3_000, (520, A[4_520:5_000] * rising()), (1_000, A[5_000:])))


def test_a_go_is_heard_whole_from_its_first_frame_on() -> None:
    made = rig(rest(0))
    made.play(1_024)
    made.renderer.offer(Edit("go", 1, 1, None, (play(0, 1, 0, "start"),)))
    same(made.play(3_000), placed(3_000, (0, A)))


def test_a_stop_taken_back_after_the_silence_fades_in_without_a_step() -> None:
    made = rig(play(0, 1, 0), rest(1_000, "stop", decided=1_000), a=np.ones((6 * BAR, 2), np.float32))
    made.play(2_048)
    made.renderer.offer(Edit("undo", 1, 1, Frame(2_048), (play(-2_048, 1, 0),)))
    heard = made.play(2_000, repeat(64))
    same(heard[:480], np.ones((480, 3), np.float32) * rising())
    same(heard[480:], np.ones((1_520, 3), np.float32))


def test_a_start_as_soon_as_possible_fades_in_from_the_boundary() -> None:
    heard = rig(rest(0), play(1_000, 1, 5_000, "resume", decided=1_000)).play(3_000)
    same(heard, placed(3_000, (1_000, A[5_000:5_480] * rising()), (1_480, A[5_480:])))


def test_a_jump_crossfades_up_to_its_boundary() -> None:
    heard = rig(play(0, 1, 0), play(2_000, 1, 20_000, "jump", decided=1_520)).play(4_000)
    crossed = A[1_520:2_000] * FALLING + A[19_520:20_000] * rising()
    same(heard, placed(4_000, (0, A[:1_520]), (1_520, crossed), (2_000, A[20_000:])))


def test_a_jump_decided_too_late_crossfades_from_its_boundary() -> None:
    heard = rig(play(0, 1, 0), play(2_000, 1, 20_000, "jump", decided=1_521)).play(4_000)
    crossed = A[2_000:2_480] * FALLING + A[20_000:20_480] * rising()
    same(heard, placed(4_000, (0, A[:2_000]), (2_000, crossed), (2_480, A[20_480:])))


def test_the_same_song_going_on_in_another_span_is_copied_exactly() -> None:
    cycle = Cycle(SongFrame(1_000), SongFrame(3_000))
    heard = rig(play(0, 1, 0), Loop(Frame(1_000), 1, SongFrame(1_000), cycle), play(3_000, 1, 3_000, "exit")).play(
        5_000
    )
    np.testing.assert_array_equal(heard, placed(5_000, (0, A)))


def test_a_loop_crossfades_up_to_each_of_its_seams() -> None:
    cycle = Cycle(SongFrame(5_000), SongFrame(7_000))
    heard = rig(Loop(Frame(0), 1, SongFrame(6_000), cycle), play(5_000, 1, 7_000, "exit")).play(6_000)
    seam = A[6_520:7_000] * FALLING + A[4_520:5_000] * rising()
    expected = placed(
        6_000, (0, A[6_000:6_520]), (520, seam), (1_000, A[5_000:6_520]), (2_520, seam), (3_000, A[5_000:8_000])
    )
    same(heard, expected)


def test_an_endless_loop_goes_on_for_hours() -> None:
    cycle = Cycle(SongFrame(0), SongFrame(BAR))
    made = rig(Loop(Frame(0), 1, SongFrame(0), cycle))
    made.head = 10_000 * BAR + 10_000
    same(made.play(2_000), placed(2_000, (0, A[10_000:])))


def test_songs_follow_each_other_without_a_gap_and_to_the_frame() -> None:
    line = np.linspace(-0.5, 0.5, 8 * BAR, dtype=np.float32)[:, np.newaxis].repeat(2, axis=1)
    made = rig(play(0, 1, 0), play(4 * BAR, 2, 0, "segue"), a=line[: 4 * BAR], b=line[4 * BAR :])
    made.head = 4 * BAR - 1_000
    np.testing.assert_array_equal(made.play(2_000)[:, :2], line[4 * BAR - 1_000 : 4 * BAR + 1_000])


def test_what_sounds_on_past_the_end_is_faded_in_10_ms() -> None:
    made = rig(play(0, 1, 0), play(4 * BAR, 2, 0, "segue"))
    made.head = 4 * BAR - 1_000
    after = A[4 * BAR : 4 * BAR + 480] * FALLING
    same(made.play(3_000), placed(3_000, (0, A[4 * BAR - 1_000 : 4 * BAR]), (1_000, after), (1_000, B)))


def test_a_tail_rings_over_the_next_song() -> None:
    songs = (song("a", audio=A, tail_frames=2_000), song("b", audio=B))
    made = Rig(show(songs), play(0, 1, 0), play(4 * BAR, 2, 0, "segue"), media=MEDIA)
    made.head = 4 * BAR
    tail = A[4 * BAR : 4 * BAR + 2_000].copy()
    tail[1_520:] *= FALLING
    same(made.play(4_000), placed(4_000, (0, tail), (0, B)))


def test_a_stop_ends_a_tail_too() -> None:
    songs = (song("a", audio=A, tail_frames=BAR),)
    made = Rig(show(songs), play(0, 1, 0), rest(4 * BAR, "end"), rest(4 * BAR + 1_000, "stop"), media=MEDIA)
    made.head = 4 * BAR
    tail = A[4 * BAR : 4 * BAR + 1_480].copy()
    tail[1_000:] *= FALLING
    same(made.play(4_000), placed(4_000, (0, tail)))


PICKUP = 3_000


def test_a_pickup_sounds_over_the_count_in() -> None:
    count = CountIn(Frame(1_000), 1, SongFrame(0), 1, BAR)
    made = rig(rest(0), count, play(1_000 + BAR, 1, 0, "start"), origin=-PICKUP)
    same(made.play(BAR + 2_000), placed(BAR + 2_000, (1_000 + BAR - PICKUP, A)))


def test_a_pickup_sounds_over_the_end_of_the_song_before() -> None:
    songs = (song("a", audio=A), song("b", audio=B, origin=-PICKUP))
    made = Rig(show(songs), play(0, 1, 0), play(4 * BAR, 2, 0, "segue"), media=MEDIA)
    made.head = 4 * BAR - 5_000
    before = A[4 * BAR - 5_000 : 4 * BAR]
    after = A[4 * BAR : 4 * BAR + 480] * FALLING
    same(made.play(7_000), placed(7_000, (0, before), (5_000, after), (5_000 - PICKUP, B)))


def test_a_count_in_that_is_stopped_takes_its_pickup_along() -> None:
    count = CountIn(Frame(0), 1, SongFrame(0), 1, BAR)
    stop = rest(BAR - 1_000, "stop", decided=BAR - 1_000)
    heard = rig(count, stop, origin=-PICKUP).play(BAR)
    same(heard, placed(BAR, (BAR - 3_000, A[:2_000]), (BAR - 1_000, A[2_000:2_480] * FALLING)))


def test_a_count_in_to_the_middle_of_a_song_plays_nothing_but_the_fade() -> None:
    count = CountIn(Frame(0), 1, SongFrame(BAR), 1, BAR)
    heard = rig(count, play(BAR, 1, BAR, "start"), origin=-PICKUP).play(BAR + 1_000)
    at = BAR + PICKUP
    same(heard, placed(BAR + 1_000, (BAR - 480, A[at - 480 : at] * rising()), (BAR, A[at:])))


def test_a_pause_fades_out_behind_it_and_resumes_from_there() -> None:
    cued = Cued(1, SongFrame(2_000), paused=True)
    made = rig(play(0, 1, 0), rest(2_000, "pause", cued=cued), play(5_000, 1, 2_000, "resume", decided=5_000))
    parts = (0, A[:2_000]), (2_000, A[2_000:2_480] * FALLING), (5_000, A[2_000:2_480] * rising()), (5_480, A[2_480:])
    same(made.play(7_000), placed(7_000, *parts))


def test_a_fade_takes_everything_to_silence_and_what_comes_next_is_untouched() -> None:
    fade = Fade(Frame(1_000), Frame(5_000))
    made = rig(play(0, 1, 0), rest(5_000), play(6_000, 1, 0, "start"), fade=fade)
    faded = A[:5_000] * fade_gains(fade, Frame(0), Frame(5_000))[:, np.newaxis]
    same(made.play(8_000), placed(8_000, (0, faded), (6_000, A)))


def test_a_stop_within_a_fade_does_not_become_loud_again() -> None:
    made = rig(play(0, 1, 0), rest(6_000), fade=Fade(Frame(1_000), Frame(6_000)))
    first = made.play(4_096)
    made.renderer.offer(Edit("stop", 1, 1, None, (rest(0),)))
    heard = np.concatenate((first, made.play(2_000)))
    gains = fade_gains(Fade(Frame(1_000), Frame(6_000)), Frame(0), Frame(6_000))[:, np.newaxis]
    parts = (0, A[:4_096] * gains[:4_096]), (4_096, A[4_096:4_576] * FALLING * gains[4_096:4_576])
    same(heard, placed(6_096, *parts))


def test_panic_is_silence_within_20_ms_with_every_voice_ringing() -> None:
    long = guide("long", SongFrame(100), 40_000)
    songs = (song("a", audio=A, guides=(long,), tail_frames=BAR),)
    made = Rig(show(songs), play(0, 1, 0), media=MEDIA | {"long": noise(40_000, 1)}, mix=WITH_CLICK)
    made.play(1_280)
    made.renderer.offer(Edit("panic", 1, 1, None, (rest(0, "panic", hush=True),)))
    heard = made.play(4_000)
    assert np.abs(heard[:100]).max() > 0.05
    np.testing.assert_array_equal(heard[480:], 0)


# ── edits ──


def test_an_edit_as_soon_as_possible_begins_with_the_block_that_commits_it() -> None:
    made = rig(play(0, 1, 0))
    first = made.play(1_024)
    made.renderer.offer(Edit("pause", 1, 1, None, (rest(0, "pause"),)))
    heard = np.concatenate((first, made.play(1_000)))
    same(heard, placed(2_024, (0, A[:1_024]), (1_024, A[1_024:1_504] * FALLING)))
    assert [(v.id, v.version, v.at, v.refused) for v in made.renderer.verdicts] == [("pause", 2, 1_024, "")]
    assert [(line.version, line.head) for line in made.renderer.committed] == [(2, 1_024)]


def test_edits_that_do_not_fit_are_refused_whole() -> None:
    made = rig(play(0, 1, 0))
    made.play(1_024)
    made.renderer.offer(Edit("stale", 1, 7, None, (rest(0),)))
    made.renderer.offer(Edit("late", 1, 1, Frame(1_000), (rest(0),)))
    same(made.play(1_000), placed(2_024, (0, A))[1_024:])
    assert [(v.id, v.version, v.refused) for v in made.renderer.verdicts] == [
        ("stale", 1, "stale"),
        ("late", 1, "late"),
    ]


def test_a_jump_called_off_within_its_crossfade_makes_no_edge() -> None:
    tone = np.sin(np.arange(6 * BAR) * 0.01).astype(np.float32)[:, np.newaxis].repeat(2, axis=1)
    made = rig(play(0, 1, 0), play(2_048, 1, 20_000, "jump"), a=tone)
    first = made.play(1_792)
    made.renderer.offer(Edit("cancel", 1, 1, Frame(1_792), (play(0, 1, 1_792),)))
    heard = np.concatenate((first, made.play(2_000)))
    assert np.abs(np.diff(heard, axis=0)).max() < 0.02
    same(heard[2_300:], placed(3_792, (0, tone))[2_300:])


# ── levels ──


def drums_at(level_db: float) -> Mix:
    return Mix(buses={"drums": BusMix(levels_db={"master": level_db})}, click=ClickMix(enabled=False))


def test_a_level_ramps_over_10_ms_from_its_frame_on() -> None:
    marks = (MixMark(Frame(0), drums_at(0.0)), MixMark(Frame(1_003), drums_at(-20.0)))
    heard = rig(play(0, 1, 0), mixes=marks).play(3_000)
    level = np.interp(np.arange(3_000), [1_003, 1_483], [1.0, 0.1])
    expected = placed(3_000, (0, A))
    expected[:, 2] *= level
    same(heard, expected)


def test_a_start_right_behind_levels_finds_both_made_ready() -> None:
    """Both edits are on their way: neither is committed when the other is prepared."""
    made, levels = rig(rest(0)), drums_at(-20.0)
    made.renderer.prepare(Edit("levels", 1, 1, None, None, levels))
    made.renderer.prepare(Edit("go", 1, 2, None, (play(0, 2, 0),)))
    assert not made.renderer.levels.prepare(2, levels)  # nothing was left to do


def test_levels_that_change_with_every_block_make_no_step() -> None:
    made = rig(play(0, 1, 0), a=np.ones((6 * BAR, 2), np.float32))
    heard = [made.play(512)]
    for version in range(1, 20):
        made.renderer.offer(Edit("fader", 1, version, None, mix=drums_at(-3.0 * version)))
        heard.append(made.play(64))
    heard.append(made.play(1_000))
    assert np.abs(np.diff(np.concatenate(heard)[:, 2])).max() < 1.01 / 480
    np.testing.assert_allclose(made.play(10)[:, 2], 10 ** (-57 / 20), rtol=1e-5)


# ── block sizes ──


@pytest.mark.parametrize("sizes", [64, 1_024, None])
def test_the_block_size_makes_no_difference(sizes: int | None) -> None:
    rnd = random.Random(3)
    cycle = Cycle(SongFrame(BAR), SongFrame(BAR + 9_001))
    spans = (
        CountIn(Frame(0), 1, SongFrame(0), 1, BAR),
        play(BAR, 1, 0, "start"),
        Loop(Frame(2 * BAR), 1, SongFrame(BAR), cycle),
        play(2 * BAR + 31_007, 1, 2 * BAR, "jump"),
        rest(3 * BAR + 11, "pause"),
        play(3 * BAR + 2_003, 2, 4 * BAR - 7_777, "resume", decided=3 * BAR + 2_003),
        rest(3 * BAR + 9_780, "end"),
    )
    levels = {0: Mix(), 2 * BAR + 77: drums_at(-9.0), 2 * BAR + 177: Mix()}
    marks = tuple(MixMark(Frame(at), mix) for at, mix in levels.items())
    fade = Fade(Frame(3 * BAR + 5_000), Frame(3 * BAR + 9_780))
    songs = song("a", audio=A, guides=(guide("g", SongFrame(BAR + 500)),)), song("b", audio=B)
    first, other = (Rig(show(songs), *spans, media=MEDIA | {"g": SPOKEN[:4_000]}, mixes=marks, fade=fade) for _ in "12")
    whole = first.play(4 * BAR, repeat(4 * BAR))
    same(other.play(4 * BAR, repeat(sizes) if sizes else iter(lambda: rnd.randint(1, 3_000), 0)), whole)
    assert np.abs(whole).max() > 0.3


@pytest.mark.parametrize("size", [2_400, 12_000])
@pytest.mark.parametrize("start", [0, 24_000])
def test_what_begins_exactly_with_a_block_is_heard(start: int, size: int) -> None:
    """Clicks each 12,000 frames, and a start at the horizon of the look ahead: all lie on these blocks' edges."""
    spans = (rest(0), play(start, 1, 0, "start")) if start else (play(0, 1, 0, "start"),)
    aligned = rig(*spans, mix=WITH_CLICK).play(4 * BAR, repeat(size))
    uneven = rig(*spans, mix=WITH_CLICK).play(4 * BAR, repeat(2_399))
    same(aligned, uneven)


def test_buses_the_device_cannot_carry_are_left_out_whole() -> None:
    made = rig(play(0, 1, 0))
    small = Renderer(made.score, made.renderer.plan, made.bank, 2)
    out = np.zeros((256, 2), np.float32)
    small.render(Frame(0), out)
    same(out, A[:256])


@pytest.mark.parametrize("seed", range(12))
def test_after_a_gap_or_a_repeat_it_sounds_as_if_all_had_been_played(seed: int) -> None:
    chance = random.Random(seed)
    size, start = chance.choice([128, 1_000, 1_024, 12_000]), chance.choice([1, 1_024, 24_000])
    spans = (rest(0), play(start, 1, 0, "start"))
    whole, made, session = rig(*spans, mix=WITH_CLICK).play(6 * BAR), rig(*spans, mix=WITH_CLICK), 0
    while session + size <= len(whole):
        block = np.zeros((size, whole.shape[1]), np.float32)
        made.renderer.render(Frame(session), block)
        same(block, whole[session : session + size])
        session += size
        if chance.random() < 0.2:
            session = max(0, session + chance.choice([37, 2 * size, 5 * size, -size, -2 * size]))


# ── read ahead by another thread ──


@pytest.mark.parametrize("seed", range(12))
def test_what_was_read_ahead_sounds_the_same(seed: int) -> None:
    chance = random.Random(seed)
    songs = song("a", audio=A, guides=(guide("g", SongFrame(BAR + 500)),)), song("b", audio=B)
    plain, ahead = (Rig(show(songs), rest(0), media=MEDIA | {"g": SPOKEN[:4_000]}, mix=Mix()) for _ in "12")
    for version in range(1, 40):
        edit = chance.choice(
            (
                Edit("go", 1, version, None, (play(0, 1, 0, "start"),)),
                Edit("jump", 1, version, Frame(plain.head), (play(700, 1, chance.randrange(4 * BAR), "jump"),)),
                Edit("pause", 1, version, None, (rest(0, "pause"),)),
                Edit("level", 1, version, None, mix=drums_at(-float(version))),
                Edit("click", 1, version, None, mix=Mix(click=ClickMix(subdivision=chance.randint(1, 4)))),
            )
        )
        frames = chance.randint(1, BAR)
        heard = []
        for made in (plain, ahead):
            made.renderer.offer(edit)
            heard.append(made.play(256))
            if made is ahead and chance.random() < 0.7:
                made.renderer.read_ahead()
            heard.append(made.play(frames))
        np.testing.assert_array_equal(np.concatenate(heard[2:]), np.concatenate(heard[:2]))


def test_no_block_reads_what_was_read_ahead(monkeypatch: pytest.MonkeyPatch) -> None:
    made = rig(play(0, 1, 0), mix=WITH_CLICK)
    made.play(256)
    read: Callable[..., object] = Renderer._read
    readers: list[str] = []

    def reading(*arguments: object) -> object:
        readers.append(reader)
        return read(*arguments)

    monkeypatch.setattr(Renderer, "_read", reading)
    for _ in range(4 * BAR // 1_280):
        reader = "another thread"
        made.renderer.read_ahead()
        reader = "a block"
        made.play(1_280)
    assert set(readers) == {"another thread"}
    assert len(readers) < 15

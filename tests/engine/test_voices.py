"""Clicks and guides on their frames, ringing on and breaking off; and never for the audience."""

from __future__ import annotations

import random

import numpy as np

from showctl.media.voices import click_voices
from showctl.model.mix import BusMix, ClickMix, Mix
from showctl.model.plan import CountIn, Cued, Cycle, Loop, Metronome
from showctl.model.show import BeforeEntry, ClickSettings, Stem
from showctl.model.units import Frame, SongFrame
from tests.engine.shows import (
    BAR,
    MEDIA,
    SPOKEN,
    WITH_CLICK,
    A,
    Audio,
    Rig,
    guide,
    noise,
    play,
    rest,
    rising,
    same,
    show,
    song,
)


def click_track(frames: int, *clicks: tuple[int, str], sound: str = "woodblock") -> Audio:
    voices = click_voices(sound, 48_000)
    audio = np.zeros(frames, np.float32)
    for at, kind in clicks:
        voice = getattr(voices, kind)[: frames - at]
        audio[at : at + len(voice)] += voice
    return audio


def clicking(*spans: object, live: ClickMix | None = None, **more: object) -> Rig:
    songs = (song("a", 4, None, 0, **more), song("b"))
    return Rig(show(songs), *spans, media=MEDIA, mix=Mix(click=live or ClickMix()))  # type: ignore[arg-type]


BEATS = [(0, "accent"), (12_000, "beat"), (24_000, "beat"), (36_000, "beat")]


def test_clicks_lie_on_their_frames_in_count_in_and_song() -> None:
    made = clicking(CountIn(Frame(7), 1, SongFrame(0), 1, BAR), play(BAR + 7, 1, 0, "start"))
    clicks = [(at + bar * BAR + 7, kind) for bar in range(3) for at, kind in BEATS]
    same(made.play(3 * BAR)[:, 2], click_track(3 * BAR, *clicks))


def test_subdivision_rate_and_sound_are_those_of_the_mix_over_those_of_the_song() -> None:
    own = ClickSettings(sound="tick", subdivision=2)
    halves = [(at, kind if at % 12_000 == 0 else "subdivision") for at, kind in _halves()]
    same(
        clicking(play(0, 1, 0), click=own).play(BAR)[:, 2],
        click_track(BAR, *halves, sound="tick"),
    )
    live = ClickMix(subdivision=1, rate="1/2", sound="beep")
    made = clicking(play(0, 1, 0), live=live)
    same(made.play(BAR)[:, 2], click_track(BAR, (0, "accent"), (24_000, "beat"), sound="beep"))


def _halves() -> list[tuple[int, str]]:
    return [(at, "accent" if at == 0 else "beat") for at in range(0, BAR, 6_000)]


def test_a_click_for_the_count_in_only_falls_silent_with_the_song() -> None:
    count = CountIn(Frame(0), 1, SongFrame(0), 1, BAR)
    made = clicking(count, play(BAR, 1, 0, "start"), live=ClickMix(count_in_only=True))
    same(made.play(2 * BAR)[:, 2], click_track(2 * BAR, *BEATS))


def test_a_bought_click_silences_the_built_in_one_but_not_in_the_count_in() -> None:
    bought = noise(4 * BAR, 1)
    stem = Stem("C", "c", 0, 1, role="click")
    made = Rig(
        show((song("a", audio=bought, stems=(stem,)),)),
        CountIn(Frame(0), 1, SongFrame(0), 1, BAR),
        play(BAR, 1, 0, "start"),
        media={"a.audio": bought},
        mix=WITH_CLICK,
    )
    heard = made.play(2 * BAR)
    same(heard[:, 2], click_track(2 * BAR, *BEATS) + np.concatenate((np.zeros(BAR), bought[:BAR, 0])))
    np.testing.assert_array_equal(heard[:, :2], 0)


def test_the_free_metronome_clicks_in_a_rest() -> None:
    made = clicking(
        rest(0, metronome=Metronome(120.0, 100.5)), play(60_000, 1, 0, "start"), live=ClickMix(sound="beep")
    )
    clicks = [(101, "accent"), (24_101, "beat"), (48_101, "beat")]
    same(made.play(60_000)[:, 2], click_track(60_000, *clicks, sound="beep"))


def test_a_click_rings_out_over_a_pause() -> None:
    made = clicking(play(0, 1, 0), rest(100, "pause", cued=Cued(1, SongFrame(100), paused=True)))
    same(made.play(BAR)[:, 2], click_track(BAR, (0, "accent")))


def spoken(*spans: object, at: object = SongFrame(1_000), frames: int = 4_000) -> Rig:
    songs = (song("a", guides=(guide("g", at, frames),)), song("b"))
    return Rig(show(songs), *spans, media={"g": SPOKEN[:frames]})  # type: ignore[arg-type]


def voice_at(at: int, frames: int, voice: Audio) -> Audio:
    audio = np.zeros(frames, np.float32)
    audio[at : at + len(voice)] = voice[: frames - at, 0]
    return audio


def test_a_guide_is_spoken_on_its_frame_to_performers_alone() -> None:
    heard = spoken(play(0, 1, 0)).play(8_000)
    same(heard[:, 2], voice_at(1_000, 8_000, SPOKEN[:4_000]))
    np.testing.assert_array_equal(heard[:, :2], 0)


def test_a_guide_is_spoken_in_each_pass_of_a_loop() -> None:
    cycle = Cycle(SongFrame(0), SongFrame(10_000))
    heard = spoken(Loop(Frame(0), 1, SongFrame(0), cycle), frames=1_500).play(20_000)[:, 2]
    same(heard, voice_at(1_000, 20_000, SPOKEN[:1_500]) + voice_at(11_000, 20_000, SPOKEN[:1_500]))


def test_a_guide_is_faded_in_20_ms_where_the_music_breaks_off() -> None:
    for span in (play(3_000, 1, 2 * BAR, "jump"), rest(3_000, "stop")):
        voice = SPOKEN[:2_960].copy()
        voice[2_000:] *= 1 - rising(960)
        same(spoken(play(0, 1, 0), span).play(8_000)[:, 2], voice_at(1_000, 8_000, voice))


def test_a_guide_that_announces_an_entry_reaches_into_it() -> None:
    made = spoken(play(0, 1, 0), play(BAR, 1, 2 * BAR, "jump"), at=BeforeEntry(3, 1.0, "beat"), frames=20_000)
    same(made.play(2 * BAR)[:, 2], voice_at(36_000, 2 * BAR, SPOKEN[:20_000]))


def test_a_gap_is_skipped_as_if_it_had_been_played() -> None:
    whole, broken = (
        Rig(show((song("a", audio=A, guides=(guide("g", SongFrame(500), 9_000),)),)), play(0, 1, 0),
            media=MEDIA | {"g": SPOKEN[:9_000]}, mix=WITH_CLICK)
        for _ in range(2)
    )  # fmt: skip
    expected = whole.play(20_000)
    broken.play(384)
    broken.head = 2_000
    same(broken.play(18_000), expected[2_000:])


# ── the audience ──


def test_the_audience_hears_no_click_and_no_guide_even_if_they_are_no_numbers() -> None:
    rnd = random.Random(5)
    nan = np.full((4 * BAR, 1), np.nan, np.float32)
    sound = np.column_stack((noise(4 * BAR, 2), nan, nan))
    stems = (
        Stem("All", "all", 0, 2),
        Stem("C", "my-click", 2, 1, role="click"),
        Stem("G", "my-guide", 3, 1, role="guide"),
    )
    made = song("a", audio=sound, stems=stems, guides=(guide("g", SongFrame(50)),))
    plain = song("a", audio=sound[:, :2].copy())
    for _ in range(25):
        mix = _random_mix(rnd)
        noisy = Rig(show((made,)), play(0, 1, 0), media={"a.audio": sound, "g": nan[:4_000]}, mix=mix)
        clean = Rig(show((plain,)), play(0, 1, 0), media={"a.audio": sound[:, :2].copy()}, mix=mix)
        same(noisy.play(2_000)[:, :2], clean.play(2_000)[:, :2])


def _random_mix(rnd: random.Random) -> Mix:
    sources = ["click", "guide", "stems", "all", "my-click", "my-guide", "master"]

    def bus() -> BusMix:
        levels = {source: rnd.uniform(-20, 10) for source in sources if rnd.random() < 0.5}
        soloed = frozenset({"click", "all"}) if rnd.random() < 0.3 else frozenset[str]()
        return BusMix(levels, soloed=soloed, mono=rnd.random() < 0.5, dim=rnd.random() < 0.2)

    return Mix(buses={"house": bus(), "drums": bus()}, talkback=rnd.random() < 0.3)

"""A song's time in frames: bars, pulses, clicks, count-ins and positions, whole lists at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.model.meter import Pulse, parse_meter
from showctl.model.position import Amount, parse_position
from showctl.model.songmap import ClickKind, Clicks, MeterMark, SongMap
from showctl.model.tempo import TempoMap, TempoMark
from showctl.model.units import SongFrame

D, G, B, S = ClickKind.DOWNBEAT, ClickKind.GROUP, ClickKind.BEAT, ClickKind.SUBDIVISION


def steady(bpm: float) -> TempoMap:
    return TempoMap((TempoMark(Fraction(0), bpm),))


def song(
    *meters: tuple[int, str, str | None],
    tempo: TempoMap | None = None,
    pulse: Pulse = "auto",
    bars: int = 4,
    rate: int = 48000,
) -> SongMap:
    """At 120 bpm unless `tempo` says otherwise: a quarter is 24,000 frames at 48 kHz."""
    marks = tuple(MeterMark(bar, parse_meter(text, accents)) for bar, text, accents in meters)
    return SongMap.build(rate, tempo or steady(120.0), marks, pulse, end_bar=bars + 1)


FOUR = song((1, "4/4", None))
MIXED = song((1, "4/4", None), (3, "7/8", "2+2+3"), (5, "6/8", None), bars=6)
RAMPED = song(
    (1, "4/4", None),
    (9, "7/8", "2+2+3"),
    tempo=TempoMap(
        (
            TempoMark(Fraction(0), 97.0),
            TempoMark(Fraction(17), 171.5, ramp=True),
            TempoMark(Fraction(67, 2), 63.0),
            TempoMark(Fraction(50), 141.0, ramp=True),
        )
    ),
    bars=16,
    rate=44100,
)


def pulse_rows(song_map: SongMap) -> list[tuple[int, ...]]:
    pulses = song_map.pulses
    columns = (pulses.frame, pulses.bar, pulses.beat, pulses.beats, pulses.unit, pulses.accent)
    return list(zip(*(column.tolist() for column in columns), strict=True))


def click_rows(clicks: Clicks) -> list[tuple[int, int]]:
    return list(zip(clicks.frame.tolist(), clicks.kind.tolist(), strict=True))


def test_bars_follow_the_meters_and_the_last_start_is_the_end() -> None:
    assert MIXED.bar_frames.tolist() == [0, 96000, 192000, 276000, 360000, 432000, 504000]
    assert (MIXED.end, MIXED.last_bar) == (504000, 6)
    assert MIXED.bar_frames.dtype == np.int64


def test_any_bar_has_a_frame_before_the_song_and_beyond_its_end() -> None:
    assert [MIXED.frame_at(bar) for bar in (-1, 0, 1, 7, 8)] == [-192000, -96000, 0, 504000, 576000]
    assert MIXED.frame_at(3, Fraction(5, 2)) == 192000 + 18000


def test_frames_are_rounded_to_the_nearest_and_never_accumulate() -> None:
    odd = song((1, "4/4", None), tempo=steady(137.0), bars=400, rate=44100)
    exact = [Fraction(4 * bar * 60 * 44100, 137) for bar in range(401)]
    assert odd.bar_frames.tolist() == [int(frame + Fraction(1, 2)) for frame in exact]


def test_pulses_carry_bar_beat_beats_unit_and_accent() -> None:
    assert pulse_rows(song((1, "7/8", "2+2+3"), (2, "6/8", None), bars=2)) == [
        (0, 1, 1, 7, 8, 2),
        (12000, 1, 2, 7, 8, 0),
        (24000, 1, 3, 7, 8, 1),
        (36000, 1, 4, 7, 8, 0),
        (48000, 1, 5, 7, 8, 1),
        (60000, 1, 6, 7, 8, 0),
        (72000, 1, 7, 7, 8, 0),
        (84000, 2, 1, 6, 8, 2),
        (120000, 2, 4, 6, 8, 1),
    ]


def test_the_pulse_can_be_the_group_or_the_beat_everywhere() -> None:
    grouped = song((1, "7/8", "2+2+3"), (2, "6/8", None), bars=2, pulse="group")
    beaten = song((1, "6/8", None), bars=1, pulse="beat")
    assert [(row[1], row[2]) for row in pulse_rows(grouped)] == [(1, 1), (1, 3), (1, 5), (2, 1), (2, 4)]
    assert [row[2] for row in pulse_rows(beaten)] == [1, 2, 3, 4, 5, 6]


def test_a_pulse_knows_the_tempo_of_its_moment() -> None:
    ramp = TempoMap((TempoMark(Fraction(0), 120.0), TempoMark(Fraction(4), 160.0, ramp=True)))
    assert song((1, "4/4", None), tempo=ramp, bars=2).pulses.bpm.tolist() == [120, 130, 140, 150, *[160] * 4]


def test_an_end_within_a_bar_cuts_pulses_and_clicks_but_keeps_the_bar() -> None:
    cut = FOUR.ending_at(SongFrame(120000))
    assert cut.pulses.frame.tolist() == [0, 24000, 48000, 72000, 96000]
    assert cut.clicks(2).frame.tolist() == list(range(0, 120000, 12000))
    assert (cut.bar_frames.tolist(), cut.last_bar) == ([0, 96000, 192000], 2)
    assert FOUR.ending_at(SongFrame(120001)).pulses.frame.tolist()[-1] == 120000


@pytest.mark.parametrize("end", [0, -5])
def test_a_song_without_length_has_no_pulses(end: int) -> None:
    empty = FOUR.ending_at(SongFrame(end))
    assert (empty.last_bar, pulse_rows(empty), click_rows(empty.clicks())) == (0, [], [])
    assert empty.frame_at(2) == 96000


@pytest.mark.parametrize(
    ("subdivision", "rate", "kinds", "step"),
    [
        (1, "1", [D, B, B], 24000),
        (2, "1", [D, S, B, S, B, S], 12000),
        (3, "1", [D, S, S, B, S, S, B, S, S], 8000),
        (4, "1", [D, S, S, S, B, S, S, S, B, S, S, S], 6000),
        (1, "2", [D, B, B, B, B, B], 12000),
        (2, "2", [D, S, B, S, B, S, B, S, B, S, B, S], 6000),
        (1, "1/2", [D, B], 48000),
        (2, "1/2", [D, S, B], 24000),
        (3, "1/2", [D, S, S, B, S], 16000),
    ],
)
def test_clicks_divide_the_pulses_of_each_bar_evenly(
    subdivision: int, rate: str, kinds: list[ClickKind], step: int
) -> None:
    clicks = song((1, "3/4", None), bars=2).clicks(subdivision, Fraction(rate))
    bar = [(index * step, int(kind)) for index, kind in enumerate(kinds)]
    assert click_rows(clicks) == [*bar, *((frame + 72000, kind) for frame, kind in bar)]


def test_clicks_mark_groups_and_divide_pulses_of_unequal_length() -> None:
    grouped = song((1, "7/8", "2+2+3"), bars=1, pulse="group")
    assert click_rows(grouped.clicks()) == [(0, D), (24000, G), (48000, G)]
    assert click_rows(grouped.clicks(2)) == [(0, D), (12000, S), (24000, G), (36000, S), (48000, G), (66000, S)]
    assert click_rows(grouped.clicks(1, Fraction(1, 2))) == [(0, D), (48000, G)]
    assert click_rows(grouped.clicks(1, Fraction(2))) == [
        (0, D), (12000, B), (24000, G), (36000, B), (48000, G), (66000, B),
    ]  # fmt: skip


def test_subdivisions_are_even_in_beats_not_in_frames() -> None:
    ramp = TempoMap((TempoMark(Fraction(0), 60.0), TempoMark(Fraction(4), 240.0, ramp=True)))
    ramped = song((1, "4/4", None), tempo=ramp, bars=1)
    quarters = ramp.quarters_at(ramped.clicks(4).frame / 48000)
    np.testing.assert_allclose(quarters, np.arange(16) / 4, atol=1e-4)


@pytest.mark.parametrize(("subdivision", "rate"), [(0, 1), (5, 1), (1, 3), (1, 0)])
def test_other_subdivisions_and_rates_are_refused(subdivision: int, rate: int) -> None:
    with pytest.raises(ValueError, match=r"^expected 1 to 4 clicks per pulse at rate 0\.5, 1 or 2, got"):
        FOUR.clicks(subdivision, Fraction(rate))


def test_the_next_beat_and_bar_are_at_or_after_the_frame() -> None:
    frames = [SongFrame(frame) for frame in (-1, 0, 1, 191999, 192000, 192001, 275999)]
    assert [MIXED.next_beat(frame) for frame in frames] == [0, 0, 24000, 192000, 192000, 204000, 276000]
    assert [MIXED.next_bar(frame) for frame in frames] == [0, 0, 96000, 192000, 192000, 276000, 276000]


def test_the_frame_of_a_tempo_mark_has_its_tempo_even_between_beats() -> None:
    quarters = [Fraction(0), *(Fraction(n, 3) for n in range(1, 30, 3))]
    marks = tuple(TempoMark(quarter, 97.0 + index) for index, quarter in enumerate(quarters))
    jumpy = song((1, "4/4", None), tempo=TempoMap(marks), rate=44100)
    frames = [jumpy.frame_at(1, 1 + quarter) for quarter in quarters]
    assert [jumpy.bpm_at(frame) for frame in frames] == [mark.bpm for mark in marks]
    assert [jumpy.bpm_at(SongFrame(frame - 1)) for frame in frames[1:]] == [mark.bpm for mark in marks[:-1]]


def test_a_count_in_is_counted_in_the_time_of_the_start() -> None:
    grid = MIXED.count_in(MIXED.frame_at(3), bars=2, subdivision=2)
    assert grid.length == 168000
    assert grid.pulses.frame.tolist() == list(range(-168000, 0, 12000))
    assert grid.pulses.bar.tolist() == [-1] * 7 + [0] * 7
    assert grid.pulses.beat.tolist() == [*range(1, 8), *range(1, 8)]
    assert grid.pulses.accent.tolist() == [2, 0, 1, 0, 1, 0, 0] * 2
    assert grid.clicks.frame.tolist() == list(range(-168000, 0, 6000))
    assert grid.clicks.kind.tolist() == [D, S, B, S, G, S, B, S, G, S, B, S, B, S] * 2


def test_a_count_in_keeps_one_tempo_where_the_song_speeds_up() -> None:
    ramp = TempoMap((TempoMark(Fraction(0), 60.0), TempoMark(Fraction(8), 240.0, ramp=True)))
    song_map = song((1, "4/4", None), tempo=ramp)
    grid = song_map.count_in(song_map.frame_at(2), bars=1)
    assert grid.pulses.bpm.tolist() == [150.0] * 4
    assert grid.pulses.frame.tolist() == [-76800, -57600, -38400, -19200]


def test_no_bars_make_an_empty_count_in() -> None:
    grid = FOUR.count_in(SongFrame(0), bars=0)
    assert (grid.length, len(grid.pulses.frame), len(grid.clicks.frame)) == (0, 0, 0)


@dataclass(frozen=True)
class Named:
    slug: str
    bar: int


SECTIONS = (Named("intro", 1), Named("chorus", 3), Named("verse", 4), Named("chorus", 5))


@pytest.mark.parametrize(
    ("written", "frame"),
    [
        (3, 192000),
        ("3.2", 204000),
        ("3.2+1/2", 210000),
        ("Chorus", 192000),
        ("chorus#2", 360000),
        ("0:01.5", 72000),
        ("Chorus - 1 bar", 96000),
        ("Chorus - 1 beat", 168000),
        ("Chorus#2 - 1 beat", 348000),
        ("Chorus + 1 beat", 204000),
        ("Chorus - 250 ms", 180000),
        ("2.3 + 1 bar", 216000),
        ("0:01.5 + 1 bar", 168000),
        ("0:01.5 - 2 beats", 24000),
        ("1 - 2 beats", -48000),
        ("1 - 1 bar", -96000),
        ("Verse + 1.5 s", 348000),
    ],
)
def test_a_position_is_one_frame(written: int | str, frame: int) -> None:
    assert MIXED.resolve(parse_position(written), SECTIONS) == frame


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("Bridge", 'expected a section of the song (intro, chorus, verse), got "bridge"'),
        ("Chorus#3", 'section "chorus" occurs 2 times, got "chorus#3"'),
        ("2.5", 'bar 2 has 4 beats (4/4), got "2.5"'),
        ("2.4+1/1", 'bar 2 has 4 beats (4/4), got "2.5"'),
    ],
)
def test_a_position_the_song_does_not_have_is_refused(written: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        MIXED.resolve(parse_position(written), SECTIONS)


def test_moving_by_bars_from_between_beats_keeps_the_place_in_the_bar() -> None:
    assert FOUR.moved(SongFrame(30000), Amount(2, "bar")) == 222000
    assert FOUR.moved(SongFrame(30000), Amount(1.5, "beat").negative) == -6000
    assert FOUR.moved(SongFrame(30000), Amount(Fraction(-1, 4), "seconds")) == 18000


PLACES = st.tuples(st.integers(-20, 60), st.integers(1, 7))


@settings(deadline=None)
@given(PLACES)
def test_the_frame_of_a_beat_is_exactly_that_beat_again(place: tuple[int, int]) -> None:
    bar, beat = place[0], min(place[1], RAMPED.meter_at(place[0]).beats)
    frame = RAMPED.frame_at(bar, beat)
    assert RAMPED.bar_beat_at(frame) == (bar, float(beat))
    assert (RAMPED.next_beat(frame), RAMPED.next_beat(SongFrame(frame - 1))) == (frame, frame)


@settings(deadline=None)
@given(st.integers(-2_000_000, 4_000_000))
def test_every_frame_is_the_frame_of_its_bar_and_beat(frame: int) -> None:
    bar, beat = RAMPED.bar_beat_at(SongFrame(frame))
    assert RAMPED.frame_at(bar, Fraction(beat)) == frame
    assert RAMPED.frame_at(bar) <= frame < RAMPED.frame_at(bar + 1)


@settings(deadline=None)
@given(st.integers(-2_000_000, 4_000_000))
def test_the_next_boundary_is_never_behind_and_never_a_whole_one_away(frame: int) -> None:
    beat, bar = RAMPED.next_beat(SongFrame(frame)), RAMPED.next_bar(SongFrame(frame))
    assert frame <= beat <= bar
    assert RAMPED.next_bar(SongFrame(bar - 1)) == bar
    assert RAMPED.bar_beat_at(bar)[1] == 1.0
    assert frame > RAMPED.frame_at(RAMPED.bar_beat_at(bar)[0] - 1)


def test_pulses_bars_and_single_beats_are_the_same_frames() -> None:
    singles = [RAMPED.frame_at(row[1], row[2]) for row in pulse_rows(RAMPED)]
    assert RAMPED.pulses.frame.tolist() == singles
    assert RAMPED.bar_frames.tolist() == [RAMPED.frame_at(bar) for bar in range(1, 18)]
    tempos = [RAMPED.bpm_at(SongFrame(frame)) for frame in singles]
    assert RAMPED.pulses.bpm.tolist() == tempos

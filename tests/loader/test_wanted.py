from __future__ import annotations

import msgspec

from showctl.loader.wanted import Second, seconds_of, wanted
from showctl.model.night import Night
from showctl.model.plan import CountIn, Cued, Cycle, Loop, Plan, Play, Rest, Span
from showctl.model.score import Score
from showctl.model.show import BeforeEntry, Entry, Guide, Medium, MeterPoint, Section, Show, Song, TempoPoint
from showctl.model.units import Frame, SongFrame

RATE = 1000
PICKUP = SongFrame(-500)


def song(song_id: str, *sections: int) -> Song:
    """A hundred seconds of stereo with half a second of pickup; sections start at these seconds."""
    return Song(
        id=song_id,
        title=song_id,
        tempo=(TempoPoint((0, 1), 120.0),),
        meters=(MeterPoint(1, 4, 4, (4,)),),
        end=SongFrame(100 * RATE),
        sections=tuple(
            Section(f"s{start}", f"s{start}", index, 1, 1, SongFrame(start * RATE), SongFrame(start * RATE + 1))
            for index, start in enumerate(sections, 1)
        ),
        medium=Medium(song_id, 100 * RATE, 2, PICKUP),
    )


def score_of(*songs: Song) -> Score:
    entries = tuple(Entry(index, song.id, "arm", 1) for index, song in enumerate(songs, 1))
    show = Show("Test", {song.id: song for song in songs}, entries, ())
    return Score(msgspec.structs.replace(show, audio=msgspec.structs.replace(show.audio, sample_rate=RATE)))


def asked(score: Score, *spans: Span, now: int = 0) -> list[tuple[str, int]]:
    night = Night.of(score.show)
    plan = Plan(1, "", RATE, spans)
    return [(second.key, second.number) for second in wanted(score, plan, night, Frame(now))]


def numbers(key: str, *ranges: tuple[int, int]) -> list[tuple[str, int]]:
    return [(key, number) for low, high in ranges for number in range(low, high)]


def test_a_second_of_a_file_counts_from_its_first_frame_and_knows_its_length() -> None:
    medium = Medium("a", 2500, 2, PICKUP)
    assert list(seconds_of(medium, SongFrame(0), SongFrame(9000), RATE)) == [
        Second("a", 0, 1000, 2),
        Second("a", 1, 1000, 2),
        Second("a", 2, 500, 2),
    ]
    assert list(seconds_of(medium, SongFrame(500), SongFrame(1500), RATE)) == [Second("a", 1, 1000, 2)]
    assert list(seconds_of(medium, SongFrame(2000), SongFrame(9000), RATE)) == []
    assert list(seconds_of(None, SongFrame(0), SongFrame(9000), RATE)) == []


def test_what_plays_next_comes_first_then_the_sections_then_the_songs_after() -> None:
    score = score_of(song("a", 0, 40), song("b", 0, 60), song("c", 0, 70))
    playing = Play(Frame(0), 1, SongFrame(0))
    assert asked(score, playing, now=20 * RATE) == [
        *numbers("a", (20, 31)),  # ten seconds, straddling the half second of pickup
        *numbers("a", (0, 3), (3, 4), (40, 44)),  # the start with its pickup, then the sections
        *numbers("b", (0, 3), (3, 4), (60, 64)),  # the next song
        *numbers("c", (0, 3)),  # and the start of every other
    ]


def test_a_pending_jump_is_read_before_what_might_be_jumped_to() -> None:
    score = score_of(song("a", 0, 40))
    spans = (Play(Frame(0), 1, SongFrame(0)), Play(Frame(15 * RATE), 1, SongFrame(80 * RATE), "jump"))
    assert asked(score, *spans)[:15] == [*numbers("a", (0, 11)), *numbers("a", (80, 84))]


def test_what_a_crossfade_plays_before_a_target_is_read_too() -> None:
    score = score_of(song("a", 0, 40))
    on_the_second = SongFrame(80 * RATE + RATE // 2)
    spans = (Play(Frame(0), 1, SongFrame(0)), Play(Frame(15 * RATE), 1, on_the_second, "jump"))
    assert asked(score, *spans)[11:15] == numbers("a", (80, 84))


def test_a_jump_within_reach_is_read_as_part_of_what_comes() -> None:
    score = score_of(song("a"))
    spans = (Play(Frame(0), 1, SongFrame(0)), Play(Frame(2 * RATE), 1, SongFrame(80 * RATE), "jump"))
    assert asked(score, *spans)[:12] == [*numbers("a", (0, 3)), *numbers("a", (80, 89))]


def test_a_vamp_is_read_round_its_seam() -> None:
    score = score_of(song("a"))
    loop = Loop(Frame(0), 1, SongFrame(18 * RATE), Cycle(SongFrame(12 * RATE), SongFrame(20 * RATE)))
    assert asked(score, loop)[:11] == [*numbers("a", (18, 21)), *numbers("a", (12, 18)), *numbers("a", (0, 2))]


def test_a_count_in_reads_the_pickup_that_sounds_in_it() -> None:
    score = score_of(song("a"))
    spans = (CountIn(Frame(0), 1, SongFrame(0), 1, 2 * RATE), Play(Frame(2 * RATE), 1, SongFrame(0)))
    assert asked(score, *spans)[:9] == numbers("a", (0, 9))


def test_armed_is_read_from_where_it_will_start() -> None:
    score = score_of(song("a", 0), song("b"))
    rest = Rest(Frame(0), "arm", Cued(1, SongFrame(50 * RATE)))
    assert asked(score, rest)[:7] == [*numbers("a", (50, 54)), *numbers("a", (0, 3))]


def test_spoken_cues_of_the_song_are_read_whole() -> None:
    spoken = Guide(Medium("voice", 1500, 1), BeforeEntry(1, 1.0, "bar"))
    score = score_of(msgspec.structs.replace(song("a", 0), guides=(spoken,)))
    assert ("voice", 0) in asked(score, Rest(Frame(0), "arm", Cued(1, SongFrame(0))))
    assert ("voice", 1) in asked(score, Rest(Frame(0), "arm", Cued(1, SongFrame(0))))

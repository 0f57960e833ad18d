"""Jumps, vamps and loops: where they go and when, and that what was pending before leaves no trace."""

from __future__ import annotations

import pytest

from showctl.model import jumps, setlist, transport
from showctl.model.jumps import When
from showctl.model.plan import CountIn, Cued, Cycle, Loop, Play, Rest, Span
from showctl.model.show import Song, TempoPoint, Then, Vamp
from showctl.model.units import Frame, SongFrame
from tests.model.shows import (
    BAR,
    BEAT,
    Command,
    Stage,
    bar,
    odd,
    plain,
    repeating,
    show,
    song,
    two_vamps,
    vamping,
)

GO: Command = lambda view: transport.act(view, "/go")  # noqa: E731


def to(section: str | int, when: When = "bar") -> Command:
    return lambda view: jumps.jump_to_section(view, section, when)


def playing(*songs: Song, then: Then = "arm") -> Stage:
    """The first song is played from session frame 0 on; frames of session and song are the same."""
    stage = Stage(show(*((each, then, 0) for each in songs)))
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(GO, at=0)
    return stage


Place = tuple[str, int, int, str]


def places(spans: tuple[Span, ...]) -> list[Place]:
    """What is played: kind, session frame, song frame (-1 in silence) and why."""
    return [(type(span).__name__, span.start, getattr(span, "at", -1), span.why) for span in spans]


# ── when ──


@pytest.mark.parametrize(
    ("when", "at"),
    [("now", 5 * BAR + 100), ("beat", 5 * BAR + BEAT), ("bar", 6 * BAR), ("section", 8 * BAR)],
)
def test_a_jump_is_made_at_the_next_boundary(when: When, at: int) -> None:
    stage = playing(plain())
    stage.do(to("intro", when), at=5 * BAR + 100)
    assert places(stage.plan.spans[-2:]) == [("Play", at, 0, "jump"), ("Rest", at + 12 * BAR, -1, "end")]


@pytest.mark.parametrize("when", ["beat", "bar", "section"])
def test_a_boundary_on_the_horizon_is_in_time_and_one_before_it_means_the_next(when: When) -> None:
    lengths = {"beat": BEAT, "bar": BAR, "section": 4 * BAR}
    for margin, boundary in ((512, 4 * BAR), (513, 4 * BAR + lengths[when])):
        stage = playing(plain())
        stage.margin = margin
        stage.do(to("intro", when), at=4 * BAR - 512)
        assert places(stage.plan.spans[1:2]) == [("Play", boundary, 0, "jump")]


def test_the_last_boundary_of_a_song_is_its_end() -> None:
    stage = playing(plain(), plain("other"))
    stage.do(to("verse"), at=12 * BAR - 100)
    assert places(stage.future) == [
        ("Play", 0, 0, "start"),
        ("Play", 12 * BAR, 4 * BAR, "jump"),
        ("Rest", 20 * BAR, -1, "end"),
    ]


def test_a_song_shorter_than_a_bar_ends_before_its_next_bar() -> None:
    stage = playing(song("short", [(1, "Hit")], 1, end=60_000))
    stage.do(to("hit"), at=100)
    assert places(stage.future)[1:] == [("Play", 60_000, 0, "jump"), ("Rest", 120_000, -1, "end")]


def test_bars_and_beats_are_those_of_the_meter() -> None:
    stage = playing(odd())
    grid, pickup = stage.score.map(1), 24_000
    cases: list[tuple[When, tuple[int, int]]] = [("beat", (4, 4)), ("bar", (5, 1))]
    for when, place in cases:
        stage.do(to("head", when), at=pickup + int(grid.frame_at(4, 3)) + 100)
        assert places(stage.future)[1] == ("Play", pickup + grid.frame_at(*place), 0, "jump")


# ── where ──


def test_a_repeated_name_means_the_next_after_the_playhead() -> None:
    stage = playing(repeating())
    targets = []
    for now in (100, 2 * BAR + 100, 6 * BAR + 100):  # in the first Verse, the first Chorus, the last Chorus
        stage.do(to("Chorus"), at=now)
        targets.append(jumps.pending(stage.plan, stage.now))
        stage.do(jumps.cancel)
    assert [target and target.at for target in targets] == [bar(3), bar(7), bar(3)]


@pytest.mark.parametrize(("name", "at"), [("Chorus#1", 3), ("chorus#2", 7), ("VERSE#2", 5), (4, 7)])
def test_a_section_is_named_by_occurrence_or_by_number(name: str | int, at: int) -> None:
    stage = playing(repeating())
    stage.do(to(name), at=100)
    assert places(stage.future)[1][2] == bar(at)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("Bridge", 'no section is called "Bridge": Repeating has Verse, Chorus, Verse, Chorus'),
        ("Chorus#3", 'expected "Chorus#1" to "Chorus#2", got "Chorus#3"'),
        ("Chorus#x", 'expected "Chorus#1" to "Chorus#2", got "Chorus#x"'),
        (5, "expected a section from 1 to 4, got 5"),
        (0, "expected a section from 1 to 4, got 0"),
    ],
)
def test_a_section_that_is_not_there_is_refused(name: str | int, sentence: str) -> None:
    stage = playing(repeating())
    before = stage.plan
    assert (stage.refusal(to(name), at=100), stage.plan) == (sentence, before)


def neighbour(step: int) -> Command:
    return lambda view: jumps.jump_to_neighbour(view, 1 if step == 1 else -1)


def test_next_pressed_twice_goes_two_on_and_previous_takes_one_back() -> None:
    stage = playing(repeating())
    targets = []
    for step in (1, 1, 1, -1):
        stage.do(neighbour(step), at=stage.now + 100)
        targets.append(places(stage.future)[1:])
    assert targets == [
        [("Play", BAR, bar(at), "jump"), ("Rest", BAR + 8 * BAR - bar(at), -1, "end")] for at in (3, 5, 7, 5)
    ]
    assert stage.refusal(neighbour(1)) == ""
    assert stage.refusal(neighbour(1)) == "there is no section after this one"


def test_previous_in_the_first_section_is_refused() -> None:
    stage = playing(repeating())
    assert stage.refusal(neighbour(-1), at=100) == "there is no section before this one"


@pytest.mark.parametrize(
    ("amount", "at"),
    [(1, 7), (0, 6), (-2, 4), (-5, 1), (6, 12)],
)
def test_bars_are_counted_from_the_next_bar(amount: int, at: int) -> None:
    stage = playing(plain())
    stage.do(lambda view: jumps.jump_by(view, amount, "bar"), at=4 * BAR + 100)
    target = jumps.pending(stage.plan, stage.now)
    assert (target and target.at) == (None if amount == 0 else bar(at))


def test_beats_are_counted_from_the_next_beat() -> None:
    stage = playing(plain())
    stage.do(lambda view: jumps.jump_by(view, -6, "beat"), at=4 * BAR + 100)
    assert places(stage.future)[1] == ("Play", 4 * BAR + BEAT, 4 * BAR - 5 * BEAT, "jump")


@pytest.mark.parametrize(("amount", "said"), [(8, "+8 bars"), (-7, "-7 bars")])
def test_a_count_out_of_the_song_is_refused(amount: int, said: str) -> None:
    stage = playing(plain())
    refused = stage.refusal(lambda view: jumps.jump_by(view, amount, "bar"), at=4 * BAR + 100)
    assert refused == f"{said} lies outside Plain, which has bars 1 to 12"


# ── one is pending at most ──


def test_a_new_jump_replaces_the_pending_one_without_a_trace() -> None:
    stage = playing(plain())
    stage.do(to("chorus", "section"), at=100)
    stage.do(to("verse"), at=200)
    assert places(stage.plan.spans) == [
        ("Play", 0, 0, "start"),
        ("Play", BAR, bar(5), "jump"),
        ("Rest", 9 * BAR, -1, "end"),
    ]


def test_a_cancelled_jump_leaves_no_trace() -> None:
    stage = playing(two_vamps(), plain())
    before = places(stage.plan.spans)
    stage.do(to("tag"), at=100)
    assert jumps.pending(stage.plan, stage.now) is not None
    stage.do(jumps.cancel, at=200)
    assert places(stage.plan.spans) == before
    assert stage.do(jumps.cancel, at=300) is None


def test_a_jump_to_where_the_music_goes_anyway_is_none() -> None:
    stage = playing(vamping(), plain())
    assert stage.do(to("solo"), at=2 * BAR - 100) is None
    stage = playing(plain())
    assert stage.do(to("verse"), at=4 * BAR - 100) is None


def test_the_same_jump_pressed_again_changes_nothing() -> None:
    stage = playing(plain())
    stage.do(to("chorus"), at=100)
    assert stage.do(to("chorus"), at=200) is None


def test_another_order_of_songs_leaves_the_pending_jump_as_it_is() -> None:
    stage = playing(plain("a"), plain("b"), plain("c"), then="continue")
    stage.do(to("chorus"), at=100)
    stage.do(lambda view: setlist.skip(view, 2, True), at=200)
    assert [(span.start, getattr(span, "entry", 0), span.why) for span in stage.future] == [
        (0, 1, "start"),
        (BAR, 1, "jump"),
        (5 * BAR, 3, "segue"),
        (17 * BAR, 0, "end"),
    ]
    assert stage.future[1].decided == 100


# ── at rest and in a count-in ──


def test_armed_it_moves_the_start() -> None:
    stage = Stage(show((plain(), "arm")))
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(to("chorus"), at=100)
    assert stage.span == Rest(Frame(100), "on", Cued(1, bar(9)), decided=Frame(100))
    stage.do(lambda view: jumps.jump_by(view, -3, "bar"), at=200)
    assert stage.span == Rest(Frame(200), "on", Cued(1, bar(6)), decided=Frame(200))
    stage.do(neighbour(1), at=300)
    assert stage.span == Rest(Frame(300), "on", Cued(1, bar(9)), decided=Frame(300))


def test_paused_it_moves_the_place_and_stays_paused() -> None:
    stage = playing(vamping())
    stage.do(lambda view: transport.act(view, "/pause"), at=3 * BAR)
    assert isinstance(stage.span, Rest)
    assert stage.span.cued == Cued(1, bar(4), paused=True, cycle=Cycle(bar(3), bar(5)))
    stage.do(lambda view: jumps.locate(view, "Chorus - 1 beat"), at=4 * BAR)
    assert stage.span == Rest(stage.now, "on", Cued(1, SongFrame(bar(5) - BEAT), paused=True), decided=stage.now)


def test_in_a_count_in_the_count_goes_on_to_the_new_start() -> None:
    stage = Stage(show((plain(), "arm")))
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(GO, at=0)
    stage.do(to("chorus"), at=BEAT)
    assert stage.plan.spans[1:] == (
        CountIn(Frame(BEAT), 1, bar(9), 1, 3 * BEAT, decided=Frame(BEAT)),
        Play(Frame(BAR), 1, bar(9), "start", Frame(BEAT)),
        Rest(Frame(5 * BAR), "end", decided=Frame(BEAT)),
    )


def test_another_song_can_be_jumped_to_in_a_count_in() -> None:
    stage = Stage(show((plain("a"), "arm"), (plain("b"), "arm")))
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(GO, at=0)
    stage.do(lambda view: jumps.jump_to_song(view, 2, "now"), at=BEAT)
    assert [(type(span), span.start, getattr(span, "entry", 0)) for span in stage.future] == [
        (CountIn, BEAT, 2),
        (Play, BAR, 2),
        (Rest, 13 * BAR, 0),
    ]


def test_playing_a_locate_is_a_jump_now() -> None:
    stage = playing(plain())
    stage.do(lambda view: jumps.locate(view, "7.3"), at=100)
    assert places(stage.future) == [
        ("Play", 100, 6 * BAR + 2 * BEAT, "jump"),
        ("Rest", 100 + 5 * BAR + 2 * BEAT, -1, "end"),
    ]


@pytest.mark.parametrize(
    ("position", "sentence"),
    [
        ("13", '"13" lies outside Plain, which has bars 1 to 12'),
        ("0:24", '"0:24" lies outside Plain, which has bars 1 to 12'),
        ("Bridge", 'expected a section of the song (intro, verse, chorus), got "bridge"'),
        ("3.5", 'bar 3 has 4 beats (4/4), got "3.5"'),
    ],
)
def test_a_place_that_the_song_does_not_have_is_refused(position: str, sentence: str) -> None:
    stage = playing(plain())
    before = stage.plan
    assert (stage.refusal(lambda view: jumps.locate(view, position), at=100), stage.plan) == (sentence, before)


# ── vamps ──


def exit_at(when: str | None) -> Command:
    return lambda view: jumps.vamp_exit(view, when)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("when", "at"),
    [(None, 12 * BAR), ("section", 12 * BAR), ("bar", 11 * BAR), ("beat", 10 * BAR + 2 * BEAT)],
)
def test_a_vamp_is_left_at_its_exit_or_as_said(when: str | None, at: int) -> None:
    stage = playing(vamping())  # Solo: bars 3 and 4, endless
    stage.do(exit_at(when), at=10 * BAR + BEAT + 100)
    assert places(stage.future) == [
        ("Loop", 2 * BAR, bar(3), "vamp"),
        ("Play", at, bar(5), "exit"),
        ("Rest", at + 2 * BAR, -1, "end"),
    ]


def test_a_vamp_let_go_on_its_first_frame_is_still_played_once() -> None:
    stage = playing(vamping())
    stage.do(GO, at=2 * BAR)
    assert places(stage.future)[1] == ("Play", 4 * BAR, bar(5), "exit")


def test_a_vamp_let_go_on_a_seam_is_left_there() -> None:
    stage = playing(vamping())
    stage.do(GO, at=4 * BAR)
    assert places(stage.future) == [("Play", 4 * BAR, bar(5), "exit"), ("Rest", 6 * BAR, -1, "end")]


def test_a_bar_counted_on_the_first_frame_of_a_vamp_is_counted_from_there() -> None:
    stage = playing(vamping())
    stage.do(lambda view: jumps.jump_by(view, 2, "bar"), at=2 * BAR)
    assert places(stage.future)[0] == ("Play", 2 * BAR, bar(5), "jump")


def test_an_endless_vamp_ahead_ends_the_plan() -> None:
    stage = playing(vamping(), plain(), then="continue")
    assert places(stage.plan.spans) == [("Play", 0, 0, "start"), ("Loop", 2 * BAR, bar(3), "vamp")]


def test_a_vamp_of_four_is_left_by_itself_and_two_in_a_row_follow_each_other() -> None:
    stage = playing(two_vamps())
    assert places(stage.plan.spans) == [("Loop", 0, 0, "start"), ("Loop", 8 * BAR, bar(3), "vamp")]
    stage.do(exit_at(None), at=9 * BAR + 100)
    assert places(stage.future)[1:] == [
        ("Play", 9 * BAR + BEAT, bar(5), "exit"),
        ("Loop", 11 * BAR + BEAT, bar(7), "vamp"),
    ]


def test_a_vamp_of_four_can_be_left_earlier_and_then_goes_into_the_next() -> None:
    stage = playing(two_vamps())
    stage.do(exit_at(None), at=3 * BAR)
    assert places(stage.future) == [("Loop", 0, 0, "start"), ("Loop", 4 * BAR, bar(3), "exit")]


def test_go_in_the_last_pass_of_a_finite_vamp_changes_nothing() -> None:
    stage = playing(two_vamps())
    assert stage.do(GO, at=7 * BAR) is None


def test_an_exit_pressed_twice_is_one_and_can_be_made_earlier_or_cancelled() -> None:
    stage = playing(vamping())
    endless = places(stage.plan.spans)
    stage.do(GO, at=2 * BAR + 100)
    assert stage.do(GO, at=2 * BAR + 200) is None
    stage.do(exit_at("bar"), at=2 * BAR + 300)
    assert places(stage.future)[1] == ("Play", 3 * BAR, bar(5), "exit")
    stage.do(jumps.cancel, at=2 * BAR + 400)
    assert places(stage.plan.spans) == endless


def test_a_vamp_that_ends_the_song_is_left_into_what_follows() -> None:
    stage = playing(two_vamps(), plain(), then="continue")
    stage.do(to("out"), at=0)
    stage.do(jumps.cancel)
    stage.do(lambda view: jumps.locate(view, "Out"), at=0)
    before = places(stage.plan.spans)
    stage.do(GO, at=100)
    assert [(span.start, getattr(span, "entry", 0), span.why) for span in stage.future] == [
        (0, 1, "jump"),
        (BAR, 2, "segue"),
        (13 * BAR, 0, "end"),
    ]
    stage.do(lambda view: setlist.skip(view, 2, True), at=200)
    assert [(span.start, span.why) for span in stage.future] == [(0, "jump"), (BAR, "end")]
    stage.do(jumps.cancel, at=300)
    assert places(stage.plan.spans) == before


def test_in_a_vamp_a_jump_leaves_it() -> None:
    stage = playing(vamping())
    stage.do(to("intro"), at=5 * BAR + 100)
    assert places(stage.future) == [
        ("Loop", 2 * BAR, bar(3), "vamp"),
        ("Play", 6 * BAR, 0, "jump"),
        ("Loop", 8 * BAR, bar(3), "vamp"),
    ]


def test_a_jump_into_a_vamp_begins_its_first_pass_there() -> None:
    stage = playing(vamping(vamp=Vamp(times=3)))
    stage.do(lambda view: jumps.locate(view, "4"), at=100)
    loop = stage.span
    assert isinstance(loop, Loop)
    assert (loop.at, loop.passes, loop.cycle) == (bar(4), 1, Cycle(bar(3), bar(5), 3))
    assert places(stage.future)[1] == ("Play", 100 + 5 * BAR, bar(5), "on")


def test_a_vamp_jumped_to_again_is_counted_anew() -> None:
    stage = playing(two_vamps())
    stage.do(to("four", "section"), at=3 * BAR)  # in the second pass of four
    assert places(stage.future) == [
        ("Loop", 0, 0, "start"),
        ("Loop", 4 * BAR, 0, "jump"),
        ("Loop", 12 * BAR, bar(3), "vamp"),
    ]


def test_a_bar_counted_in_the_last_bar_of_a_vamp_goes_on_from_behind_it() -> None:
    stage = playing(vamping())
    stage.do(lambda view: jumps.jump_by(view, 1, "bar"), at=3 * BAR + 100)
    assert places(stage.future)[1] == ("Play", 4 * BAR, bar(6), "jump")


def test_any_section_can_be_made_a_vamp() -> None:
    stage = playing(plain())
    stage.do(lambda view: jumps.vamp_start(view, 2), at=5 * BAR)
    assert stage.state == "vamping"
    assert places(stage.future) == [
        ("Loop", 5 * BAR, 5 * BAR, "vamp"),
        ("Play", 12 * BAR, bar(9), "on"),
        ("Rest", 16 * BAR, -1, "end"),
    ]
    stage.do(jumps.vamp_start, at=6 * BAR)
    assert places(stage.future) == [("Loop", 6 * BAR, 6 * BAR, "vamp")]


def test_passes_asked_for_in_a_vamp_are_counted_from_this_one() -> None:
    stage = playing(vamping())
    stage.do(lambda view: jumps.vamp_start(view, 2), at=7 * BAR)  # in the third pass
    loop = stage.span
    assert isinstance(loop, Loop)
    assert (loop.passes, loop.cycle.times) == (3, 4)
    assert places(stage.future)[1] == ("Play", 10 * BAR, bar(5), "on")


def test_there_is_no_vamp_to_leave_where_none_is_played() -> None:
    stage = playing(plain())
    assert stage.refusal(jumps.vamp_exit, at=100) == "no vamp is being played: the transport is playing"


# ── loops ──


def loop(low: str, high: str) -> Command:
    return lambda view: jumps.loop(view, low, high)


def test_a_loop_ahead_waits_for_its_start_and_can_be_cancelled() -> None:
    stage = playing(plain())
    before = places(stage.plan.spans)
    stage.do(loop("6", "7.3"), at=BAR)
    assert places(stage.future) == [("Play", 0, 0, "start"), ("Loop", 5 * BAR, 5 * BAR, "jump")]
    stage.do(lambda view: setlist.skip(view, 1, True), at=2 * BAR)
    assert places(stage.future) == [("Play", 0, 0, "start"), ("Loop", 5 * BAR, 5 * BAR, "jump")]
    stage.do(jumps.cancel, at=3 * BAR)
    assert places(stage.plan.spans) == before


def test_a_loop_around_the_playhead_begins_at_once_and_is_left_at_its_end() -> None:
    stage = playing(plain())
    stage.do(loop("4", "7"), at=4 * BAR)
    assert places(stage.future) == [("Loop", 4 * BAR, 4 * BAR, "vamp")]
    stage.do(GO, at=7 * BAR)  # in the second pass, before the Verse
    assert places(stage.future) == [
        ("Loop", 4 * BAR, 4 * BAR, "vamp"),
        ("Play", 9 * BAR, bar(7), "exit"),
        ("Rest", 15 * BAR, -1, "end"),
    ]


def test_a_loop_behind_the_playhead_is_gone_back_to_at_the_next_bar() -> None:
    stage = playing(plain())
    stage.do(loop("Intro", "Verse"), at=6 * BAR + 100)
    assert places(stage.future) == [("Play", 0, 0, "start"), ("Loop", 7 * BAR, 0, "jump")]


def test_an_armed_song_starts_in_its_loop_even_after_a_false_start() -> None:
    stage = Stage(show((plain(), "arm")))
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(loop("Verse", "Chorus"))
    stage.do(GO, at=BAR)
    stage.do(lambda view: transport.act(view, "/pause"), at=BAR + 100)
    stage.do(GO, at=3 * BAR)
    assert places(stage.future) == [("CountIn", 3 * BAR, bar(5), "start"), ("Loop", 4 * BAR, bar(5), "start")]


def test_a_loop_from_bar_one_is_preceded_by_the_pickup() -> None:
    stage = Stage(show((song("pickup", [(1, "A"), (3, "B")], 4, pickup=5000), "arm", 0)))
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(loop("1", "3"))
    stage.do(GO, at=BAR)
    assert places(stage.future) == [("Play", BAR, -5000, "start"), ("Loop", BAR + 5000, 0, "jump")]


@pytest.mark.parametrize(("low", "high"), [("5", "5"), ("7", "5"), ("5", "14"), ("5", "5 + 99 ms")])
def test_a_loop_that_is_none_is_refused(low: str, high: str) -> None:
    stage = playing(plain())
    assert stage.refusal(loop(low, high), at=100) == (
        f'expected a loop that ends after it starts, and within the song, got "{low}" to "{high}"'
    )


# ── songs ──


def song_jump(place: int, when: str = "end") -> Command:
    return lambda view: jumps.jump_to_song(view, place, when)  # type: ignore[arg-type]


def entries(stage: Stage) -> list[tuple[int, int, str]]:
    return [
        (span.start, span.entry if not isinstance(span, Rest) else span.cued.entry if span.cued else 0, span.why)
        for span in stage.future
    ]


def test_a_song_is_gone_to_at_the_end_without_a_gap_and_that_can_be_cancelled() -> None:
    stage = playing(plain("a"), plain("b"), plain("c"))
    before = places(stage.plan.spans)
    stage.do(song_jump(3), at=BAR)
    assert entries(stage) == [(0, 1, "start"), (12 * BAR, 3, "segue"), (24 * BAR, 0, "end")]
    stage.do(jumps.cancel, at=2 * BAR)
    assert (places(stage.plan.spans), stage.night.next_up) == (before, None)


@pytest.mark.parametrize(("when", "at"), [("now", BAR + 100), ("bar", 2 * BAR), ("section", 4 * BAR)])
def test_a_song_is_gone_to_at_a_boundary(when: str, at: int) -> None:
    stage = playing(plain("a"), plain("b"), plain("c"))
    stage.do(song_jump(2, when), at=BAR + 100)
    assert entries(stage)[-2:] == [(at, 2, "jump"), (at + 12 * BAR, 3, "end")]


def test_at_rest_a_song_is_armed() -> None:
    stage = Stage(show((plain("a"), "arm"), (plain("b"), "arm")))
    stage.do(song_jump(2, "now"), at=100)
    assert stage.span == Rest(Frame(100), "arm", Cued(2, bar(1)), decided=Frame(100))


def test_a_song_chosen_to_follow_itself_does_so_once() -> None:
    stage = playing(plain("a"), plain("b"), then="continue")
    stage.do(lambda view: setlist.select(view, 1), at=BAR)
    again = [(0, 1, "start"), (12 * BAR, 1, "segue"), (24 * BAR, 2, "segue"), (36 * BAR, 0, "end")]
    assert entries(stage) == again
    stage.do(lambda view: setlist.skip(view, 2, True), at=13 * BAR)
    assert entries(stage) == [(12 * BAR, 1, "segue"), (24 * BAR, 0, "end")]


def test_a_ramp_is_jumped_over_in_its_own_time() -> None:
    ramp = (TempoPoint((0, 1), 120.0), TempoPoint((32, 1), 240.0, ramp=True))
    stage = playing(song("ramp", [(1, "A"), (9, "B")], 12, tempo=ramp))
    grid = stage.score.map(1)
    stage.do(to("b"), at=int(grid.frame_at(4)) + 100)
    assert places(stage.future)[1] == ("Play", grid.frame_at(5), grid.frame_at(9), "jump")

"""The transport: the contract's state table, fades, the free metronome, and what a press is decided on."""

from __future__ import annotations

import pytest

from showctl.model import jumps, setlist, transport
from showctl.model.happenings import Beat, StateChange
from showctl.model.mix import ClickMix, Mix
from showctl.model.night import NextUp
from showctl.model.plan import CountIn, Cued, Edit, Fade, Loop, Play, Rest, State, commit
from showctl.model.show import Vamp
from showctl.model.units import Frame, SongFrame
from tests.model.shows import BAR, BEAT, RATE, Command, Stage, bar, plain, show, song, vamping
from tests.model.state_table import ROWS, STATES, cell

SHOW = show((vamping(), "arm"), (plain(), "continue", 0))


def act(command: str) -> Command:
    return lambda view: transport.act(view, command)


def fade(seconds: float) -> Command:
    return lambda view: transport.fade_out(view, seconds)


def select(place: int) -> Command:
    return lambda view: setlist.select(view, place)


def in_state(state: State) -> Stage:
    """A stage brought there by the commands that lead there; 1 s has passed since."""
    stage = Stage(SHOW)
    steps: dict[State, list[tuple[Command, int]]] = {
        "stopped": [],
        "armed": [(select(1), 0)],
        "countin": [(act("/go"), RATE)],
        "playing": [(lambda _: None, 3 * RATE)],
        "vamping": [(lambda _: None, 8 * RATE)],
    }
    for earlier in STATES[: STATES.index(state) + 1]:
        for command, at in steps.get(earlier, []):
            stage.do(command, at=at)
    if state in {"paused", "fading"}:
        stage.do(act("/pause") if state == "paused" else fade(4.0), at=8 * RATE)
    stage.go_to(stage.now + RATE)
    assert stage.state == state
    return stage


@pytest.mark.parametrize("command", ROWS)
@pytest.mark.parametrize("state", STATES)
def test_the_state_table_cell_by_cell(command: str, state: State) -> None:
    stage, expected = in_state(state), cell(command, state)
    before = stage.plan
    refused = stage.refusal(act(command))
    if expected in {"error", "same"}:
        assert (bool(refused), stage.plan) == (expected == "error", before)
    else:
        assert (refused, stage.state) == ("", "vamping" if (state, expected) == ("paused", "playing") else expected)


def test_go_leaves_a_vamp_at_its_exit() -> None:
    stage = in_state("vamping")
    stage.do(act("/go"))
    assert stage.future[1] == Play(Frame(11 * RATE), 1, bar(5), "exit", Frame(9 * RATE))


@pytest.mark.parametrize("state", STATES[2:])
def test_stop_arms_the_song_at_its_start(state: State) -> None:
    stage = in_state(state)
    stage.do(act("/stop"))
    assert stage.span == Rest(stage.now, "stop", Cued(1, bar(1)), decided=stage.now)
    assert stage.plan.spans[-1] is stage.span


def test_panic_is_silence_and_only_select_or_locate_arm_again() -> None:
    stage = in_state("playing")
    stage.do(act("/panic"))
    assert stage.span == Rest(stage.now, "panic", hush=True, decided=stage.now)
    for command in (
        act("/go"),
        act("/play"),
        act("/playpause"),
        lambda v: jumps.jump_to_section(v, "chorus"),
        lambda v: jumps.jump_to_neighbour(v, 1),
        lambda v: jumps.jump_by(v, 1, "bar"),
        lambda v: jumps.loop(v, "1", "3"),
        jumps.vamp_start,
    ):
        assert stage.refusal(command)
    stage.do(lambda view: jumps.locate(view, "3"))
    assert (stage.state, stage.span) == ("armed", Rest(stage.now, "arm", Cued(1, bar(3)), decided=stage.now))


@pytest.mark.parametrize("steps", [(act("/panic"),), (act("/stop"), select(1)), (act("/pause"), select(2))])
def test_what_was_chosen_to_follow_is_forgotten_by_panic_and_by_arming_a_song(steps: tuple[Command, ...]) -> None:
    stage = in_state("playing")
    stage.do(select(1))
    assert stage.night.next_up
    for step in steps:
        stage.do(step)
    assert stage.night.next_up is None


# ── starting ──


def test_a_count_in_precedes_the_start_and_what_follows_is_in_the_plan() -> None:
    stage = Stage(SHOW)
    stage.do(select(1))
    stage.do(act("/go"), at=RATE)
    assert stage.plan.spans[1:] == (
        CountIn(Frame(RATE), 1, bar(1), 1, BAR, decided=Frame(RATE)),
        Play(Frame(RATE + BAR), 1, bar(1), "start", Frame(RATE)),
        Loop(Frame(RATE + 3 * BAR), 1, bar(3), stage.plan.spans[3].cycle, decided=Frame(RATE)),  # type: ignore[union-attr]
    )


def test_songs_that_continue_are_in_the_plan_from_the_start() -> None:
    stage = Stage(show((plain("a"), "continue", 0), (plain("b"), "continue", 0), (plain("c"), "continue", 3)))
    stage.do(select(1))
    stage.do(act("/go"), at=0)
    rows = [(type(span), span.start, span.why) for span in stage.plan.spans]
    assert rows == [
        (Play, 0, "start"),
        (Play, 12 * BAR, "segue"),
        (Play, 24 * BAR, "segue"),
        (Rest, 36 * BAR, "end"),
    ]
    assert stage.plan.spans[-1] == Rest(Frame(36 * BAR), "end", None)


def test_the_live_count_in_stands_over_the_entrys() -> None:
    stage = Stage(SHOW)
    stage.do(select(1))
    mix = Mix(click=ClickMix(count_in=0))
    stage.plan = commit(stage.plan, Edit("mix", 1, stage.plan.version, mix=mix), Frame(10))
    stage.do(act("/go"), at=RATE)
    assert stage.span == Play(Frame(RATE), 1, bar(1), "start", Frame(RATE))


def test_a_pickup_sounds_over_the_count_in_or_before_bar_one() -> None:
    pickup = song("pickup", [(1, "All")], 4, pickup=3 * RATE)
    counted = Stage(show((pickup, "arm", 1)))
    counted.do(select(1))
    counted.do(act("/go"), at=RATE)
    assert counted.plan.spans[1:3] == (
        CountIn(Frame(RATE), 1, bar(1), 1, 3 * RATE, decided=Frame(RATE)),
        Play(Frame(4 * RATE), 1, bar(1), "start", Frame(RATE)),
    )
    straight = Stage(show((pickup, "arm", 0)))
    straight.do(select(1))
    straight.do(act("/go"), at=RATE)
    assert straight.span == Play(Frame(RATE), 1, SongFrame(-3 * RATE), "start", Frame(RATE))


def test_a_start_elsewhere_has_no_pickup() -> None:
    stage = Stage(show((song("pickup", [(1, "All")], 4, pickup=3 * RATE), "arm", 0)))
    stage.do(select(1))
    stage.do(lambda view: jumps.locate(view, "2"))
    stage.do(act("/go"), at=RATE)
    assert stage.span == Play(Frame(RATE), 1, bar(2), "start", Frame(RATE))


def test_locate_before_bar_one_needs_a_pickup() -> None:
    stage = Stage(show((song("pickup", [(1, "All")], 4, pickup=RATE), "arm", 0), (plain(), "arm")))
    stage.do(select(1))
    stage.do(lambda view: jumps.locate(view, "1 - 1 beat"))
    stage.do(act("/go"), at=RATE)
    assert stage.span == Play(Frame(RATE), 1, SongFrame(-BEAT), "start", Frame(RATE))
    stage.do(act("/stop"))
    stage.do(select(2))
    assert stage.refusal(lambda view: jumps.locate(view, "1 - 1 beat")) == (
        '"1 - 1 beat" lies outside Plain, which has bars 1 to 12'
    )


# ── pausing ──


def test_a_pause_keeps_the_place_where_the_sound_breaks_off() -> None:
    stage = in_state("playing")
    stage.margin = 512
    change = stage.do(act("/pause"))
    paused = Rest(Frame(stage.now + 512), "pause", Cued(1, SongFrame(2 * BEAT + 512), paused=True), decided=stage.now)
    assert change is not None
    assert (change.at, stage.plan.spans[-1]) == (stage.now + 512, paused)


def test_a_pause_in_a_vamp_keeps_its_pass() -> None:
    stage = Stage(show((vamping(vamp=Vamp(times=4)), "arm", 0)))
    stage.do(select(1))
    stage.do(act("/go"), at=0)
    stage.do(act("/pause"), at=7 * BAR)  # half of the third pass is over
    stage.do(act("/go"), at=20 * BAR)
    loop = stage.span
    assert isinstance(loop, Loop)
    assert (loop.at, loop.passes, loop.why) == (bar(4), 3, "resume")
    assert stage.future[1:] == (
        Play(Frame(23 * BAR), 1, bar(5), "on", Frame(20 * BAR)),
        Rest(Frame(25 * BAR), "end", None, decided=Frame(20 * BAR)),
    )


def test_a_resume_pressed_right_after_a_pause_skips_nothing() -> None:
    stage = in_state("playing")
    stage.margin = 512
    stage.do(act("/pause"))
    stage.do(act("/go"), at=stage.now + 100)
    played = [span for span in stage.plan.spans if isinstance(span, Play | Rest)][-4:]
    assert [(span.start, span.why) for span in played[-2:]] == [
        (stage.now - 100 + 512, "pause"),
        (stage.now + 512, "resume"),
    ]


def test_a_count_in_paused_is_armed_where_it_would_have_started() -> None:
    stage = in_state("armed")
    stage.do(act("/go"))
    stage.do(lambda view: jumps.jump_to_section(view, "chorus"), at=stage.now + BEAT)
    stage.do(act("/pause"), at=stage.now + BEAT)
    assert stage.span == Rest(stage.now, "on", Cued(1, bar(5)), decided=stage.now)


def test_playpause_toggles() -> None:
    stage = in_state("armed")
    states = []
    for second in (3, 8, 9, 10):
        stage.do(act("/playpause"), at=second * RATE)
        states.append(stage.state)
    assert states == ["countin", "paused", "playing", "paused"]


# ── fading ──


def test_a_fade_ends_as_a_stop() -> None:
    stage = in_state("playing")
    stage.do(fade(2.0))
    end = Frame(stage.now + 2 * RATE)
    assert stage.plan.fade == Fade(stage.now, end)
    assert stage.plan.spans[-1] == Rest(end, "stop", Cued(1, bar(1)), decided=stage.now)
    stage.go_to(end)
    assert stage.state == "armed"


def test_stop_in_a_fade_cuts_it() -> None:
    stage = in_state("fading")
    begun = stage.plan.fade
    assert begun is not None
    stage.do(act("/stop"))
    assert stage.plan.fade == Fade(begun.start, begun.end, cut=stage.now)
    stage.do(act("/go"), at=stage.now + 100)
    assert stage.state == "countin"


def test_a_stop_in_the_block_of_the_fade_leaves_none() -> None:
    stage = in_state("playing")
    stage.do(fade(2.0))
    stage.do(act("/stop"))
    assert (stage.plan.fade, stage.state) == (None, "armed")


def test_a_fade_that_reaches_past_the_end_of_the_set_lets_it_end() -> None:
    stage = Stage(show((plain("a"), "arm", 0), (plain("b"), "arm", 0)))
    stage.do(select(1))
    stage.do(act("/go"), at=0)
    stage.do(fade(10.0), at=12 * BAR - RATE)
    assert stage.future[1:] == (Rest(Frame(12 * BAR), "end", Cued(2, bar(1)), decided=stage.now),)
    stage.go_to(12 * BAR + RATE)
    assert stage.state == "armed"
    stage.do(act("/go"))
    assert (stage.state, stage.plan.fade and stage.plan.fade.cut) == ("playing", stage.now)


def test_a_fade_over_a_segue_arms_what_sounds_at_its_end() -> None:
    stage = Stage(show((plain("a"), "continue", 0), (plain("b"), "arm", 0)))
    stage.do(select(1))
    stage.do(act("/go"), at=0)
    stage.do(fade(10.0), at=12 * BAR - RATE)
    stage.go_to(13 * BAR)
    assert stage.state == "fading"
    stage.go_to(12 * BAR + 9 * RATE)
    assert stage.span == Rest(stage.now, "stop", Cued(2, bar(1)), decided=Frame(12 * BAR - RATE))


def test_a_second_fade_changes_nothing_and_silence_cannot_fade() -> None:
    stage = in_state("fading")
    assert stage.do(fade(1.0)) is None
    assert stage.refusal(fade(1.0)) == ""
    assert in_state("paused").refusal(fade(1.0)) == "nothing sounds that could fade: the transport is paused"


@pytest.mark.parametrize(
    "command",
    [
        lambda v: jumps.jump_to_section(v, "chorus"),
        lambda v: jumps.jump_to_song(v, 2, "now"),
        lambda v: jumps.locate(v, "2"),
        jumps.vamp_exit,
        jumps.vamp_start,
        lambda v: jumps.loop(v, "1", "3"),
        lambda v: jumps.jump_by(v, 1, "bar"),
    ],
)
def test_nothing_moves_the_music_while_it_fades(command: Command) -> None:
    stage = in_state("fading")
    before = stage.plan
    assert stage.refusal(command) == "the music is fading out: wait until it is silent, or /stop first"
    assert stage.plan == before


def test_a_jump_made_before_a_fade_is_not_cancelled_in_it() -> None:
    stage = in_state("playing")
    stage.do(lambda view: jumps.jump_to_section(view, "chorus"))
    stage.do(fade(8.0))
    before = stage.plan
    assert "fading" in stage.refusal(jumps.cancel)
    assert stage.plan == before


# ── the free metronome ──


def test_the_metronome_clicks_at_rest_and_a_start_ends_it() -> None:
    stage = in_state("armed")
    stage.do(lambda view: transport.metronome(view, True), at=RATE)
    stage.go_to(2 * RATE + 1)
    ticks = [(e.frame, e.bar, e.beat, e.accent, e.entry) for e in stage.told if isinstance(e, Beat)]
    assert ticks == [(48000, 1, 1, 2, 0), (72000, 1, 2, 0, 0), (96000, 1, 3, 0, 0)]
    stage.do(act("/go"))
    assert not transport.metronome_ticks(stage.view)
    assert stage.refusal(lambda view: transport.metronome(view, True)) == (
        "the free metronome is for when no song sounds: the transport is countin"
    )


def test_a_metronome_switched_on_with_a_stop_leaves_the_stop_a_stop() -> None:
    stage = in_state("playing")
    stage.do(act("/stop"))
    stage.do(lambda view: transport.metronome(view, True))
    assert isinstance(stage.span, Rest)
    assert (stage.span.start, stage.span.why, stage.span.metronome is not None) == (stage.now, "stop", True)


def test_a_new_tempo_keeps_the_beat_and_goes_on_through_arming() -> None:
    stage = in_state("stopped")
    stage.do(lambda view: transport.metronome(view, True), at=RATE)
    stage.do(lambda view: transport.tempo(view, 60.0), at=RATE + BEAT + BEAT // 2)  # in the middle of beat 2
    stage.do(select(2), at=2 * RATE)
    stage.go_to(5 * RATE)
    frames = [event.frame for event in stage.told if isinstance(event, Beat)]
    assert frames == [48000, 72000, 108000, 156000, 204000]
    assert [event.state for event in stage.told if isinstance(event, StateChange)] == ["armed"]


def test_taps_make_a_tempo_and_a_long_gap_begins_anew() -> None:
    stage = in_state("stopped")
    for beat in range(3):
        stage.do(transport.tap, at=10 * RATE + beat * 20_000)
    assert stage.night.metronome_bpm == 144.0
    stage.do(transport.tap, at=20 * RATE)
    assert (stage.night.metronome_bpm, stage.night.taps) == (144.0, (20 * RATE,))


def test_taps_at_the_tempo_it_has_are_remembered() -> None:
    stage = in_state("stopped")
    stage.do(lambda view: transport.metronome(view, True), at=RATE)
    for beat in range(4):
        stage.do(transport.tap, at=10 * RATE + beat * BEAT)
    assert len(stage.night.taps) == 4


def test_a_song_keeps_its_tempo() -> None:
    stage = in_state("playing")
    assert "song file" in stage.refusal(lambda view: transport.tempo(view, 99.0))
    assert "song file" in stage.refusal(transport.tap)


@pytest.mark.parametrize("bpm", [19.9, 400.1])
def test_tempos_out_of_range_are_refused(bpm: float) -> None:
    assert in_state("armed").refusal(lambda view: transport.tempo(view, bpm)) == (
        f"expected a tempo of 20 to 400, got {bpm:g}"
    )


def test_what_was_chosen_survives_a_pause() -> None:
    stage = in_state("playing")
    stage.do(select(2))
    stage.do(act("/pause"))
    stage.do(act("/go"), at=stage.now + RATE)
    assert stage.view.night.next_up == NextUp(2, 1, chosen=Frame(stage.now - RATE))

"""What happens when, in whole lists. Times are in beats of 24,000 frames from the start of the session."""

from __future__ import annotations

from typing import get_args

import pytest

from showctl.model import cueing, jumps, setlist, transport
from showctl.model.events import events
from showctl.model.happenings import (
    Beat,
    CountDown,
    CueFire,
    CueStandby,
    Event,
    Pass,
    SectionCued,
    SectionStart,
    SongChange,
    StateChange,
    Upcoming,
)
from showctl.model.score import Score
from showctl.model.show import BeforeEntry, Cue, Guide, Occasion, Show, Then, Vamp
from showctl.model.units import Frame
from tests.model.shows import (
    BAR,
    BEAT,
    RATE,
    Command,
    Stage,
    bar,
    cue,
    everything,
    guide,
    odd,
    plain,
    repeating,
    show,
    song,
    two_vamps,
    vamping,
)

GO: Command = lambda view: transport.act(view, "/go")  # noqa: E731


def act(command: str) -> Command:
    return lambda view: transport.act(view, command)


def line(event: Event) -> str:
    """The event as one line, its time in beats."""
    match event:
        case Beat():
            what = f"beat {event.bar}.{event.beat}/{event.beats} accent {event.accent}"
        case CountDown():
            what = f"left {event.left}"
        case SectionStart() | SectionCued():
            kind = "section" if isinstance(event, SectionStart) else "cued"
            what = f"{kind} {event.name or '-'} of {event.bars}"
        case Upcoming():
            what = f"next {event.name or '-'} in {event.seconds * RATE / BEAT:g}"
        case Pass():
            what = f"pass {event.number} of {event.of}"
        case SongChange():
            what = f"song {event.entry}"
        case StateChange():
            what = event.state
        case CueFire():
            what = f"cue {event.cue.name}" + (" late" if event.late else "")
        case CueStandby():
            what = f"standby {event.cue.name} in {event.seconds * RATE / BEAT:g}"
    return f"{event.frame / BEAT:g} {what}"


def of(told: list[Event], *kinds: type) -> list[str]:
    return [line(event) for event in told if isinstance(event, kinds)]


def without(told: list[Event], *kinds: type) -> list[str]:
    return [line(event) for event in told if not isinstance(event, kinds)]


def started(shown: Show, at: int = 0) -> Stage:
    """The first entry, armed at once and started at session frame `at`."""
    stage = Stage(shown)
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(GO, at=at)
    return stage


def until(stage: Stage, frame: int) -> list[Event]:
    stage.go_to(frame)
    return stage.told


# ── whole songs ──


def test_a_song_with_a_count_in_from_arming_to_its_end() -> None:
    short = song("s", [(1, "A"), (2, "B")], 2, cues=(cue("one", bar(1)), cue("b", BeforeEntry(2, 1, "beat"))))
    stage = started(show((short, "arm"), (plain(), "arm")), at=4 * BEAT)
    assert [line(event) for event in until(stage, 30 * BEAT)] == [
        "0 song 1",
        "0 armed",
        "0 cued A of 1",
        "4 song 1",
        "4 countin",
        "4 beat 0.1/4 accent 2",
        "4 left 4",
        "4 standby one in 4",
        "4 standby b in 7",
        "5 beat 0.2/4 accent 0",
        "5 left 3",
        "6 beat 0.3/4 accent 0",
        "6 left 2",
        "7 beat 0.4/4 accent 0",
        "7 left 1",
        "8 playing",
        "8 section A of 1",
        "8 cue one",
        "8 beat 1.1/4 accent 2",
        "8 next B in 4",
        "9 beat 1.2/4 accent 0",
        "10 beat 1.3/4 accent 0",
        "11 cue b",
        "11 beat 1.4/4 accent 0",
        "12 section B of 1",
        "12 beat 2.1/4 accent 2",
        "12 next - in 4",
        "13 beat 2.2/4 accent 0",
        "14 beat 2.3/4 accent 0",
        "15 beat 2.4/4 accent 0",
        "16 song 2",
        "16 armed",
        "16 cued Intro of 4",
    ]


def test_bars_of_a_count_in_are_numbered_up_to_nought() -> None:
    stage = started(show((plain(), "arm", 3)))
    assert of(until(stage, 12 * BEAT), Beat)[::4] == [
        "0 beat -2.1/4 accent 2",
        "4 beat -1.1/4 accent 2",
        "8 beat 0.1/4 accent 2",
    ]
    assert of(stage.told, CountDown) == [f"{beat} left {12 - beat}" for beat in range(12)]


def test_a_vamp_tells_its_passes_and_what_lies_behind_it() -> None:
    stage = started(show((vamping(), "stop", 0)))
    stage.do(GO, at=17 * BEAT)
    assert without(until(stage, 40 * BEAT), Beat) == [
        "0 song 1",
        "0 playing",
        "0 section Intro of 2",
        "0 next Solo in 8",
        "4 next Solo in 4",
        "8 vamping",
        "8 section Solo of 2",
        "8 pass 1 of 0",
        "8 next Chorus in 8",
        "12 next Chorus in 4",
        "16 pass 2 of 0",
        "16 next Chorus in 8",
        "20 next Chorus in 4",
        "24 playing",
        "24 section Chorus of 2",
        "24 next - in 8",
        "28 next - in 4",
        "32 song 0",
        "32 stopped",
        "32 cued - of 0",
    ]


def test_a_finite_vamp_counts_down_to_its_end() -> None:
    stage = started(show((vamping(vamp=Vamp(times=2)), "stop", 0)))
    assert of(until(stage, 24 * BEAT), Pass, Upcoming) == [
        "0 next Solo in 8",
        "4 next Solo in 4",
        "8 pass 1 of 2",
        "8 next Chorus in 16",
        "12 next Chorus in 12",
        "16 pass 2 of 2",
        "16 next Chorus in 8",
        "20 next Chorus in 4",
    ]


def test_vamps_in_a_row_and_one_that_ends_the_song() -> None:
    stage = started(show((two_vamps(), "continue", 0), (plain(), "arm")))
    stage.do(GO, at=33 * BEAT + 100)  # out of Open, at the beat
    stage.do(GO, at=43 * BEAT)  # out of Out, at the bar
    assert of(until(stage, 47 * BEAT), SectionStart, Pass, SongChange) == [
        "0 song 1",
        "0 section Four of 2",
        "0 pass 1 of 4",
        "8 pass 2 of 4",
        "16 pass 3 of 4",
        "24 pass 4 of 4",
        "32 section Open of 2",
        "32 pass 1 of 0",
        "34 section Tag of 2",
        "42 section Out of 2",
        "42 pass 1 of 0",
        "46 song 2",
        "46 section Intro of 4",
    ]


def test_a_loop_over_two_sections_tells_both_each_time() -> None:
    stage = started(show((plain(), "stop", 0)))
    stage.do(lambda view: jumps.loop(view, "4", "6"))
    assert of(until(stage, 32 * BEAT), SectionStart, Pass, Upcoming) == [
        "0 section Intro of 4",
        "0 next Verse in 16",
        "4 next Verse in 12",
        "8 next Verse in 8",
        "12 pass 1 of 0",
        "12 next Verse in 4",
        "16 section Verse of 4",
        "16 next Intro in 4",
        "20 section Intro of 4",
        "20 pass 2 of 0",
        "20 next Verse in 4",
        "24 section Verse of 4",
        "24 next Intro in 4",
        "28 section Intro of 4",
        "28 pass 3 of 0",
        "28 next Verse in 4",
    ]


def test_songs_that_continue_follow_without_a_gap_or_a_count() -> None:
    one = song("one", [(1, "A")], 1)
    stage = started(show((one, "continue", 0), (song("two", [(1, "B")], 1), "stop", 2)))
    assert [line(event) for event in until(stage, 10 * BEAT)] == [
        "0 song 1",
        "0 playing",
        "0 section A of 1",
        "0 beat 1.1/4 accent 2",
        "0 next B in 4",
        "1 beat 1.2/4 accent 0",
        "2 beat 1.3/4 accent 0",
        "3 beat 1.4/4 accent 0",
        "4 song 2",
        "4 section B of 1",
        "4 beat 1.1/4 accent 2",
        "4 next - in 4",
        "5 beat 1.2/4 accent 0",
        "6 beat 1.3/4 accent 0",
        "7 beat 1.4/4 accent 0",
        "8 song 0",
        "8 stopped",
        "8 cued - of 0",
    ]


def test_a_song_that_follows_itself_is_told_again() -> None:
    one = song("one", [(1, "A")], 1)
    stage = started(show((one, "stop", 0)))
    stage.do(lambda view: jumps.jump_to_song(view, 1))
    assert of(until(stage, 10 * BEAT), SongChange, SectionStart) == [
        "0 song 1",
        "0 section A of 1",
        "4 song 1",
        "4 section A of 1",
        "8 song 0",
    ]


def test_beats_follow_meter_accents_and_tempo() -> None:
    stage = started(show((odd(), "stop", 0)))
    grid, pickup = stage.score.map(1), RATE // 2
    told = [event for event in until(stage, pickup + int(grid.frame_at(4))) if isinstance(event, Beat)]
    assert [(beat.bar, beat.beat, beat.beats, beat.unit, beat.accent) for beat in told[4:]] == [
        *((2, beat, 4, 4, 2 if beat == 1 else 0) for beat in range(1, 5)),
        *((3, beat, 7, 8, {1: 2, 3: 1, 5: 1}.get(beat, 0)) for beat in range(1, 8)),
    ]
    assert [beat.frame for beat in told] == [pickup + grid.frame_at(beat.bar, beat.beat) for beat in told]
    assert [round(beat.bpm, 2) for beat in told] == [
        round(grid.bpm_at(grid.frame_at(beat.bar, beat.beat)), 2) for beat in told
    ]


# ── jumps, pauses, starts elsewhere ──


def test_a_jump_into_the_midst_of_a_section_tells_it() -> None:
    stage = started(show((plain(), "stop", 0)))
    stage.do(lambda view: jumps.locate(view, "10"), at=2 * BEAT)
    assert of(until(stage, 7 * BEAT), SectionStart, Upcoming) == [
        "0 section Intro of 4",
        "0 next Verse in 16",
        "2 section Chorus of 4",
        "2 next - in 12",
        "6 next - in 8",
    ]


def test_a_jump_within_a_section_does_not_tell_it_again_but_one_to_its_start_does() -> None:
    stage = started(show((plain(), "stop", 0)))
    stage.do(lambda view: jumps.locate(view, "3"), at=2 * BEAT)
    stage.do(lambda view: jumps.locate(view, "1"), at=3 * BEAT)
    assert of(until(stage, 5 * BEAT), SectionStart) == ["0 section Intro of 4", "3 section Intro of 4"]


def test_a_pending_jump_is_what_comes_next() -> None:
    stage = started(show((repeating(), "stop", 0)))
    stage.do(lambda view: jumps.jump_to_section(view, 4, "section"), at=1 * BEAT)
    assert of(until(stage, 8 * BEAT), Upcoming) == ["0 next Chorus in 8", "4 next Chorus in 4"]
    assert of(until(stage, 9 * BEAT), Upcoming)[-1] == "8 next - in 8"


def test_a_pause_and_a_resume_in_a_vamp_go_on_where_they_were() -> None:
    stage = started(show((vamping(), "stop", 0)))
    stage.do(act("/pause"), at=18 * BEAT)  # in the second pass
    stage.do(GO, at=30 * BEAT)
    assert without(until(stage, 38 * BEAT), Beat, Upcoming)[-5:] == [
        "16 pass 2 of 0",
        "18 paused",
        "30 vamping",
        "30 pass 2 of 0",
        "36 pass 3 of 0",
    ]
    assert of(stage.told, Beat)[-8:] == [
        "30 beat 3.3/4 accent 0",
        "31 beat 3.4/4 accent 0",
        "32 beat 4.1/4 accent 2",
        "33 beat 4.2/4 accent 0",
        "34 beat 4.3/4 accent 0",
        "35 beat 4.4/4 accent 0",
        "36 beat 3.1/4 accent 2",
        "37 beat 3.2/4 accent 0",
    ]


def test_a_start_moved_in_its_count_in_is_counted_to_the_end() -> None:
    stage = started(show((plain(), "stop", 1)))
    stage.do(lambda view: jumps.jump_to_section(view, "chorus"), at=BEAT + 100)
    assert without(until(stage, 6 * BEAT), Upcoming) == [
        "0 song 1",
        "0 countin",
        "0 cued Intro of 4",
        "0 beat 0.1/4 accent 2",
        "0 left 4",
        "1 beat 0.2/4 accent 0",
        "1 left 3",
        "1.00417 cued Chorus of 4",
        "2 beat 0.3/4 accent 0",
        "2 left 2",
        "3 beat 0.4/4 accent 0",
        "3 left 1",
        "4 playing",
        "4 section Chorus of 4",
        "4 beat 9.1/4 accent 2",
        "5 beat 9.2/4 accent 0",
    ]


# ── what is armed ──


def armed(shown: Show, *commands: Command) -> Stage:
    """The first entry armed, then a command each beat."""
    stage = Stage(shown)
    stage.do(lambda view: setlist.select(view, 1))
    for number, command in enumerate(commands, 1):
        stage.do(command, at=number * BEAT)
    return stage


def cued(stage: Stage) -> list[str]:
    return of(until(stage, stage.now + BEAT), SongChange, SectionStart, SectionCued)


def test_a_start_that_is_moved_to_another_section_tells_it() -> None:
    stage = armed(
        show((repeating(), "stop", 1)),
        lambda view: jumps.locate(view, "4"),
        lambda view: jumps.locate(view, "3.2"),
        lambda view: jumps.jump_to_section(view, 3),
        lambda view: jumps.jump_to_neighbour(view, -1),
    )
    assert cued(stage) == [
        "0 song 1",
        "0 cued Verse of 2",
        "1 cued Chorus of 2",
        "3 cued Verse of 2",
        "4 cued Chorus of 2",
    ]


def test_another_song_that_is_armed_tells_its_section_and_nothing_armed_tells_none() -> None:
    shown = show((plain(), "arm", 0), (repeating(), "arm", 0))
    stage = armed(shown, lambda view: setlist.select(view, 2), act("/panic"), lambda view: setlist.select(view, 2))
    assert cued(stage) == [
        "0 song 1",
        "0 cued Intro of 4",
        "1 song 2",
        "1 cued Verse of 2",
        "2 song 0",
        "2 cued - of 0",
        "3 song 2",
        "3 cued Verse of 2",
    ]


def test_a_pause_stays_in_its_section_until_it_is_moved_and_a_stop_goes_back_to_the_first() -> None:
    stage = started(show((repeating(), "stop", 0)))
    stage.do(act("/pause"), at=9 * BEAT)
    stage.do(lambda view: jumps.locate(view, "1.2"), at=10 * BEAT)
    stage.do(GO, at=11 * BEAT)
    stage.do(lambda view: jumps.jump_to_section(view, 4, "now"), at=12 * BEAT)
    stage.do(act("/stop"), at=13 * BEAT)
    assert cued(stage) == [
        "0 song 1",
        "0 section Verse of 2",
        "8 section Chorus of 2",
        "10 cued Verse of 2",
        "12 section Chorus of 2",
        "13 cued Verse of 2",
    ]


# ── cues counted back from entries ──


def lit(*, every_pass: bool = True, skip_late: bool = False) -> Show:
    """The vamping song with a cue two beats before its Chorus and one in its vamp."""
    cues = (
        cue("chorus", BeforeEntry(3, 2, "beat"), skip_late=skip_late),
        cue("solo", bar(4), every_pass=every_pass),
    )
    return show((vamping(cues=cues), "stop", 0))


def cues_of(stage: Stage, frame: int) -> list[str]:
    return of(until(stage, frame), CueFire)


def test_a_cue_is_counted_back_from_an_entry_reached_by_playing_on() -> None:
    shown = show((plain(cues=(cue("verse", BeforeEntry(2, 1, "bar")),)), "stop", 0))
    assert cues_of(started(shown), 60 * BEAT) == ["12 cue verse"]


def test_a_cue_is_counted_back_from_a_vamps_exit_and_silent_on_passes_that_repeat() -> None:
    stage = started(lit())
    stage.do(GO, at=25 * BEAT)
    assert cues_of(stage, 50 * BEAT) == ["12 cue solo", "20 cue solo", "28 cue solo", "30 cue chorus"]


def test_a_cue_for_the_first_pass_only_fires_once_in_a_vamp() -> None:
    stage = started(lit(every_pass=False))
    assert cues_of(stage, 50 * BEAT) == ["12 cue solo"]


@pytest.mark.parametrize(("skip_late", "expected"), [(False, ["5 cue chorus late"]), (True, [])])
def test_an_entry_decided_too_late_sends_its_cue_at_once_or_skips_it(skip_late: bool, expected: list[str]) -> None:
    stage = started(lit(skip_late=skip_late))
    stage.do(lambda view: jumps.jump_to_section(view, "chorus", "beat"), at=5 * BEAT)
    assert cues_of(stage, 20 * BEAT) == expected


def test_a_jump_in_time_has_its_cue_counted_back_in_what_sounds_before_it() -> None:
    stage = started(lit())
    stage.do(lambda view: jumps.jump_to_section(view, "chorus"), at=BEAT)
    assert cues_of(stage, 20 * BEAT) == ["2 cue chorus"]


def test_after_a_count_in_the_cue_is_counted_back_in_it() -> None:
    shown = show((plain(cues=(cue("chorus", BeforeEntry(3, 2, "beat")),)), "stop", 1))
    stage = Stage(shown)
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(lambda view: jumps.locate(view, "Chorus"))
    stage.do(GO, at=4 * BEAT)
    assert cues_of(stage, 20 * BEAT) == ["6 cue chorus"]


def test_after_silence_the_cue_goes_out_with_the_start() -> None:
    stage = Stage(show((plain(cues=(cue("chorus", BeforeEntry(3, 2, "beat")),)), "stop", 0)))
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(lambda view: jumps.locate(view, "Chorus"))
    stage.do(GO, at=4 * BEAT)
    assert cues_of(stage, 20 * BEAT) == ["4 cue chorus late"]


def test_a_start_a_beat_before_the_entry_sends_the_cue_with_it() -> None:
    stage = Stage(show((plain(cues=(cue("chorus", BeforeEntry(3, 2, "beat")),)), "stop", 0)))
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(lambda view: jumps.locate(view, "Chorus - 1 beat"))
    stage.do(GO, at=4 * BEAT)
    assert cues_of(stage, 20 * BEAT) == ["4 cue chorus late"]


def test_a_late_cue_is_not_sent_before_the_music_it_belongs_to() -> None:
    stage = Stage(show((plain(cues=(cue("chorus", BeforeEntry(3, 2, "beat")),)), "stop", 0)), margin=512)
    stage.do(lambda view: setlist.select(view, 1))
    stage.do(lambda view: jumps.locate(view, "Chorus"))
    stage.do(GO)  # what is armed is only armed at the horizon, and so the song begins there
    late = [(event.frame, event.late) for event in until(stage, BEAT) if isinstance(event, CueFire)]
    assert (stage.span.start, late) == (512, [(512, True)])


def test_a_cue_told_before_a_pause_is_not_told_again_after_it() -> None:
    stage = started(show((plain(cues=(cue("verse", BeforeEntry(2, 2, "beat")),)), "stop", 0)))
    stage.do(act("/pause"), at=15 * BEAT)
    stage.do(lambda view: transport.metronome(view, True), at=16 * BEAT)
    stage.do(GO, at=20 * BEAT)
    assert cues_of(stage, 30 * BEAT) == ["14 cue verse"]


def test_a_place_moved_to_in_a_pause_sends_its_cue_with_the_resume() -> None:
    stage = started(show((plain(cues=(cue("verse", BeforeEntry(2, 2, "beat")),)), "stop", 0)))
    stage.do(act("/pause"), at=2 * BEAT)
    stage.do(lambda view: jumps.locate(view, "Verse - 1 beat"), at=3 * BEAT)
    stage.do(GO, at=20 * BEAT)
    assert cues_of(stage, 30 * BEAT) == ["20 cue verse late"]


def test_an_order_changed_on_the_way_sends_nothing_twice() -> None:
    stage = started(show((plain(cues=(cue("verse", BeforeEntry(2, 2, "beat")),)), "stop", 0), (repeating(), "arm")))
    stage.do(lambda view: setlist.select(view, 2), at=15 * BEAT)
    stage.do(lambda view: jumps.jump_to_section(view, "verse"), at=15 * BEAT + 100)
    assert cues_of(stage, 30 * BEAT) == ["14 cue verse"]


def test_a_cue_before_the_first_section_of_a_song_that_follows_lies_in_the_one_before() -> None:
    second = plain("second", cues=(cue("go", BeforeEntry(1, 1, "bar")),))
    stage = started(show((song("one", [(1, "A")], 2), "continue", 0), (second, "stop", 0)))
    assert cues_of(stage, 20 * BEAT) == ["4 cue go"]


def test_a_cue_counted_back_further_than_a_minute_is_found() -> None:
    long = song("long", [(1, "A"), (61, "B")], 64, cues=(cue("b", BeforeEntry(2, 50, "bar")),))
    stage = started(show((long, "stop", 0)))
    assert cues_of(stage, 50 * BAR) == ["40 cue b"]


def test_what_lies_before_bar_one_happens_when_that_time_is_played() -> None:
    early = (cue("beat before", -BEAT), cue("bar before", -BAR))
    counted = started(show((song("s", [(1, "A")], 2, cues=early), "stop", 1)))
    assert cues_of(counted, 8 * BEAT) == ["0 cue bar before", "3 cue beat before"]
    at_once = started(show((song("s", [(1, "A")], 2, cues=early), "stop", 0)))
    assert cues_of(at_once, 8 * BEAT) == []
    picked_up = started(show((song("s", [(1, "A")], 2, pickup=2 * BEAT, cues=early), "stop", 0)))
    assert cues_of(picked_up, 8 * BEAT) == ["1 cue beat before"]
    first = song("first", [(1, "A")], 2)
    following = started(
        show((first, "continue", 0), (song("s", [(1, "A")], 2, pickup=2 * BEAT, cues=early), "stop", 0))
    )
    assert cues_of(following, 16 * BEAT) == ["7 cue beat before"]


# ── standby ──


def test_a_standby_is_told_five_seconds_ahead_or_when_it_is_decided() -> None:
    stage = started(lit())
    stage.do(GO, at=25 * BEAT)
    assert of(until(stage, 40 * BEAT), CueStandby) == [
        "2 standby solo in 10",
        "10 standby solo in 10",
        "18 standby solo in 10",
        "25 standby chorus in 5",
    ]


def test_a_cue_decided_within_half_a_second_has_no_standby() -> None:
    stage = started(show((plain(cues=(cue("chorus", BeforeEntry(3, 0.5, "beat")),)), "stop", 0)))
    stage.do(lambda view: jumps.jump_to_section(view, "chorus", "beat"), at=2 * BEAT + 100)
    assert of(until(stage, 4 * BEAT), CueFire, CueStandby) == ["2.5 cue chorus"]


# ── guides ──


def guides_of(stage: Stage, frame: int) -> list[tuple[float, str]]:
    found = cueing.guide_starts(stage.score, stage.plan, Frame(0), Frame(frame))
    return [(start / BEAT, spoken.name) for start, _, spoken in found]


def spoken(*guides: Guide, count_in: int = 0) -> Show:
    return show((plain(guides=guides), "stop", count_in))


def test_guides_start_on_the_timeline_and_before_entries() -> None:
    stage = started(spoken(guide("chorus", BeforeEntry(3, 1, "bar")), guide("two", bar(2))))
    assert guides_of(stage, 50 * BEAT) == [(4, "two"), (28, "chorus")]


def test_a_guide_decided_too_late_is_not_spoken() -> None:
    stage = started(spoken(guide("chorus", BeforeEntry(3, 1, "bar"))))
    stage.do(lambda view: jumps.jump_to_section(view, "chorus"), at=BEAT)
    assert guides_of(stage, 50 * BEAT) == []


def test_a_guide_before_the_first_section_is_spoken_in_the_count_in() -> None:
    stage = started(spoken(guide("intro", BeforeEntry(1, 1, "bar")), count_in=2))
    assert guides_of(stage, 50 * BEAT) == [(4, "intro")]
    assert guides_of(started(spoken(guide("intro", BeforeEntry(1, 1, "bar")))), 50 * BEAT) == []


# ── occasions ──


def occasions(stage: Stage, frame: int) -> list[str]:
    return [
        f"{event.frame / BEAT:g} {event.cue.on} {event.entry}"
        for event in until(stage, frame)
        if isinstance(event, CueFire)
    ]


ALL_OCCASIONS = tuple(Cue(on, "lights", "1", on=on) for on in get_args(Occasion))


def test_occasions_from_arming_to_panic() -> None:
    a = song("a", [(1, "A")], 4, cues=ALL_OCCASIONS)
    stage = Stage(show((a, "arm", 1)))
    steps: list[tuple[Command, int]] = [
        (lambda view: setlist.select(view, 1), 1),
        (GO, 2),
        (act("/pause"), 8),
        (GO, 9),
        (act("/stop"), 10),
        (GO, 11),
        (act("/panic"), 16),
    ]
    for command, at in steps:
        stage.do(command, at=at * BEAT)
    assert occasions(stage, 20 * BEAT) == [
        "1 arm 1",
        "6 start 1",
        "8 pause 1",
        "9 resume 1",
        "10 stop 1",
        "15 start 1",
        "16 panic 1",
    ]


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("arm", ["0 start 0", "4 end 0", "4 arm 0"]),
        ("stop", ["0 start 0", "4 end 0"]),
        ("continue", ["0 start 0", "4 end 0", "4 start 0", "8 end 0"]),
    ],
)
def test_occasions_at_the_end_of_a_song(then: Then, expected: list[str]) -> None:
    one, two = song("one", [(1, "A")], 1), song("two", [(1, "B")], 1)
    stage = started(show((one, then, 0), (two, "stop", 0), cues=ALL_OCCASIONS))
    assert occasions(stage, 20 * BEAT) == expected


def test_a_jump_to_another_song_ends_one_and_starts_the_other() -> None:
    stage = started(show((plain("a", cues=ALL_OCCASIONS), "arm", 0), (plain("b", cues=ALL_OCCASIONS), "arm", 0)))
    stage.do(lambda view: jumps.jump_to_song(view, 2, "bar"), at=BEAT)
    assert occasions(stage, 8 * BEAT)[-2:] == ["4 end 1", "4 start 2"]


def test_a_fade_is_a_stop_when_it_is_over() -> None:
    stage = started(show((plain("a", cues=ALL_OCCASIONS), "arm", 0)))
    stage.do(lambda view: transport.fade_out(view, 2.0), at=BEAT)
    assert occasions(stage, 20 * BEAT)[-1:] == ["5 stop 1"]
    assert of(stage.told, StateChange)[-3:] == ["0 playing", "1 fading", "5 armed"]


# ── the free metronome ──


def test_the_metronome_counts_in_four() -> None:
    stage = Stage(show((plain(), "arm")))
    stage.do(lambda view: transport.metronome(view, True), at=BEAT)
    stage.do(lambda view: transport.metronome(view, False), at=6 * BEAT + 1)
    assert [line(event) for event in until(stage, 20 * BEAT)] == [
        "1 beat 1.1/4 accent 2",
        "2 beat 1.2/4 accent 0",
        "3 beat 1.3/4 accent 0",
        "4 beat 1.4/4 accent 0",
        "5 beat 2.1/4 accent 2",
        "6 beat 2.2/4 accent 0",
    ]


# ── windows ──


def test_an_event_belongs_to_the_window_that_holds_its_frame() -> None:
    stage = started(show((plain(), "stop", 0)))
    for since, frames in ((0, [0]), (1, []), (BEAT - 1, []), (BEAT, [BEAT])):
        found = events(stage.score, stage.plan, Frame(since), Frame(since + 1))
        assert [event.frame for event in found if isinstance(event, Beat)] == frames


def test_a_score_prepared_ahead_reads_the_same() -> None:
    ready = Score(everything())
    ready.prepare()
    stage = started(everything())
    assert events(ready, stage.plan, Frame(0), Frame(40 * BAR)) == events(
        stage.score, stage.plan, Frame(0), Frame(40 * BAR)
    )

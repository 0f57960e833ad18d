from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
from showctl.model.night import NextUp
from showctl.model.plan import Plan
from showctl.model.score import Score
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.codec import Message, encode
from showctl.osc.plain import fitted, size_bytes, under_prefix
from showctl.osc.position import position
from showctl.osc.state import jump_message, lists, whole_state
from showctl.osc.teller import Told
from showctl.osc.telling import tell
from tests.pacer.shows import BAR, BEAT, EMPTY, NIGHT, SCORE, SHOW, WASH, played

F = Frame(0)

NIGHT_OUT = played([(Frame(0), "arm"), (Frame(BAR), "go"), (Frame(5 * BAR + BEAT), "exit")])
ARMED, PLAYING, LEAVING = NIGHT_OUT.plans[1:]


def shown(told: Told) -> str:
    """Topic, address, type tags, arguments."""
    message = told.message
    return f"{told.topic} {message.address} {message.tags} {'|'.join(map(str, message.args))}"


def at(plan: Plan, frame: int) -> View:
    return View(SCORE, plan, NIGHT, Frame(frame))


# ── events ──


@pytest.mark.parametrize(
    ("event", "messages"),
    [
        (Beat(F, 1, -1, 2, 4, 132.5, 0, 4), ["beat /beat iiifii -1|2|4|132.5|0|4", "text /text/barbeat s -1.2"]),
        (Beat(F, 0, 1, 1, 4, 120, 2, 4), ["beat /beat iiifii 1|1|4|120.0|2|4", "text /text/barbeat s 1.1"]),
        (CountDown(F, 1, 3), ["transport /countin i 3"]),
        (SectionStart(F, 1, 1, "Intro", 2), ["section /section sii Intro|1|2", "song /section/notes s quiet"]),
        (SectionStart(F, 2, 1, "Verse", 1), ["section /section sii Verse|1|1", "song /section/notes s "]),
        (SectionCued(F, 1, 1, "Intro", 2), ["section /section sii Intro|1|2", "song /section/notes s quiet"]),
        (SectionCued(F, 0, 0, "", 0), ["section /section sii |0|0", "song /section/notes s "]),
        (Upcoming(F, 1, 3, "Refrain", 1.5), ["section /next sf Refrain|1.5"]),
        (Upcoming(F, 1, 0, "", 1.5), ["section /next sf |1.5"]),
        (Pass(F, 1, 2, 0), ["section /vamp ii 2|0"]),
        (
            SongChange(F, 1),
            ["song /song sii Opener|1|3", "song /song/notes s capo 2", "song /song/next_up si Closer|2"],
        ),
        (SongChange(F, 2), ["song /song sii Closer|2|3", "song /song/notes s slow", "song /song/next_up si Opener|3"]),
        (SongChange(F, 0), ["song /song sii |0|3", "song /song/notes s ", "song /song/next_up si |0"]),
        (StateChange(F, "vamping"), ["transport /transport s vamping"]),
        (CueFire(F, 1, WASH), ["cue /cue ss Wash|lights"]),
        (CueStandby(F, 1, WASH, 5.0), ["cue /cue/standby ssf Wash|lights|5.0"]),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, list) else "",
)
def test_each_event_has_its_messages(event: Event, messages: list[str]) -> None:
    assert [shown(told) for told in tell(event, SCORE, NIGHT)] == messages


def test_songs_are_told_by_their_place_in_tonight_s_order() -> None:
    night = msgspec.structs.replace(NIGHT.moved(3, 1), next_up=NextUp(2, after=3))
    assert [shown(told) for told in tell(SongChange(F, 3), SCORE, night)][::2] == [
        "song /song sii Opener|1|3",
        "song /song/next_up si Closer|3",
    ]


def test_text_is_ascii_unless_utf8_is_wanted_and_by_hand_where_so_written() -> None:
    song = msgspec.structs.replace(SHOW.songs["opener"], title="夜", ascii="Yoru")
    score = Score(msgspec.structs.replace(SHOW, songs={**SHOW.songs, "opener": song}))
    assert [tell(SongChange(F, 1), score, NIGHT, utf8=utf8)[0].message.args[0] for utf8 in (False, True)] == [
        "Yoru",
        "夜",
    ]


def test_a_show_without_notes_is_told_none() -> None:
    songs = {
        name: msgspec.structs.replace(
            song, notes="", sections=tuple(msgspec.structs.replace(section, notes="") for section in song.sections)
        )
        for name, song in SHOW.songs.items()
    }
    entries = tuple(msgspec.structs.replace(entry, notes="") for entry in SHOW.entries)
    score = Score(msgspec.structs.replace(SHOW, songs=songs, entries=entries))
    addresses = [told.message.address for event in (SongChange(F, 1), SectionStart(F, 1, 1, "Intro", 2))
                 for told in tell(event, score, NIGHT)]  # fmt: skip
    assert addresses == ["/song", "/song/next_up", "/section"]


# ── the 512 bytes ──


@given(st.lists(st.text(max_size=700), max_size=4), st.text("abc/", max_size=60))
def test_no_message_is_larger_than_512_bytes_and_only_its_longest_strings_are_cut(texts: list[str], tail: str) -> None:
    texts = [text.replace("\0", "") for text in texts]
    message = Message("/a" + tail, (*texts, 1, 0.5))
    cut = fitted(message)
    assert size_bytes(message) == len(encode(message))
    assert len(encode(cut)) <= 512
    assert all(str(old).startswith(str(new)) for old, new in zip(message.args, cut.args, strict=True))
    assert cut == message or len(encode(cut)) > 500


def test_a_prefix_counts_too() -> None:
    message = fitted(Message("/song/notes", ("x" * 600,)))
    assert len(encode(under_prefix(message, "foh"))) <= 512
    assert under_prefix(message, "foh").address == "/foh/song/notes"
    assert under_prefix(message, "") == message


# ── position ──


@pytest.mark.parametrize(
    ("plan", "frame", "bar_beat", "seconds"),
    [
        (EMPTY, 0, "0.0", (0.0, 0.0, 0.0, 16.0)),
        (ARMED, 1_000, "1.1", (0.0, 7.0, 2.0, 16.0)),
        (PLAYING, BAR + 3 * BEAT, "0.4", (-0.25, 7.0, 2.0, 16.0)),
        (PLAYING, 2 * BAR + BEAT, "1.2", (0.25, 6.75, 1.75, 15.75)),
        (PLAYING, 4 * BAR + BEAT, "3.2", (2.25, 4.75, 2.75, 13.75)),
        (PLAYING, 5 * BAR + BEAT, "3.2", (2.25, 3.75, 1.75, 12.75)),
        (LEAVING, 5 * BAR + 2 * BEAT, "3.3", (2.5, 2.5, 0.5, 11.5)),
    ],
    ids=["stopped", "armed", "counting", "playing", "first pass", "second pass", "being left"],
)
def test_the_position_and_what_is_left(plan: Plan, frame: int, bar_beat: str, seconds: tuple[float, ...]) -> None:
    message = position(SCORE, plan, NIGHT, Frame(frame)).message
    assert (message.tags, message.args) == ("sffff", (bar_beat, *seconds))


def test_in_a_vamp_without_end_the_rest_counts_as_if_it_were_left_after_this_pass() -> None:
    endless = played([(Frame(0), "next"), (Frame(1), "next"), (Frame(BAR), "go")]).plans[-1]
    vamping = [position(SCORE, endless, NIGHT, Frame(2 * BAR + beats * BEAT)).message.args[2:] for beats in (1, 4, 5)]
    assert vamping == [(0.75, 0.75, 7.75), (1.0, 1.0, 8.0), (0.75, 0.75, 7.75)]


def test_skipped_songs_are_not_in_what_is_left_of_the_set() -> None:
    night = msgspec.structs.replace(NIGHT, skipped=frozenset({2}))
    assert position(SCORE, ARMED, night, Frame(1_000)).message.args[4] == 14.0


# ── state ──


def test_a_vamp_exit_is_pending_until_it_is_made() -> None:
    jumps = [
        jump_message(at(plan, frame))
        for plan, frame in ((PLAYING, 5 * BAR), (LEAVING, 5 * BAR + 600), (LEAVING, 6 * BAR))
    ]
    assert [shown(jump) for jump in jumps] == [
        "section /jump sf |0.0",
        "section /jump sf Refrain|0.9875",
        "section /jump sf |0.0",
    ]


def test_a_vamp_that_is_left_for_the_end_of_the_song_names_the_bar_behind_it() -> None:
    commands = [(Frame(0), "next"), (Frame(1), "next"), (Frame(BAR), "go"), (Frame(2 * BAR + 2 * BEAT), "exit")]
    leaving = played(commands).plans[-1]
    assert shown(jump_message(at(leaving, 2 * BAR + 3 * BEAT))) == "section /jump sf 3.1|0.25"


def test_the_whole_state_lists_all_that_follows_from_plan_and_night() -> None:
    assert [shown(told) for told in whole_state(at(LEAVING, 5 * BAR + 2 * BEAT))] == [
        "transport /transport s vamping",
        "song /song sii Opener|1|3",
        "song /song/notes s capo 2",
        "song /song/next_up si Closer|2",
        "song /setlist/1 sssfs Opener|opener||7.0|current",
        "song /setlist/2 sssfs Closer|closer|#e04040|2.0|next",
        "song /setlist/3 sssfs Opener|opener||7.0|",
        "song /sections/1 ssis Intro|#102030|2|1",
        "song /sections/2 ssis Solo|#102030|1|3",
        "song /sections/3 ssis Refrain|#102030|2|4",
        "section /section sii Solo|2|1",
        "song /section/notes s ",
        "section /vamp ii 2|3",
        "section /jump sf Refrain|0.5",
        "transport /countin i 0",
        "position /position sffff 3.3|2.5|2.5|0.5|11.5",
        "led /led/playing i 1",
        "led /led/vamp i 1",
        "led /led/section/1 i 0",
        "led /led/section/2 i 1",
        "led /led/section/3 i 0",
    ]


def test_in_a_count_in_the_state_says_how_many_beats_are_left() -> None:
    state = {told.message.address: told.message.args for told in whole_state(at(PLAYING, BAR + BEAT + 7))}
    assert (state["/transport"], state["/countin"], state["/section"]) == (("countin",), (3,), ("Intro", 1, 2))


def test_rows_that_only_another_song_has_are_empty() -> None:
    rows = [shown(told) for told in lists(SCORE, NIGHT, 2) if told.message.address.startswith("/sections")]
    assert rows == [
        "song /sections/1 ssis Verse|#102030|1|1",
        "song /sections/2 ssis Out|#102030|1|2",
        "song /sections/3 ssis ||0|",
    ]


def test_with_nothing_armed_all_is_none() -> None:
    state = {told.message.address: told.message.args for told in whole_state(at(EMPTY, 0))}
    assert [state[address] for address in ("/transport", "/song", "/section", "/vamp", "/countin")] == [
        ("stopped",),
        ("", 0, 3),
        ("", 0, 0),
        (0, 0),
        (0,),
    ]

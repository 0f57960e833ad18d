"""Any commands at any time on a show that has everything: what must hold whatever happens."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, get_args

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.errors import Refused
from showctl.model import jumps, setlist, transport
from showctl.model.events import events
from showctl.model.happenings import SectionCued, SectionStart
from showctl.model.plan import Committed, CountIn, Loop, Plan, Play, Rest, Span, place_at, replay, state_at
from showctl.model.score import Score
from showctl.model.units import Frame
from tests.model.shows import BAR, BEAT, RATE, Command, Stage, everything
from tests.model.state_table import ROWS, cell

SHOW = everything()
SCORE = Score(SHOW)
PLACES = len(SHOW.entries)

WHENS: tuple[jumps.When, ...] = get_args(jumps.When)
NEIGHBOURS: tuple[Literal[1, -1], ...] = (1, -1)
UNITS: tuple[Literal["bar", "beat"], ...] = ("bar", "beat")
EXITS: tuple[Literal["section", "bar", "beat"] | None, ...] = (None, "section", "bar", "beat")
SONG_WHENS: tuple[jumps.When | Literal["end"], ...] = (*WHENS, "end")
POSITIONS = ("1", "2.3", "5", "Chorus", "Solo - 1 beat", "1 - 1 beat", "0:03.7", "7.4+1/2", "Coda")
SECTIONS = ("Verse", "Chorus", "Chorus#2", "Solo", "Open", "Out", "Seven", "Coda")

places = st.integers(1, PLACES)
whens = st.sampled_from(WHENS)


def acting(command: str) -> Command:
    return lambda view: transport.act(view, command)


COMMANDS: st.SearchStrategy[Command] = st.one_of(
    st.sampled_from(["/go", "/go", "/play", "/pause", "/playpause", "/stop", "/panic"]).map(acting),
    st.sampled_from([0.0, 0.3, 4.0, 20.0]).map(lambda seconds: lambda v: transport.fade_out(v, seconds)),
    st.sampled_from(POSITIONS).map(lambda position: lambda v: jumps.locate(v, position)),
    places.map(lambda place: lambda v: setlist.select(v, place)),
    places.map(lambda place: lambda v: setlist.select(v, place)),
    st.sampled_from(NEIGHBOURS).map(lambda step: lambda v: setlist.select_neighbour(v, step)),
    st.tuples(places, st.sampled_from(SONG_WHENS)).map(lambda a: lambda v: jumps.jump_to_song(v, *a)),
    st.tuples(st.sampled_from(SECTIONS), whens).map(lambda a: lambda v: jumps.jump_to_section(v, *a)),
    st.tuples(st.integers(1, 4), whens).map(lambda a: lambda v: jumps.jump_to_section(v, *a)),
    st.tuples(st.sampled_from(NEIGHBOURS), whens).map(lambda a: lambda v: jumps.jump_to_neighbour(v, *a)),
    st.tuples(st.integers(-3, 3), st.sampled_from(UNITS)).map(lambda a: lambda v: jumps.jump_by(v, *a)),
    st.just(jumps.cancel),
    st.sampled_from(EXITS).map(lambda when: lambda v: jumps.vamp_exit(v, when)),
    st.integers(0, 3).map(lambda times: lambda v: jumps.vamp_start(v, times)),
    st.tuples(st.sampled_from(POSITIONS), st.sampled_from(POSITIONS)).map(lambda a: lambda v: jumps.loop(v, *a)),
    st.tuples(places, places).map(lambda a: lambda v: setlist.move(v, *a)),
    st.tuples(places, st.booleans()).map(lambda a: lambda v: setlist.skip(v, *a)),
    st.just(setlist.reset),
    st.booleans().map(lambda on: lambda v: transport.metronome(v, on)),
    st.sampled_from([60.0, 133.0]).map(lambda bpm: lambda v: transport.tempo(v, bpm)),
    st.just(transport.tap),
)

WAITS = st.one_of(
    st.sampled_from([0, 1, 256, BEAT, BAR - 1, BAR, BAR + 1, 4 * BAR]),
    st.integers(0, 10 * RATE),
    st.integers(0, 40 * RATE),
)
MARGINS: tuple[int, ...] = (0, 700)

Step = tuple[int, Command]
NIGHTS = st.tuples(st.sampled_from(MARGINS), st.lists(st.tuples(WAITS, COMMANDS), min_size=3, max_size=14))
A_NIGHT = settings(max_examples=60, deadline=None)


def played(margin: int, steps: list[Step]) -> Stage:
    """A night that begins with GO, so that something sounds."""
    stage = Stage(SHOW, margin)
    stage.do(lambda view: setlist.select(view, 1), at=RATE)
    stage.do(acting("/go"), at=2 * RATE)
    for wait, command in steps:
        stage.refusal(command, at=stage.now + wait)
    return stage


def extent(plan: Plan, index: int) -> tuple[int, int] | None:
    """The first song frame that a span plays and the one after its last; None where no song sounds."""
    span, end = plan.spans[index], plan.end_of(index)
    match span:
        case Play():
            assert end is not None, "a plan never ends in a song that plays on"
            return span.at, span.song_at(end)
        case Loop():
            assert span.cycle.low <= span.at < span.cycle.high
            return span.cycle.low, span.cycle.high
        case _:
            return None


def check(plan: Plan) -> None:
    starts = [span.start for span in plan.spans]
    assert all(a < b for a, b in pairwise(starts))
    for index, span in enumerate(plan.spans):
        if played_part := extent(plan, index):
            song = SCORE.song(span.entry)  # type: ignore[union-attr]
            assert song.first <= played_part[0] < played_part[1] <= song.end
        if isinstance(span, CountIn) and index + 1 < len(plan.spans):
            following = plan.spans[index + 1]
            let_be = following.start == span.start + span.length
            assert let_be or following.decided <= following.start < span.start + span.length
    last = plan.spans[-1]
    assert isinstance(last, Rest) or (isinstance(last, Loop) and last.cycle.times == 0)


@given(NIGHTS)
@A_NIGHT
def test_spans_ascend_and_stay_within_their_songs(night: tuple[int, list[Step]]) -> None:
    margin, steps = night
    stage = Stage(SHOW, margin)
    stage.do(lambda view: setlist.select(view, 1), at=RATE)
    stage.do(acting("/go"), at=2 * RATE)
    for wait, command in steps:
        stage.refusal(command, at=stage.now + wait)
        check(stage.plan)


def turns(spans: tuple[Span, ...]) -> list[Span]:
    return [span for span in spans[1:] if span.why in {"jump", "exit"}]


@given(NIGHTS)
@A_NIGHT
def test_one_jump_is_pending_at_most(night: tuple[int, list[Step]]) -> None:
    margin, steps = night
    stage = played(margin, [])
    for wait, command in steps:
        stage.refusal(command, at=stage.now + wait)
        assert len(turns(stage.future)) <= 1


@given(NIGHTS, st.sampled_from(sorted(ROWS)))
@A_NIGHT
def test_the_state_table_holds_after_anything(night: tuple[int, list[Step]], command: str) -> None:
    stage = played(*night)
    before = stage.state
    expected = cell(command, before)
    try:
        change = stage.do(acting(command))
    except Refused:
        assert expected == "error"
        return
    if expected == "same":
        assert change is None
        return
    after = state_at(stage.plan, Frame(stage.now + stage.margin))
    started: dict[str, set[str]] = {"countin": {"countin", "playing", "vamping"}, "playing": {"playing", "vamping"}}
    assert after in started.get(expected, {expected}) or (command, before) == ("/go", "vamping")


@given(NIGHTS, st.lists(st.integers(0, 200 * RATE), min_size=1, max_size=6))
@A_NIGHT
def test_windows_of_events_can_be_joined(night: tuple[int, list[Step]], cuts: list[int]) -> None:
    plan = played(*night).plan
    edges = [Frame(cut) for cut in sorted({plan.spans[0].start, *(plan.spans[0].start + cut for cut in cuts)})]
    pieces = [event for since, until in pairwise(edges) for event in events(SCORE, plan, since, until)]
    assert pieces == events(SCORE, plan, edges[0], edges[-1])


@given(NIGHTS)
@A_NIGHT
def test_who_hears_every_event_names_the_section_that_is_played_or_armed(night: tuple[int, list[Step]]) -> None:
    stage = played(*night)
    stage.go_to(stage.now + RATE)
    last = Frame(stage.now - 1)
    place = place_at(stage.plan.span_at(last), last)
    section = SCORE.section_at(*place) if place else None
    told = [event for event in stage.told if isinstance(event, SectionStart | SectionCued)][-1]
    sounds_before_any = place and not section and isinstance(stage.plan.span_at(last), Play | Loop)
    if not sounds_before_any:  # in a pickup the last one is still named
        named = (told.entry, told.index, told.name)
        assert named == (place[0] if place else 0, *((section.index, section.name) if section else (0, "")))


@given(NIGHTS)
@A_NIGHT
def test_a_night_read_from_its_log_is_the_night_that_was_told(night: tuple[int, list[Step]]) -> None:
    stage = played(*night)
    stage.go_to(stage.now + 30 * RATE)
    assert stage.replayed(stage.now) == stage.told
    assert replay(stage.first, tuple(stage.log)) == stage.plan
    frames = [event.frame for event in stage.told]
    assert frames == sorted(frames)


@given(NIGHTS)
@settings(max_examples=30, deadline=None)
def test_plan_and_log_survive_their_encodings(night: tuple[int, list[Step]]) -> None:
    stage = played(*night)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(stage.plan), type=Plan) == stage.plan
    assert msgspec.json.decode(msgspec.json.encode(stage.plan), type=Plan) == stage.plan
    for line in stage.log:
        assert msgspec.json.decode(msgspec.json.encode(line), type=Committed) == line


def test_the_show_has_everything() -> None:
    spans = [span for song in SHOW.songs.values() for span in song.sections if span.vamp]
    assert {section.vamp.exit for section in spans if section.vamp} == {"section", "bar", "beat"}
    assert {entry.then for entry in SHOW.entries} == {"arm", "stop", "continue"}

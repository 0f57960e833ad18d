"""The plan and its edits: what is committed, what is refused, and what is kept of the past."""

from __future__ import annotations

import msgspec
import pytest

from showctl.model.mix import Mix
from showctl.model.plan import (
    KEEP_EDITS,
    KEEP_SECONDS,
    CannotCommitError,
    Committed,
    CountIn,
    Cued,
    Cycle,
    Edit,
    Fade,
    Loop,
    MixMark,
    Plan,
    Play,
    Rest,
    Span,
    boundaries,
    commit,
    goes_on,
    replay,
    spans_within,
    state_at,
)
from showctl.model.units import Frame, SongFrame

RATE = 48000
F, S = Frame, SongFrame

EMPTY = Plan(1, "show", RATE)
VAMP = Cycle(S(1000), S(3000))


def edit(*spans: Span, at: int | None = None, base: int = 1, fade: Fade | None = None, mix: Mix | None = None) -> Edit:
    return Edit("e", 1, base, None if at is None else F(at), spans or None, mix, fade)


def play(start: int, at: int = 0, entry: int = 1, decided: int = 0) -> Play:
    return Play(F(start), entry, S(at), decided=F(decided))


PLAYING = commit(EMPTY, edit(play(0), Rest(F(10_000), "end")), F(500))
"""Version 2: a song from 500 to 10,500."""


# ── committing ──


def test_as_soon_as_possible_is_the_head() -> None:
    spans = (Rest(F(0)), play(500, decided=500), Rest(F(10_500), "end", decided=F(500)))
    assert Plan(2, "show", RATE, spans, edits=("e",)) == PLAYING


def test_an_exact_edit_counts_from_its_frame_and_notes_when_it_was_decided() -> None:
    plan = commit(PLAYING, edit(play(0, 5000), Rest(F(200)), at=2000, base=2), F(700))
    assert plan.spans[1:] == (play(500, decided=500), play(2000, 5000, decided=700), Rest(F(2200), decided=F(700)))


def test_an_edit_of_another_version_is_stale() -> None:
    for base in (1, 3):
        with pytest.raises(CannotCommitError) as refused:
            commit(PLAYING, edit(play(0), base=base), F(700))
        assert refused.value.reason == "stale"


def test_an_edit_onto_another_than_made_its_version_is_stale() -> None:
    onto = msgspec.structs.replace(edit(play(0), base=2), onto="e")
    assert commit(PLAYING, onto, F(700)).version == 3
    with pytest.raises(CannotCommitError) as refused:
        commit(PLAYING, msgspec.structs.replace(onto, onto="f"), F(700))
    assert refused.value.reason == "stale"


def test_a_plan_names_the_newest_of_the_edits_that_made_it() -> None:
    plan = EMPTY
    for number in range(KEEP_EDITS + 2):
        plan = commit(plan, Edit(f"{number}", 1, plan.version), F(0))
    assert plan.edits == tuple(f"{number}" for number in range(2, KEEP_EDITS + 2))


def test_an_edit_on_the_head_is_in_time_and_one_before_it_late() -> None:
    assert commit(PLAYING, edit(play(0, 77), at=700, base=2), F(700)).span_at(F(700)) == play(700, 77, decided=700)
    with pytest.raises(CannotCommitError) as refused:
        commit(PLAYING, edit(play(0, 77), at=699, base=2), F(700))
    assert refused.value.reason == "late"


def test_new_spans_replace_all_from_their_start_on() -> None:
    plan = commit(PLAYING, edit(Rest(F(100), "stop"), at=10_400, base=2), F(700))
    assert plan.spans == (Rest(F(0)), play(500, decided=500), Rest(F(10_500), "stop", decided=F(700)))


def test_an_edit_without_spans_leaves_them() -> None:
    assert commit(PLAYING, edit(mix=Mix(mute_all=True), base=2), F(700)).spans == PLAYING.spans


def test_what_goes_on_anyway_stays_as_it_was_decided() -> None:
    plan = commit(PLAYING, edit(play(0, 1500), Rest(F(300), "stop"), at=2000, base=2), F(700))
    assert plan.spans[1:] == (play(500, decided=500), Rest(F(2300), "stop", decided=F(700)))


@pytest.mark.parametrize(
    ("span", "following", "expected"),
    [
        (play(0), play(500, 500), True),
        (play(0), play(500, 501), False),
        (play(0), play(500, 500, entry=2), False),
        (play(0), Rest(F(500)), False),
        (Loop(F(0), 1, S(1000), VAMP), Loop(F(4500), 1, S(1500), VAMP, passes=3), True),
        (Loop(F(0), 1, S(1000), VAMP), Loop(F(4500), 1, S(1500), VAMP, passes=1), False),
        (Loop(F(0), 1, S(1000), VAMP), Loop(F(4500), 1, S(1500), Cycle(S(1000), S(3000), 4), passes=3), False),
        (Loop(F(0), 1, S(1000), VAMP), play(4500, 1500), False),
    ],
)
def test_going_on_means_the_same_place_in_the_same_pass(span: Span, following: Span, expected: bool) -> None:
    assert goes_on(span, following) is expected


def test_the_past_is_kept_for_a_minute() -> None:
    plan = EMPTY
    for number in range(4):
        plan = commit(plan, edit(Rest(F(0), "arm", Cued(number + 1, S(0))), base=plan.version), F(number * 1000))
    late = F(2000 + KEEP_SECONDS * RATE)
    kept = commit(plan, edit(mix=Mix(), base=plan.version), late)
    assert [span.start for span in kept.spans] == [2000, 3000]
    assert kept.span_at(F(0)) == kept.spans[0]


# ── levels ──


def test_mix_marks_ascend_and_the_last_one_passed_is_kept() -> None:
    loud, quiet, mute = Mix(), Mix(talkback=True), Mix(mute_all=True)
    plan = commit(EMPTY, edit(mix=quiet), F(1000))
    assert plan.mixes == (MixMark(F(0), loud), MixMark(F(1000), quiet))
    plan = commit(plan, edit(mix=mute, base=2), F(3000))
    assert plan.mixes == (MixMark(F(1000), quiet), MixMark(F(3000), mute))
    assert [plan.mix_at(F(frame)) for frame in (0, 2999, 3000)] == [quiet, quiet, mute]


def test_a_mix_does_not_wait_for_the_spans_beside_it() -> None:
    """Else a level that is set meanwhile would have to be set on both mixes."""
    plan = commit(PLAYING, edit(Rest(F(0), "stop"), mix=Mix(talkback=True), at=1000, base=2), F(200))
    assert plan.spans[-1].start == 1000
    assert plan.mixes == (MixMark(F(0), Mix()), MixMark(F(200), Mix(talkback=True)))


def test_a_mix_on_the_same_frame_takes_the_place_of_the_other() -> None:
    plan = commit(EMPTY, edit(mix=Mix(talkback=True)), F(100))
    plan = commit(plan, edit(mix=Mix(mute_all=True), base=2), F(100))
    assert plan.mixes == (MixMark(F(100), Mix(mute_all=True)),)


# ── fades ──


FADING = commit(PLAYING, edit(Rest(F(1000), "stop"), at=1000, base=2, fade=Fade(F(0), F(1000))), F(700))
"""Version 3: a fade from 1000 to 2000."""


def test_a_fade_counts_from_its_edit() -> None:
    assert FADING.fade == Fade(F(1000), F(2000))
    assert [FADING.fading_at(F(frame)) for frame in (999, 1000, 1999, 2000)] == [False, True, True, False]


@pytest.mark.parametrize(
    ("at", "fade"),
    [
        (900, None),
        (1000, None),
        (1001, Fade(F(1000), F(2000), cut=F(1001))),
        (1999, Fade(F(1000), F(2000), cut=F(1999))),
        (2000, Fade(F(1000), F(2000))),
        (5000, Fade(F(1000), F(2000))),
    ],
)
def test_new_spans_cut_a_fade_that_would_go_on(at: int, fade: Fade | None) -> None:
    assert commit(FADING, edit(play(0), at=at, base=3), F(800)).fade == fade


def test_a_fade_is_cut_only_once_and_levels_do_not_touch_it() -> None:
    cut = commit(FADING, edit(play(0), at=1500, base=3), F(1400))
    assert commit(cut, edit(Rest(F(0)), at=1800, base=4), F(1700)).fade == Fade(F(1000), F(2000), cut=F(1500))
    assert commit(FADING, edit(mix=Mix(), base=3), F(1400)).fade == FADING.fade


# ── reading ──


def test_state_at_names_every_state() -> None:
    spans: tuple[Span, ...] = (
        Rest(F(0)),
        Rest(F(10), "arm", Cued(1, S(0))),
        CountIn(F(20), 1, S(0), 1, 10),
        play(30),
        Loop(F(40), 1, S(1000), VAMP),
        Rest(F(50), "pause", Cued(1, S(0), paused=True)),
        play(60),
        Rest(F(70), "end"),
    )
    plan = Plan(1, "show", RATE, spans, fade=Fade(F(60), F(80)))
    assert [state_at(plan, F(frame)) for frame in range(5, 80, 10)] == [
        "stopped",
        "armed",
        "countin",
        "playing",
        "vamping",
        "paused",
        "fading",
        "stopped",
    ]


def test_boundaries_and_spans_of_a_window() -> None:
    first, song, rest = PLAYING.spans
    assert list(boundaries(PLAYING, F(500), F(10_500))) == [(first, song)]
    assert list(boundaries(PLAYING, F(501), F(10_501))) == [(song, rest)]
    assert list(spans_within(PLAYING, F(499), F(501))) == [(first, 500), (song, 10_500)]
    assert list(spans_within(PLAYING, F(20_000), F(20_001))) == [(rest, None)]


def test_a_loop_knows_place_pass_and_the_next_time_of_a_place() -> None:
    loop = Loop(F(100), 1, S(1500), VAMP, passes=2)
    assert loop.first_seam == 1600
    assert [(loop.song_at(F(f)), loop.pass_at(F(f))) for f in (100, 1599, 1600, 3600)] == [
        (1500, 2),
        (2999, 2),
        (1000, 3),
        (1000, 4),
    ]
    assert [loop.session_at(S(2000), F(f)) for f in (0, 600, 601, 2600)] == [600, 600, 2600, 2600]


def test_a_count_in_ends_where_its_song_begins() -> None:
    count = CountIn(F(100), 1, S(5000), 1, 400)
    assert (count.song_at(F(100)), count.song_at(F(500)), count.session_at(S(5000))) == (4600, 5000, 500)


# ── the log ──


def test_a_log_makes_the_plan_again_and_survives_encoding() -> None:
    edits = [
        (F(500), edit(play(0), Rest(F(10_000), "end"))),
        (F(700), edit(Rest(F(1000), "stop"), at=1000, base=2, fade=Fade(F(0), F(1000)))),
        (F(900), edit(mix=Mix(mute_all=True), base=3)),
    ]
    log = tuple(Committed(number, head, each) for number, (head, each) in enumerate(edits, 2))
    plan = replay(EMPTY, log)
    assert (plan.version, plan.fade, plan.mixes[-1]) == (4, FADING.fade, MixMark(F(900), Mix(mute_all=True)))
    assert msgspec.json.decode(msgspec.json.encode(log), type=tuple[Committed, ...]) == log
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(plan), type=Plan) == plan


def test_a_log_of_another_plan_is_refused() -> None:
    with pytest.raises(CannotCommitError):
        replay(PLAYING, (Committed(2, F(500), edit(play(0))),))

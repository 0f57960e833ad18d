"""Tonight's order: selecting, choosing what follows, moving, skipping, and the file's order again."""

from __future__ import annotations

import pytest

from showctl.model import jumps, setlist, transport
from showctl.model.night import NextUp, Night
from showctl.model.plan import Cued, Rest
from showctl.model.show import Then
from showctl.model.units import Frame
from tests.model.shows import BAR, Command, Stage, bar, plain, show, song


def go(stage: Stage, at: int) -> None:
    stage.do(lambda view: transport.act(view, "/go"), at=at)


def select(wanted: str | int) -> Command:
    return lambda view: setlist.select(view, wanted)


def neighbour(step: int) -> Command:
    return lambda view: setlist.select_neighbour(view, 1 if step == 1 else -1)


def skip(place: int, on: bool = True) -> Command:
    return lambda view: setlist.skip(view, place, on)


def move(place: int, to: int) -> Command:
    return lambda view: setlist.move(view, place, to)


def night_of(*thens: Then) -> Stage:
    """Songs `a`, `b`, … of twelve bars without count-in."""
    return Stage(show(*((plain("abcdefgh"[number]), then, 0) for number, then in enumerate(thens))))


def armed(stage: Stage) -> int:
    """The entry that is armed; 0 for none."""
    assert isinstance(stage.span, Rest)
    return stage.span.cued.entry if stage.span.cued else 0


def order(stage: Stage) -> list[tuple[int, int]]:
    """The session frames from now on at which another entry begins or is armed; 0 where none is."""
    rows: list[tuple[int, int]] = []
    for span in stage.future:
        entry = (span.cued.entry if span.cued else 0) if isinstance(span, Rest) else span.entry
        rows.append((span.start, entry))
    return rows


# ── at rest ──


@pytest.mark.parametrize(("wanted", "entry"), [(2, 2), ("b", 2), ("B", 2), ("c", 3)])
def test_a_song_is_armed_by_place_id_or_title(wanted: str | int, entry: int) -> None:
    stage = night_of("arm", "arm", "arm")
    stage.do(select(wanted), at=100)
    assert stage.span == Rest(Frame(100), "arm", Cued(entry, bar(1)), decided=Frame(100))


def test_an_id_means_its_next_occurrence_and_after_the_last_the_first() -> None:
    a, b = plain("a"), plain("b")
    stage = Stage(show((a, "arm"), (b, "arm"), (a, "arm"), (b, "arm")))
    seen = []
    for wanted in ("a", "a", "b", "a", "b", "b"):
        stage.do(select(wanted))
        seen.append(armed(stage))
    assert seen == [1, 3, 4, 1, 2, 4]


def test_selecting_what_is_armed_already_changes_nothing() -> None:
    stage = night_of("arm")
    stage.do(select(1))
    assert stage.do(select(1), at=100) is None


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("x", 'no song is called "x": the setlist has a, b'),
        (0, "expected a place from 1 to 2, got 0"),
        (3, "expected a place from 1 to 2, got 3"),
    ],
)
def test_a_song_that_is_not_there_is_refused(wanted: str | int, sentence: str) -> None:
    assert night_of("arm", "arm").refusal(select(wanted)) == sentence


def test_next_and_previous_pass_over_what_is_skipped_and_end_at_the_ends() -> None:
    stage = night_of("arm", "arm", "arm")
    stage.do(skip(2))
    seen = []
    for step in (1, 1, -1):
        stage.do(neighbour(step))
        seen.append(armed(stage))
    assert seen == [1, 3, 1]
    assert stage.refusal(neighbour(-1)) == "there is no song before this one"
    stage.do(select(3))
    assert stage.refusal(neighbour(1)) == "there is no song after this one"


def test_a_skipped_song_can_still_be_selected() -> None:
    stage = night_of("arm", "arm")
    stage.do(skip(2))
    stage.do(select(2))
    assert armed(stage) == 2


def test_places_are_those_of_tonights_order() -> None:
    stage = night_of("arm", "arm", "arm")
    stage.do(move(3, 1))
    assert stage.night.order == (3, 1, 2)
    stage.do(select(1))
    assert armed(stage) == 3
    stage.do(neighbour(1))
    assert armed(stage) == 1


@pytest.mark.parametrize(("place", "to"), [(0, 1), (4, 1), (1, 4), (1, 0)])
def test_a_move_out_of_the_list_is_refused(place: int, to: int) -> None:
    stage = night_of("arm", "arm", "arm")
    assert "expected a place from 1 to 3" in stage.refusal(move(place, to))
    assert stage.night == Night.of(stage.score.show)


def test_with_all_songs_skipped_nothing_is_armed_by_itself() -> None:
    stage = night_of("continue", "continue")
    stage.do(skip(1))
    stage.do(skip(2))
    assert stage.refusal(neighbour(1)) == "there is no song after this one"
    assert stage.refusal(lambda view: jumps.locate(view, "1")) == (
        "every song of the setlist is skipped: /song/select one"
    )
    stage.do(select(1))
    go(stage, 0)
    assert order(stage) == [(0, 1), (12 * BAR, 0)]


def test_after_the_last_song_previous_goes_back_from_it() -> None:
    stage = night_of("arm", "arm")
    stage.do(select(2))
    go(stage, 0)
    stage.go_to(12 * BAR)
    assert armed(stage) == 0
    assert stage.refusal(neighbour(1)) == "there is no song after this one"
    stage.do(neighbour(-1))
    assert armed(stage) == 1


# ── while a song sounds ──


@pytest.mark.parametrize(
    ("then", "following"),
    [("arm", [(0, 1), (12 * BAR, 2)]), ("stop", [(0, 1), (12 * BAR, 0)])],
)
def test_what_comes_then_is_in_the_plan(then: Then, following: list[tuple[int, int]]) -> None:
    stage = night_of(then, "arm")
    stage.do(select(1))
    go(stage, 0)
    assert order(stage) == following


def test_a_setlist_that_continues_throughout_ends_stopped() -> None:
    stage = night_of("continue", "continue", "continue")
    stage.do(select(1))
    go(stage, 0)
    assert order(stage) == [(0, 1), (12 * BAR, 2), (24 * BAR, 3), (36 * BAR, 0)]


@pytest.mark.parametrize("then", ["arm", "stop", "continue"])
def test_selecting_only_chooses_what_follows(then: Then) -> None:
    stage = night_of(then, "arm", "arm")
    stage.do(select(1))
    go(stage, 0)
    stage.do(select(3), at=BAR)
    assert stage.night.next_up == NextUp(3, 1, chosen=Frame(BAR))
    after = [(24 * BAR, 0)] if then == "continue" else []
    assert order(stage) == [(0, 1), (12 * BAR, 3), *after]
    assert stage.do(select(3), at=2 * BAR) is None


def test_next_pressed_twice_chooses_the_song_after_the_next() -> None:
    stage = night_of("arm", "arm", "arm")
    stage.do(select(1))
    go(stage, 0)
    for _ in range(2):
        stage.do(neighbour(1), at=stage.now + 100)
    assert order(stage) == [(0, 1), (12 * BAR, 3)]
    stage.do(neighbour(-1), at=stage.now + 100)
    assert order(stage) == [(0, 1), (12 * BAR, 2)]


def test_what_was_chosen_is_used_up_once_it_is_armed() -> None:
    stage = night_of("arm", "arm", "arm", "arm")
    stage.do(select(1))
    go(stage, 0)
    stage.do(select(4), at=BAR)
    stage.go_to(13 * BAR)
    assert (armed(stage), stage.view.night.next_up) == (4, None)


def test_a_song_armed_after_itself_is_armed_once() -> None:
    stage = night_of("arm", "arm")
    stage.do(select(1))
    go(stage, 0)
    stage.do(select(1), at=BAR)
    assert order(stage) == [(0, 1), (12 * BAR, 1)]
    go(stage, 13 * BAR)
    assert order(stage) == [(13 * BAR, 1), (25 * BAR, 2)]


def test_moving_and_skipping_change_what_follows_and_nothing_that_sounds() -> None:
    stage = night_of("continue", "continue", "continue")
    stage.do(select(1))
    go(stage, 0)
    stage.do(move(2, 3), at=BAR)
    assert order(stage) == [(0, 1), (12 * BAR, 3), (24 * BAR, 2), (36 * BAR, 0)]
    stage.do(skip(2), at=2 * BAR)
    assert order(stage) == [(0, 1), (12 * BAR, 2), (24 * BAR, 0)]
    stage.do(skip(2, False), at=3 * BAR)
    stage.do(setlist.reset, at=4 * BAR)
    assert order(stage) == [(0, 1), (12 * BAR, 2), (24 * BAR, 3), (36 * BAR, 0)]
    assert stage.future[0].decided == 0
    assert stage.do(setlist.reset, at=5 * BAR) is None


def test_a_reset_forgets_what_was_chosen() -> None:
    stage = night_of("arm", "arm", "arm")
    stage.do(select(1))
    go(stage, 0)
    stage.do(select(3), at=BAR)
    stage.do(setlist.reset, at=2 * BAR)
    assert (order(stage), stage.night.next_up) == ([(0, 1), (12 * BAR, 2)], None)


def test_a_song_chosen_in_a_fade_is_armed_after_it() -> None:
    stage = night_of("continue", "arm", "arm")
    stage.do(select(1))
    go(stage, 0)
    stage.do(lambda view: transport.fade_out(view, 4.0), at=BAR)
    stage.do(select(3), at=BAR + 100)
    assert stage.state == "fading"
    assert order(stage) == [(0, 1), (3 * BAR, 3)]
    assert stage.plan.fade is not None
    assert stage.plan.fade.cut is None


def test_a_song_chosen_in_a_count_in_follows_too() -> None:
    stage = Stage(show((plain("a"), "arm"), (plain("b"), "arm"), (song("c", [(1, "A")], 2), "arm")))
    stage.do(select(1))
    go(stage, 0)
    stage.do(select(3), at=100)
    assert order(stage) == [(0, 1), (BAR, 1), (13 * BAR, 3)]

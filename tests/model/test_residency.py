"""Jumps to what is still on disk: made at the next boundary of their kind that leaves time to read it."""

from __future__ import annotations

import pytest

from showctl.model import jumps, setlist, transport
from showctl.model.boundaries import READ_SECONDS
from showctl.model.jumps import When
from showctl.model.show import Medium, Vamp
from showctl.model.units import SongFrame
from showctl.osc.state import jump_message
from tests.model.shows import BAR, BEAT, RATE, Command, Stage, bar, plain, show, song, two_vamps, vamping
from tests.model.test_jumps import GO, exit_at, loop, places, playing, song_jump, to

READ = round(READ_SECONDS * RATE)  # a beat


def on_disk(_medium: Medium, _at: SongFrame, _frames: int) -> bool:
    return False


def in_memory(_medium: Medium, _at: SongFrame, _frames: int) -> bool:
    return True


def unread(stage: Stage) -> Stage:
    """Nothing of its songs lies in memory, and nothing is read."""
    stage.resident = on_disk
    return stage


def by_bars(amount: int) -> Command:
    return lambda view: jumps.jump_by(view, amount, "bar")


# ── when ──


@pytest.mark.parametrize(("when", "length"), [("beat", BEAT), ("bar", BAR), ("section", 4 * BAR)])
def test_a_boundary_too_near_to_read_the_target_means_the_next_of_its_kind(when: When, length: int) -> None:
    for early, boundary in ((READ, 4 * BAR), (READ - 1, 4 * BAR + length)):
        stage = unread(playing(plain()))
        stage.do(to("intro", when), at=4 * BAR - early)
        assert places(stage.future)[1] == ("Play", boundary, 0, "jump")


@pytest.mark.parametrize(("when", "length"), [("beat", BEAT), ("bar", BAR), ("section", 2 * BAR), (None, 2 * BAR)])
def test_a_vamp_is_left_when_there_was_time_to_read_what_is_behind_it(when: When | None, length: int) -> None:
    for early, boundary in ((READ, 8 * BAR), (READ - 1, 8 * BAR + length)):
        stage = unread(playing(vamping()))  # Solo: bars 3 and 4, endless
        stage.do(exit_at(when), at=8 * BAR - early)
        assert places(stage.future)[1] == ("Play", boundary, bar(5), "exit")


def test_what_lies_in_memory_is_gone_to_at_the_next_boundary() -> None:
    asked: list[tuple[str, int, int]] = []

    def resident(medium: Medium, at: SongFrame, frames: int) -> bool:
        asked.append((medium.key, at, frames))
        return True

    stage = playing(plain())
    stage.resident = resident
    stage.do(to("chorus"), at=BAR - 1)
    assert places(stage.future)[1] == ("Play", BAR, bar(9), "jump")
    assert asked == [("plain", bar(9), 2 * RATE)]


def test_nothing_else_asks_what_lies_in_memory() -> None:
    def resident(_medium: Medium, _at: SongFrame, _frames: int) -> bool:
        raise AssertionError

    stage = Stage(show((plain(), "arm")))
    stage.resident = resident
    for command in (
        lambda view: setlist.select(view, 1),
        to("verse"),
        GO,
        to("chorus"),  # in the count-in
        lambda view: transport.act(view, "/pause"),
        GO,
    ):
        stage.do(command, at=stage.now + 100)


def test_now_is_now() -> None:
    stage = unread(playing(plain()))
    stage.do(to("chorus", "now"), at=100)
    assert places(stage.future)[0] == ("Play", 100, bar(9), "jump")


def test_into_a_vamp_it_waits_as_well() -> None:
    stage = unread(playing(vamping()))
    stage.do(to("chorus"), at=2 * BAR - 100)
    assert places(stage.future) == [
        ("Play", 0, 0, "start"),
        ("Loop", 2 * BAR, bar(3), "vamp"),
        ("Play", 3 * BAR, bar(5), "jump"),
        ("Rest", 5 * BAR, -1, "end"),
    ]


def test_a_song_ends_where_it_ends_and_a_jump_waits_no_longer() -> None:
    stage = unread(playing(plain(), plain("other"), then="continue"))
    stage.do(to("verse"), at=12 * BAR - 100)
    assert places(stage.future)[1] == ("Play", 12 * BAR, bar(5), "jump")


def test_a_song_that_ends_in_a_vamp_of_two_passes_is_left_with_the_second() -> None:
    stage = unread(playing(song("out", [(1, "Intro"), (2, "Out", Vamp(times=2))], 3)))
    stage.do(to("intro"), at=5 * BAR - 100)
    assert places(stage.future)[1] == ("Play", 5 * BAR, 0, "jump")


def test_out_of_the_last_pass_of_a_vamp_it_waits_in_what_is_behind() -> None:
    stage = unread(playing(vamping(vamp=Vamp(times=2))))
    stage.do(to("intro"), at=6 * BAR - 100)
    assert places(stage.future)[1:3] == [("Play", 6 * BAR, bar(5), "on"), ("Play", 7 * BAR, 0, "jump")]


@pytest.mark.parametrize("when", [None, "bar", "beat"])
def test_a_vamp_of_four_passes_is_over_by_itself_before_it_can_be_left(when: When | None) -> None:
    stage = unread(playing(two_vamps()))
    assert stage.do(exit_at(when), at=8 * BAR - 100) is None


@pytest.mark.parametrize(("command", "kind"), [(song_jump(2, "bar"), "Play"), (loop("Intro", "Verse"), "Loop")])
def test_another_song_and_a_loop_gone_back_to_wait_as_well(command: Command, kind: str) -> None:
    stage = unread(playing(plain("a"), plain("b")))
    stage.do(command, at=6 * BAR - 100)
    assert places(stage.future)[1] == (kind, 7 * BAR, 0, "jump")


def test_bars_are_counted_from_where_the_jump_is_made() -> None:
    stage = unread(playing(plain()))
    stage.do(by_bars(3), at=BAR - 100)
    assert places(stage.future)[1] == ("Play", 2 * BAR, bar(6), "jump")


# ── pressed again ──


def test_the_same_jump_pressed_again_and_again_is_not_put_off() -> None:
    stage = unread(playing(plain()))
    stage.do(to("chorus"), at=BAR - 100)
    for early in (BAR, READ, 1):
        assert stage.do(to("chorus"), at=2 * BAR - early) is None


def test_it_can_be_made_earlier_as_soon_as_there_was_time_to_read_it() -> None:
    stage = unread(playing(plain()))
    stage.do(to("chorus", "section"), at=BAR)
    stage.do(to("chorus", "beat"), at=BAR + READ + BEAT - 100)
    assert places(stage.future)[1] == ("Play", BAR + READ + BEAT, bar(9), "jump")


def test_pressed_again_when_it_was_read_sooner_it_is_made_sooner() -> None:
    stage = unread(playing(plain()))
    stage.do(to("chorus"), at=BAR - READ + 1)
    stage.resident = in_memory
    stage.do(to("chorus"), at=BAR - 100)
    assert places(stage.future)[1] == ("Play", BAR, bar(9), "jump")


def test_another_target_has_to_be_read_anew() -> None:
    stage = unread(playing(plain()))
    stage.do(to("chorus", "section"), at=100)
    stage.do(to("verse"), at=2 * BAR - 100)
    assert places(stage.future)[1] == ("Play", 3 * BAR, bar(5), "jump")


# ── what is told ──


def test_the_later_moment_is_told() -> None:
    stage = unread(playing(plain()))
    stage.do(to("chorus"), at=BAR - RATE // 4)
    assert jump_message(stage.view).message.args == ("Chorus", 2.25)

"""What the night says of targets and cues: who is told, how early, and which cues are held or sent by hand."""

from __future__ import annotations

from typing import cast

import msgspec
import pytest

from showctl.errors import Refused
from showctl.model import targets
from showctl.model.night import Night
from showctl.model.plan import Plan
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.codec import Message, decode
from showctl.pacer.audience import Listener, audience
from tests.pacer.shows import BAR, BEAT, EMPTY, NIGHT, RATE, SCORE, SHOW
from tests.pacer.test_schedule import NIGHT_OUT as PLAYED
from tests.pacer.test_schedule import Stage, lines

SCREEN = Listener(("10.0.0.9", 9000), frozenset({"cue"}))
"""Somebody who watches the cues."""

WASH_AT = 7 * BAR - BAR - BEAT
"""The lights' cue, a beat before the third section, to be sent 15 ms earlier."""


def night(**changes: object) -> Night:
    return msgspec.structs.replace(NIGHT, **changes)


def performed(changes: list[tuple[int, Night]], until: int = 9 * BAR) -> Stage:
    """The night of commands, with another night from some frames on."""
    stage = Stage(*audience(SHOW, (), NIGHT, RATE), SCREEN)
    commits: list[tuple[int, Plan | Night]] = [
        (line.head, plan) for line, plan in zip(PLAYED.log, PLAYED.plans[1:], strict=True)
    ]
    for frame, change in sorted([*commits, *changes], key=lambda step: step[0]):
        stage.run(frame - 1, step=RATE // 100)
        if isinstance(change, Night):
            stage.schedule.remember(change)
            stage.schedule.admit((*audience(SHOW, (), change, RATE), SCREEN), Frame(stage.now))
        else:
            stage.schedule.adopt(change, Frame(frame))
    stage.run(until, step=RATE // 100)
    return stage


def sent(stage: Stage, slug: str) -> list[str]:
    """When the cues of a target left, and what they say, whoever it was then."""
    dues = [due for due in stage.sent if (target := due.listeners[0].cues_of) and target.slug == slug]
    return lines([(due.send_frame, cast("Message", decode(due.payload))) for due in dues])


def told(stage: Stage) -> list[str]:
    return [line.split(" ", 1)[1] for line in lines(stage.packets(SCREEN)) if "/cue " in line]


def test_all_goes_out_where_nothing_is_set() -> None:
    stage = performed([])
    assert sent(stage, "lights") == ["275280 /eos/cue/1/12/fire", "335380 /eos/cue/2/0.5/fire"]
    assert sent(stage, "video") == ["144960 /composition/columns/3/connect 1"]
    assert told(stage) == ["/cue Column video", "/cue Wash lights", "/cue Stage lights"]


def test_held_cues_are_left_out_and_nobody_is_told_that_they_went_out() -> None:
    stage = performed([(0, night(cues_held=True)), (7 * BAR, NIGHT)])
    assert (sent(stage, "lights"), sent(stage, "video")) == (["335380 /eos/cue/2/0.5/fire"], [])
    assert told(stage) == ["/cue Stage lights"]
    assert [line for line in lines(stage.packets(SCREEN)) if "/cue/standby Wash" in line]


def test_a_target_that_is_off_gets_neither_cues_nor_feed_and_the_others_theirs() -> None:
    stage = performed([(0, night(targets_off=frozenset({"lights"})))])
    assert {listener.address for due in stage.sent for listener in due.listeners} == {
        ("127.0.0.1", 9002),
        SCREEN.address,
    }
    assert told(stage) == ["/cue Column video"]


@pytest.mark.parametrize(
    ("latency", "left"),
    [(0.0, "276000"), (30.0, "274560"), (-20.0, "276960")],
)
def test_a_latency_that_was_set_tonight_holds(latency: float, left: str) -> None:
    stage = performed([(3 * BAR, night(latency_ms={"lights": latency}))])
    assert sorted(sent(stage, "lights"))[0] == f"{left} /eos/cue/1/12/fire"


@pytest.mark.parametrize("moved_at", range(274_000, 277_500, 480))
@pytest.mark.parametrize("latency", [0.0, 5.0, 30.0])
def test_a_latency_that_moves_while_a_cue_is_due_neither_repeats_nor_loses_it(moved_at: int, latency: float) -> None:
    stage = performed([(moved_at, night(latency_ms={"lights": latency}))])
    assert len([line for line in sent(stage, "lights") if "/eos/cue/1/12/fire" in line]) == 1


def test_a_cue_by_hand_goes_out_at_once_though_cues_are_held() -> None:
    at = 3 * BAR + 100
    held = night(cues_held=True)
    change = targets.fire(View(SCORE, PLAYED.plans[2], held, Frame(at + 480)), "wash")
    assert change
    assert change.night
    stage = performed([(0, held), (at, change.night)])
    assert [line.split(" ")[1] for line in sent(stage, "lights")] == ["/eos/cue/1/12/fire"]
    assert [due.happening.frame for due in stage.sent if due.listeners[0].cues_of] == [at + 480]
    assert told(stage) == ["/cue Wash lights"]


def test_a_cue_by_hand_is_sent_once_whatever_is_planned_meanwhile() -> None:
    at = 7 * BAR + 50  # the song is stopped 50 frames later
    change = targets.fire(View(SCORE, PLAYED.plans[3], NIGHT, Frame(at + 480)), "Column")
    assert change
    assert change.night
    stage = performed([(at, change.night)])
    assert len(sent(stage, "video")) == 2


def test_a_cue_that_does_not_exist_is_refused_with_those_that_do() -> None:
    view = View(SCORE, EMPTY, NIGHT, Frame(0))
    with pytest.raises(Refused, match='no cue is called "Blackout": there are Wash, Column, Stage'):
        targets.fire(view, "Blackout")


def test_a_cue_of_a_target_that_is_off_is_refused() -> None:
    view = View(SCORE, EMPTY, night(targets_off=frozenset({"lights"})), Frame(0))
    with pytest.raises(Refused, match="lights is switched off"):
        targets.fire(view, "wash")

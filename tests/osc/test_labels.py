from __future__ import annotations

import pytest

from showctl.model.plan import Plan
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.labels import beat_label, labels, minutes, rests
from tests.pacer.shows import BAR, BEAT, EMPTY, NIGHT, SCORE, played

NIGHT_OUT = played([(Frame(0), "arm"), (Frame(BAR), "go"), (Frame(5 * BAR + BEAT), "exit")])
ARMED, PLAYING, LEAVING = NIGHT_OUT.plans[1:]


def at(plan: Plan, frame: int) -> View:
    return View(SCORE, plan, NIGHT, Frame(frame))


@pytest.mark.parametrize(
    ("plan", "frame", "words"),
    [
        (EMPTY, 0, [""] * 4 + ["0:00", "0:16", "20:15:07", "stopped"]),
        (ARMED, 1_000, ["Opener", "Closer", "Intro", "Solo", "0:07", "0:16", "20:15:07", "armed"]),
        (PLAYING, BAR + BEAT, ["Opener", "Closer", "Intro", "Solo", "0:07", "0:16", "20:15:07", "count-in"]),
        (PLAYING, 2 * BAR + BEAT, ["Opener", "Closer", "Intro", "Solo", "0:07", "0:16", "20:15:07", "playing"]),
        (PLAYING, 5 * BAR, ["Opener", "Closer", "Solo", "Refrain", "0:04", "0:13", "20:15:07", "vamp 2 of 3"]),
        (
            LEAVING,
            5 * BAR + 2 * BEAT,
            ["Opener", "Closer", "Solo", "Refrain", "0:03", "0:12", "20:15:07", "vamp 2 of 3"],
        ),
    ],
    ids=["stopped", "armed", "counting", "playing", "second pass", "being left"],
)
def test_labels_say_what_is_in_the_air(plan: Plan, frame: int, words: list[str]) -> None:
    told = [(each.topic, each.message.address, *each.message.args) for each in labels(at(plan, frame), "20:15:07")]
    names = ("song", "next_song", "section", "next_section", "left", "set_left", "clock", "status")
    assert told == [("text", f"/text/{name}", word) for name, word in zip(names, words, strict=True)]


def test_the_status_says_what_is_wrong_too() -> None:
    (status,) = [
        each.message.args for each in labels(at(ARMED, 1_000), "", "no sound card") if "status" in each.message.address
    ]
    assert status == ("armed: no sound card",)


def test_text_is_ascii_unless_utf8_is_wanted() -> None:
    assert labels(at(ARMED, 1_000), "", utf8=True)[0].message.args == ("Öpener",)


def test_the_beat_is_a_label_of_its_own_that_rests_with_the_music() -> None:
    views = [at(EMPTY, 0), at(ARMED, 1_000), at(PLAYING, 2 * BAR + BEAT)]
    assert [(rests(view), *beat_label(view).message.args) for view in views] == [
        (True, "0.0"),
        (True, "1.1"),
        (False, "1.2"),
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0:00"),
        (0.1, "0:01"),
        (60.0, "1:00"),
        (200.5, "3:21"),
        (3599.9, "1:00:00"),
        (3723.0, "1:02:03"),
        (-3.0, "0:00"),
    ],
)
def test_durations_read_as_people_read_them(seconds: float, text: str) -> None:
    assert minutes(seconds) == text

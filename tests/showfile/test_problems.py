from __future__ import annotations

import datetime as dt
import math

import pytest

from showctl.showfile.problems import Problem, did_you_mean, in_order, listed, shown


def test_a_sentence_tells_place_rule_value_and_remedy() -> None:
    problem = Problem("songs/closer/song.toml", 14, "error", "", "a bar from 1 to 64", "99")
    assert problem.sentence == "songs/closer/song.toml, line 14: expected a bar from 1 to 64, found 99"
    assert (
        Problem("show.toml", 0, "warning", "the file is odd", hint="look").sentence
        == "show.toml: the file is odd; look"
    )


def test_problems_are_told_once_by_file_and_line() -> None:
    late, early = Problem("show.toml", 10, "error", "b"), Problem("show.toml", 9, "warning", "a")
    other = Problem("songs/a/song.toml", 1, "error", "c")
    assert in_order([other, late, early, late]) == (early, late, other)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\nb", '"a b"'),
        ("x" * 99, '"' + "x" * 40 + '…"'),
        (True, "true"),
        (7, "7"),
        (10**50, "a number of very many digits"),
        (1.5, "1.5"),
        (math.inf, "inf (not a finite number)"),
        ([1], "a list"),
        ({}, "a table"),
        (dt.time(7, 32), "the time of day 07:32:00"),
        (dt.date(1979, 5, 27), "the date 1979-05-27"),
    ],
)
def test_values_are_quoted_as_people_wrote_them(value: object, text: str) -> None:
    assert shown(value) == text


def test_a_near_word_is_proposed_whatever_its_case() -> None:
    assert did_you_mean("CHROUS", ["Verse", "Chorus"]) == 'did you mean "Chorus"?'
    assert did_you_mean("Bridge", ["Verse", "Chorus"]) == ""


def test_words_are_listed_for_reading() -> None:
    assert [listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"], "and")] == [
        '"a"',
        '"a" or "b"',
        '"a", "b" and "c"',
    ]

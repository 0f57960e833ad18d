"""The position grammar, form by form."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

import pytest

from showctl.model.names import slug
from showctl.model.position import Amount, BarBeat, Position, SectionRef, Time, parse_position

HALF = Fraction(1, 2)


@pytest.mark.parametrize(
    ("written", "position"),
    [
        (17, Position(BarBeat(17))),
        ("17", Position(BarBeat(17))),
        ("17.3", Position(BarBeat(17, Fraction(3)))),
        ("17.3+1/2", Position(BarBeat(17, Fraction(7, 2)))),
        ("Chorus", Position(SectionRef("chorus"))),
        ("Chorus#2", Position(SectionRef("chorus", 2))),
        ("Überleitung 2", Position(SectionRef("uberleitung-2"))),
        ("2nd Verse", Position(SectionRef("2nd-verse"))),
        ("Pre-Chorus", Position(SectionRef("pre-chorus"))),
        ("1:02.5", Position(Time(Fraction(125, 2)))),
        ("0:01.83", Position(Time(Fraction(183, 100)))),
        ("Chorus - 1 bar", Position(SectionRef("chorus"), Amount(Fraction(-1), "bar"))),
        ("Chorus#2 + 2 bars", Position(SectionRef("chorus", 2), Amount(Fraction(2), "bar"))),
        ("17 + 2 beats", Position(BarBeat(17), Amount(Fraction(2), "beat"))),
        ("17.3 - 1/2 beat", Position(BarBeat(17, Fraction(3)), Amount(-HALF, "beat"))),
        ("17.3+1/2 - 1.5 beats", Position(BarBeat(17, Fraction(7, 2)), Amount(Fraction(-3, 2), "beat"))),
        ("Chorus - 250 ms", Position(SectionRef("chorus"), Amount(Fraction(-1, 4), "seconds"))),
        ("1:02.5 + 1.5 s", Position(Time(Fraction(125, 2)), Amount(Fraction(3, 2), "seconds"))),
        ("1 - 2 beats", Position(BarBeat(1), Amount(Fraction(-2), "beat"))),
        ("  Chorus  -  1  bar ", Position(SectionRef("chorus"), Amount(Fraction(-1), "bar"))),
    ],
)
def test_a_position_reads_as_anchor_and_amount(written: int | str, position: Position) -> None:
    assert parse_position(written) == position


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (17.3, '17.3 is not a position: write it in quotes: "17.3"'),
        (True, 'True is not a position: expected 17, "17.3", "17.3+1/2", "Chorus", "Chorus#2" or "1:02.5"'),
        (0, 'bars and beats count from 1, got "0.1": before bar 1 write "1 - 2 beats"'),
        ("17.0", 'bars and beats count from 1, got "17.0": before bar 1 write "1 - 2 beats"'),
        ("Chorus - bar", 'expected an amount such as "1 bar", "2 beats", "250 ms" or "1.5 s", got "bar"'),
        ("17.3 + 1/2", 'expected an amount such as "1 bar", "2 beats", "250 ms" or "1.5 s", got "1/2"'),
        ("17 + 1/0 beats", 'expected an amount such as "1 bar", "2 beats", "250 ms" or "1.5 s", got "1/0 beats"'),
        ("17 + 1/2 bar", 'expected a whole number of bars, got "1/2 bar": write beats instead'),
    ],
)
def test_a_slip_is_answered_with_its_remedy(written: Any, sentence: str) -> None:  # noqa: ANN401
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        parse_position(written)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "-3",
        "17.",
        "17.3.2",
        "17.3+1/0",
        "17.3+half",
        "1:75",
        "1:2:3",
        "Chorus#0",
        "Chorus#x",
        "#2",
        "…",
        " - 1 bar",
    ],
)
def test_what_is_no_position_is_refused(written: str) -> None:
    with pytest.raises(ValueError, match=r'^expected a position such as 17, "17.3", .*, got "'):
        parse_position(written)


def test_a_bar_and_beat_is_shown_as_it_is_written() -> None:
    assert [str(BarBeat(17)), str(BarBeat(17, Fraction(7, 2)))] == ["17.1", "17.3+1/2"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Lead Vox", "lead-vox"),
        ("  Gitarre (L) ", "gitarre-l"),
        ("Größe", "grosse"),
        ("夜", "ye"),
        ("—…—", ""),
        ("A__B", "a-b"),
    ],
)
def test_a_slug_is_ascii_lower_case_and_dashes(name: str, expected: str) -> None:
    assert slug(name) == expected

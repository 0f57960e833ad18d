"""What somebody may have meant, out of the thousands of addresses of a large show."""

from __future__ import annotations

import difflib

import pytest

from showctl.osc import hints
from showctl.osc.hints import LIKELIEST, MAX_CHARACTERS, Hints
from showctl.osc.methods import places
from tests.layouts.shows import BIG

ADDRESSES = tuple(places(BIG))


@pytest.mark.parametrize(
    ("wanted", "meant"),
    [
        ("/goo", "/go"),
        ("/tempotap", "/tempo/tap"),
        ("/transport/go", ""),
        ("/bus/bus-0/stem-7/dbb", "/bus/bus-0/stem-7/db"),
        ("/bus/bus-0/stem7/mute", "/bus/bus-0/stem-7/mute"),
        ("/bus/bus-0/stem-1/sollo/togle", "/bus/bus-0/stem-1/solo/toggle"),
        ("/BUS/夜", ""),
        ("", ""),
        ("/go" + "o" * MAX_CHARACTERS, ""),
    ],
)
def test_a_slip_of_the_finger_is_told_from_nonsense(wanted: str, meant: str) -> None:
    assert Hints(ADDRESSES).nearest(wanted) == meant


def test_only_the_likeliest_are_compared_properly(monkeypatch: pytest.MonkeyPatch) -> None:
    compared = list[list[str]]()

    def close_matches(wanted: str, among: list[str], n: int) -> list[str]:
        compared.append(among)
        return difflib.get_close_matches(wanted, among, n)

    monkeypatch.setattr(hints, "get_close_matches", close_matches)
    Hints(ADDRESSES).nearest("/bus/bus-0/stem-1/volume")
    assert [len(each) for each in compared] == [LIKELIEST]


def test_a_show_of_no_addresses_has_no_hints() -> None:
    assert Hints(()).nearest("/go") == ""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showctl.osc.patterns import AddressSpace, OscPatternError, Pattern, is_pattern, matches

BUSES = tuple(
    f"/bus/{bus}/{source}/{what}"
    for bus in ("foh", "iem1", "iem2", "drums")
    for source in ("master", "click", "stem1", "stem12")
    for what in ("db", "fader", "mute")
)
ADDRESSES = ("/go", *BUSES, "/song/1/select", "/song/12/select", "/song/next", "/click/enabled", "/db")


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/go", "/go"),
        ("/g?", "/go"),
        ("/*", "/go"),
        ("/go*", "/go"),
        ("/**o**", "/go"),
        ("/*a*b*", "/xaxbx"),
        ("/bus/*/click/db", "/bus/foh/click/db"),
        ("/iem[0-9]", "/iem3"),
        ("/iem[135]", "/iem3"),
        ("/iem[!4-9]", "/iem3"),
        ("/a[a-]", "/a-"),
        ("/a[-a]", "/a-"),
        ("/a[b!]", "/a!"),
        ("/a[!!]", "/ab"),
        ("/{foh,iem1}", "/iem1"),
        ("/{a,ab}c", "/abc"),
        ("/*{abc,b}*c", "/abc"),
        ("/x{,s}", "/x"),
        ("/x{,s}", "/xs"),
        ("/é?", "/éü"),
        ("//db", "/db"),
        ("//db", "/bus/foh/click/db"),
        ("/bus//db", "/bus/db"),
        ("/bus//db", "/bus/foh/click/db"),
        ("/bus//click//db", "/bus/foh/click/db"),
        ("///db", "/bus/db"),
        ("/a]", "/a]"),
    ],
)
def test_pattern_matches(pattern: str, address: str) -> None:
    assert matches(pattern, address)
    assert AddressSpace((address,)).match(pattern) == (address,)


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        ("/go", "/got"),
        ("/go", "/Go"),
        ("/g?", "/g"),
        ("/*", "/a/b"),
        ("/a/*", "/a"),
        ("/a*b", "/a/b"),
        ("/a?b", "/a/b"),
        ("/iem[0-9]", "/iemx"),
        ("/iem[!4-9]", "/iem5"),
        ("/iem[!4-9]", "/iem"),
        ("/a[a-]", "/ab"),
        ("/{foh,iem1}", "/iem"),
        ("/{foh,iem1}", "/foh,iem1"),
        ("/{f*,iem}", "/foh"),
        ("/bus//db", "/db"),
        ("//db", "/db/x"),
        ("/a*a*b", "/ab"),
        ("/x[a.c]", "/xb"),
    ],
)
def test_pattern_does_not_match(pattern: str, address: str) -> None:
    assert not matches(pattern, address)
    assert AddressSpace((address,)).match(pattern) == ()


MALFORMED = ["/a[", "/a[b", "/a{b", "/a{b,c/d}", "/a[b/c]", "/a[]", "/a[!]", "/a[z-a]", "/a[\x01-\U0010ffff]"]


@pytest.mark.parametrize("pattern", [*MALFORMED, "", "go*", "/a*/", "/*//", "//", "/" + "*" * 128])
def test_a_malformed_pattern_is_refused_with_one_sentence(pattern: str) -> None:
    with pytest.raises(OscPatternError, match=r"^expected [^\n]*, got [^\n]*$"):
        Pattern(pattern)


@pytest.mark.parametrize("pattern", ["/a*", "/a?", "/[a]", "/{a,b}", "//a", "/a//b", "/a["])
def test_an_address_with_a_wildcard_is_a_pattern(pattern: str) -> None:
    assert is_pattern(pattern)


@pytest.mark.parametrize("address", ["/", "/go", "/bus/foh/click/db", "/a]b}", "/a,b!c-d", "/Quad 1/visible"])
def test_an_address_without_wildcards_is_none(address: str) -> None:
    assert not is_pattern(address)


def test_a_space_answers_in_the_order_it_was_given() -> None:
    space = AddressSpace(("/b/x", "/a/x", "/b/y", "/a"))
    assert space.match("/*/*") == ("/b/x", "/a/x", "/b/y")
    assert space.match("//*") == ("/b/x", "/a/x", "/b/y", "/a")


def test_an_address_of_the_space_is_an_exact_hit() -> None:
    space = AddressSpace(ADDRESSES)
    assert space.match("/bus/foh/click/db") == ("/bus/foh/click/db",)
    assert space.match("/bus/foh/click/d") == ()
    assert space.match("/bus/foh") == ()


def test_a_repeated_address_is_answered_once() -> None:
    assert AddressSpace(("/a", "/b", "/a")).match("/*") == ("/a", "/b")


def test_an_address_and_those_below_it_are_told_apart() -> None:
    space = AddressSpace(("/song", "/song/next_up"))
    assert space.match("/s*") == ("/song",)
    assert space.match("/s*/*") == ("/song/next_up",)


@pytest.mark.parametrize(
    "pattern",
    ["/bus/*/click/db", "/bus/iem?/stem*/{db,mute}", "//db", "/bus//mute", "/*/*", "/song/[0-9]*/select", "/*//*"],
)
def test_a_space_finds_what_one_by_one_matching_finds(pattern: str) -> None:
    compiled = Pattern(pattern)
    expected = tuple(address for address in ADDRESSES if compiled.matches(address))
    assert AddressSpace(ADDRESSES).match(pattern) == expected
    assert expected


@pytest.mark.parametrize(
    "pattern", ["/" + "*a" * 60 + "b", "/" + "*{a,aa}" * 18 + "b", "/" + "*?" * 60 + "b", "//" + "a/*//" * 20 + "b"]
)
def test_patterns_that_blow_up_a_backtracking_matcher_end_at_once(pattern: str) -> None:
    names = ("/" + "a" * 500, *(f"/{'a/' * depth}a" for depth in range(20)))
    assert AddressSpace(names).match(pattern) == ()
    assert not any(map(Pattern(pattern).matches, names))


_SYMBOLS = st.sampled_from(["a", "b", "c", "-", "*", "?", "[ab]", "[!a]", "[a-c]", "{a,ab}", "{,b,ca}", "/", "//"])
_ORACLE = {"*": "[^/]*", "?": "[^/]", "[ab]": "[ab]", "[!a]": "[^a/]", "[a-c]": "[a-c]", "{a,ab}": "(?:a|ab)"}
_ORACLE |= {"{,b,ca}": "(?:|b|ca)", "//": "/(?:[^/]+/)*", "/": "/"}


@given(st.lists(_SYMBOLS, max_size=8), st.lists(st.text("abc-", min_size=1, max_size=5), min_size=1, max_size=4))
def test_a_regular_expression_says_the_same(symbols: list[str], names: list[str]) -> None:
    pattern = "/a" + "".join(symbols) + "b"
    address = "/" + "/".join(names)
    slashes_joined = re.sub("//+", "//", pattern)
    parts = re.findall(r"//|\[.*?\]|\{.*?\}|.", slashes_joined)
    expected = re.fullmatch("".join(_ORACLE.get(part, re.escape(part)) for part in parts), address) is not None
    assert matches(pattern, address) is expected
    assert AddressSpace((address, "/other")).match(pattern) == ((address,) if expected else ())

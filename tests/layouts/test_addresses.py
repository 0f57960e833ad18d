"""Every address in every layout exists and takes what is sent; every control of the contract is on every layout."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import pytest

from showctl.layouts import lua
from showctl.layouts.board import layout_of
from showctl.layouts.controls import Layout
from showctl.layouts.open_stage_control import session
from showctl.layouts.screens import SCREENS, Screen
from showctl.layouts.touchosc import tosc
from showctl.layouts.touchosc_mk1 import index_xml
from showctl.model.show import Show
from showctl.osc.codec import Message
from showctl.osc.methods import places
from showctl.osc.outgoing import OUTGOING
from showctl.osc.surface import Surface
from showctl.shared.clients import TOPICS
from tests.layouts.readers import Read, Sent, read_mk1, read_session, read_tosc
from tests.layouts.shows import BIG, EMPTY, ODD, PREFIXED

Reader = Callable[[Layout], Read]

SHOWS = [ODD, BIG, EMPTY]

READERS: dict[str, Reader] = {
    "touchosc": lambda layout: read_tosc(tosc(layout)),
    "touchosc-mk1": lambda layout: read_mk1(index_xml(layout)),
    "open-stage-control": lambda layout: read_session(session(layout)),
}

ELSEWHERE = {
    "/playpause": "for pedals",
    ".*/toggle": "for pedals and desks: a switch on a tablet says on or off",
    "/song/select": "as /song/<n>/select",
    "/section/jump": "as /section/<n>/jump",
    "/loop": "two positions have to be typed",
    "/bus/[^/]+/[^/]+/db": "as …/fader; the level is shown",
    "/cmd": "for programs that repeat until they are acknowledged",
    "/hello": "a passcode is typed; in a layout, everybody could read it",
    "/unsubscribe": "a layout that is closed falls silent, and is forgotten",
}
"""What no layout sends, and why."""

WORDS_OR_TWO = {
    "/locate": "a word", "/click/sound": "a word", "/song/jump": "two arguments", "/setlist/move": "two arguments",
    "/setlist/skip": "two arguments", "/mix/(save|load)": "a word", "/cue/fire": "a word",
    "/ping": "sent by the app itself where its options say so",
}  # fmt: skip
"""What Mk1 cannot send besides: it knows one number."""


@pytest.fixture(params=READERS)
def format_name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=SCREENS, ids=lambda screen: screen.name)
def screen(request: pytest.FixtureRequest) -> Screen:
    assert isinstance(request.param, Screen)
    return request.param


@pytest.fixture(params=SHOWS, ids=("odd", "big", "empty"))
def show(request: pytest.FixtureRequest) -> Show:
    assert isinstance(request.param, Show)
    return request.param


@pytest.fixture
def read(format_name: str, screen: Screen, show: Show) -> Read:
    return read_once(format_name, screen, SHOWS.index(show))


@cache
def read_once(format_name: str, screen: Screen, place: int) -> Read:
    return READERS[format_name](layout_of(SHOWS[place], screen))


def refused(sent: Sent, surface: Surface) -> str:
    """Why the service would not take it; empty where it would."""
    try:
        return "" if surface.bind(Message(sent.address, sent.args)) else "it would be taken for a release"
    except Exception as exc:  # whatever it is, it is the finding
        return str(exc)


def test_whatever_a_layout_sends_the_service_takes(read: Read, show: Show) -> None:
    surface = Surface(show)
    assert {sent: why for sent in read.sent if (why := refused(sent, surface))} == {}


def test_whatever_a_layout_shows_the_service_tells_in_the_type_that_is_shown(read: Read, show: Show) -> None:
    states = Surface(show).states
    told = [(re.compile(re.sub("<.*?>", "[^/]+", row.address) + "$"), row.tags[:1]) for row in OUTGOING]

    def types(address: str) -> set[str]:
        tags = {tag for pattern, tag in told if pattern.match(address)}
        if address in states:
            tags |= {parameter.tag for parameter in states[address].method.takes}
        return tags

    fitting = {"text": set("sif"), "number": set("ifT"), "script": set("sifT")}
    assert [(address, how) for address, how in read.shown if not types(address) & fitting[how]] == []


@pytest.mark.parametrize("show", [ODD, BIG], ids=["odd", "big"])
def test_every_control_of_the_service_is_on_every_layout(show: Show, screen: Screen, format_name: str) -> None:
    read = read_once(format_name, screen, SHOWS.index(show))
    left_out = ELSEWHERE | (WORDS_OR_TWO if format_name == "touchosc-mk1" else {})
    wanted = {address for address in places(show) if not any(re.fullmatch(pattern, address) for pattern in left_out)}
    assert wanted - {sent.address for sent in read.sent} == set()


@pytest.mark.parametrize(
    "address", ["/lock", "/talkback", "/cue/hold", "/target/lights/enabled", "/target/lights/latency"]
)
def test_the_rest_of_the_contract_is_there_as_well(format_name: str, screen: Screen, address: str) -> None:
    read = READERS[format_name](layout_of(ODD, screen))
    assert address in {sent.address for sent in read.sent}
    assert (address, "number") in read.shown


def test_the_topics_that_a_layout_asks_for_are_topics() -> None:
    assert set(lua.TOPICS) <= TOPICS


def test_each_trigger_of_a_vamp_is_told_apart_from_its_number_of_passes(format_name: str) -> None:
    vamps = {sent.args for sent in READERS[format_name](layout_of(ODD)).sent if sent.address == "/vamp/start"}
    assert vamps == {(1.0,) if format_name == "touchosc-mk1" else (), (2,), (4,)}


def test_nothing_lies_outside_its_page_and_no_bar_has_more_tabs_than_can_be_named(read: Read, screen: Screen) -> None:
    assert read.overflowing == []
    assert read.widest_bar <= screen.tabs


def test_a_service_behind_a_prefix_is_asked_under_it_for_everything(format_name: str, screen: Screen) -> None:
    read = READERS[format_name](layout_of(PREFIXED, screen))
    addresses = {sent.address for sent in read.sent} | {address for address, _ in read.shown}
    assert [address for address in addresses if not address.startswith("/foh/")] == []

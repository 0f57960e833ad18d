from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

import pytest

from showctl.layouts.board import layout_of
from showctl.layouts.controls import Frame, Pad
from showctl.layouts.files import pushed
from showctl.layouts.screens import PHONE, TABLET
from showctl.layouts.touchosc_mk1 import index_xml, nearest, sendable, touchosc_mk1
from tests.layouts.readers import mk1_xml, read_mk1
from tests.layouts.shows import BIG, ODD, ODD_NAMES


def test_it_is_a_zip_with_one_file_and_the_same_each_time() -> None:
    content = touchosc_mk1(layout_of(ODD))
    assert zipfile.ZipFile(io.BytesIO(content)).namelist() == ["index.xml"]
    assert mk1_xml(content) == index_xml(layout_of(ODD))
    assert content == touchosc_mk1(layout_of(ODD))


def test_a_tablet_is_held_sideways_and_a_phone_upright() -> None:
    shapes = []
    for screen in (TABLET, PHONE):
        root = ET.fromstring(index_xml(layout_of(ODD, screen)))  # noqa: S314
        shapes.append([root.get(name) for name in ("version", "mode", "w", "h", "orientation")])
    assert shapes == [["17", "3", "768", "1024", "vertical"], ["17", "3", "390", "844", "horizontal"]]


def test_names_are_written_whole_into_base64() -> None:
    assert set(ODD_NAMES) <= set(read_mk1(index_xml(layout_of(ODD))).texts)


def test_pages_of_pages_lie_side_by_side_with_the_transport_on_each() -> None:
    read = read_mk1(index_xml(layout_of(BIG)))
    assert read.tabs > 20
    assert [sent.address for sent in read.sent].count("/go") == read.tabs


def test_the_link_takes_a_press_that_names_the_port() -> None:
    asked = {sent.args for sent in read_mk1(index_xml(layout_of(ODD))).sent if sent.address == "/subscribe"}
    assert asked == {(9000.0,)}


@pytest.mark.parametrize(
    ("arguments", "can"), [((), True), ((3,), True), ((0.5,), True), (("a",), False), ((3, "bar"), False)]
)
def test_mk1_sends_a_number_or_nothing(arguments: tuple[int | float | str, ...], can: bool) -> None:
    assert sendable(Pad(Frame(0, 0, 1, 1), "", "/x", arguments)) is can


@pytest.mark.parametrize(
    ("colour", "name"),
    [("#e04040", "red"), ("#18a048", "green"), ("#3878b8", "blue"), ("#ffffff", "gray"), ("#f0a030", "orange")],
)
def test_a_colour_is_the_nearest_of_nine(colour: str, name: str) -> None:
    assert nearest(colour) == name


def test_the_push_is_the_bare_xml_as_an_attachment() -> None:
    headers, body = pushed(ODD)
    assert headers == {
        "Content-Type": "application/touchosc",
        "Content-Disposition": 'attachment; filename="open-air-friends.touchosc"',
    }
    assert body == index_xml(layout_of(ODD))

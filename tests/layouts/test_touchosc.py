"""The new TouchOSC's format, and what its scripts and lamps must not do."""

from __future__ import annotations

import importlib
import sys
import types
import zlib
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from showctl.layouts.board import layout_of
from showctl.layouts.screens import PHONE, TABLET
from showctl.layouts.touchosc import tosc
from tests.layouts.readers import node_properties, read_tosc, tosc_root
from tests.layouts.shows import BIG, ODD, ODD_NAMES

TYPES = {
    "name": "s", "script": "s", "tabLabel": "s", "frame": "r", "color": "c", "textColor": "c", "tabColorOff": "c",
    "tabColorOn": "c", "textColorOff": "c", "textColorOn": "c", "cornerRadius": "f", "background": "b",
    "outline": "b", "visible": "b", "interactive": "b", "locked": "b", "grabFocus": "b", "press": "b", "release": "b",
    "valuePosition": "b", "bar": "b", "cursor": "b", "grid": "b", "textClip": "b", "tabLabels": "b", "tabbar": "b",
    "tabbarDoubleTap": "b", "outlineStyle": "i", "orientation": "i", "pointerPriority": "i", "shape": "i",
    "buttonType": "i", "barDisplay": "i", "cursorDisplay": "i", "gridSteps": "i", "response": "i",
    "responseFactor": "i", "font": "i", "textSize": "i", "textAlignH": "i", "textAlignV": "i", "textLength": "i",
    "tabbarSize": "i", "textSizeOff": "i", "textSizeOn": "i",
}  # fmt: skip
"""Keys and types as TouchOSC writes them."""


def test_it_is_a_zlib_stream_of_lexml_3() -> None:
    content = tosc(layout_of(ODD))
    assert content[0] == 0x78
    assert zlib.decompress(content).startswith(b"<?xml version='1.0' encoding='UTF-8'?><lexml version='3'><node ID=")


def test_every_property_has_the_type_that_touchosc_gives_it() -> None:
    root = tosc_root(tosc(layout_of(ODD)))
    found = {(each.findtext("key", ""), each.get("type")) for each in root.iter("property")}
    assert {(key, kind) for key, kind in found if TYPES.get(key) != kind} == set()


def test_ids_are_unique_and_the_same_each_time() -> None:
    ids = [node.get("ID") for node in tosc_root(tosc(layout_of(BIG))).iter("node")]
    assert len(ids) == len(set(ids))
    assert tosc(layout_of(ODD)) == tosc(layout_of(ODD))


def test_odd_names_come_back_as_they_were_written() -> None:
    assert set(ODD_NAMES) <= set(read_tosc(tosc(layout_of(ODD))).texts)


def test_tosclib_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyparsing", types.SimpleNamespace(Optional=None))  # it imports it for nothing
    tosclib = importlib.import_module("tosclib")
    path = tmp_path / "layout.tosc"
    path.write_bytes(tosc(layout_of(ODD)))
    root = tosclib.ElementTOSC(tosclib.load(str(path))[0])
    values = [root.getPropertyValue(key) for key in ("name", "background")]
    assert [value.text for value in values if value is not None] == ["Öpen „Air“ & <Friends> ]]>", "1"]
    assert len(root.children) == len(layout_of(ODD).strips) + 1


def test_a_pager_never_lies_at_the_root_and_its_pages_are_groups() -> None:
    root = tosc_root(tosc(layout_of(BIG)))
    pagers = [node for node in root.iter("node") if node.get("type") == "PAGER"]
    assert {child.get("type") for pager in pagers for child in pager.findall("children/node")} == {"GROUP"}


def test_nothing_that_a_message_lights_sends_anything_but_that_message() -> None:
    """A button that is lit from elsewhere and sends on a change of the same value would press itself."""
    for node in tosc_root(tosc(layout_of(ODD))).iter("node"):
        messages = node.findall("messages/osc")
        sending = [each for each in messages if each.findtext("send") == "1"]
        receiving = [each for each in messages if each.findtext("receive") == "1"]
        assert not sending or receiving in ([], sending)


def test_only_what_sends_and_what_holds_it_takes_a_finger() -> None:
    for node in tosc_root(tosc(layout_of(ODD))).iter("node"):
        sends = any(each.findtext("send") == "1" for each in node.findall("messages/osc"))
        if node.get("type") in {"BUTTON", "LABEL", "FADER"}:
            assert bool(node_properties(node)["interactive"]) == sends


def test_a_section_is_named_coloured_and_lit_by_what_the_service_tells() -> None:
    root = tosc_root(tosc(layout_of(ODD)))
    pad = next(node for node in root.iter("node") if _sends(node, "/section/2/jump"))
    lamp, touch, label = pad.findall("children/node")
    assert [_addresses(node) for node in (lamp, touch, label)] == [
        ["/led/section/2", "/sections/2"], ["/section/2/jump"], ["/sections/2"],
    ]  # fmt: skip
    assert node_properties(lamp)["color"][:3] == pytest.approx((0x40 / 255, 0xA0 / 255, 0xE0 / 255), abs=1e-3)
    script = node_properties(lamp)["script"]
    assert 'path == "/led/section/2"' in script
    assert 'path == "/sections/2"' in script


def _addresses(node: ET.Element) -> list[str]:
    return [part.text or "" for part in node.findall("messages/osc/path/partial/value")]


def _sends(group: ET.Element, address: str) -> bool:
    return any(address in _addresses(child) for child in group.findall("children/node"))


def test_the_root_subscribes_by_itself_and_watches_the_link() -> None:
    root = tosc_root(tosc(layout_of(ODD)))
    script = node_properties(root)["script"]
    assert 'sendOSC("/subscribe", "song", "section"' in script
    assert 'sendOSC("/subscribe", RECEIVE_PORT, "song"' in script
    names = [node_properties(node)["name"] for node in root.iter("node")]
    assert names.count("link") == 1


def test_go_is_the_largest_thing_to_press() -> None:
    for screen in (TABLET, PHONE):
        root = tosc_root(tosc(layout_of(ODD, screen)))
        strips = [group for group in root.findall("children/node") if _addresses_below(group)]
        sizes = {_addresses_below(group)[-1]: _size(group) for group in strips}
        assert max(sizes, key=lambda address: sizes[address]) == "/go"


def _addresses_below(group: ET.Element) -> list[str]:
    if group.get("type") != "GROUP":
        return []
    return [address for node in group.iter("node") if node.get("type") == "BUTTON" for address in _addresses(node)]


def _size(group: ET.Element) -> float:
    _, _, width, height = node_properties(group)["frame"]
    return float(width * height)

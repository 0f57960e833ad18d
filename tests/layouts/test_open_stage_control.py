from __future__ import annotations

import json
import re
from typing import Any

from showctl.layouts.board import layout_of
from showctl.layouts.open_stage_control import literal, session
from tests.layouts.shows import ODD


def widgets(widget: dict[str, Any]) -> list[dict[str, Any]]:
    inner = (*widget.get("widgets", ()), *widget.get("tabs", ()))
    return [widget, *(found for each in inner for found in widgets(each))]


ALL = widgets(json.loads(session(layout_of(ODD)))["content"])


def test_it_is_a_session_of_version_1() -> None:
    document = json.loads(session(layout_of(ODD)))
    assert {key: document[key] for key in ("createdWith", "type")} == {
        "createdWith": "Open Stage Control", "type": "session",
    }  # fmt: skip
    assert document["version"].startswith("1.")


def test_a_name_is_never_code_nor_an_icon() -> None:
    assert literal("a #{1+1} @{this} ^play") == "a #(1+1) @(this) 'play"
    labels = [widget["label"] for widget in ALL if "label" in widget]
    assert [label for label in labels if re.search(r"[@#]\{|OSC\{(?!/)|VAR\{|\^", label)] == []


def test_a_press_sends_its_arguments_with_their_types_and_no_value() -> None:
    jump = next(widget for widget in ALL if widget.get("address") == "/song/jump")
    assert (jump["mode"], jump["preArgs"], jump["typeTags"]) == ("momentary", [1, "bar"], "is")
    go = next(widget for widget in ALL if widget.get("address") == "/go")
    assert go["mode"] == "momentary"
    assert "preArgs" not in go


def test_a_section_is_named_coloured_hidden_and_lit_by_what_the_service_tells() -> None:
    pad = next(widget for widget in ALL if widget.get("address") == "/section/2/jump")
    for key in ("label", "colorWidget", "visible"):
        assert "OSC{/sections/2, 0, false}" in pad[key]
    assert "OSC{/led/section/2, 0, false}" in pad["alphaFillOff"]


def test_braces_in_code_are_in_pairs() -> None:
    code = [value for widget in ALL for value in widget.values() if isinstance(value, str) and "JS{" in value]
    assert code
    assert [each for each in code if each.count("{") != each.count("}") or not each.endswith("}")] == []


def test_the_session_subscribes_by_itself() -> None:
    assert 'send("/subscribe", "song", "section"' in ALL[0]["onCreate"]

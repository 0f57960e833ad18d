from __future__ import annotations

import json
import re
import subprocess
from typing import Any

import pytest

from showctl.layouts.board import layout_of
from showctl.layouts.open_stage_control import exactly, literal, session
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
    untold = [widget["label"] for widget in ALL if "label" in widget]
    labels = [str(resolved(label, label=True)) if label.startswith("JS{") else label for label in untold]
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


# ── what it makes of a property ──

RESOLVE = r"""
const [property, told, label] = JSON.parse(require('fs').readFileSync(0, 'utf8'))
const inside = code => code.slice(3, -1).replace(/OSC\{[^}]*\}/, 'given')
let found = property.startsWith('JS{') ? new Function('given', inside(property))(told) : property
found = found.replace(/#\{(.*?)\}/g, (_, code) => new Function('return ' + code)())
if (!label) try { found = JSON.parse(found) } catch {}
console.log(JSON.stringify(found))
"""
"""As Open Stage Control 1.29 does: `JS{}`, then `#{}` in what came of it, and then JSON, but for a label."""


def resolved(code: str, told: object = 0, *, label: bool = False) -> object:
    given = json.dumps([code, told, label])
    done = subprocess.run(["node", "-e", RESOLVE], input=given, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def readout(address: str) -> str:
    found: str = next(widget["value"] for widget in ALL if f"OSC{{{address}," in str(widget.get("value", "")))
    return found


@pytest.mark.parametrize("text", ["4.10", "0.0", "1999", "true", '"Heroes"', "Twelve"])
def test_a_text_is_shown_as_it_was_told_also_where_it_reads_as_a_number(text: str) -> None:
    assert resolved(readout("/text/barbeat"), text) == text


def test_nothing_that_is_told_is_code() -> None:
    told = "a #{1+1} ^play"
    assert resolved(readout("/text/song"), told) == literal(told)
    pad = next(widget for widget in ALL if widget.get("address") == "/section/2/jump")
    assert resolved(pad["label"], [told, "", 4, "1"], label=True) == literal(told)


def test_a_number_keeps_its_decimals() -> None:
    assert resolved(readout("/tempo"), 120) == "120.0"


@pytest.mark.parametrize("text", ["1.10", "7", "null", '"Heroes"', "#{1+1}", "Blackout", "@{this}"])
def test_a_text_of_the_show_stays_what_it_is(text: str) -> None:
    assert resolved(exactly(text)) == text
    assert "@{" not in exactly(text)


def test_texts_are_as_large_as_the_shorter_side_allows() -> None:
    sizes = [widget["css"] for widget in ALL if "css" in widget]
    fitting = re.compile(r"font-size: min\([\d.]+vh, [\d.]+vw\); letter-spacing: normal; --text-padding: 3px;")
    assert [css for css in sizes if not fitting.fullmatch(css)] == []

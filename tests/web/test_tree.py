"""The tree as OSCQuery describes it: whole dicts, and what must hold for every address there is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, get_args

import pytest

from showctl.errors import Refused
from showctl.model.night import Night
from showctl.model.plan import Plan, State
from showctl.model.score import Score
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.arguments import Value
from showctl.osc.codec import Message
from showctl.osc.methods import places
from showctl.osc.outgoing import outgoing
from showctl.osc.state import whole_state
from showctl.osc.surface import Surface
from showctl.web.tree import Node, pieces, tree, values_of
from tests.test_service import SHOW

SCORE = Score(SHOW)
VIEW = View(SCORE, Plan(1, SCORE.hash, SCORE.rate), Night.of(SHOW), Frame(0))
TREE = tree(SHOW)
JSON_OF = {"f": float, "i": int, "s": str, "T": bool}


def told() -> Mapping[str, tuple[Value, ...]]:
    return {each.message.address: each.message.args for each in whole_state(VIEW)}  # type: ignore[misc]


VALUE = values_of(VIEW, told)


def at(path: str) -> dict[str, Any]:
    node = TREE.find(path)
    assert node, path
    found: dict[str, Any] = json.loads(b"".join(pieces(node, VALUE)))
    return found


TOGGLE = {"ACCESS": 2, "TYPE": "I", "TAGS": ["trigger"], "CRITICAL": True}
SWITCH = {"ACCESS": 3, "TYPE": "T", "EXTENDED_TYPE": ["on"], "TAGS": ["state"], "VALUE": [False]}


def test_a_bus_with_its_levels_and_switches() -> None:
    at_db = {"TYPE": "f", "RANGE": [{"MIN": -90.0, "MAX": 10.0}], "EXTENDED_TYPE": ["level"], "UNIT": ["gain.db"]}
    at_fader = {"TYPE": "f", "RANGE": [{"MIN": 0.0, "MAX": 1.0}], "EXTENDED_TYPE": ["position"]}
    level = {"ACCESS": 3, "CLIPMODE": ["both"], "TAGS": ["state"]}
    mutes = "silences a source in a bus"
    assert at("/bus/drums/master") == {
        "FULL_PATH": "/bus/drums/master",
        "ACCESS": 0,
        "CONTENTS": {
            "db": {"DESCRIPTION": "a level", "FULL_PATH": "/bus/drums/master/db", "VALUE": [0.0]} | level | at_db,
            "fader": {
                "DESCRIPTION": "the same level as a fader position",
                "FULL_PATH": "/bus/drums/master/fader",
                "VALUE": [0.75],
            }
            | level
            | at_fader,
            "mute": {
                "DESCRIPTION": mutes,
                "FULL_PATH": "/bus/drums/master/mute",
                "CONTENTS": {
                    "toggle": {
                        "DESCRIPTION": f"{mutes}: the other way",
                        "FULL_PATH": "/bus/drums/master/mute/toggle",
                    }
                    | TOGGLE
                },
            }
            | SWITCH,
        },
    }


@pytest.mark.parametrize(
    ("path", "described"),
    [
        ("/go", {"ACCESS": 2, "TYPE": "I", "TAGS": ["trigger"], "CRITICAL": True}),
        (
            "/section/2/jump",
            {
                "ACCESS": 2,
                "TYPE": "I",
                "TAGS": ["trigger"],
                "CRITICAL": True,
                "OVERLOADS": [
                    {"TYPE": "s", "RANGE": [{"VALS": ["now", "beat", "bar", "section"]}], "EXTENDED_TYPE": ["when"]}
                ],
            },
        ),
        (
            "/song/select",
            {
                "ACCESS": 2,
                "TYPE": "s",
                "EXTENDED_TYPE": ["song"],
                "OVERLOADS": [{"TYPE": "i", "EXTENDED_TYPE": ["song"]}],
            },
        ),
        ("/loop", {"ACCESS": 2, "TYPE": "ss", "EXTENDED_TYPE": ["from", "to"]}),
        (
            "/tempo",
            {
                "ACCESS": 3,
                "TYPE": "f",
                "RANGE": [{"MIN": 20.0, "MAX": 400.0}],
                "EXTENDED_TYPE": ["bpm"],
                "UNIT": ["time.bpm"],
                "TAGS": ["state"],
                "VALUE": [120.0],
            },
        ),
        (
            "/beat",
            {
                "ACCESS": 1,
                "TYPE": "iiifii",
                "EXTENDED_TYPE": ["bar", "beat", "beats in the bar", "bpm", "accent", "denominator"],
                "RANGE": [None, None, None, None, {"VALS": [0, 1, 2]}, None],
                "UNIT": [None, None, None, "time.bpm", None, None],
                "TAGS": ["beat"],
            },
        ),
        (
            "/transport",
            {
                "ACCESS": 1,
                "TYPE": "s",
                "RANGE": [{"VALS": list(get_args(State))}],
                "EXTENDED_TYPE": ["state"],
                "TAGS": ["transport"],
                "VALUE": ["stopped"],
            },
        ),
        (
            "/click/rate",
            {
                "ACCESS": 3,
                "TYPE": "f",
                "RANGE": [{"VALS": [0.5, 1.0, 2.0]}],
                "EXTENDED_TYPE": ["rate"],
                "TAGS": ["state"],
                "VALUE": [1.0],
            },
        ),
        (
            "/countin",
            {
                "ACCESS": 3,
                "TYPE": "i",
                "RANGE": [{"MIN": 0, "MAX": 16}],
                "EXTENDED_TYPE": ["bars"],
                "TAGS": ["transport"],
                "VALUE": [0],
            },
        ),
    ],
)  # fmt: skip
def test_each_kind_of_address_is_described(path: str, described: dict[str, object]) -> None:
    node = at(path)
    assert node.pop("FULL_PATH") == path
    assert node.pop("DESCRIPTION")
    node.pop("CONTENTS", None)
    assert node == described


def test_the_root_holds_the_show() -> None:
    root = at("/")
    contents = root.pop("CONTENTS")
    assert root == {"DESCRIPTION": "Test", "FULL_PATH": "/", "ACCESS": 0}
    assert {"go", "bus", "beat", "setlist"} <= set(contents)


METHODS, TOLD = places(SHOW), outgoing(SHOW)


def test_every_address_is_there_and_says_which_ways_it_goes() -> None:
    access = {}
    for path in (*METHODS, *TOLD):
        read = path in TOLD or METHODS[path].method.shows is not None
        access[path] = (1 if read else 0) + (2 if path in METHODS else 0)
    assert {node.path: node.attributes["ACCESS"] for node in TREE.walk() if "TYPE" in node.attributes} == access


def forms() -> list[dict[str, Any]]:
    """Each way in which anything can be sent."""
    return [form for node in TREE.walk() if "TYPE" in node.attributes for form in forms_of(node)]


def forms_of(node: Node) -> list[dict[str, Any]]:
    described: dict[str, Any] = node.attributes
    return [described, *described.get("OVERLOADS", ())]


@pytest.mark.parametrize("name", ["RANGE", "UNIT", "EXTENDED_TYPE", "CLIPMODE"])
def test_each_list_has_an_item_for_each_type(name: str) -> None:
    having = [form for form in forms() if name in form]
    assert having
    assert [form for form in having if len(form[name]) != len(form["TYPE"])] == []


def test_every_state_has_a_value_of_its_type_which_can_be_sent_back() -> None:
    surface = Surface(SHOW)
    for path in surface.states:
        node = TREE.find(path)
        assert node
        value = VALUE(node)
        assert value is not None
        assert [type(each) for each in value] == [JSON_OF[tag] for tag in str(node.attributes["TYPE"])], path
        assert surface.bind(Message(path, tuple(value)))


@pytest.mark.parametrize("path", ["/click/rate", "/click/sound", "/section/2/jump", "/section/next", "/vamp/exit"])
def test_of_few_values_each_can_be_sent_and_no_other(path: str) -> None:
    surface, node = Surface(SHOW), TREE.find(path)
    assert node
    (values,) = [form["RANGE"][0]["VALS"] for form in forms_of(node) if "RANGE" in form]
    assert all(surface.bind(Message(path, (value,))) for value in values)
    with pytest.raises(Refused, match=" or ".join(f"{value}" for value in values).replace(".0", "")):
        surface.bind(Message(path, (0.7 if isinstance(values[0], float) else "sometimes",)))


def test_a_path_ends_with_or_without_a_slash() -> None:
    assert TREE.find("/bus/drums/") is TREE.find("/bus/drums")
    assert TREE.find("/") is TREE
    assert TREE.find("/bus/drums/nothing/db") is None

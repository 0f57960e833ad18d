from __future__ import annotations

import json

import pytest

from showctl.web.query import answer
from showctl.web.tree import Json, Node

LEVEL = Node("/a/level", {"FULL_PATH": "/a/level", "ACCESS": 3, "TYPE": "f", "RANGE": [{"MIN": 0.0, "MAX": 1.0}]})
BEAT = Node("/a/beat", {"FULL_PATH": "/a/beat", "ACCESS": 1, "TYPE": "i"})
GO = Node("/a/go", {"FULL_PATH": "/a/go", "ACCESS": 2, "TYPE": "I"})
A = Node("/a", {"FULL_PATH": "/a", "ACCESS": 0}, {"level": LEVEL, "beat": BEAT, "go": GO})
ROOT = Node("/", {"FULL_PATH": "/", "ACCESS": 0}, {"a": A})

LEVEL_JSON = {**LEVEL.attributes, "VALUE": [0.5]}
A_CONTENTS = {"level": LEVEL_JSON, "beat": dict(BEAT.attributes), "go": dict(GO.attributes)}


def value(node: Node) -> Json | None:
    return [0.5] if node is LEVEL else None


@pytest.mark.parametrize(
    ("path", "attribute", "status", "body"),
    [
        ("/a/level", "", 200, LEVEL_JSON),
        ("/a", "", 200, {**A.attributes, "CONTENTS": A_CONTENTS}),
        ("/", "", 200, {**ROOT.attributes, "CONTENTS": {"a": {**A.attributes, "CONTENTS": A_CONTENTS}}}),
        ("/a/level", "VALUE", 200, {"VALUE": [0.5]}),
        ("/a/level", "RANGE", 200, {"RANGE": [{"MIN": 0.0, "MAX": 1.0}]}),
        ("/a", "CONTENTS", 200, {"CONTENTS": A_CONTENTS}),
        ("/a", "ACCESS", 200, {"ACCESS": 0}),
        ("/a/beat", "VALUE", 200, {}),  # not yet
        ("/a", "TYPE", 200, {}),  # a pure container: the proposal's example
        ("/a/go", "VALUE", 204, None),  # can only be set
        ("/a", "VALUE", 204, None),
        ("/a/go", "RANGE", 204, None),
        ("/a/go", "CONTENTS", 204, None),
        ("/a/go", "COLOUR", 400, None),
        ("/a/go", "HTML", 400, None),
        ("/a/nothing", "", 404, None),
        ("/a/nothing", "VALUE", 404, None),
        ("/a/go/on", "", 404, None),
    ],
)
def test_each_question_has_its_answer(path: str, attribute: str, status: int, body: object) -> None:
    answered = answer(ROOT, path, attribute, value)
    text = b"".join(answered.body)
    assert (answered.status, json.loads(text) if text else None) == (status, body)

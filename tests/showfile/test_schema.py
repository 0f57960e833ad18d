from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from showctl.showfile.schema import main, schemas

from .helpers import Sound, good, load

DOCS = Path(__file__).parents[2] / "docs"
BLOCKS = re.findall(
    r"^```toml\n(.*?)^```", (DOCS / "show-file.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)
KINDS = ["show", "song", "song"]


def validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schemas()[f"{kind}.schema.json"]))


@pytest.mark.parametrize("name", list(schemas()))
def test_the_written_schema_is_the_one_of_the_models(name: str) -> None:
    assert (DOCS / "schema" / name).read_text(encoding="utf-8") == schemas()[name]


def test_writing_them_makes_the_same_files(tmp_path: Path) -> None:
    main(tmp_path / "schema")
    assert {file.name: file.read_text(encoding="utf-8") for file in (tmp_path / "schema").iterdir()} == schemas()


@pytest.mark.parametrize("kind", ["show", "song"])
def test_a_schema_is_a_schema(kind: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schemas()[f"{kind}.schema.json"]))


@pytest.mark.parametrize(("kind", "text"), list(zip(KINDS, BLOCKS, strict=True)))
def test_the_examples_of_the_reference_are_valid(kind: str, text: str) -> None:
    assert [error.message for error in validator(kind).iter_errors(tomllib.loads(text))] == []


def test_the_examples_of_the_reference_are_a_good_show() -> None:
    show, song, _ = BLOCKS
    stems = ["bass", "click track", "drums-sub"]
    sounds = {f"songs/night-drive/stems/{stem}.wav": Sound() for stem in stems} | {
        "songs/night-drive/guide/chorus.wav": Sound(1, 1.0)
    }
    more = {"songs/night-drive/song.toml": song, "songs/opener/song.toml": "tempo = 120\nend = 9\n"}
    compiled = good(load(show, "tempo = 120\nend = 9\n[setups.duo]\n", sounds, more))
    assert [entry.song for entry in compiled.entries] == ["opener", "night-drive", "closer"]


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        ("song", {}),
        ("song", {"tempo": 0}),
        ("song", {"tempo": 120, "color": "#ffffff"}),
        ("song", {"tempo": 120, "sections": [[1]]}),
        ("song", {"tempo": 120, "then": "go"}),
        ("show", {}),
        ("show", {"setlist": [1]}),
        ("show", {"setlist": ["a"], "buses": {"house": {"channels": [0]}}}),
        ("show", {"setlist": ["a"], "buses": {"house": {"channels": [1], "mix": {"click": "loud"}}}}),
    ],
)
def test_a_schema_refuses_what_the_check_refuses(kind: str, data: dict[str, Any]) -> None:
    assert not validator(kind).is_valid(data)


def test_every_key_is_described() -> None:
    """An editor shows these sentences; sub-tables speak for themselves."""
    for text in schemas().values():
        schema = json.loads(text)
        tables = [schema, *schema["$defs"].values()]
        bare = {
            key
            for table in tables
            for key, value in table.get("properties", {}).items()
            if not value.keys() & {"description", "$ref"}
        }
        assert bare == set()

"""JSON Schemas of the show files, for editors that complete and check TOML.

`python -m showctl.showfile.schema [FOLDER]` writes them, to docs/schema unless told otherwise.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from showctl.showfile.fields import Table
from showctl.showfile.song_source import SongSource
from showctl.showfile.source import ShowSource

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_FILES: dict[str, tuple[type[Table], list[str]]] = {
    "show.schema.json": (ShowSource, ["setlist"]),
    "song.schema.json": (SongSource, ["tempo"]),
}


def schemas() -> dict[str, str]:
    """The text of each schema file by its name."""
    return {name: _text(model, required) for name, (model, required) in _FILES.items()}


def _text(model: type[Table], required: list[str]) -> str:
    schema = {"$schema": DIALECT} | _tidied(model.model_json_schema()) | {"required": required}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _tidied(node: Any) -> Any:  # noqa: ANN401 - any JSON
    """Without what TOML does not have: nulls, titles made from names, and empty defaults."""
    if isinstance(node, list):
        return [_tidied(item) for item in node]
    if not isinstance(node, dict):
        return node
    if {"type": "null"} in node.get("anyOf", ()):
        node = _without_null(node)
    if isinstance(node.get("properties"), dict):
        named = {name: _tidied(item) for name, item in node["properties"].items()}
        return _tidied({key: value for key, value in node.items() if key != "properties"}) | {"properties": named}
    return {key: _tidied(value) for key, value in node.items() if key != "title" and (key != "default" or value)}


def _without_null(node: dict[str, Any]) -> dict[str, Any]:
    kinds = [kind for kind in node["anyOf"] if kind != {"type": "null"}]
    rest = {key: value for key, value in node.items() if key not in {"anyOf", "default"}}
    return rest | (kinds[0] if len(kinds) == 1 else {"anyOf": kinds})


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in schemas().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2] or ["docs/schema"]))

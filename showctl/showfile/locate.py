"""On which line of a TOML text a key is. tree-sitter knows the places; `tomllib` has already read the values."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from tree_sitter import Language, Node, Parser
from tree_sitter_toml import language

from showctl.showfile.problems import KeyPath

_PARSER = Parser(Language(language()))
_KEYS = {"bare_key", "quoted_key", "dotted_key"}


@dataclass(frozen=True, slots=True)
class LineIndex:
    """The lines of key paths: `("buses", "house", "channels", 0)`. Lists of tables count from 0."""

    lines: Mapping[KeyPath, int] = field(default_factory=dict)

    def line(self, path: KeyPath) -> int:
        """The line of a path, or of the nearest thing around it; 1 for the text as a whole."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def without(self, path: KeyPath) -> LineIndex:
        """The index after the item at `path` was taken out of its list: later items move up."""
        *around, last = path
        depth = len(around)
        if not isinstance(last, int):
            return self
        moved: dict[KeyPath, int] = {}
        for key, line in self.lines.items():
            if key[:depth] != tuple(around) or len(key) == depth:
                moved[key] = line
            elif isinstance(index := key[depth], int) and index != last:
                moved[(*around, index - (index > last), *key[depth + 1 :])] = line
        return LineIndex(moved)


def index_lines(text: str) -> LineIndex:
    """The lines of every key and list item of a TOML text; as far as it can be read, where it has mistakes."""
    lines: dict[KeyPath, int] = {}
    tables: dict[KeyPath, int] = {}  # lists of tables, and the index of their newest
    for node in _PARSER.parse(text.encode()).root_node.named_children:
        if node.type == "pair":
            _add_values(lines, (), node)
        elif node.type in {"table", "table_array_element"}:
            _add_table(lines, tables, node)
    return LineIndex(lines)


def first_error_line(text: str) -> int:
    """The line on which the first thing begins that is no TOML; the last line where all is."""
    node = _PARSER.parse(text.encode()).root_node
    wrong = next((child for child in node.children if child.has_error), None)
    return wrong.start_point.row + 1 if wrong else max(1, len(text.rstrip().splitlines()))


def _add_table(lines: dict[KeyPath, int], tables: dict[KeyPath, int], node: Node) -> None:
    keys = _key_path(node.named_children)
    path = _resolved(tables, keys[:-1]) + keys[-1:]
    for depth in range(1, len(path) + 1):
        _note(lines, path[:depth], node)
    if node.type == "table_array_element":
        tables[path] = tables.get(path, -1) + 1
        path = (*path, tables[path])
        _note(lines, path, node)
    for child in node.named_children:
        if child.type == "pair":
            _add_values(lines, path, child)


def _resolved(tables: dict[KeyPath, int], keys: KeyPath) -> KeyPath:
    """A header's path, going into the newest element of every list of tables on the way."""
    path: KeyPath = ()
    for key in keys:
        path = (*path, key)
        if path in tables:
            path = (*path, tables[path])
    return path


def _add_values(lines: dict[KeyPath, int], path: KeyPath, pair: Node) -> None:
    """Notes a pair and everything inside its value, on a stack: values may be nested deeply."""
    open_pairs = [(path, pair)]
    while open_pairs:
        around, node = open_pairs.pop()
        here, value = around, node
        if node.type == "pair":
            for key in _key_path(node.named_children):
                here = (*here, key)
                _note(lines, here, node)
            value = next(child for child in reversed(node.named_children) if child.type != "comment")
        else:
            _note(lines, here, node)
        open_pairs.extend(_inside(here, value))


def _inside(path: KeyPath, value: Node) -> Iterator[tuple[KeyPath, Node]]:
    children = [child for child in value.named_children if child.type not in {"comment", "ERROR"}]
    if value.type == "array":
        yield from (((*path, index), child) for index, child in enumerate(children))
    elif value.type == "inline_table":
        yield from ((path, child) for child in children if child.type == "pair")


def _note(lines: dict[KeyPath, int], path: KeyPath, node: Node) -> None:
    lines.setdefault(path, node.start_point.row + 1)


def _key_path(nodes: list[Node]) -> KeyPath:
    """The keys of a header or pair, unquoted; `tomllib` reads them, so that both agree."""
    key = next((node for node in nodes if node.type in _KEYS), None)
    if key is None or key.text is None:
        return ("",)
    try:
        table = tomllib.loads(key.text.decode() + "=0")
    except tomllib.TOMLDecodeError:
        return ("",)
    path: KeyPath = ()
    while isinstance(table, dict):
        (name, table), *_ = table.items()
        path = (*path, name)
    return path

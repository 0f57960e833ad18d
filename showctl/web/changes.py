"""What OSCQuery's clients are told when one tree takes the place of another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os.path import commonpath

import msgspec

from showctl.web.tree import Node


@dataclass(frozen=True, slots=True)
class Changes:
    """Topmost paths: what lies below came, went or moved with them. `altered` has other attributes than before."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    altered: tuple[str, ...] = ()

    def now_at(self, path: str) -> str:
        """Where what was at `path` is now."""
        for old, new in self.renamed.items():
            if path == old or path.startswith(f"{old}/"):
                return new + path[len(old) :]
        return path

    def commands(self) -> list[bytes]:
        """As text frames, ending with one PATH_CHANGED for the highest path that holds them all."""
        renamed = [_command("PATH_RENAMED", {"OLD": old, "NEW": new}) for old, new in self.renamed.items()]
        removed = [_command("PATH_REMOVED", path) for path in self.removed]
        added = [_command("PATH_ADDED", path) for path in self.added]
        touched = [_parent(path) for path in (*self.added, *self.removed, *self.renamed)]
        where = [*touched, *self.altered]
        changed = [_command("PATH_CHANGED", commonpath(where))] if where else []
        return [*renamed, *removed, *added, *changed]


def _command(name: str, data: str | dict[str, str]) -> bytes:
    return msgspec.json.encode({"COMMAND": name, "DATA": data})


def _parent(path: str) -> str:
    return path.rpartition("/")[0] or "/"


def changes(old: Node, new: Node) -> Changes:
    """What became of `old`."""
    added, removed, altered = list[str](), list[str](), list[str]()
    renamed = dict[str, str]()
    for before, after in _pairs(old, new):
        if before.attributes != after.attributes:
            altered.append(after.path)
        gone = [child for name, child in before.contents.items() if name not in after.contents]
        come = [child for name, child in after.contents.items() if name not in before.contents]
        if len(gone) == len(come) == 1 and _shape(gone[0]) == _shape(come[0]):
            renamed[gone[0].path] = come[0].path
        else:
            removed += [child.path for child in gone]
            added += [child.path for child in come]
    return Changes(tuple(added), tuple(removed), renamed, tuple(altered))


def _pairs(old: Node, new: Node) -> Iterator[tuple[Node, Node]]:
    """The nodes that both trees have."""
    yield old, new
    for name, child in new.contents.items():
        if name in old.contents:
            yield from _pairs(old.contents[name], child)


def _shape(node: Node) -> object:
    """All that makes a node but its path: two of the same shape in the same place are one that was renamed."""
    own = {name: value for name, value in node.attributes.items() if name != "FULL_PATH"}
    return own, {name: _shape(child) for name, child in node.contents.items()}

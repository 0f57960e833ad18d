"""One OSCQuery request, answered: a path, and perhaps the one attribute that is asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from showctl.web.tree import Node, ValueOf, pieces

OPTIONAL = ("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "TAGS", "EXTENDED_TYPE", "UNIT", "CRITICAL", "CLIPMODE")
ATTRIBUTES = frozenset({"FULL_PATH", "CONTENTS", "TYPE", *OPTIONAL, "OVERLOADS"})
COMMANDS = ("LISTEN", "IGNORE", "PATH_CHANGED", "PATH_ADDED", "PATH_REMOVED", "PATH_RENAMED")

EXTENSIONS: Mapping[str, bool] = dict.fromkeys((*OPTIONAL, "OVERLOADS", *COMMANDS), True)


@dataclass(frozen=True, slots=True)
class Answer:
    """A status, and JSON in pieces."""

    status: int
    body: Iterable[bytes] = ()


def host_info(name: str, osc_port: int, web_port: int) -> dict[str, object]:
    """No addresses: a client reaches OSC where it reaches this. The ports, for those that do not know the defaults."""
    return {
        "NAME": name,
        "EXTENSIONS": EXTENSIONS,
        "OSC_PORT": osc_port,
        "OSC_TRANSPORT": "UDP",
        "WS_PORT": web_port,
    }


def answer(root: Node, path: str, attribute: str, value: ValueOf) -> Answer:
    """The node at `path`, or that attribute of it alone. HOST_INFO is not asked of a node and not answered here."""
    if attribute and attribute not in ATTRIBUTES:
        return Answer(400)
    node = root.find(path)
    if node is None:
        return Answer(404)
    return _one(node, attribute, value) if attribute else Answer(200, pieces(node, value))


def _one(node: Node, attribute: str, value: ValueOf) -> Answer:
    if attribute == "VALUE":
        return _value(node, value)
    if attribute == "CONTENTS":
        return Answer(200, _contents(node, value)) if node.contents else Answer(204)
    if attribute in node.attributes:
        return Answer(200, [msgspec.json.encode({attribute: node.attributes[attribute]})])
    # The proposal's own example: a container asked for its TYPE answers an empty object.
    return Answer(200, [b"{}"]) if attribute == "TYPE" else Answer(204)


def _value(node: Node, value: ValueOf) -> Answer:
    """An empty object where there will be a value and is none yet."""
    if not node.readable:
        return Answer(204)
    now = value(node)
    return Answer(200, [b"{}" if now is None else msgspec.json.encode({"VALUE": now})])


def _contents(node: Node, value: ValueOf) -> Iterable[bytes]:
    opening = b'{"CONTENTS":{'
    for name, child in node.contents.items():
        yield opening + msgspec.json.encode(name) + b":"
        yield from pieces(child, value)
        opening = b","
    yield b"}}"

"""The address tree of a show as OSCQuery describes it.

Source: the OSCQuery proposal, https://github.com/Vidvox/OSCQueryProposal (README, units.md), of 2018.
What is fixed for a show is worked out once; a value is read when somebody asks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from typing import TypeAlias

import msgspec

from showctl.model.show import Show
from showctl.model.view import View
from showctl.osc.arguments import Parameter, Value
from showctl.osc.methods import Method, Place, places, read_state
from showctl.osc.outgoing import Outgoing, outgoing
from showctl.shared.clients import TOPICS

READ, WRITE = 1, 2
"""Bits of ACCESS."""

Attributes: TypeAlias = dict[str, object]
Json: TypeAlias = list[Value]

UNITS = {"dB": "gain.db", "quarter notes per minute": "time.bpm", "s": "time.second", "seconds": "time.second"}
"""Our units, and our parameters named by one, in the proposal's words."""

CLAMPED = frozenset({"/bus/<bus>/<source>/db", "/bus/<bus>/<source>/fader"})
"""The methods that take a value beyond their range as its nearest end; the others refuse it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A container, a method, or both. `attributes` are all that is known of it but VALUE and CONTENTS."""

    path: str
    attributes: Attributes
    contents: dict[str, Node] = field(default_factory=dict)
    place: Place | None = None
    topic: str = ""
    """Under which it is told, where it is."""

    @property
    def readable(self) -> bool:
        return bool(int(str(self.attributes["ACCESS"])) & READ)

    @property
    def is_switch(self) -> bool:
        return self.attributes.get("TYPE") == "T"

    def find(self, path: str) -> Node | None:
        """The node at an address below this one; a slash at its end does not matter."""
        node: Node | None = self
        for name in path.strip("/").split("/") if path.strip("/") else ():
            node = node.contents.get(name) if node else None
        return node

    def walk(self) -> Iterator[Node]:
        yield self
        for child in self.contents.values():
            yield from child.walk()


def tree(show: Show) -> Node:
    """The root of everything that can be said to this show, and heard from it."""
    methods, told = places(show), outgoing(show)
    forms: dict[str, Attributes] = {}  # a row of the table is the same at all of its addresses, and they are thousands
    root = Node("/", {"DESCRIPTION": show.title, "FULL_PATH": "/", "ACCESS": 0})
    for address in dict.fromkeys((*methods, *told)):
        _insert(root, _node(address, methods.get(address), told.get(address), forms))
    return root


def _insert(root: Node, node: Node) -> None:
    *above, name = node.path[1:].split("/")
    parent = root
    for depth, part in enumerate(above, 1):
        path = "/" + "/".join(above[:depth])
        parent = parent.contents.setdefault(part, Node(path, {"FULL_PATH": path, "ACCESS": 0}))
    before = parent.contents.get(name)
    if before:  # a container so far, of which we now know what it is itself
        node.contents.update(before.contents)
    parent.contents[name] = node


def _node(address: str, place: Place | None, told: Outgoing | None, forms: dict[str, Attributes]) -> Node:
    if place is None:
        assert told  # noqa: S101 - an address stands in one of the tables
        return Node(address, {"FULL_PATH": address, **_described_as_told(told)}, topic=told.topic)
    form = forms.get(place.method.address)
    if form is None:
        form = forms[place.method.address] = _described(place.method)
    attributes = {"FULL_PATH": address, **form}
    if told:  # what can be said, and is told, under one address: `/countin`
        description = f"{attributes['DESCRIPTION']}; told: {told.does}"
        attributes |= {"DESCRIPTION": description, "ACCESS": READ | WRITE, "TAGS": [told.topic]}
    topic = told.topic if told else "mix" if place.method.shows else ""
    return Node(address, attributes, place=place, topic=topic)


# ── what is known of one address ──


@dataclass(frozen=True, slots=True)
class _Argument:
    tag: str
    name: str | None = None
    range: Mapping[str, object] | None = None
    unit: str | None = None
    clip: str | None = None


_PRESS = (_Argument("I"),)
"""A button without a value: what the proposal suggests a momentary button for."""

_LEAST: Mapping[str, Sequence[_Argument]] = {
    "/subscribe": (_Argument("s", "topic", {"VALS": sorted(TOPICS)}),),
    "/cmd": (_Argument("s", "id"), _Argument("s", "address")),
}
"""What those cannot do without that take any arguments."""


def _described(method: Method) -> Attributes:
    usual, *others = _alternatives(method)
    attributes: Attributes = {"DESCRIPTION": method.does, "ACCESS": READ | WRITE if method.shows else WRITE}
    attributes |= _typed(usual)
    if method.pressed:
        attributes |= {"TAGS": ["trigger"], "CRITICAL": True}
    elif method.shows:
        attributes["TAGS"] = ["state"]
    if others:
        attributes["OVERLOADS"] = [_typed(arguments) for arguments in others]
    return attributes


def _described_as_told(row: Outgoing) -> Attributes:
    arguments = [_Argument(each.tag, each.name, _one_of(each.choices), UNITS.get(each.unit)) for each in row.fields]
    return {"DESCRIPTION": row.does, "ACCESS": READ, **_typed(arguments), "TAGS": [row.topic]}


def _alternatives(method: Method) -> list[Sequence[_Argument]]:
    """All lists of arguments that a method takes, the usual one first."""
    if method.any_arguments:
        return [_LEAST.get(method.address, _PRESS)]
    least = sum(not parameter.optional for parameter in method.takes)
    lists: list[Sequence[_Argument]] = [
        arguments
        for count in range(least, len(method.takes) + 1)
        for arguments in product(*(_ways(method, parameter) for parameter in method.takes[:count]))
        if arguments
    ]
    return [_PRESS, *lists] if method.pressed or not lists else lists


def _ways(method: Method, parameter: Parameter) -> list[_Argument]:
    """A name or a place may be either of two types; all else has one."""
    unit = UNITS.get(method.unit or parameter.name)
    clip = "both" if method.address in CLAMPED else None
    return [_Argument(tag, parameter.name, _range(parameter), unit, clip) for tag in parameter.tag]


def _range(parameter: Parameter) -> Mapping[str, object] | None:
    if parameter.low is None or parameter.high is None:
        return _one_of(parameter.choices)
    return {"MIN": parameter.low, "MAX": parameter.high}


def _one_of(choices: Sequence[str | float]) -> Mapping[str, object] | None:
    return {"VALS": list(choices)} if choices else None


def _typed(arguments: Sequence[_Argument]) -> Attributes:
    """TYPE, and the lists that go along with it; a list in which nothing would stand is left out."""
    lists: dict[str, list[object]] = {
        "RANGE": [each.range for each in arguments],
        "EXTENDED_TYPE": [each.name for each in arguments],
        "UNIT": [each.unit for each in arguments],
        "CLIPMODE": [each.clip for each in arguments],
    }
    known = {name: values for name, values in lists.items() if any(value is not None for value in values)}
    return {"TYPE": "".join(each.tag for each in arguments), **known}


# ── values, and JSON ──

ValueOf: TypeAlias = Callable[[Node], Json | None]
"""What an address shows now; None where there is nothing (yet)."""


Told: TypeAlias = Mapping[str, tuple[Value, ...]]
"""Addresses of "OSC out", with what they would be told now."""


def values_of(view: View, told: Callable[[], Told]) -> ValueOf:
    """Reads states from the view; what is told and no state comes from `told`, asked once if at all."""
    told = cache(told)

    def value(node: Node) -> Json | None:
        if not node.readable:
            return None
        if node.place and node.place.method.shows:
            values = read_state(view, node.place)
            return [bool(each) for each in values] if node.is_switch else list(values)
        now = told().get(node.path)
        return None if now is None else list(now)

    return value


def pieces(node: Node, value: ValueOf) -> Iterator[bytes]:
    """The JSON of a node and all below it, at least a piece for each: whoever joins them can pause in between."""
    attributes = node.attributes
    now = value(node)
    head = msgspec.json.encode({**attributes, "VALUE": now} if now is not None else attributes)
    if not node.contents:
        yield head
        return
    opening = head[:-1] + b',"CONTENTS":{'
    for name, child in node.contents.items():
        yield opening + msgspec.json.encode(name) + b":"
        yield from pieces(child, value)
        opening = b","
    yield b"}}"

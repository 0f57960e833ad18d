"""The XML of `.tosc` files: nodes with properties, values and messages.

Element names, property keys and their types are those of files that TouchOSC wrote itself: the examples it comes with
and those of github.com/AlbertoV5/tosclib. Their meanings are at hexler.net/touchosc/manual. A string stands in CDATA,
as TouchOSC writes it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import TypeAlias
from uuid import NAMESPACE_URL, uuid5

from showctl.layouts.controls import Frame, Value
from showctl.layouts.texts import printable

Colour: TypeAlias = tuple[float, float, float, float]
"""Red, green, blue and opacity, each from 0 to 1."""
Setting: TypeAlias = bool | int | float | str | Frame | Colour

CONNECTION = "00001"
"""The first of five."""

VERSION = 3
"""Written by the first releases, and read by all of them."""


@dataclass(frozen=True, slots=True)
class Partial:
    """A piece of a path or an argument. What comes in is scaled back from `low` … `high` to 0 … 1."""

    kind: str  # CONSTANT, VALUE
    conversion: str  # STRING, FLOAT, INTEGER
    value: str
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True, slots=True)
class Message:
    """Sent when value `on` changes by `condition`; received into the values that its arguments name."""

    address: str
    arguments: tuple[Partial, ...] = ()
    on: str = ""
    condition: str = "ANY"  # RISE, FALL
    receives: bool = False


@dataclass(frozen=True, slots=True)
class Node:
    """A control, or a group of them. `text` is what a label says at first."""

    kind: str
    name: str
    frame: Frame
    colour: Colour
    settings: dict[str, Setting] = field(default_factory=dict)
    text: str = ""
    messages: tuple[Message, ...] = ()
    children: tuple[Node, ...] = ()


def constant(value: Value) -> Partial:
    match value:
        case int():
            return Partial("CONSTANT", "INTEGER", str(value))
        case float():
            return Partial("CONSTANT", "FLOAT", _number(value))
        case _:
            return Partial("CONSTANT", "STRING", printable(value))


def document(root: Node, seed: str) -> str:
    """The same for the same tree: ids are made of `seed` and the order of nodes."""
    ids = (str(uuid5(NAMESPACE_URL, f"showctl:{seed}:{number}")) for number in count())
    return f"<?xml version='1.0' encoding='UTF-8'?><lexml version='{VERSION}'>{_node(root, ids)}</lexml>"


# ── defaults of each kind ──

_COMMON: dict[str, Setting] = {
    "background": True, "cornerRadius": 1.0, "grabFocus": False, "interactive": False, "locked": False,
    "orientation": 0, "outline": False, "outlineStyle": 0, "pointerPriority": 0, "shape": 1, "visible": True,
}  # fmt: skip

_OWN: dict[str, dict[str, Setting]] = {
    "BUTTON": {"buttonType": 0, "press": True, "release": True, "valuePosition": False},
    "FADER": {
        "bar": True, "barDisplay": 0, "cursor": True, "cursorDisplay": 0, "grid": True, "gridSteps": 10, "response": 0,
        "responseFactor": 100,
    },
    "LABEL": {"font": 0, "textAlignV": 2, "textClip": True, "textLength": 0},
    "GROUP": {},
    "PAGER": {"tabLabels": True, "tabbar": True, "tabbarDoubleTap": False},
}  # fmt: skip

_VALUES = {
    "BUTTON": {"touch": "false", "x": "0"},
    "FADER": {"touch": "false", "x": "0"},
    "GROUP": {"touch": "false"},
    "PAGER": {"page": "0", "touch": "false"},
}


# ── elements ──


def _node(node: Node, ids: Iterator[str]) -> str:
    properties = {
        **_COMMON, **_OWN[node.kind], "name": node.name, "frame": node.frame, "color": node.colour, **node.settings
    }  # fmt: skip
    values = _VALUES.get(node.kind, {"text": node.text, "touch": "false"})
    parts = (
        _enclosed("properties", [_property(key, properties[key]) for key in sorted(properties)]),
        _enclosed("values", [_value(key, default) for key, default in values.items()]),
        _enclosed("messages", [_osc(message) for message in node.messages]),
        _enclosed("children", [_node(child, ids) for child in node.children]),
    )
    return f"<node ID='{next(ids)}' type='{node.kind}'>{''.join(parts)}</node>"


def _enclosed(name: str, parts: Sequence[str]) -> str:
    return f"<{name}>{''.join(parts)}</{name}>" if parts else ""


def _property(key: str, value: Setting) -> str:
    match value:
        case bool():
            kind, text = "b", str(int(value))
        case int():
            kind, text = "i", str(value)
        case float():
            kind, text = "f", _number(value)
        case str():
            kind, text = "s", _cdata(value)
        case Frame(x, y, w, h):
            kind, text = "r", _fields(("x", "y", "w", "h"), (x, y, w, h))
        case _:
            kind, text = "c", _fields(("r", "g", "b", "a"), value)
    return f"<property type='{kind}'><key>{_cdata(key)}</key><value>{text}</value></property>"


def _fields(names: Sequence[str], values: Sequence[float]) -> str:
    return "".join(f"<{name}>{_number(value)}</{name}>" for name, value in zip(names, values, strict=True))


def _value(key: str, default: str) -> str:
    return (
        f"<value><key>{_cdata(key)}</key><locked>0</locked><lockedDefaultCurrent>0</lockedDefaultCurrent>"
        f"<default>{_cdata(default)}</default><defaultPull>0</defaultPull></value>"
    )


def _osc(message: Message) -> str:
    trigger = f"<trigger><var>{_cdata(message.on)}</var><condition>{message.condition}</condition></trigger>"
    return (
        f"<osc><enabled>1</enabled><send>{int(bool(message.on))}</send><receive>{int(message.receives)}</receive>"
        f"<feedback>0</feedback><connections>{CONNECTION}</connections>"
        f"<triggers>{trigger if message.on else ''}</triggers>"
        f"<path>{_partial(Partial('CONSTANT', 'STRING', message.address))}</path>"
        f"<arguments>{''.join(map(_partial, message.arguments))}</arguments></osc>"
    )


def _partial(partial: Partial) -> str:
    return (
        f"<partial><type>{partial.kind}</type><conversion>{partial.conversion}</conversion>"
        f"<value>{_cdata(partial.value)}</value>"
        f"<scaleMin>{_number(partial.low)}</scaleMin><scaleMax>{_number(partial.high)}</scaleMax></partial>"
    )


def _cdata(text: str) -> str:
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")

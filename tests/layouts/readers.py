"""What a layout sends, shows and says, read from the file alone: by parsers that know the formats, not the writers."""

from __future__ import annotations

import io
import json
import re
import zipfile
import zlib
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from xml.etree import ElementTree as ET

from showctl.osc.codec import Arg


@dataclass(frozen=True)
class Sent:
    """A message that a control sends; a number for what varies."""

    address: str
    args: tuple[Arg, ...]


@dataclass
class Read:
    """`shown` are pairs of an address and what is made of it: "text", "number", "script"."""

    sent: list[Sent] = field(default_factory=list)
    shown: set[tuple[str, str]] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    overflowing: list[str] = field(default_factory=list)
    widest_bar: int = 0
    """The most tabs on one bar."""
    tabs: int = 0


# ── TouchOSC ──

CONVERTED: dict[str, Any] = {"INTEGER": int, "FLOAT": float, "STRING": str}


def node_properties(node: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for each in node.findall("properties/property"):
        value = each.find("value")
        assert value is not None
        kind = each.get("type")
        text = value.text or ""
        found[each.findtext("key", "")] = (
            tuple(float(part.text or "") for part in value) if kind in {"r", "c"}
            else text if kind == "s" else float(text) if kind == "f" else int(text)
        )  # fmt: skip
    return found


def tosc_root(content: bytes) -> ET.Element:
    root = ET.fromstring(zlib.decompress(content))  # noqa: S314 - it is our own
    assert root.tag == "lexml"
    (node,) = root
    assert (node.tag, node.get("type")) == ("node", "GROUP")
    return node


def read_tosc(content: bytes) -> Read:
    read = Read()
    root = tosc_root(content)
    _read_node(root, node_properties(root)["frame"][2:], read)
    script = node_properties(root)["script"]
    for address in re.findall(r'sendOSC\("([^"]+)"', script):
        read.sent.append(Sent(address, ()))
    return read


def _read_node(node: ET.Element, room: tuple[float, float], read: Read) -> None:
    properties = node_properties(node)
    x, y, w, h = properties["frame"]
    if x < -0.01 or y < -0.01 or x + w > room[0] + 0.1 or y + h > room[1] + 0.1 or w < 1 or h < 1:
        read.overflowing.append(properties["name"])
    read.texts += [
        value.findtext("default", "") for value in node.findall("values/value") if value.findtext("key") == "text"
    ]
    for message in node.findall("messages/osc"):
        _read_message(message, read)
    children = node.findall("children/node")
    if node.get("type") == "PAGER":
        read.widest_bar = max(read.widest_bar, len(children))
        read.tabs += len(children)
        read.texts += [node_properties(child)["tabLabel"] for child in children]
        assert all(node_properties(child)["frame"][1] == properties["tabbarSize"] for child in children)
    for child in children:
        _read_node(child, (w, h), read)


def _read_message(message: ET.Element, read: Read) -> None:
    address = "".join(part.findtext("value", "") for part in message.findall("path/partial"))
    arguments = message.findall("arguments/partial")
    if message.findtext("send") == "1":
        assert message.findall("triggers/trigger")
        assert message.findtext("feedback") == "0"
        read.sent.append(Sent(address, tuple(map(_argument, arguments))))
    if message.findtext("receive") == "1":
        values = [part.findtext("value") for part in arguments]
        read.shown.add((address, {"text": "text", "x": "number"}[values[0] or ""] if values else "script"))


def _argument(partial: ET.Element) -> Arg:
    kind, conversion = partial.findtext("type"), partial.findtext("conversion", "")
    if kind == "CONSTANT":
        return CONVERTED[conversion](partial.findtext("value", ""))  # type: ignore[no-any-return]
    assert (kind, conversion) == ("VALUE", "FLOAT")
    return float(partial.findtext("scaleMax", ""))


# ── TouchOSC Mk1 ──


def mk1_xml(content: bytes) -> bytes:
    return zipfile.ZipFile(io.BytesIO(content)).read("index.xml")


def read_mk1(xml: bytes) -> Read:
    read = Read()
    root = ET.fromstring(xml)  # noqa: S314 - it is our own
    width, height = float(root.get("w", "")), float(root.get("h", ""))
    sideways = root.get("orientation") == "vertical"
    room = (width - 40, height) if sideways else (width, height - 40)
    pages = root.findall("tabpage")
    read.tabs = len(pages)
    for page in pages:
        names = [control.get("name") for control in page]
        assert len(names) == len(set(names))
        read.texts.append(_decoded(page.get("name")))
        for control in page:
            _read_control(control, room, read)
    return read


def _decoded(text: str | None) -> str:
    return b64decode(text or "").decode()


def _read_control(control: ET.Element, room: tuple[float, float], read: Read) -> None:
    x, y, w, h = (int(control.get(name, "")) for name in ("x", "y", "w", "h"))
    if x < 0 or y < 0 or x + w > room[0] + 1 or y + h > room[1] + 1 or w < 1 or h < 1:
        read.overflowing.append(_decoded(control.get("name")))
    kind, address = control.get("type", ""), _decoded(control.get("osc_cs"))
    if kind.startswith("label"):
        read.texts.append(_decoded(control.get("text")))
        if address:
            read.shown.add((address, "text"))
    elif kind == "led":
        read.shown.add((address, "number"))
    else:
        if kind == "push":
            assert (control.get("sp"), control.get("sr")) == ("true", "false")
        read.sent.append(Sent(address, (float(control.get("scalet", "")),)))
        if kind != "push":
            read.shown.add((address, "number"))


# ── Open Stage Control ──


def read_session(content: bytes) -> Read:
    document = json.loads(content)
    assert (document["type"], document["content"]["type"]) == ("session", "root")
    read = Read()
    widgets = list(_all_widgets(document["content"]))
    ids = [widget["id"] for widget in widgets]
    assert len(ids) == len(set(ids))
    for widget in widgets:
        _read_widget(widget, read)
    for address in re.findall(r'send\("([^"]+)"', document["content"]["onCreate"]):
        read.sent.append(Sent(address, ()))
    return read


def _all_widgets(widget: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield widget
    assert not ("tabs" in widget and "widgets" in widget)
    for inner in (*widget.get("widgets", ()), *widget.get("tabs", ())):
        yield from _all_widgets(inner)


def _read_widget(widget: dict[str, Any], read: Read) -> None:
    if "left" in widget:
        x, y, w, h = (float(widget[name].removesuffix("%")) for name in ("left", "top", "width", "height"))
        if x < 0 or y < 0 or x + w > 100.01 or y + h > 100.01 or w <= 0 or h <= 0:
            read.overflowing.append(widget["id"])
    read.texts += [widget[key] for key in ("label", "default") if key in widget]
    if "tabs" in widget:
        read.widest_bar = max(read.widest_bar, len(widget["tabs"]))
        read.tabs += len(widget["tabs"])
    for value in widget.values():
        if isinstance(value, str):
            read.shown |= {(address, "script") for address in re.findall(r"OSC\{([^,]+), 0, false\}", value)}
    if widget["type"] in {"button", "fader"} and not widget.get("bypass"):
        read.sent.append(Sent(widget["address"], _sent_arguments(widget)))
        if widget.get("mode") != "momentary":
            read.shown.add((widget["address"], "number"))


def _sent_arguments(widget: dict[str, Any]) -> tuple[Arg, ...]:
    types = {"i": int, "f": float, "s": str}
    if widget.get("mode") == "momentary":
        arguments, tags = widget.get("preArgs", []), widget.get("typeTags", "")
        assert len(arguments) == len(tags)
        return tuple(types[tag](argument) for tag, argument in zip(tags, arguments, strict=True))
    highest = widget["range"]["max"] if widget["type"] == "fader" else widget["on"]
    return (types[widget["typeTags"]](highest),)

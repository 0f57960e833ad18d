"""Sessions of Open Stage Control, version 1: a tree of widgets in JSON.

Widgets and their properties are those of its reference (openstagecontrol.ammd.net/docs/widgets): a `momentary` button
sends its `preArgs` and no value, `OSC{address, default, usePreArgs}` in a property is what last came to an address, all
arguments as a list where there are several. Everything is in parts of the window, so that any screen is filled.
"""

from __future__ import annotations

import json
from functools import singledispatchmethod

from showctl.layouts import palette
from showctl.layouts.controls import (
    Caption,
    Control,
    Fader,
    Frame,
    Lamp,
    Layout,
    Link,
    Pad,
    Page,
    Readout,
    Row,
    Switch,
    Value,
)
from showctl.layouts.lua import TOPICS
from showctl.layouts.texts import printable

MEDIA_TYPE = "application/json"

VERSION = "1.27.0"
"""Read by this and all later ones."""

Widget = dict[str, object]

_DIM, _LIT = 0.35, 0.95
"""How opaque a button is filled."""

_TIGHT = "letter-spacing: normal; --text-padding: 3px;"
"""Its own are a pixel between letters and eight beside a text, on a phone too."""


def session(layout: Layout) -> bytes:
    """The file of a layout."""
    content = _Drawing(layout).root()
    document = {"createdWith": "Open Stage Control", "version": VERSION, "type": "session", "content": content}
    return json.dumps(document, ensure_ascii=False, indent=1).encode() + b"\n"


def literal(text: str) -> str:
    """A text in which nothing is looked up: `@{}`, `#{}`, `OSC{}` are code, and `^name` an icon."""
    return printable(text).translate(str.maketrans("{}^", "()'"))


def exactly(text: str) -> str:
    """A text as a property other than a label: what reads as JSON is taken for JSON there, "1.10" for 1.1.

    JSON can also say a brace in a way that begins no code.
    """
    plain = "{" not in text and not _is_json(text)
    return text if plain else json.dumps(text, ensure_ascii=False).replace("{", "\\u007b")


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


class _Drawing:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._base = f"/{layout.prefix}" if layout.prefix else ""
        self._count = 0

    def root(self) -> Widget:
        layout = self._layout
        whole = Frame(0, 0, layout.width, layout.height)
        pages = self._widget("panel", layout.area, whole, {"tabs": [self._tab(page) for page in layout.pages]})
        return {
            "type": "root", "id": "root", "colorBg": palette.BACKGROUND, "scroll": False, "hideMenu": True,
            "onCreate": _subscribing(self._base, layout.prefix),
            "widgets": [*(self.drawn(control, whole) for control in layout.strips), pages, self._health()],
        }  # fmt: skip

    def _health(self) -> Widget:
        """Notes when the service was last heard."""
        return {
            "type": "variable", "id": "health", "address": f"{self._base}/health", "bypass": True,
            "onValue": "globals.heard = Date.now()",
        }  # fmt: skip

    def _tab(self, page: Page, depth: int = 1) -> Widget:
        self._count += 1
        tab: Widget = {"type": "tab", "id": f"tab_{self._count}", "label": literal(page.name)}
        if page.pages:
            return {**tab, "tabs": [self._tab(inner, depth + 1) for inner in page.pages]}
        area = self._layout.area
        inside = Frame(0, 0, area.w, area.h - depth * self._layout.tab)
        return {**tab, "scroll": False, "widgets": [self.drawn(control, inside) for control in page.controls]}

    def _widget(self, kind: str, frame: Frame, parent: Frame, properties: Widget) -> Widget:
        self._count += 1
        return {
            "type": kind, "id": f"{kind}_{self._count}",
            "left": _part(frame.x, parent.w), "top": _part(frame.y, parent.h),
            "width": _part(frame.w, parent.w), "height": _part(frame.h, parent.h),
            **properties,
        }  # fmt: skip

    def _sized(self, size: float) -> str:
        """A text that fits on any screen: in parts of the side that is short of room, with nothing lost around it."""
        layout = self._layout
        high, wide = (f"{100 * size / side:.2f}" for side in (layout.height, layout.width))
        return f"font-size: min({high}vh, {wide}vw); {_TIGHT}"

    # ── controls ──

    @singledispatchmethod
    def drawn(self, control: Control, parent: Frame) -> Widget:
        raise NotImplementedError(type(control).__name__)

    @drawn.register
    def _(self, caption: Caption, parent: Frame) -> Widget:
        return self._widget("text", caption.frame, parent, {
            "default": exactly(literal(caption.text)), "colorText": caption.colour, "css": self._sized(caption.size),
            "bypass": True,
        })  # fmt: skip

    @drawn.register
    def _(self, readout: Readout, parent: Frame) -> Widget:
        return self._widget("text", readout.frame, parent, {
            "value": _reading(readout, self._base + readout.address), "default": exactly(literal(readout.text)),
            "colorText": readout.colour, "align": "left" if readout.align == "left" else "center",
            "css": self._sized(readout.size), "bypass": True,
        })  # fmt: skip

    @drawn.register
    def _(self, pad: Pad, parent: Frame) -> Widget:
        properties: Widget = {
            "label": literal(pad.text), "mode": "momentary", "address": self._base + pad.address,
            "colorWidget": pad.colour, "colorText": palette.TEXT, "alphaFillOff": _DIM, "alphaFillOn": _LIT,
            "css": self._sized(pad.size),
        }  # fmt: skip
        if pad.arguments:
            properties |= {
                "preArgs": [exactly(each) if isinstance(each, str) else each for each in pad.arguments],
                "typeTags": "".join(map(_tag, pad.arguments)),
            }
        if pad.lamp:
            properties["alphaFillOff"] = _lighting(pad.lamp, self._base + pad.lamp.address)
        if pad.row:
            properties |= _naming(pad, pad.row, self._base + pad.row.address)
        return self._widget("button", pad.frame, parent, properties)

    @drawn.register
    def _(self, switch: Switch, parent: Frame) -> Widget:
        return self._widget("button", switch.frame, parent, {
            "label": literal(switch.text), "mode": "toggle", "on": 1, "off": 0, "typeTags": "i",
            "address": self._base + switch.address, "colorWidget": switch.colour, "colorText": palette.TEXT,
            "alphaFillOff": _DIM, "alphaFillOn": _LIT, "css": self._sized(switch.size),
        })  # fmt: skip

    @drawn.register
    def _(self, fader: Fader, parent: Frame) -> Widget:
        return self._widget("fader", fader.frame, parent, {
            "address": self._base + fader.address, "typeTags": "f", "decimals": 4, "design": "compact",
            "horizontal": not fader.upright, "range": {"min": fader.low, "max": fader.high},
            "colorWidget": fader.colour,
        })  # fmt: skip

    @drawn.register
    def _(self, link: Link, parent: Frame) -> Widget:
        return {
            **self._widget("button", link.frame, parent, {
                "label": "LINK", "mode": "toggle", "interaction": False, "bypass": True, "colorWidget": palette.GO,
                "alphaFillOff": _DIM, "alphaFillOn": _LIT, "css": self._sized(link.size),
            }),
            "id": "link",
        }  # fmt: skip


def _part(length: float, whole: float) -> str:
    return f"{100 * length / whole:.3f}%"


def _tag(value: Value) -> str:
    return "i" if isinstance(value, int) else "f" if isinstance(value, float) else "s"


# ── what is looked up ──


def _latest(address: str) -> str:
    """What last came to an address, whatever the widget's own arguments are; 0 before anything did."""
    return f"OSC{{{address}, 0, false}}"


def _argument(at: int) -> str:
    return f"(Array.isArray(told) ? told[{at}] : {'told' if at == 0 else 'undefined'})"


def _lighting(lamp: Lamp, address: str) -> str:
    wanted = json.dumps(lamp.equals)
    return f"JS{{ var told = {_latest(address)}; return {_argument(lamp.at)} === {wanted} ? {_LIT} : {_DIM} }}"


def _naming(pad: Pad, row: Row, address: str) -> Widget:
    """Its label, colour and visibility, once the line was told."""
    told = f"var told = {_latest(address)};"
    name, colour = _argument(0), _argument(row.colour_at)
    text = json.dumps(literal(pad.text), ensure_ascii=False)
    return {
        "label": f"JS{{ {told} return Array.isArray(told) ? {_literal(name)} : {text} }}",
        "colorWidget": f'JS{{ {told} return Array.isArray(told) ? {colour} || "{row.plain}" : "{pad.colour}" }}',
        "visible": f'JS{{ {told} return Array.isArray(told) ? {name} !== "" : true }}',
    }


def _reading(readout: Readout, address: str) -> str:
    """The text as JSON, so that it is not taken for a number."""
    told = f"var told = {_latest(address)}; var first = {_argument(0)};"
    if readout.decimals is None:
        text = json.dumps(literal(readout.text), ensure_ascii=False)
        return f"JS{{ {told} return JSON.stringify(told === 0 ? {text} : {_literal('first')}) }}"
    off = "" if readout.off_at is None else f'if (first <= {readout.off_at:g}) return "off"; '
    unit = json.dumps(readout.unit)
    return f"JS{{ {told} {off}return JSON.stringify(Number(first).toFixed({readout.decimals}) + {unit}) }}"


def _literal(code: str) -> str:
    """`literal` of what the code finds, in JavaScript."""
    return f"""String({code}).replace(/[{{}}^]/g, function(c) {{ return "()'"["{{}}^".indexOf(c)] }})"""


def _subscribing(base: str, prefix: str) -> str:
    """Subscribes when the session is opened, keeps the subscription alive, and again when nothing has been heard."""
    words = ", ".join(json.dumps(word) for word in (*TOPICS, "utf8", "mirror", *(["prefix"] if prefix else [])))
    subscribe = f"send({json.dumps(base + '/subscribe')}, {words})"
    return (
        f"{subscribe}\n"
        "setInterval('renew', function() {\n"
        "  var silent = Date.now() - (globals.heard || 0) > 3000\n"
        "  set('link', silent ? 0 : 1, {send: false})\n"
        f"  if (silent) {{ {subscribe} }} else {{ send({json.dumps(base + '/ping')}) }}\n"
        "}, 3000)\n"
    )

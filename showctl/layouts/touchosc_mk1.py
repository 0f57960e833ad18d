"""`.touchosc`, the layouts of TouchOSC Mk1: a zip with `index.xml` in it, names and texts in base64.

Elements and attributes are those of the files in github.com/ETCLabs/OSCLayouts. Mk1 has no scripts, one bar of tabs,
nine colours, and sends one number or nothing: what needs words or two arguments is left out, and pages of pages are
laid side by side. A screen held sideways is `vertical`: its x runs up, its y to the right, and text is turned.
"""

from __future__ import annotations

import zipfile
from base64 import b64encode
from collections.abc import Iterator
from functools import singledispatchmethod
from io import BytesIO
from itertools import count
from xml.sax.saxutils import quoteattr

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
    Switch,
    shifted,
)
from showctl.layouts.lua import RECEIVE_PORT
from showctl.layouts.texts import printable

MEDIA_TYPE = "application/touchosc"

TAB_HEIGHT = 40
"""Of Mk1's own bar of tabs, which the layout's height includes."""

COLOURS = {
    "red": "#e03030", "green": "#20b040", "blue": "#3080e0", "yellow": "#e0d020", "purple": "#a040c0",
    "gray": "#708090", "orange": "#e08020", "brown": "#906040", "pink": "#e070b0",
}  # fmt: skip

_LAMP_WIDTH = 10


def touchosc_mk1(layout: Layout) -> bytes:
    """The file of a layout: the same bytes for the same one."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(zipfile.ZipInfo("index.xml"), index_xml(layout), zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def index_xml(layout: Layout) -> bytes:
    """What the file holds, and what the layout push sends as it is."""
    sideways = layout.width > layout.height
    size = {"w": min(layout.width, layout.height), "h": max(layout.width, layout.height)}
    root = {
        "version": "17", "mode": "3", **{key: f"{value:g}" for key, value in size.items()},
        "orientation": "vertical" if sideways else "horizontal",
    }  # fmt: skip
    pages = (_page(layout, name, page) for name, page in _leaves(layout.pages))
    return ('<?xml version="1.0" encoding="UTF-8"?>' + _element("layout", root, "".join(pages))).encode()


def sendable(pad: Pad) -> bool:
    """Whether Mk1 can send it: nothing but the address, or one number."""
    return len(pad.arguments) <= 1 and not any(isinstance(argument, str) for argument in pad.arguments)


def _leaves(pages: tuple[Page, ...], above: str = "") -> Iterator[tuple[str, Page]]:
    for page in pages:
        name = f"{above} {page.name}".strip()
        if page.pages:
            yield from _leaves(page.pages, name)
        else:
            yield name, page


def _page(layout: Layout, name: str, page: Page) -> str:
    """The strips on every page: Mk1 has nothing that stays."""
    pen = _Pen(layout)
    controls = (*layout.strips, *(shifted(each, 0, layout.area.y + layout.tab) for each in page.controls))
    drawn = "".join(part for control in controls for part in pen.drawn(control))
    tab = {"name": _coded(name), "scalef": "0.0", "scalet": "1.0"}
    for state, colour in (("li", "gray"), ("la", "blue")):
        tab |= {
            f"{state}_t": _coded(name), f"{state}_c": colour, f"{state}_s": "14", f"{state}_o": "false",
            f"{state}_b": "false",
        }  # fmt: skip
    return _element("tabpage", tab, drawn)


class _Pen:
    """Draws controls on one page, where names must not repeat."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._base = f"/{layout.prefix}" if layout.prefix else ""
        self._sideways = layout.width > layout.height
        self._numbers = count(1)

    @singledispatchmethod
    def drawn(self, control: Control) -> Iterator[str]:
        raise NotImplementedError(type(control).__name__)

    @drawn.register
    def _(self, caption: Caption) -> Iterator[str]:
        yield self._label(caption.frame, caption.text, caption.size, caption.colour)

    @drawn.register
    def _(self, readout: Readout) -> Iterator[str]:
        yield self._label(readout.frame, readout.text, readout.size, readout.colour, readout.address)

    @drawn.register
    def _(self, pad: Pad) -> Iterator[str]:
        if not sendable(pad):
            return
        lamp, rest = pad.frame.columns(_LAMP_WIDTH, pad.frame.w - _LAMP_WIDTH)
        shown = pad.lamp if pad.lamp and pad.lamp == Lamp(pad.lamp.address) else None
        if shown:
            yield self._control("led", lamp, pad.colour, shown.address, {"scalef": "0.0", "scalet": "1.0"})
        yield self._push(rest if shown else pad.frame, pad.colour, pad.address, *pad.arguments)
        yield self._label(pad.frame, pad.text, pad.size, palette.TEXT, pad.row.address if pad.row else "")

    @drawn.register
    def _(self, switch: Switch) -> Iterator[str]:
        more = {"scalef": "0.0", "scalet": "1.0", "local_off": "false"}
        yield self._control("toggle", switch.frame, switch.colour, switch.address, more)
        yield self._label(switch.frame, switch.text, switch.size, palette.TEXT)

    @drawn.register
    def _(self, fader: Fader) -> Iterator[str]:
        more = {
            "scalef": f"{fader.low}", "scalet": f"{fader.high}", "response": "relative", "inverted": "false",
            "centered": "false",
        }  # fmt: skip
        along_x = fader.upright if self._sideways else not fader.upright
        yield self._control("faderh" if along_x else "faderv", fader.frame, fader.colour, fader.address, more)

    @drawn.register
    def _(self, link: Link) -> Iterator[str]:
        """Without scripts it takes a finger: asks to be told at the port that Mk1 listens on by default."""
        yield self._push(link.frame, palette.GO, "/subscribe", RECEIVE_PORT)
        yield self._label(link.frame, "LINK", link.size, palette.TEXT)

    def _push(self, frame: Frame, colour: str, address: str, *arguments: object) -> str:
        """Sends on the press alone. A number is sent as it is, be it pressed or let go by an app that knows no `sr`."""
        low, high = (arguments[0], arguments[0]) if arguments else (0, 1)
        more = {
            "scalef": f"{float(str(low))}", "scalet": f"{float(str(high))}", "local_off": "false", "sp": "true",
            "sr": "false",
        }  # fmt: skip
        return self._control("push", frame, colour, address, more)

    def _label(self, frame: Frame, text: str, size: float, colour: str, address: str = "") -> str:
        kind = "labelv" if self._sideways else "labelh"
        more = {"text": _coded(text), "size": f"{round(size)}", "background": "false", "outline": "false"}
        return self._control(kind, frame, colour, address, more)

    def _control(self, kind: str, frame: Frame, colour: str, address: str, more: dict[str, str]) -> str:
        x, y, w, h = self._placed(frame)
        attributes = {
            "name": _coded(f"{kind}{next(self._numbers)}"), "x": f"{x}", "y": f"{y}", "w": f"{w}", "h": f"{h}",
            "color": nearest(colour), "type": kind, **more,
        }  # fmt: skip
        if address:
            attributes["osc_cs"] = _coded(self._base + address)
        return _element("control", attributes)

    def _placed(self, frame: Frame) -> tuple[int, int, int, int]:
        """In Mk1's coordinates, and squeezed by the height of its own tabs; the layout's are left out."""
        layout = self._layout
        height = layout.height - TAB_HEIGHT
        below = frame.y >= layout.area.y + layout.tab
        top = frame.y - layout.tab if below else frame.y
        factor = height / (layout.height - layout.tab)
        x, y, w, h = round(frame.x), round(top * factor), round(frame.w), round(frame.h * factor)
        return (round(height) - y - h, x, h, w) if self._sideways else (x, y, w, h)


def nearest(colour: str) -> str:
    """Mk1's name for about that colour; white is gray, the lightest there is."""
    red, green, blue = palette.rgb(colour)

    def distance(name: str) -> float:
        other = palette.rgb(COLOURS[name])
        return (red - other[0]) ** 2 + (green - other[1]) ** 2 + (blue - other[2]) ** 2

    return "gray" if max(red, green, blue) - min(red, green, blue) < 0.15 else min(COLOURS, key=distance)


def _coded(text: str) -> str:
    return b64encode(printable(text).encode()).decode()


def _element(name: str, attributes: dict[str, str], content: str = "") -> str:
    listed = "".join(f" {key}={quoteattr(value)}" for key, value in attributes.items())
    return f"<{name}{listed}>{content}</{name}>"

"""`.tosc`, the layouts of TouchOSC: a zlib stream of XML.

A button of TouchOSC has no text, so a pad is a group: a lamp, the button on top of it, and a label that lets the finger
through. The lamp is a control of its own because a button that was lit by a message would send what it is for.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import replace
from functools import singledispatchmethod

from showctl.layouts import palette
from showctl.layouts.controls import Caption, Control, Fader, Frame, Lamp, Layout, Link, Pad, Page, Readout, Switch
from showctl.layouts.lua import LINK, lamp_script, readout_script, root_script
from showctl.layouts.palette import fitted_size
from showctl.layouts.texts import printable
from showctl.layouts.tosc_xml import Colour, Message, Node, Partial, Setting, constant, document

MEDIA_TYPE = "application/octet-stream"

TOGGLE_PRESS = 2  # button types: momentary, toggled by the release, toggled by the press
RELATIVE = 1
HORIZONTAL = 1
LEFT, CENTRE = 1, 2

_WHITE: Colour = (1.0, 1.0, 1.0, 1.0)
_CLEAR: Colour = (0.0, 0.0, 0.0, 0.0)
_BLACK: Colour = (0.0, 0.0, 0.0, 1.0)
_TAB_COLOURS: dict[str, Setting] = {
    "tabColorOff": (0.16, 0.18, 0.2, 1.0), "tabColorOn": (0.3, 0.38, 0.46, 1.0),
    "textColorOff": (0.75, 0.78, 0.8, 1.0), "textColorOn": _WHITE,
}  # fmt: skip

_SHOWN_TEXT = (Partial("VALUE", "STRING", "text"),)
_SHOWN_NUMBER = (Partial("VALUE", "FLOAT", "x"),)


def tosc(layout: Layout) -> bytes:
    """The file of a layout."""
    return zlib.compress(document(_Drawing(layout).root(), layout.title).encode(), 9)


class _Drawing:
    """A layout as nodes of TouchOSC."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._base = f"/{layout.prefix}" if layout.prefix else ""

    def root(self) -> Node:
        """TouchOSC gives a pager at the root no tabs to press, so it lies in a group."""
        layout = self._layout
        return Node(
            "GROUP",
            printable(layout.title),
            Frame(0, 0, layout.width, layout.height),
            _BLACK,
            {"script": root_script(layout)},
            children=(*map(self.drawn, layout.strips), self._pager("pages", layout.area, layout.pages)),
        )

    # ── pages ──

    def _pager(self, name: str, frame: Frame, pages: Sequence[Page]) -> Node:
        tab = self._layout.tab
        size = round(min(fitted_size(page.name, frame.w / len(pages) - 8, tab * 0.42) for page in pages))
        settings: dict[str, Setting] = {
            "interactive": True, "tabbarSize": round(tab), "textSizeOff": size, "textSizeOn": size,
        }  # fmt: skip
        inside = Frame(0, tab, frame.w, frame.h - tab)
        return Node("PAGER", name, frame, _BLACK, settings, children=tuple(self._page(page, inside) for page in pages))

    def _page(self, page: Page, frame: Frame) -> Node:
        if page.pages:
            children: tuple[Node, ...] = (self._pager(page.name, Frame(0, 0, frame.w, frame.h), page.pages),)
        else:
            children = tuple(map(self.drawn, page.controls))
        name = printable(page.name)
        return Node("GROUP", name, frame, _CLEAR, {"tabLabel": name, **_TAB_COLOURS}, children=children)

    # ── controls ──

    @singledispatchmethod
    def drawn(self, control: Control) -> Node:
        raise NotImplementedError(type(control).__name__)

    @drawn.register
    def _(self, caption: Caption) -> Node:
        return _label(caption.frame, caption.text, caption.size, caption.colour)

    @drawn.register
    def _(self, readout: Readout) -> Node:
        """A text is what the message says; a number is written by a script."""
        label = _label(readout.frame, readout.text, readout.size, readout.colour)
        settings: dict[str, Setting] = {"textAlignH": LEFT if readout.align == "left" else CENTRE}
        if readout.decimals is not None:
            settings["script"] = readout_script(readout, self._base)
        arguments = _SHOWN_TEXT if readout.decimals is None else ()
        message = Message(self._base + readout.address, arguments, receives=True)
        return replace(label, settings={**label.settings, **settings}, messages=(message,))

    @drawn.register
    def _(self, pad: Pad) -> Node:
        frame = _within(pad.frame)
        press = Message(self._base + pad.address, tuple(map(constant, pad.arguments)), "x", "RISE")
        lamp = (self._lamp(pad, frame),) if pad.lamp or pad.row else ()
        colour = _WHITE if lamp else _colour(pad.colour)
        settings: dict[str, Setting] = {"interactive": True, "background": not lamp, "outline": True}
        touch = Node("BUTTON", "press", frame, colour, settings, messages=(press,))
        label = _label(frame, pad.text, pad.size, palette.TEXT)
        if pad.row:
            named = Message(self._base + pad.row.address, _SHOWN_TEXT, receives=True)
            label = replace(label, messages=(named,))
        return _group(pad.text, pad.frame, *lamp, touch, label)

    def _lamp(self, pad: Pad, frame: Frame) -> Node:
        """A button that no finger meets, and that sends nothing."""
        lamp = Node("BUTTON", "lamp", frame, _colour(pad.colour))
        if pad.row is None and pad.lamp and pad.lamp == Lamp(pad.lamp.address):
            return replace(lamp, messages=(Message(self._base + pad.lamp.address, _SHOWN_NUMBER, receives=True),))
        addresses = dict.fromkeys(part.address for part in (pad.lamp, pad.row) if part)
        return replace(
            lamp,
            settings={"script": lamp_script(pad.lamp, pad.row, self._base)},
            messages=tuple(Message(self._base + address, receives=True) for address in addresses),
        )

    @drawn.register
    def _(self, switch: Switch) -> Node:
        frame = _within(switch.frame)
        message = Message(self._base + switch.address, _SHOWN_NUMBER, "x", receives=True)
        settings: dict[str, Setting] = {"interactive": True, "outline": True, "buttonType": TOGGLE_PRESS}
        button = Node("BUTTON", "switch", frame, _colour(switch.colour), settings, messages=(message,))
        return _group(switch.text, switch.frame, button, _label(frame, switch.text, switch.size, palette.TEXT))

    @drawn.register
    def _(self, fader: Fader) -> Node:
        value = Partial("VALUE", "FLOAT", "x", fader.low, fader.high)
        message = Message(self._base + fader.address, (value,), "x", receives=True)
        settings: dict[str, Setting] = {
            "interactive": True, "grabFocus": True, "outline": True, "response": RELATIVE,
            "orientation": 0 if fader.upright else HORIZONTAL,
        }  # fmt: skip
        return Node("FADER", fader.address, fader.frame, _colour(fader.colour), settings, messages=(message,))

    @drawn.register
    def _(self, link: Link) -> Node:
        frame = _within(link.frame)
        lamp = Node("BUTTON", LINK, frame, _colour(palette.GO), {"outline": True})
        return _group("link lamp", link.frame, lamp, _label(frame, "LINK", link.size, palette.TEXT))


def _group(name: str, frame: Frame, *children: Node) -> Node:
    return Node("GROUP", printable(name), frame, _CLEAR, {"interactive": True}, children=children)


def _label(frame: Frame, text: str, size: float, colour: str) -> Node:
    settings: dict[str, Setting] = {
        "background": False, "textSize": round(size), "textColor": _colour(colour), "textAlignH": CENTRE,
    }  # fmt: skip
    return Node("LABEL", printable(text), frame, _CLEAR, settings, printable(text))


def _within(frame: Frame) -> Frame:
    return Frame(0, 0, frame.w, frame.h)


def _colour(colour: str) -> Colour:
    return (*palette.rgb(colour), 1.0)

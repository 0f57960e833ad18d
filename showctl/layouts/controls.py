"""What lies on a layout, whatever program will show it. Frames are in points of the screen, from the top left."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

Value: TypeAlias = int | float | str
"""An OSC argument: int is `i`, float is `f`, str is `s`."""

# ── frames ──


@dataclass(frozen=True, slots=True)
class Frame:
    x: float
    y: float
    w: float
    h: float

    def inset(self, margin: float) -> Frame:
        return Frame(self.x + margin, self.y + margin, self.w - 2 * margin, self.h - 2 * margin)

    def rows(self, *heights: float) -> tuple[Frame, ...]:
        """Stretches from top to bottom, of heights in these proportions."""
        whole, y, found = sum(heights), self.y, []
        for height in heights:
            found.append(Frame(self.x, y, self.w, self.h * height / whole))
            y += found[-1].h
        return tuple(found)

    def columns(self, *widths: float) -> tuple[Frame, ...]:
        """Stretches from left to right, of widths in these proportions."""
        whole, x, found = sum(widths), self.x, []
        for width in widths:
            found.append(Frame(x, self.y, self.w * width / whole, self.h))
            x += found[-1].w
        return tuple(found)

    def cells(self, columns: int, rows: int) -> tuple[Frame, ...]:
        """Row by row."""
        return tuple(cell for row in self.rows(*[1] * rows) for cell in row.columns(*[1] * columns))

    def lines(self, columns: int, rows: int) -> tuple[Frame, ...]:
        """Down one column after the other, as a list is read."""
        return tuple(cell for column in self.columns(*[1] * columns) for cell in column.rows(*[1] * rows))


# ── controls ──


@dataclass(frozen=True, slots=True)
class Lamp:
    """Lit while argument `at` (from 0) of the latest `address` message equals `equals`."""

    address: str
    equals: Value = 1
    at: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a list that the service tells: its first argument names a pad, argument `colour_at` colours it.

    Without a colour it is `plain`. A pad whose line has no name is hidden: this song has fewer sections than another.
    """

    address: str
    colour_at: int
    plain: str


@dataclass(frozen=True, slots=True)
class Caption:
    """A text that never changes."""

    frame: Frame
    text: str
    size: float
    colour: str = "#a0a8b0"


@dataclass(frozen=True, slots=True)
class Pad:
    """Sends `address` with `arguments` when it is pressed, and nothing when it is released."""

    frame: Frame
    text: str
    address: str
    arguments: tuple[Value, ...] = ()
    colour: str = "#506478"
    size: float = 20
    lamp: Lamp | None = None
    row: Row | None = None


@dataclass(frozen=True, slots=True)
class Switch:
    """On and off on its own address, both ways."""

    frame: Frame
    text: str
    address: str
    colour: str = "#d09020"
    size: float = 18


@dataclass(frozen=True, slots=True)
class Fader:
    """A value from `low` to `high` on its own address, both ways. It moves by how far the finger moves."""

    frame: Frame
    address: str
    low: float = 0.0
    high: float = 1.0
    colour: str = "#6080a0"

    @property
    def upright(self) -> bool:
        return self.frame.h >= self.frame.w


@dataclass(frozen=True, slots=True)
class Readout:
    """Shows the first argument of `address`, a number with `decimals` and `unit`; from `off_at` down it says "off"."""

    frame: Frame
    address: str
    size: float
    text: str = ""  # until the service tells
    colour: str = "#ffffff"
    align: str = "centre"
    decimals: int | None = None
    unit: str = ""
    off_at: float | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """Shows whether the service is heard, and sees to it that it is: subscribes, and again when it falls silent."""

    frame: Frame
    size: float


Control: TypeAlias = Caption | Pad | Switch | Fader | Readout | Link


# ── the whole ──


@dataclass(frozen=True, slots=True)
class Page:
    """A tab with `controls`, or with tabs of its own."""

    name: str
    controls: tuple[Control, ...] = ()
    pages: tuple[Page, ...] = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """`strips` stay on top of and below the pages. Pages lie in `area`, under a bar of tabs `tab` high.

    Frames of strips count from the corner of the screen, those of a page from below its bar of tabs.
    """

    title: str
    width: float
    height: float
    strips: tuple[Control, ...]
    area: Frame
    tab: float
    pages: tuple[Page, ...]
    prefix: str = ""  # every address lies under it, for a service that does not answer to the bare ones

    def controls(self) -> Iterator[Control]:
        """All of them."""
        yield from self.strips
        for page in self.pages:
            yield from _all(page)


def _all(page: Page) -> Iterator[Control]:
    yield from page.controls
    for inner in page.pages:
        yield from _all(inner)


def shifted(control: Control, x: float, y: float) -> Control:
    """The same control elsewhere."""
    frame = control.frame
    return replace(control, frame=Frame(frame.x + x, frame.y + y, frame.w, frame.h))

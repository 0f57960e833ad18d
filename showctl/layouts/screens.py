"""The two sizes. Whatever shows a layout scales it to the device; its proportions and text sizes are what counts."""

from __future__ import annotations

from dataclasses import dataclass

from showctl.layouts.controls import Frame


@dataclass(frozen=True, slots=True)
class Screen:
    """`header` and `footer` are the strips' heights, `tab` that of a bar of tabs, in points."""

    name: str
    width: float
    height: float
    header: float
    footer: float
    tab: float
    text: float  # the usual size
    cells: tuple[int, int]  # columns and rows of pads on a page of their own
    lines: tuple[int, int]  # columns and rows of songs
    faders: int  # side by side
    tabs: int  # on one bar

    @property
    def area(self) -> Frame:
        """Where the pages and their tabs are."""
        return Frame(0, self.header, self.width, self.height - self.header - self.footer)

    @property
    def page(self) -> Frame:
        """What a page is drawn for: all below one bar of tabs."""
        return Frame(0, 0, self.width, self.area.h - self.tab)

    @property
    def is_wide(self) -> bool:
        return self.width > self.height


TABLET = Screen(
    "tablet", 1024, 768, header=132, footer=132, tab=44, text=20, cells=(5, 6), lines=(2, 8), faders=10, tabs=10
)
PHONE = Screen("phone", 390, 844, header=150, footer=196, tab=40, text=16, cells=(2, 7), lines=(1, 7), faders=4, tabs=8)

SCREENS = (TABLET, PHONE)

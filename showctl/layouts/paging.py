"""More than fits on one page goes on tabs of a page, and more tabs than a bar can name on tabs of tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from showctl.layouts.controls import Control, Frame, Page
from showctl.layouts.screens import Screen

Item = TypeVar("Item")


def stretches(items: Sequence[Item], most: int) -> tuple[Sequence[Item], ...]:
    """As few as `most` items each allow, about as long as each other; one empty stretch of nothing."""
    count = max(1, -(-len(items) // most))
    size = max(1, -(-len(items) // count))
    return tuple(items[start : start + size] for start in range(0, max(1, len(items)), size))


def paged(
    name: str,
    screen: Screen,
    items: Sequence[Item],
    most: int,
    draw: Callable[[Frame, Sequence[Item]], tuple[Control, ...]],
) -> Page:
    """One page where `most` is enough, else a tab for each stretch, called by the numbers from and to."""
    parts = stretches(items, most)
    if len(parts) == 1:
        return Page(name, draw(screen.page, items))
    starts = [sum(map(len, parts[:place])) for place in range(len(parts))]
    tabs = tuple(
        Page(f"{start + 1}-{start + len(part)}", draw(screen.page, part))
        for start, part in zip(starts, parts, strict=True)
    )
    return Page(name, pages=bundled(tabs, screen))


def bundled(pages: Sequence[Page], screen: Screen) -> tuple[Page, ...]:
    """As they are where a bar of tabs has room for all their names, else in bundles called by the first and last."""
    if len(pages) <= screen.tabs:
        return tuple(pages)
    return tuple(
        Page(f"{bundle[0].name} .. {bundle[-1].name}", pages=tuple(bundle)) for bundle in stretches(pages, screen.tabs)
    )


def fitted(page: Page, screen: Screen, bars: int = 0) -> Page:
    """The same below so many bars of tabs more than the one that `screen.page` leaves room for: flatter by these."""
    factor = 1 - bars * screen.tab / screen.page.h
    return replace(
        page,
        controls=tuple(_flatter(control, factor) for control in page.controls),
        pages=tuple(fitted(inner, screen, bars + 1) for inner in page.pages),
    )


def _flatter(control: Control, factor: float) -> Control:
    frame = control.frame
    return replace(control, frame=Frame(frame.x, frame.y * factor, frame.w, frame.h * factor))

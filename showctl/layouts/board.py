"""A show on a screen."""

from __future__ import annotations

from showctl.layouts.controls import Layout
from showctl.layouts.mixing import click_page, mix_page
from showctl.layouts.paging import fitted
from showctl.layouts.screens import TABLET, Screen
from showctl.layouts.songs import order_page, song_pages
from showctl.layouts.strips import strips
from showctl.layouts.sundries import cue_page, jump_page
from showctl.model.show import Show


def layout_of(show: Show, screen: Screen = TABLET) -> Layout:
    """What is needed in the show first, what is for rehearsals last."""
    pages = (
        *song_pages(show, screen),
        mix_page(show, screen),
        click_page(screen),
        jump_page(screen),
        cue_page(show, screen),
        order_page(show, screen),
    )
    return Layout(
        title=show.title,
        width=screen.width,
        height=screen.height,
        strips=strips(show, screen),
        area=screen.area,
        tab=screen.tab,
        pages=tuple(fitted(page, screen) for page in pages),
        prefix="" if show.ports.bare else show.ports.prefix,
    )

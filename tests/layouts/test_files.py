from __future__ import annotations

import zlib
from pathlib import Path

from showctl.layouts.board import layout_of
from showctl.layouts.files import FORMATS, layout_files
from showctl.layouts.open_stage_control import session
from showctl.layouts.touchosc import tosc
from showctl.layouts.touchosc_mk1 import index_xml
from showctl.model.show import Show
from tests.layouts.demo import demo_show
from tests.layouts.readers import mk1_xml
from tests.layouts.shows import ODD

CLIENTS = Path(__file__).parents[2] / "clients"


def test_every_format_can_be_downloaded_for_both_screens() -> None:
    assert {name: kind for name, (kind, _) in layout_files(ODD).items()} == {
        "open-air-friends.tosc": "application/octet-stream",
        "open-air-friends-phone.tosc": "application/octet-stream",
        "open-air-friends.touchosc": "application/touchosc",
        "open-air-friends-phone.touchosc": "application/touchosc",
        "open-air-friends.json": "application/json",
        "open-air-friends-phone.json": "application/json",
    }


def test_a_show_whose_title_leaves_no_slug_has_a_name_as_well() -> None:
    assert set(layout_files(Show("…", {}, (), ()))) >= {f"show{kind.ending}" for kind in FORMATS.values()}


def test_the_ready_layouts_are_those_of_the_demo_show_as_it_is_now() -> None:
    """`showctl export FORMAT shows/demo -o clients/…` makes them anew. A packer may pack differently elsewhere."""
    layout = layout_of(demo_show())
    ready = (CLIENTS / "touchosc" / "rooftop.tosc").read_bytes()
    assert zlib.decompress(ready) == zlib.decompress(tosc(layout))
    assert mk1_xml((CLIENTS / "touchosc" / "rooftop.touchosc").read_bytes()) == index_xml(layout)
    assert (CLIENTS / "open-stage-control" / "rooftop.json").read_bytes() == session(layout)

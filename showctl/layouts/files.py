"""What can be downloaded for a show, and what TouchOSC Mk1 fetches by itself.

TouchOSC Mk1 finds the program that sends it a layout as `_touchosceditor._tcp`, on port 9658 by custom. It asks
there, whatever the path, and gets the bare `index.xml` with the headers of `pushed`: so do several public programs
that stand in for the editor. The new TouchOSC has another way of its own, which is not public: it takes a download.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from showctl.layouts import open_stage_control, touchosc, touchosc_mk1
from showctl.layouts.board import layout_of
from showctl.layouts.controls import Layout
from showctl.layouts.screens import PHONE, SCREENS, TABLET, Screen
from showctl.model.names import slug
from showctl.model.show import Show

PUSH_PORT = 9658


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file: the program it is for, its ending, and who writes it."""

    program: str
    ending: str
    media_type: str
    write: Callable[[Layout], bytes]


FORMATS: Mapping[str, Format] = {
    "touchosc": Format("TouchOSC", ".tosc", touchosc.MEDIA_TYPE, touchosc.tosc),
    "touchosc-mk1": Format("TouchOSC Mk1", ".touchosc", touchosc_mk1.MEDIA_TYPE, touchosc_mk1.touchosc_mk1),
    "open-stage-control": Format(
        "Open Stage Control", ".json", open_stage_control.MEDIA_TYPE, open_stage_control.session
    ),
}
"""By the name that `showctl export` knows."""


def file_name(show: Show, kind: Format, screen: Screen = TABLET) -> str:
    """The show's title and the format's ending; "-phone" where it is for one."""
    phone = "-phone" if screen is PHONE else ""
    return f"{slug(show.title) or 'show'}{phone}{kind.ending}"


def layout_names(show: Show) -> dict[str, str]:
    """By file name: the program it is for, and on what."""
    return {
        file_name(show, kind, screen): f"{kind.program}, {'phone' if screen is PHONE else 'tablet'}"
        for kind in FORMATS.values()
        for screen in SCREENS
    }


def layout_files(show: Show) -> dict[str, tuple[str, bytes]]:
    """By file name: the media type and the file. For both screens, all formats."""
    return {
        file_name(show, kind, screen): (kind.media_type, kind.write(layout_of(show, screen)))
        for kind in FORMATS.values()
        for screen in SCREENS
    }


def pushed(show: Show, screen: Screen = TABLET) -> tuple[dict[str, str], bytes]:
    """Headers and body of the answer to every GET on the port for this, PUSH_PORT where it is free."""
    name = file_name(show, FORMATS["touchosc-mk1"], screen)
    headers = {
        "Content-Type": touchosc_mk1.MEDIA_TYPE,
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return headers, touchosc_mk1.index_xml(layout_of(show, screen))

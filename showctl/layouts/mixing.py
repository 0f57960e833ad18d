"""The pages about sound: every bus with a strip for each source, and the click."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from showctl.layouts import palette
from showctl.layouts.controls import Caption, Control, Fader, Frame, Lamp, Pad, Page, Readout, Switch, Value
from showctl.layouts.paging import bundled, stretches
from showctl.layouts.palette import fitted_size
from showctl.layouts.screens import Screen
from showctl.layouts.strips import GAP
from showctl.model.levels import CLICK_RATES, CLICK_SOUNDS, sources
from showctl.model.show import Bus, Show
from showctl.model.units import SILENCE_DB

MIXES = ("a", "b", "c")
"""Names under which the layout saves and loads mixes."""

TEMPO_LOW, TEMPO_HIGH = 40.0, 240.0
"""What the metronome's fader spans; it can be tapped beyond."""

Strip = tuple[str, str, str]
"""What it is called, its bus, its source."""
Side = Callable[[Frame, Screen], tuple[Control, ...]]
Choice = tuple[str, Value]
"""What a pad says, and what it sends."""


def mix_page(show: Show, screen: Screen) -> Page:
    """A tab with the masters of all buses, one for each bus, and one for whole mixes."""
    masters = [(bus.name, bus.slug, "master") for bus in show.buses]
    buses = (
        _desks(bus.name, [(source, bus.slug, source) for source in ("master", *sources(show, bus))], screen,
               partial(_bus_side, bus))
        for bus in show.buses
    )  # fmt: skip
    saved = Page("SAVE", _saving(screen.page, screen))
    tabs = (_desks("ALL", masters, screen, _whole_side), *buses, saved)
    return Page("MIX", pages=bundled(tabs, screen))


def _desks(name: str, strips: Sequence[Strip], screen: Screen, side: Side) -> Page:
    """One page, or tabs where there are more strips than fit side by side."""
    pages = [Page(name, _desk(screen.page, part, screen, side)) for part in stretches(strips, screen.faders)]
    if len(pages) == 1:
        return pages[0]
    tabs = [replace(page, name=f"{name} {number}") for number, page in enumerate(pages, 1)]
    return Page(name, pages=bundled(tabs, screen))


def _desk(frame: Frame, strips: Sequence[Strip], screen: Screen, side: Side) -> tuple[Control, ...]:
    columns = frame.columns(*[1] * max(len(strips), screen.faders * 2 // 3), 1)
    faders = (control for column, strip in zip(columns, strips, strict=False) for control in _strip(column, strip))
    return (*faders, *side(columns[-1], screen))


def _strip(frame: Frame, strip: Strip) -> Iterator[Control]:
    """Name, fader, level, mute and solo from top to bottom. Soloing the sum of all would mean nothing."""
    name, bus, source = strip
    base = f"/bus/{bus}/{source}"
    top, travel, level, mute, solo = frame.rows(8, 62, 8, 13, 11)
    colour = palette.GO if source == "master" else palette.LEVEL
    yield Caption(top, name, fitted_size(name, frame.w, 17), palette.TEXT)
    yield Fader(travel.inset(GAP * 2), f"{base}/fader", colour=colour)
    yield Readout(level, f"{base}/db", fitted_size("-60.0 dB", frame.w, 17), decimals=1, unit=" dB", off_at=SILENCE_DB)
    size = fitted_size("MUTE", frame.w - 4 * GAP, 18)
    yield Switch(mute.inset(GAP), "MUTE", f"{base}/mute", palette.MUTE, size)
    if source != "master":
        yield Switch(solo.inset(GAP), "SOLO", f"{base}/solo", palette.SOLO, size)


def _bus_side(bus: Bus, frame: Frame, screen: Screen) -> tuple[Control, ...]:
    mono, dim, _ = frame.rows(1, 1, 2)
    size = fitted_size("MONO", frame.w - 4 * GAP, screen.text)
    return (
        Switch(mono.inset(GAP), "MONO", f"/bus/{bus.slug}/mono", palette.PLAIN, size),
        Switch(dim.inset(GAP), "DIM", f"/bus/{bus.slug}/dim", palette.PLAIN, size),
    )


def _whole_side(frame: Frame, screen: Screen) -> tuple[Control, ...]:
    mute, talk, _ = frame.rows(1, 1, 2)
    size = fitted_size("MUTE ALL", frame.w - 3 * GAP, screen.text)
    return (
        Switch(mute.inset(GAP), "MUTE ALL", "/mute/all", palette.MUTE, size),
        Switch(talk.inset(GAP), "TALK", "/talkback", palette.SOLO, size),
    )


def _saving(frame: Frame, screen: Screen) -> tuple[Control, ...]:
    load, save, revert, _ = frame.inset(GAP).rows(1, 1, 1, 1)
    loads = _pads(load, "/mix/load", [(f"LOAD {name.upper()}", name) for name in MIXES], screen.text)
    saves = _pads(save, "/mix/save", [(f"SAVE {name.upper()}", name) for name in MIXES], screen.text)
    return (
        *(replace(pad, colour=palette.GO) for pad in loads),
        *(replace(pad, colour=palette.MUTE) for pad in saves),
        Pad(revert.inset(GAP), "AS THE SHOW FILE HAS IT", "/mix/revert", (), palette.PLAIN, screen.text),
    )


# ── click ──


_SHORT = {"woodblock": "wood", "cowbell": "cow"}

CLICK_CHOICES: tuple[tuple[str, str, tuple[Choice, ...]], ...] = (
    ("CLICKS", "/click/subdivision", tuple((str(clicks), clicks) for clicks in (1, 2, 3, 4))),
    ("RATE", "/click/rate", tuple((f"x {rate:g}", rate) for rate in sorted(CLICK_RATES))),
    ("SOUND", "/click/sound", tuple((_SHORT.get(sound, sound), sound) for sound in CLICK_SOUNDS if sound != "custom")),
    ("COUNT-IN", "/countin", tuple((str(bars), bars) for bars in (0, 1, 2, 4))),
)
"""Captions, addresses, and what there is to choose."""

_UNTOLD = {"/countin"}
"""What comes back on this address is something else: the beats that are left."""


def click_page(screen: Screen) -> Page:
    first, *middle, last = screen.page.inset(GAP).rows(*[1] * (len(CLICK_CHOICES) + 2))
    choices = (
        control
        for frame, (caption, address, offered) in zip(middle, CLICK_CHOICES, strict=True)
        for control in _choice(frame, caption, address, offered, screen)
    )
    return Page("CLICK", (*_click_switches(first, screen), *choices, *_metronome(last, screen)))


def _click_switches(frame: Frame, screen: Screen) -> tuple[Control, ...]:
    click, only, short = frame.columns(1, 1, 1)
    size = fitted_size("COUNT-IN ONLY", click.w - 4 * GAP, screen.text)
    return (
        Switch(click.inset(GAP), "CLICK", "/click/enabled", palette.GO, size),
        Switch(only.inset(GAP), "CLICK ONLY", "/click/only", palette.MUTE, size),
        Switch(short.inset(GAP), "COUNT-IN ONLY", "/countin/click_only", palette.PLAIN, size),
    )


def _choice(frame: Frame, caption: str, address: str, offered: Sequence[Choice], screen: Screen) -> tuple[Control, ...]:
    """A pad for each; the one in force is lit."""
    name, rest = frame.columns(18, 82)
    pads = _pads(rest, address, offered, screen.text)
    if address not in _UNTOLD:
        pads = tuple(replace(pad, lamp=Lamp(address, pad.arguments[0])) for pad in pads)
    return (Caption(name, caption, fitted_size(caption, name.w - 2 * GAP, screen.text * 0.9), palette.QUIET), *pads)


def _pads(frame: Frame, address: str, offered: Sequence[Choice], wanted: float) -> tuple[Pad, ...]:
    columns = frame.columns(*[1] * len(offered))
    size = fitted_size(max((text for text, _ in offered), key=len), columns[0].w - 4 * GAP, wanted)
    return tuple(
        Pad(column.inset(GAP), text, address, (value,), palette.JUMP, size)
        for column, (text, value) in zip(columns, offered, strict=True)
    )


def _metronome(frame: Frame, screen: Screen) -> tuple[Control, ...]:
    switch, tap, travel, tempo = frame.columns(22, 18, 42, 18)
    size = fitted_size("METRO", switch.w - 4 * GAP, screen.text)
    return (
        Switch(switch.inset(GAP), "METRO", "/metronome", palette.GO, size),
        Pad(tap.inset(GAP), "TAP", "/tempo/tap", colour=palette.PLAIN, size=screen.text),
        Fader(travel.inset(GAP * 2), "/tempo", TEMPO_LOW, TEMPO_HIGH, palette.PLAIN),
        Readout(tempo, "/tempo", fitted_size("120.0", tempo.w, screen.text * 1.4), decimals=1),
    )

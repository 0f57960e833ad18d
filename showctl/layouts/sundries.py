"""The pages for rehearsals: jumping about and fading; cues and the machines that follow."""

from __future__ import annotations

from collections.abc import Sequence

from showctl.layouts import palette
from showctl.layouts.controls import Caption, Control, Fader, Frame, Pad, Page, Readout, Switch, Value
from showctl.layouts.paging import paged
from showctl.layouts.palette import fitted_size
from showctl.layouts.screens import Screen
from showctl.layouts.strips import GAP
from showctl.model.show import Show, Target

LATENCY_LOW_MS, LATENCY_HIGH_MS = -100.0, 200.0
"""What a target's fader spans."""

Press = tuple[str, str, tuple[Value, ...]]
"""Text, address, arguments."""


# ── jumps ──

BARS: tuple[Press, ...] = tuple((f"{bars:+d} BARS", "/jump/bars", (bars,)) for bars in (-8, -4, 4, 8))
BEATS: tuple[Press, ...] = (
    ("-1 BAR", "/jump/bars", (-1,)),
    ("-1 BEAT", "/jump/beats", (-1,)),
    ("+1 BEAT", "/jump/beats", (1,)),
    ("+1 BAR", "/jump/bars", (1,)),
)
STARTS: tuple[Press, ...] = (
    ("PLAY", "/play", ()),
    ("TO BAR 1", "/locate", ("1",)),
    ("CANCEL JUMP", "/jump/cancel", ()),
)
VAMPS: tuple[Press, ...] = (
    ("VAMP", "/vamp/start", ()),
    ("VAMP 2 x", "/vamp/start", (2,)),
    ("VAMP 4 x", "/vamp/start", (4,)),
    ("EXIT AT BAR", "/vamp/exit", ("bar",)),
)
FADES: tuple[Press, ...] = tuple((f"FADE {seconds:g} s", "/fade", (seconds,)) for seconds in (2.0, 10.0, 30.0))


LINES = (
    (BARS, palette.JUMP),
    (BEATS, palette.JUMP),
    (STARTS, palette.PLAIN),
    (VAMPS, palette.VAMP),
    (FADES, palette.FADE),
)


def jump_page(screen: Screen) -> Page:
    frames = screen.page.inset(GAP).rows(*[1] * len(LINES))
    lines = zip(frames, LINES, strict=True)
    return Page("JUMP", tuple(pad for frame, (line, colour) in lines for pad in _line(frame, line, colour, screen)))


def _line(frame: Frame, presses: Sequence[Press], colour: str, screen: Screen) -> tuple[Control, ...]:
    columns = frame.columns(*[1] * len(presses))
    size = fitted_size(max((text for text, _, _ in presses), key=len), columns[0].w - 4 * GAP, screen.text * 1.2)
    return tuple(
        Pad(column.inset(GAP), text, address, arguments, colour, size)
        for column, (text, address, arguments) in zip(columns, presses, strict=True)
    )


# ── cues and targets ──


def cue_page(show: Show, screen: Screen) -> Page:
    """What is told of cues and a pad for each; and the targets on tabs of their own, where there are any."""
    columns, rows = screen.cells

    def cues(frame: Frame, names: Sequence[str]) -> tuple[Control, ...]:
        return _cues(frame, names, screen)

    def targets(frame: Frame, chosen: Sequence[Target]) -> tuple[Control, ...]:
        return _targets(frame, chosen, screen)

    fired = paged("CUES", screen, cue_names(show), columns * (rows - 1), cues)
    if not show.targets:
        return fired
    followers = paged("TARGETS", screen, show.targets, rows, targets)
    return Page("CUES", pages=(fired, followers))


def cue_names(show: Show) -> tuple[str, ...]:
    """Those that have one, each once, in the order of the show."""
    cues = [cue for entry in show.entries for cue in show.songs[entry.song].cues]
    return tuple(dict.fromkeys(cue.name for cue in (*show.cues, *cues) if cue.name))


def _cues(frame: Frame, names: Sequence[str], screen: Screen) -> tuple[Control, ...]:
    columns, rows = screen.cells
    top, *lines = frame.inset(GAP).rows(*[1] * rows)
    cells = (cell for line in lines for cell in line.columns(*[1] * columns))
    size = fitted_size(max(names, key=len, default=""), top.w / columns - 3 * GAP, screen.text)
    pads = (
        Pad(cell.inset(GAP), name, "/cue/fire", (name,), palette.SECTION, size)
        for cell, name in zip(cells, names, strict=False)
    )
    return (*_told(top, screen), *pads)


def _told(frame: Frame, screen: Screen) -> tuple[Control, ...]:
    hold, next_name, standby, last_name, last = frame.columns(18, 10, 31, 10, 31)
    return (
        Switch(hold.inset(GAP), "HOLD", "/cue/hold", palette.LOCK, screen.text),
        Caption(next_name, "NEXT", fitted_size("NEXT", next_name.w - 2 * GAP, 16), palette.QUIET),
        Readout(standby, "/cue/standby", fitted_size("x" * 14, standby.w, screen.text), "", palette.ACCENT, "left"),
        Caption(last_name, "LAST", fitted_size("LAST", last_name.w - 2 * GAP, 16), palette.QUIET),
        Readout(last, "/cue", fitted_size("x" * 14, last.w, screen.text), "", palette.TEXT, "left"),
    )


def _targets(frame: Frame, targets: Sequence[Target], screen: Screen) -> tuple[Control, ...]:
    lines = frame.inset(GAP).rows(*[1] * screen.cells[1])
    return tuple(
        control for line, target in zip(lines, targets, strict=False) for control in _target(line, target, screen)
    )


def _target(frame: Frame, target: Target, screen: Screen) -> tuple[Control, ...]:
    """On and off, and how much earlier than it sounds it is told."""
    switch, travel, latency = frame.columns(30, 50, 20)
    base = f"/target/{target.slug}"
    return (
        Switch(switch.inset(GAP), target.name, f"{base}/enabled", palette.GO,
               fitted_size(target.name, switch.w - 4 * GAP, screen.text)),
        Fader(travel.inset(GAP * 2), f"{base}/latency", LATENCY_LOW_MS, LATENCY_HIGH_MS, palette.PLAIN),
        Readout(latency, f"{base}/latency", fitted_size("-100 ms", latency.w, screen.text), decimals=0, unit=" ms"),
    )  # fmt: skip

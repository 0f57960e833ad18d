"""What is on every page: above, where the song is; below, the transport with a GO that no one misses."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

from showctl.layouts import palette
from showctl.layouts.controls import Control, Frame, Lamp, Link, Pad, Readout, Switch
from showctl.layouts.palette import fitted_size
from showctl.layouts.screens import Screen
from showctl.model.show import Show

GAP = 4
"""Around each pad; a finger's width of nothing lies between STOP and GO anyway."""


def strips(show: Show, screen: Screen) -> tuple[Control, ...]:
    """The header and the footer."""
    header = Frame(0, 0, screen.width, screen.header)
    footer = Frame(0, screen.height - screen.footer, screen.width, screen.footer)
    if screen.is_wide:
        return (*_wide_header(show, header), *_wide_footer(footer))
    return (*_tall_header(show, header), *_tall_footer(footer))


# ── above ──


def _wide_header(show: Show, frame: Frame) -> tuple[Control, ...]:
    names, beat, side = frame.columns(56, 30, 14)
    left, lock, link = side.rows(44, 48, 40)
    return (*_names(show, names), _bar_beat(beat, 96), _left(left, 30), *_guards(lock, link, 16))


def _tall_header(show: Show, frame: Frame) -> tuple[Control, ...]:
    names, middle = frame.rows(84, 66)
    beat, left, side = middle.columns(46, 26, 28)
    lock, link = side.rows(1, 1)
    return (*_names(show, names), _bar_beat(beat, 52), _left(left, 24), *_guards(lock, link, 12))


def _names(show: Show, frame: Frame) -> tuple[Control, ...]:
    song, section = frame.inset(GAP).rows(1, 1)
    titles = [each.title for each in show.songs.values()]
    sections = [section.name for each in show.songs.values() for section in each.sections]
    return (
        Readout(song, "/text/song", longest_fitting(titles, song, 44), show.title, palette.TEXT, "left"),
        Readout(section, "/text/section", longest_fitting(sections, section, 44), "", palette.ACCENT, "left"),
    )


def longest_fitting(texts: Sequence[str], frame: Frame, wanted: float) -> float:
    """The size in which the longest of them fits, and at most `wanted`."""
    return fitted_size(max(texts, key=len, default=""), frame.w, min(wanted, frame.h * 0.8))


def _bar_beat(frame: Frame, wanted: float) -> Readout:
    return Readout(frame, "/text/barbeat", fitted_size("120.4", frame.w, wanted), "–.–", palette.TEXT)


def _left(frame: Frame, wanted: float) -> Readout:
    return Readout(frame, "/text/left", fitted_size("0:00:00", frame.w, wanted), "", palette.QUIET)


def _guards(lock: Frame, link: Frame, size: float) -> tuple[Control, ...]:
    sync, lamp = link.inset(GAP).columns(1, 1)
    return (
        Switch(lock.inset(GAP), "LOCK", "/lock", palette.LOCK, size),
        Pad(sync.inset(1), "SYNC", "/sync", colour=palette.PLAIN, size=size * 0.8),
        Link(lamp.inset(1), size * 0.8),
    )


# ── below ──


def _wide_footer(frame: Frame) -> tuple[Control, ...]:
    panic, stop, pause, fade, songs, sections, leave, go = frame.columns(11, 12, 12, 11, 12, 12, 13, 24)
    return tuple(
        chain(
            (_panic(panic, 20), _stop(stop, 26), _pause(pause, 24), _fade(fade, 22)),
            _neighbours(songs, "SONG", "/song", palette.SONG, 16),
            _neighbours(sections, "SECTION", "/section", palette.JUMP, 16),
            (_leave(leave, 19), _go(go, 64)),
        )
    )


def _tall_footer(frame: Frame) -> tuple[Control, ...]:
    upper, lower = frame.rows(84, 112)
    songs, sections, fade, leave = upper.columns(1, 1, 1, 1)
    panic, stop, pause, go = lower.columns(17, 22, 22, 39)
    return tuple(
        chain(
            _neighbours(songs, "SONG", "/song", palette.SONG, 13),
            _neighbours(sections, "SECT.", "/section", palette.JUMP, 13),
            (_fade(fade, 17), _leave(leave, 15), _panic(panic, 13), _stop(stop, 20), _pause(pause, 19), _go(go, 52)),
        )
    )


def _panic(frame: Frame, size: float) -> Pad:
    return Pad(frame.inset(GAP), "PANIC", "/panic", colour=palette.PANIC, size=size)


def _stop(frame: Frame, size: float) -> Pad:
    return Pad(frame.inset(GAP), "STOP", "/stop", colour=palette.STOP, size=size)


def _pause(frame: Frame, size: float) -> Pad:
    return Pad(frame.inset(GAP), "PAUSE", "/pause", colour=palette.PAUSE, size=size)


def _fade(frame: Frame, size: float) -> Pad:
    return Pad(frame.inset(GAP), "FADE", "/fade/out", colour=palette.FADE, size=size)


def _leave(frame: Frame, size: float) -> Pad:
    return Pad(frame.inset(GAP), "EXIT VAMP", "/vamp/exit", (), palette.VAMP, size, Lamp("/led/vamp"))


def _go(frame: Frame, size: float) -> Pad:
    return Pad(frame.inset(GAP), "GO", "/go", (), palette.GO, size, Lamp("/led/playing"))


def _neighbours(frame: Frame, what: str, address: str, colour: str, size: float) -> tuple[Control, ...]:
    following, previous = frame.rows(1, 1)
    return (
        Pad(following.inset(GAP), f"{what} +", f"{address}/next", colour=colour, size=size),
        Pad(previous.inset(GAP), f"{what} -", f"{address}/previous", colour=colour, size=size),
    )

"""Colours, and how large a text may be to fit."""

from __future__ import annotations

GO = "#18a048"
STOP = "#c03030"
PANIC = "#e01818"
PAUSE = "#c08018"
FADE = "#8050c0"
PLAIN = "#506478"
JUMP = "#3878b8"
VAMP = "#e07818"
LOCK = "#d8b018"
MUTE = "#d03838"
SOLO = "#d8b018"
LEVEL = "#4890c8"
SECTION = "#4870a0"
SONG = "#506890"
TEXT = "#ffffff"
ACCENT = "#ffd060"
QUIET = "#98a4b0"
BACKGROUND = "#000000"

_WIDTH = 0.64
"""A rune's mean width in a sans-serif face, as a part of the text size."""

_SMALLEST = 9


def fitted_size(text: str, width: float, wanted: float) -> float:
    """`wanted`, or less where the text would not fit into `width`."""
    room = width / (_WIDTH * max(1, len(text)))
    return max(_SMALLEST, min(wanted, room))


def rgb(colour: str) -> tuple[float, float, float]:
    """Each from 0 to 1, of "#rrggbb"."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue

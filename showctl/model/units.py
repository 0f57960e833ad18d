"""Units as types. The integer frame is the authority; beats and seconds come from closed formulas."""

from __future__ import annotations

from typing import NewType

Frame = NewType("Frame", int)
"""A frame of the session line, from 0 when the session starts, at the show's sample rate."""

SongFrame = NewType("SongFrame", int)
"""A frame of a song, 0 at bar 1; negative in a pickup and before a count-in."""

HostNs = NewType("HostNs", int)
"""Host time: `time.perf_counter_ns()`. The only clock that crosses processes."""

Seconds = NewType("Seconds", float)
Decibels = NewType("Decibels", float)

SILENCE_DB = -90.0
"""At and below this a level is silence."""

MAX_DB = 10.0


def amplitude(level_db: float) -> float:
    """The factor of a level in dB; 0.0 at and below `SILENCE_DB`."""
    return 0.0 if level_db <= SILENCE_DB else float(10.0 ** (level_db / 20.0))

"""The state table of the public contract, cell by cell."""

from __future__ import annotations

from typing import Literal, get_args

from showctl.model.plan import State

Cell = State | Literal["error", "same"]

STATES: tuple[State, ...] = get_args(State)

ROWS: dict[str, tuple[Cell, ...]] = {
    #           stopped    armed      countin    playing    vamping    paused     fading
    "/go":     ("error",   "countin", "error",   "error",   "vamping", "playing", "error"),
    "/play":   ("error",   "countin", "same",    "same",    "same",    "playing", "error"),
    "/pause":  ("same",    "same",    "armed",   "paused",  "paused",  "same",    "same"),
    "/stop":   ("same",    "same",    "armed",   "armed",   "armed",   "armed",   "armed"),
    "/panic":  ("stopped", "stopped", "stopped", "stopped", "stopped", "stopped", "stopped"),
}  # fmt: skip
"""What becomes of each state. With a count-in, started is `countin`; resumed is `playing` or, in a vamp, `vamping`."""


def cell(command: str, state: State) -> Cell:
    return ROWS[command][STATES.index(state)]

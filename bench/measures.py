"""Figures: what was measured, what the peer needed, what was wanted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

Tell = Callable[[str], None]
"""Says what is going on."""


class CannotMeasureError(Exception):
    """A bench lacks something it needs; the sentence says what."""


@dataclass(frozen=True, slots=True)
class Spread:
    """Values of one kind, by their percentiles."""

    count: int
    low: float
    median: float
    p95: float
    p99: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Raises CannotMeasureError where there is no value."""
        if not len(values):
            raise CannotMeasureError("nothing was measured")
        low, median, p95, p99, high = np.percentile(np.asarray(values, np.float64), (0, 50, 95, 99, 100))
        return cls(len(values), float(low), float(median), float(p95), float(p99), float(high))


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table. `met` is None where there is no goal; `ratio` is ours to the peer's."""

    what: str
    unit: str
    ours: Spread
    peer: Spread | None = None
    ratio: float | None = None
    goal: str = ""
    met: bool | None = None
    note: str = ""


def compared(  # noqa: PLR0913 - a line of a table has as many columns
    what: str, unit: str, ours: Sequence[float], peer: Sequence[float], *, at_most: float | None = None, note: str = ""
) -> Figure:
    """Values taken in alternation with the peer's. The ratio is that of the medians: single values are noisy."""
    own, other = Spread.of(ours), Spread.of(peer)
    ratio = own.median / other.median
    goal, met = ("", None) if at_most is None else (f"≤ {at_most:g} ×", ratio <= at_most)
    return Figure(what, unit, own, other, ratio, goal, met, note)

"""Which of many addresses somebody may have meant, found in bounded time: whoever mistypes one is not to delay a GO.

To compare two texts properly takes some 50 µs, and a large show has thousands of addresses. So all are first compared
by how many pairs of neighbouring characters they share with what was sent, at once, and properly only the likeliest.
"""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

import numpy as np
import numpy.typing as npt

MAX_CHARACTERS = 128
"""What is longer is no slip of the finger."""

LIKELIEST = 24

_BUCKETS = 128
"""Pairs of characters are counted in so many: two may share one, which only makes a likelier guess of a worse one."""

Counts = npt.NDArray[np.uint8]


class Hints:
    """Knows the addresses that there are."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._pairs: Counts = np.array([_pairs(each) for each in addresses], np.uint8).reshape(-1, _BUCKETS)
        self._lengths = np.array([len(each) for each in addresses])

    def nearest(self, wanted: str) -> str:
        """Empty where none is near."""
        if len(wanted) > MAX_CHARACTERS:
            return ""
        shared = np.minimum(self._pairs, _pairs(wanted)).sum(axis=1) / (self._lengths + len(wanted))
        likely = np.argsort(-shared, kind="stable")[:LIKELIEST]
        return next(iter(get_close_matches(wanted, [self._addresses[index] for index in likely], n=1)), "")


def _pairs(text: str) -> Counts:
    codes = np.frombuffer(text.encode("utf-32-le"), np.uint32)
    pairs = (codes[:-1] * 31 + codes[1:]) % _BUCKETS
    return np.bincount(pairs, minlength=_BUCKETS).astype(np.uint8)

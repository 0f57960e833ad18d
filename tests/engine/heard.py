"""What was captured against what the log of the night renders, block by block.

A device that loses nothing but whole blocks plays, in each of its periods, one block of the session or another: so
every captured period must be a rendered block, and the one after it the next. Where it is not, something was lost,
and an anchor has to tell of it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from showctl.shared.clock import Anchor
from tests.engine.shows import Audio

LIMIT = 10 ** (-120 / 20)

AUDIBLE = 0.001

NEAR_BLOCKS = 8
"""A loss shows at an anchor at once, or at the third block after it; the blocks around it may be lost as well."""

SKIPPED_BLOCKS = 64
"""The longest gap after which the block that goes on is looked for."""


@dataclass(frozen=True)
class Heard:
    """How many frames were compared, and the session frames where something else was heard that no anchor explains."""

    compared: int
    unexplained: list[int]


def heard(captured: Audio, rendered: Audio, anchors: Sequence[Anchor], period: int) -> Heard:
    """Follow `captured` from its first sound to the end of `rendered`, both [frames, outputs], NaN for what is unknown.

    The session runs on whole blocks of `period` frames, as on a device that loses nothing else.
    """
    blocks = _Rendered(rendered, period)
    gaps = np.array([anchor.session_frame // period for anchor in anchors])
    compared, unexplained, block, sure = 0, list[int](), -1, 0
    for played in _periods(captured, period):
        if block < 0 and (played is None or not _audible(played)):
            continue
        block = blocks.first_audible if block < 0 else block + 1
        if block >= blocks.count:
            break
        if played is None:
            continue
        compared += period
        told = (gaps >= sure - NEAR_BLOCKS) & (gaps <= block + NEAR_BLOCKS)
        if not blocks.equal(block, played) and not told.any():
            unexplained.append(block * period)
        if _audible(played):  # silence is like silence wherever it lies
            sure = block = blocks.nearest(block, played)
    return Heard(compared, unexplained)


def first_audible(audio: Audio) -> int:
    """The first row with a sound in it."""
    return int((np.nan_to_num(np.abs(audio)).max(axis=1) > AUDIBLE).argmax())


def _audible(played: Audio) -> bool:
    return bool((np.abs(played) > AUDIBLE).any())


def _periods(captured: Audio, period: int) -> Iterator[Audio | None]:
    """One period after the other; None for those that were not captured."""
    for row in range(0, len(captured) - period + 1, period):
        played = captured[row : row + period]
        yield None if np.isnan(played).any() else played


class _Rendered:
    def __init__(self, audio: Audio, period: int) -> None:
        self._audio = audio
        self._period = period
        self.count = len(audio) // period
        self.first_audible = first_audible(audio) // period

    def equal(self, block: int, played: Audio) -> bool:
        row = block * self._period
        return bool(np.abs(played - self._audio[row : row + self._period]).max() <= LIMIT)

    def nearest(self, block: int, played: Audio) -> int:
        """The block that was heard: this one, another near it, or this one if it is none."""
        near = sorted(
            range(max(0, block - SKIPPED_BLOCKS), min(self.count, block + SKIPPED_BLOCKS)), key=lambda b: abs(b - block)
        )
        return next((b for b in near if self.equal(b, played)), block)

"""The demo show as `showctl export` compiles it, without decoding its audio: a layout needs only names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from showctl.model.show import Show
from showctl.model.units import SongFrame
from showctl.showfile.load import load_show
from showctl.showfile.media import StemToPrepare

DEMO = Path(__file__).parents[2] / "shows" / "demo"


BAR_ONE = SongFrame(0)


@dataclass(frozen=True)
class Column:
    slug: str
    first: int
    offset: SongFrame
    channels: int = 1
    frames: int = 48_000


@dataclass(frozen=True)
class Facts:
    rate: int
    columns: Sequence[Column]
    key: str = "0" * 64
    frames: int = 48_000
    origin: SongFrame = BAR_ONE
    warnings: Sequence[str] = ()

    @property
    def channels(self) -> int:
        return len(self.columns)


def demo_show() -> Show:
    def prepare(stems: Sequence[StemToPrepare], rate: int) -> Facts:
        return Facts(rate, [Column(stem.slug, place, stem.offset) for place, stem in enumerate(stems)])

    return load_show(DEMO, prepare).usable()

"""The night's live levels and click settings. They outlive songs and restarts; the show file is never rewritten."""

from __future__ import annotations

from fractions import Fraction
from typing import Literal

import msgspec

from showctl.model.show import Bus, Record, Stem
from showctl.model.units import SILENCE_DB

SPECIAL_SOURCES = ("click", "guide", "ltc")
"""Sources made here, not recorded; never for the audience."""

ClickRate = Literal["1/2", "1", "2"]


class ClickMix(Record, frozen=True):
    """What is heard of the click; None means as the song says."""

    enabled: bool = True
    subdivision: int | None = None
    rate: ClickRate = "1"
    sound: str | None = None
    only: bool = False  # stems silent everywhere: rehearsal
    count_in: int | None = None  # bars
    count_in_only: bool = False  # the click falls silent when the song starts

    @property
    def factor(self) -> Fraction:
        return Fraction(self.rate)


class BusMix(Record, frozen=True):
    """Live changes of one bus: `levels_db` stand over the show file's; sources by slug, `master` too."""

    levels_db: dict[str, float] = {}
    muted: frozenset[str] = frozenset()
    soloed: frozenset[str] = frozenset()
    mono: bool = False
    dim: bool = False


class Mix(Record, frozen=True):
    """All live levels: what a bus does not name here is as its show file says."""

    buses: dict[str, BusMix] = {}
    click: ClickMix = ClickMix()
    mute_all: bool = False
    talkback: bool = False

    def bus(self, slug: str) -> BusMix:
        return self.buses.get(slug, BusMix())

    def with_bus(self, slug: str, bus: BusMix) -> Mix:
        return msgspec.structs.replace(self, buses={**self.buses, slug: bus})


def level_db(bus: Bus, live: BusMix, source: str) -> float | None:
    """The level of `source` in `bus`, or None where nothing names it (then it follows `stems`)."""
    if source in live.levels_db:
        return live.levels_db[source]
    if bus.mix is not None:
        return bus.mix.get(source)
    return 0.0 if source == "stems" or (source in SPECIAL_SOURCES[:2] and not bus.audience) else None


def stem_level_db(bus: Bus, live: BusMix, stem: Stem) -> float:
    """Gain + own level + group's + `stems` + master, in dB; at most SILENCE_DB where nothing brings the stem in."""
    named = [level_db(bus, live, source) for source in (stem.slug, stem.group, "stems") if source]
    heard = [level for level in named if level is not None]
    master = live.levels_db.get("master", 0.0)
    if not heard or min(*heard, master) <= SILENCE_DB:
        return SILENCE_DB
    return stem.gain_db + sum(heard) + master

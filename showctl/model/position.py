"""Positions as people write them: `17`, `"17.3+1/2"`, `"Chorus#2 - 1 bar"`, `"1:02.5 + 250 ms"`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from showctl.model.names import slug

AmountUnit = Literal["bar", "beat", "seconds"]


@dataclass(frozen=True, slots=True)
class BarBeat:
    """A place on the timeline; both count from 1, and the beat may have a fraction."""

    bar: int
    beat: Fraction = Fraction(1)

    def __str__(self) -> str:
        whole, part = divmod(self.beat, 1)
        return f"{self.bar}.{whole}" + (f"+{part}" if part else "")


@dataclass(frozen=True, slots=True)
class SectionRef:
    """The start of the `occurrence`-th section (from 1) whose name has this slug."""

    slug: str
    occurrence: int = 1


@dataclass(frozen=True, slots=True)
class Time:
    """Time from bar 1."""

    seconds: Fraction


@dataclass(frozen=True, slots=True)
class Amount:
    """A signed stretch; bars are whole."""

    value: Fraction | float
    unit: AmountUnit

    @property
    def negative(self) -> Amount:
        return Amount(-self.value, self.unit)


@dataclass(frozen=True, slots=True)
class Position:
    """An anchor, and how far from it."""

    anchor: BarBeat | SectionRef | Time
    amount: Amount | None = None


_FORMS = '17, "17.3", "17.3+1/2", "Chorus", "Chorus#2" or "1:02.5"'
_AMOUNTS = '"1 bar", "2 beats", "250 ms" or "1.5 s"'

_AMOUNT = re.compile(r"(?P<value>\d{1,9}(\.\d{1,9}|/[1-9]\d{0,8})?) *(?P<unit>bars?|beats?|ms|s)", re.ASCII)
_BAR_BEAT = re.compile(r"(?P<bar>\d{1,9})(\.(?P<beat>\d{1,9})(\+(?P<part>\d{1,9}/[1-9]\d{0,8}))?)?", re.ASCII)
_TIME = re.compile(r"(?P<minutes>\d{1,6}):(?P<seconds>[0-5]?\d(\.\d{1,9})?)", re.ASCII)
_SECTION = re.compile(r"(?P<name>[^#]+)(#(?P<occurrence>[1-9]\d{0,8}))?", re.ASCII)
_NUMERIC = re.compile(r"[-+]?\d[\d.:]*(\+.*)?", re.ASCII)  # meant as a number or a time, well formed or not

_UNITS: dict[str, tuple[AmountUnit, Fraction]] = {
    "bar": ("bar", Fraction(1)),
    "beat": ("beat", Fraction(1)),
    "ms": ("seconds", Fraction(1, 1000)),
    "s": ("seconds", Fraction(1)),
}


def parse_position(value: int | str) -> Position:
    """The position written as `value`. Raises ValueError with one sentence."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        hint = f'write it in quotes: "{value}"' if isinstance(value, float) else f"expected {_FORMS}"
        raise ValueError(f"{value} is not a position: {hint}")
    anchor, sign, amount = _split(str(value))
    if not sign:
        return Position(_parse_anchor(anchor))
    return Position(_parse_anchor(anchor), _parse_amount(amount) if sign == "+" else _parse_amount(amount).negative)


def _split(text: str) -> tuple[str, str, str]:
    """Anchor, sign and amount; the last two are empty where there is none."""
    found = re.search(r"\s([+-])\s", text)
    if not found:
        return text.strip(), "", ""
    return text[: found.start()].strip(), found[1], text[found.end() :].strip()


def _parse_amount(text: str) -> Amount:
    found = _AMOUNT.fullmatch(text)
    if not found:
        raise ValueError(f'expected an amount such as {_AMOUNTS}, got "{text}"')
    unit, factor = _UNITS[found["unit"] if found["unit"] in _UNITS else found["unit"][:-1]]
    size = Fraction(found["value"]) * factor
    if unit == "bar" and size.denominator != 1:
        raise ValueError(f'expected a whole number of bars, got "{text}": write beats instead')
    return Amount(size, unit)


def _parse_anchor(text: str) -> BarBeat | SectionRef | Time:
    if found := _BAR_BEAT.fullmatch(text):
        return _bar_beat(int(found["bar"]), int(found["beat"] or 1), Fraction(found["part"] or 0))
    if found := _TIME.fullmatch(text):
        return Time(int(found["minutes"]) * 60 + Fraction(found["seconds"]))
    found = None if _NUMERIC.fullmatch(text) else _SECTION.fullmatch(text)
    if not found or not slug(found["name"]):
        raise ValueError(f'expected a position such as {_FORMS}, got "{text}"')
    return SectionRef(slug(found["name"]), int(found["occurrence"] or 1))


def _bar_beat(bar: int, beat: int, part: Fraction) -> BarBeat:
    if bar < 1 or beat < 1:
        raise ValueError(f'bars and beats count from 1, got "{bar}.{beat}": before bar 1 write "1 - 2 beats"')
    return BarBeat(bar, beat + part)

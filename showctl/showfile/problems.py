"""What is wrong with a show: where it is, what was expected, what was found, and what was probably meant."""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning"]
Key = str | int
KeyPath = tuple[Key, ...]

SHOWN_LENGTH = 40
"""How much of a long value a sentence quotes."""


@dataclass(frozen=True, slots=True)
class Problem:
    """`file` is relative to the show; `line` counts from 1, 0 where the whole file (or a missing one) is meant."""

    file: str
    line: int
    severity: Severity
    text: str = ""
    expected: str = ""
    found: str = ""
    hint: str = ""

    @property
    def sentence(self) -> str:
        """One sentence for people: place, rule, value and remedy."""
        place = f"{self.file}, line {self.line}" if self.line else self.file
        expected = f"expected {self.expected}" if self.expected else ""
        found = f"found {self.found}" if self.found else ""
        told = ", ".join(part for part in (self.text, expected, found) if part)
        return f"{place}: {told}" + (f"; {self.hint}" if self.hint else "")


def in_order(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, by file and line."""
    return tuple(sorted(dict.fromkeys(problems), key=lambda problem: (problem.file, problem.line, problem.sentence)))


def shown(value: object) -> str:  # noqa: PLR0911 - one row per type
    """A TOML value as a sentence quotes it."""
    match value:
        case str():
            return f'"{_shortened(value)}"'
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if abs(value) < 10**SHOWN_LENGTH else "a number of very many digits"
        case float():
            return str(value) if math.isfinite(value) else f"{value} (not a finite number)"
        case list() | tuple():
            return "a list"
        case dict():
            return "a table"
        case dt.time():
            return f"the time of day {value}"
        case _:
            return f"the date {value}"


def _shortened(text: str) -> str:
    line = " ".join(text[: SHOWN_LENGTH + 1].split())
    return line if len(text) <= SHOWN_LENGTH else line[:SHOWN_LENGTH] + "…"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint that names the likeliest of the `known` words; empty where none is near."""
    by_folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(word[:SHOWN_LENGTH].casefold(), by_folded, n=1)
    return f'did you mean "{by_folded[near[0]]}"?' if near else ""


def listed(words: Iterable[str], last: str = "or") -> str:
    """`"a", "b" or "c"`."""
    quoted = [f'"{word}"' for word in words]
    return f" {last} ".join(part for part in (", ".join(quoted[:-1]), *quoted[-1:]) if part)

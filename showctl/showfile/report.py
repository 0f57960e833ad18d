"""Where the checks of one file note what they find."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

from showctl.model.names import slug
from showctl.showfile.locate import LineIndex
from showctl.showfile.problems import KeyPath, Problem, Severity


@dataclass(frozen=True, slots=True)
class Report:
    """The problems of one file so far. What a parser already complained about is `damaged`: top-level keys."""

    file: str
    lines: LineIndex = field(default_factory=LineIndex)
    damaged: frozenset[str] = frozenset()
    problems: list[Problem] = field(default_factory=list)

    def error(self, path: KeyPath, text: str = "", *, expected: str = "", found: str = "", hint: str = "") -> None:
        self._note("error", path, Problem("", 0, "error", text, expected, found, hint))

    def warning(self, path: KeyPath, text: str, *, hint: str = "") -> None:
        self._note("warning", path, Problem("", 0, "warning", text, hint=hint))

    def _note(self, severity: Severity, path: KeyPath, told: Problem) -> None:
        line = self.lines.line(path)
        self.problems.append(Problem(self.file, line, severity, told.text, told.expected, told.found, told.hint))


@dataclass(frozen=True, slots=True)
class Named:
    """Something people named, at `path`; `ascii` stands in where the name makes no slug."""

    name: str
    ascii: str | None
    path: KeyPath

    @property
    def slug(self) -> str:
        return slug(self.ascii or self.name)


def check_slugs(report: Report, kind: str, things: Iterable[Named]) -> None:
    """Reports names without a slug, and two of a kind with the same."""
    taken: dict[str, Named] = {}
    for thing in things:
        if not thing.slug:
            check_has_slug(report, thing)
        elif (other := taken.setdefault(thing.slug, thing)) is not thing:
            text = (
                f'two {kind} have the same name in addresses: "{other.name}" and "{thing.name}" are both "{thing.slug}"'
            )
            report.error(thing.path, text, hint='rename one, or give it another with ascii = "…"')


def check_has_slug(report: Report, thing: Named) -> None:
    if not thing.slug:
        hint = 'give it one with ascii = "Yoru"'
        report.error(thing.path, f'"{thing.name}" has no letter or digit for addresses', hint=hint)

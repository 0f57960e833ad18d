"""Loading a show with progress on the way, and telling its problems."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import Progress, TaskID

from showctl.cli.unheard import unheard
from showctl.media.cache import Cache, default_directory
from showctl.media.prepare import StemSource, prepare_song
from showctl.showfile.load import Loaded, load_show
from showctl.showfile.media import Prepared, StemToPrepare
from showctl.showfile.problems import Problem, in_order

OnFrames = Callable[[str, int, int], None]


def cache() -> Cache:
    """The user's cache of prepared audio. Raises `MediaError` if it cannot be used."""
    return Cache(default_directory(os.environ))


def load(folder: Path, into: Cache) -> Loaded:
    """The show in `folder`, prepared where it is not yet; how far that is goes to stderr."""
    root = folder.resolve()

    with _told_progress(root) as about:

        def prepare(stems: Sequence[StemToPrepare], rate: int) -> Prepared:
            sources = [StemSource(stem.slug, stem.path, stem.offset) for stem in stems]
            return prepare_song(sources, rate, into, about(sources))

        loaded = load_show(root, prepare)
    if not loaded.show:
        return loaded
    return replace(loaded, problems=in_order((*loaded.problems, *unheard(loaded.show))))


@contextmanager
def _told_progress(root: Path) -> Iterator[Callable[[Sequence[StemSource]], OnFrames]]:
    """What to call for each thing that may have to be prepared: a bar on a terminal, a line elsewhere."""
    if not sys.stderr.isatty():
        yield lambda stems: _Line(_subject(root, stems)).told
        return
    with Progress(console=Console(stderr=True), transient=True) as progress:
        yield lambda stems: _Bar(progress, _subject(root, stems), len(stems)).told


def _subject(root: Path, stems: Sequence[StemSource]) -> str:
    """A song's folder, or a single file."""
    path = stems[0].path.relative_to(root)
    return path.parent.as_posix() if len(stems) > 1 else path.as_posix()


class _Line:
    def __init__(self, subject: str) -> None:
        self._subject = subject
        self._said = False

    def told(self, _stem: str, _done: int, _expected: int) -> None:
        if not self._said:
            self._said = True
            sys.stderr.write(f"preparing {self._subject}\n")


class _Bar:
    def __init__(self, progress: Progress, subject: str, stems: int) -> None:
        self._progress = progress
        self._subject = subject
        self._stems = stems
        self._shares: dict[str, float] = {}
        self._task: TaskID | None = None

    def told(self, stem: str, done: int, expected: int) -> None:
        """The stems are read in lockstep; each is a share of the whole."""
        if self._task is None:
            self._task = self._progress.add_task(f"preparing {self._subject}", total=float(self._stems))
        self._shares[stem] = min(1.0, done / expected) if expected else 1.0
        self._progress.update(self._task, completed=sum(self._shares.values()))


# ── problems ──


def tell_problems(problems: Sequence[Problem], to: TextIO) -> bool:
    """One line each, errors first; then how many. True where there is no error."""
    errors = [problem for problem in problems if problem.severity == "error"]
    warnings = [problem for problem in problems if problem.severity == "warning"]
    for line in (*(problem.sentence for problem in errors), *map(_warning, warnings)):
        to.write(f"{line}\n")
    if problems:
        to.write(f"{_counted(len(errors), 'error')}, {_counted(len(warnings), 'warning')}\n")
    return not errors


def _warning(problem: Problem) -> str:
    place = f"{problem.file}, line {problem.line}: " if problem.line else f"{problem.file}: "
    return f"{place}warning: {problem.sentence.removeprefix(place)}"


def _counted(number: int, thing: str) -> str:
    return f"{number or 'no'} {thing}{'' if number == 1 else 's'}"

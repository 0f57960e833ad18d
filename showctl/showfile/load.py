"""A show folder to a compiled show: the edge that reads files and has media prepared."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from showctl.errors import ShowFileError
from showctl.model.show import Show
from showctl.showfile.compile import compile_show
from showctl.showfile.folder import read_folder
from showctl.showfile.media import Prepare, plan_media, prepare_media
from showctl.showfile.problems import Problem
from showctl.showfile.songs import plan_show


@dataclass(frozen=True, slots=True)
class Loaded:
    """`show` is None where one of the `problems` is an error; these are in order of file and line."""

    show: Show | None
    problems: tuple[Problem, ...]

    def usable(self) -> Show:
        """The show. Raises `ShowFileError` with a sentence for each error."""
        if self.show is None:
            raise ShowFileError(tuple(problem.sentence for problem in self.problems if problem.severity == "error"))
        return self.show


def load_show(root: Path, prepare: Prepare) -> Loaded:
    """Reads, prepares and compiles the show in the folder `root`.

    Raises `ShowFileError` where the folder cannot be read at all and `MediaError` where the cache cannot be
    written; everything else is in the problems.
    """
    folder = read_folder(root)
    plan = plan_show(folder.texts, folder.listing)
    requests, misplaced = plan_media(plan)
    facts, unusable = prepare_media(requests, plan.source.audio.sample_rate, root, prepare)
    compiled = compile_show(plan, facts, (*misplaced, *unusable))
    return Loaded(compiled.show, compiled.problems)

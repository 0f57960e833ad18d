"""`showctl export`: layouts for tablets, made from a show."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from showctl.cli.shows import cache, load, tell_problems
from showctl.cli.usage import WrongUsage
from showctl.errors import ShowctlError
from showctl.layouts.board import layout_of
from showctl.layouts.files import FORMATS, Format, file_name
from showctl.layouts.screens import PHONE, TABLET


def run(options: argparse.Namespace) -> int:
    """Raises `ShowctlError`, and `WrongUsage` for a name with the ending of something else."""
    kind = FORMATS[options.format]
    if options.output and not options.output.is_dir():
        _expect_ending(options.output, kind)
    loaded = load(options.show, cache())
    if not tell_problems(loaded.problems, sys.stderr):
        return 1
    show = loaded.usable()
    screen = PHONE if options.phone else TABLET
    path = options.output or Path()
    if path.is_dir():
        path /= file_name(show, kind, screen)
    write_whole(path, kind.write(layout_of(show, screen)))
    sys.stdout.write(f"{path}\n")
    return 0


def _expect_ending(path: Path, kind: Format) -> None:
    """An export replaces the one before, so a name typed wrongly must not replace anything else."""
    if path.suffix.lower() != kind.ending:
        raise WrongUsage(f"expected a name ending in {kind.ending} for {kind.program}, got {path.name}")


def write_whole(path: Path, content: bytes) -> None:
    """All of it or nothing: whoever opens the file meanwhile finds the one before. Raises `ShowctlError`."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    except OSError as exc:
        part.unlink(missing_ok=True)
        raise ShowctlError(f"cannot write {path} ({exc.strerror}): choose another place with -o") from exc

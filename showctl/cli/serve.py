"""`showctl serve`."""

from __future__ import annotations

import argparse
import datetime as dt
import logging
import sys
from pathlib import Path

from showctl.cli.places import night_path, show_name
from showctl.cli.shows import cache, load, tell_problems
from showctl.shared.rundir import RuntimeDirectory, default_directory
from showctl.supervisor.options import Options
from showctl.supervisor.serve import serve


def run(options: argparse.Namespace) -> int:
    """Runs until it is asked to end. Raises `ShowctlError`."""
    folder: Path = options.show
    prepared = cache()
    loaded = load(folder, prepared)
    if not tell_problems(loaded.problems, sys.stderr):
        return 1
    night_log = night_path(folder, dt.datetime.now())
    service_log = night_log.with_suffix(".log")
    logging.basicConfig(
        filename=service_log, level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    return serve(
        loaded.usable(),
        Options(
            folder=folder.resolve(),
            cache=prepared.directory.resolve(),
            runtime=RuntimeDirectory(options.state) if options.state else default_directory(show_name(folder)),
            night_log=night_log,
            service_log=service_log,
            device=options.device,
            allow_missing=options.allow_missing,
            osc_port=options.osc_port,
            web_port=options.web_port,
            bind=options.bind or "",
            interfaces=tuple(options.interface),
            zeroconf=options.zeroconf,
        ),
    )

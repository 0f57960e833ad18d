"""`python -m bench [NAME …] [--quick]`: runs the benches, prints a table, and writes bench/results.json."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from types import ModuleType

import msgspec
from rich.console import Console
from rich.table import Table

from bench import beat_timing, bounce_speed, engine_cpu, go_latency, prepare_speed, xruns
from bench.machine import load, machine
from bench.measures import CannotMeasureError, Figure, Spread, Tell

BENCHES: dict[str, ModuleType] = {
    module.__name__.removeprefix("bench."): module
    for module in (go_latency, beat_timing, engine_cpu, xruns, bounce_speed, prepare_speed)
}
RESULTS = Path(__file__).with_name("results.json")

Bench = Callable[..., list[Figure]]


def main(arguments: Sequence[str]) -> int:
    """0 if everything was measured and met its goal, 1 if not, 130 on Ctrl-C."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # both leave through every `finally`
    console = Console()
    facts = machine()
    figures: dict[str, list[Figure]] = {}
    problems: dict[str, str] = {}
    try:
        for name in options.names or BENCHES:
            _run(name, console, figures, problems, quick=options.quick)
    except KeyboardInterrupt:
        return 130
    facts["load afterwards"] = load()
    _print(console, facts, figures, problems)
    RESULTS.write_bytes(_encoded(facts, figures, problems, quick=options.quick))
    return 1 if problems or any(figure.met is False for group in figures.values() for figure in group) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures showctl beside its peers.")
    parser.add_argument("names", nargs="*", metavar="NAME", choices=[[], *BENCHES], help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    return parser


def _run(
    name: str, console: Console, figures: dict[str, list[Figure]], problems: dict[str, str], *, quick: bool
) -> None:
    """One bench; what keeps it from measuring is a problem to print, and the others still run."""
    since = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="showctl-bench-") as folder, console.status(name) as status:
        tell: Tell = lambda text: status.update(f"{name}: {text}")  # noqa: E731
        try:
            figures[name] = BENCHES[name].run(Path(folder), tell, quick=quick)
        except CannotMeasureError as exc:
            problems[name] = str(exc)
        except Exception:
            problems[name] = traceback.format_exc(limit=-3)
    console.print(f"{name}: {'not measured' if name in problems else 'done'} in {time.monotonic() - since:.0f} s")

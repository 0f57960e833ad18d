"""`python -m bench [NAME …] [--quick]`: runs the benches, prints a table, and writes bench/results.json."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
from rich.console import Console
from rich.table import Table

from bench import beat_timing, bounce_speed, crowd, engine_cpu, go_latency, osc_surface, prepare_speed, xruns
from bench.machine import load, machine
from bench.measures import CannotMeasureError, Figure, Spread, Tell

Bench = Callable[..., Iterator[Figure]]

BENCHES: dict[str, Bench] = {
    "go_latency": go_latency.run,
    "beat_timing": beat_timing.run,
    "engine_cpu": engine_cpu.run,
    "xruns": xruns.run,
    "crowd": crowd.run,
    "bounce_speed": bounce_speed.run,
    "prepare_speed": prepare_speed.run,
    "osc_surface": osc_surface.run,
}
RESULTS = Path(__file__).with_name("results.json")
LOG_CHARACTERS = 300
WIDTH = 200  # where there is no terminal


class Results(msgspec.Struct):
    """What is kept in results.json. `problems` says why a bench could not measure."""

    quick: bool
    machine: dict[str, str]
    figures: dict[str, list[Figure]] = {}
    problems: dict[str, str] = {}

    @property
    def good(self) -> bool:
        """Everything was measured, and no goal was missed."""
        return not self.problems and all(figure.met is not False for each in self.figures.values() for figure in each)


def main(arguments: Sequence[str]) -> int:
    """0 if everything was measured and met its goal, 1 if not, 130 on Ctrl-C."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that both leave through every `finally`
    console = Console(width=None if sys.stdout.isatty() else WIDTH)
    results = Results(options.quick, machine())
    try:
        for name in options.names or BENCHES:
            _run(name, results, console)
    except KeyboardInterrupt:
        return 130
    results.machine["load afterwards"] = load()
    _print(results, console)
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(results)) + b"\n")
    return 0 if results.good else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measures showctl beside its peers.")
    parser.add_argument("names", nargs="*", type=_name, metavar="NAME", help=", ".join(BENCHES))
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    return parser


def _name(text: str) -> str:
    if text not in BENCHES:
        raise argparse.ArgumentTypeError(f"expected one of {', '.join(BENCHES)}, got {text!r}")
    return text


def _run(name: str, results: Results, console: Console) -> None:
    """One bench. Whatever keeps it from measuring is a problem to print, and the others still run."""
    since = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="showctl-bench-") as folder, console.status(name) as status:
        try:
            bench = BENCHES[name](Path(folder), _teller(name, status, console), quick=results.quick)
            results.figures[name] = found = list[Figure]()
            found.extend(bench)
        except CannotMeasureError as exc:
            results.problems[name] = f"{exc}\n{_logs(Path(folder))}"
        except Exception:
            results.problems[name] = traceback.format_exc(limit=-3)
    outcome = "not measured" if name in results.problems else "done"
    console.print(f"{name}: {outcome} in {time.monotonic() - since:.0f} s, load {load()}", highlight=False)


def _teller(name: str, status: Any, console: Console) -> Tell:  # noqa: ANN401 - rich.status.Status, or none
    def tell(text: str) -> None:
        if console.is_terminal:
            status.update(f"{name}: {text}")
        else:
            console.print(f"{name}: {text}", highlight=False)

    return tell


def _logs(folder: Path) -> str:
    """The last lines of every log, for whoever wants to know why."""
    tails = (
        f"{log.name}: {log.read_text(errors='replace')[-LOG_CHARACTERS:]}" for log in sorted(folder.rglob("*.log"))
    )
    return "\n".join(tails)


# ── the table ──


def _print(results: Results, console: Console) -> None:
    for name, text in results.machine.items():
        console.print(f"[bold]{name}[/bold] {text}", highlight=False)
    if results.figures:
        console.print(_table(results.figures))
    for name, text in results.problems.items():
        console.print(f"[bold red]{name}[/bold red] could not be measured: ", end="", highlight=False)
        console.print(text, markup=False, highlight=False)


def _table(figures: dict[str, list[Figure]]) -> Table:
    table = Table(title="showctl beside its peers: median / p95 / p99")
    table.add_column("figure", overflow="fold")
    for column in ("showctl", "peer", "ratio"):
        table.add_column(column, justify="right")
    for column in ("goal", "met", "remarks"):
        table.add_column(column, overflow="fold")
    for group in figures.values():
        for figure in group:
            table.add_row(*_row(figure))
        table.add_section()
    return table


def _row(figure: Figure) -> tuple[str, ...]:
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    met = {None: "", True: "[green]yes[/green]", False: "[bold red]no[/bold red]"}[figure.met]
    peer = _shown(figure.peer) if figure.peer else ""
    return f"{figure.what}, {figure.unit}", _shown(figure.ours), peer, ratio, figure.goal, met, figure.note


def _shown(spread: Spread) -> str:
    if spread.count == 1:
        return f"{spread.median:.4g}"
    return f"{spread.median:.4g} / {spread.p95:.4g} / {spread.p99:.4g}  ({spread.count})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

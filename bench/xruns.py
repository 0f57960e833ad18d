"""Xruns at 64 frames while both cores compute: the server's own count, with the engine and with scsynth in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bench.capture import XrunCounter, xrun_counter
from bench.engine import engine
from bench.jack import JackServer, jack_server
from bench.measures import Figure, Spread, Tell
from bench.processes import busy_cores
from bench.scsynth import player, scsynth
from bench.shows import Built, ShowRecipe, SongRecipe, built

PERIOD = 64
STEMS, OUTPUTS = 32, 16
BUFFERS = 20.0


def run(folder: Path, tell: Tell, *, quick: bool) -> Iterator[Figure]:
    """Pairs of counts, and what the server counts with nobody there."""
    pairs, seconds = (3, 2.0) if quick else (10, 4.0)
    recipe = ShowRecipe((SongRecipe("a", BUFFERS, STEMS),), OUTPUTS, PERIOD)
    show = built(folder / "mixed", recipe)
    ours, theirs = [], []
    with jack_server(folder, PERIOD) as server, xrun_counter(server) as counter:
        tell("nobody there")
        idle = [float(counter.over(seconds)) for _ in range(2)]
        with busy_cores():
            loaded = [float(counter.over(seconds)) for _ in range(2)]
            for number in range(pairs):
                tell(f"pair {number + 1} of {pairs}")
                ours.append(_with_engine(server, counter, show, seconds))
                theirs.append(_with_scsynth(server, counter, show, seconds))
    yield _difference(ours, theirs, seconds)
    yield Figure(f"xruns in {seconds:g} s of the server alone, idle", "xruns", Spread.of(idle))
    yield Figure(f"xruns in {seconds:g} s of the server alone, both cores busy", "xruns", Spread.of(loaded))


def _with_engine(server: JackServer, counter: XrunCounter, show: Built, seconds: float) -> float:
    with engine(server, show):
        return float(counter.over(seconds))


def _with_scsynth(server: JackServer, counter: XrunCounter, show: Built, seconds: float) -> float:
    with scsynth(server, show.folder, OUTPUTS) as running:
        running.load(player(OUTPUTS, gains=True), show.files)
        running.play(STEMS)
        return float(counter.over(seconds))


def _difference(ours: list[float], theirs: list[float], seconds: float) -> Figure:
    """Missed if even the low end of the median difference, resampled from the pairs, is above 0."""
    differences = np.subtract(ours, theirs)
    samples = np.random.default_rng(0).choice(differences, (10_000, len(differences)))
    low, high = np.percentile(np.median(samples, axis=1), (5, 95))
    note = f"median difference {np.median(differences):+.1f}, 90 % between {low:+.1f} and {high:+.1f}"
    what = f"xruns in {seconds:g} s, both cores busy, {PERIOD} frames"
    goal = "difference ≤ 0 within the noise"
    return Figure(what, "xruns", Spread.of(ours), Spread.of(theirs), None, goal, bool(low <= 0), note)

"""How fast a song is rendered to files, beside scsynth rendering the same mix offline."""

from __future__ import annotations

import os
import resource
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bench.jack import RATE
from bench.measures import CannotMeasureError, Figure, Tell, compared
from bench.scsynth import player, render_offline, write_score
from bench.service import SHOWCTL, own_places
from bench.shows import Built, ShowRecipe, SongRecipe, built

STEMS, OUTPUTS = 16, 8
GOAL = 100.0


def run(folder: Path, tell: Tell, *, quick: bool) -> Iterator[Figure]:
    """Seconds of music rendered in a second."""
    seconds, rounds = (60.0, 2) if quick else (240.0, 4)
    recipe = ShowRecipe((SongRecipe("a", seconds, STEMS),), OUTPUTS, 128)
    show = built(folder / "mixed", recipe)
    ours, theirs = [], []
    _bounced(show)  # a program that was installed is compiled; this one is, from its second start on
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        ours.append(_bounced(show))
        theirs.append(_rendered_by_peer(show, seconds))
    what = f"bounce of {STEMS} stems → {OUTPUTS} outputs, {seconds:g} s"
    note = "whole programs: showctl bounce of a prepared show; scsynth -N, which reads the stems first"
    by_clock = _speed(what, seconds, [took.wall for took in ours], [took.wall for took in theirs])
    by_cpu = _speed(f"{what}, by CPU time", seconds, [took.cpu for took in ours], [took.cpu for took in theirs])
    met = by_clock.ours.median >= GOAL
    yield replace(by_clock, goal=f"≥ {GOAL:g} × real time", met=met, note=note)
    yield by_cpu


@dataclass(frozen=True, slots=True)
class _Took:
    """Seconds of the clock, and of the processor (less where others or the disk were waited for)."""

    wall: float
    cpu: float


def _speed(what: str, seconds: float, ours: Sequence[float], theirs: Sequence[float]) -> Figure:
    return compared(what, "× real time", [seconds / took for took in ours], [seconds / took for took in theirs])


def _bounced(show: Built) -> _Took:
    places = own_places(show.folder, show.folder) | {"SHOWCTL_CACHE": str(show.cache)}
    compiled = {"PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": str(show.folder / "pycache")}
    return _timed([str(SHOWCTL), "bounce", str(show.show), "-o", str(show.folder / "bounced")], places | compiled)


def _rendered_by_peer(show: Built, seconds: float) -> _Took:
    score, out = show.folder / "score.osc", show.folder / "peer.wav"
    write_score(score, player(OUTPUTS, gains=True), show.files, seconds)
    took = _timed(render_offline(score, out, OUTPUTS, RATE), {})
    if out.stat().st_size < seconds * RATE * OUTPUTS * 4 * 0.99:
        raise CannotMeasureError("scsynth -N does not render all of it")
    return took


def _timed(command: Sequence[str], env: Mapping[str, str]) -> _Took:
    """A program from its start to its end. Raises CannotMeasureError if it fails."""
    since, cpu_since = time.perf_counter(), _cpu_of_children()
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, check=False, timeout=300)
    if done.returncode:
        raise CannotMeasureError(f"{command[0]} failed: {done.stderr.decode(errors='replace')[-200:]}")
    return _Took(time.perf_counter() - since, _cpu_of_children() - cpu_since)


def _cpu_of_children() -> float:
    """Of those that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime

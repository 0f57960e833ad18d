"""How fast a song is rendered to files, beside scsynth rendering the same mix offline."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from bench.engine import NO_CLICK
from bench.jack import RATE
from bench.measures import CannotMeasureError, Figure, Spread, Tell
from bench.scsynth import player, render_offline, write_score
from bench.shows import Built, ShowRecipe, SongRecipe, built
from showctl.engine.bank import Bank, media_of
from showctl.engine.bounce import Excerpt, bounce
from showctl.model.plan import MixMark, Plan, Play
from showctl.model.units import Frame, SongFrame

STEMS, OUTPUTS = 16, 8
GOAL = 100.0


def run(folder: Path, tell: Tell, *, quick: bool) -> list[Figure]:
    """Seconds of music rendered in a second."""
    seconds, rounds = (30.0, 2) if quick else (120.0, 5)
    recipe = ShowRecipe((SongRecipe("a", seconds, STEMS),), OUTPUTS, 128)
    show = built(folder / "mixed", recipe)
    ours, theirs = [], []
    for number in range(rounds):
        tell(f"round {number + 1} of {rounds}")
        ours.append(seconds / _bounced(show))
        theirs.append(seconds / _rendered_by_peer(show, seconds))
    spread = Spread.of(ours)
    what = f"bounce of {STEMS} stems → {OUTPUTS} outputs, {seconds:g} s"
    ratio = spread.median / Spread.of(theirs).median
    note = "peer: scsynth -N with its start and reading the stems; ours prepared"
    goal, met = f"≥ {GOAL:g} × real time", spread.median >= GOAL
    return [Figure(what, "× real time", spread, Spread.of(theirs), ratio, goal, met, note)]


def _bounced(show: Built) -> float:
    """Seconds it took."""
    since = time.perf_counter()
    score, bank = show.score, Bank(show.score.rate)
    bank.load(show.cache, media_of(score.song(1)))
    plan = Plan(1, score.hash, score.rate, (Play(Frame(0), 1, SongFrame(0)),), (MixMark(Frame(0), NO_CLICK),))
    bounce(score, Excerpt(plan, Frame(score.song(1).end)), bank, show.folder / "bounced")
    return time.perf_counter() - since


def _rendered_by_peer(show: Built, seconds: float) -> float:
    """Seconds it took."""
    score, out = show.folder / "score.osc", show.folder / "peer.wav"
    write_score(score, player(OUTPUTS, gains=True), show.files, seconds)
    command = render_offline(score, out, OUTPUTS, RATE)
    since = time.perf_counter()
    done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    took = time.perf_counter() - since
    if done.returncode or out.stat().st_size < seconds * RATE * OUTPUTS * 4 * 0.99:
        raise CannotMeasureError(f"scsynth -N failed: {done.stderr.decode(errors='replace')[-200:]}")
    return took

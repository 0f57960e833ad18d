"""What the engine costs while it plays on steadily, beside scsynth playing the same stems to the same outputs.

Both play every stem to every output with a level each. The engine's figures include its safety limiters and meters,
which cannot be switched off and which scsynth does not have; the click, and limiters at work, are rows of their own.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.engine import NO_CLICK, WITH_CLICK, engine
from bench.jack import RATE, JackServer, jack_server
from bench.measures import CannotMeasureError, Figure, Spread, Tell, compared
from bench.processes import anonymous_bytes, cpu_share, process
from bench.scsynth import player, scsynth
from bench.shows import Built, ShowRecipe, SongRecipe, built
from showctl.model.mix import Mix

STEMS, OUTPUTS = 32, 16
WIDE_STEMS, WIDE_OUTPUTS, WIDE_PERIOD = 128, 64, 128
GOALS = {64: 1.0, 128: 0.7}
MEMORY_SLACK_BYTES = 2 << 20
WIDE_DB = -34.0
"""So many stems together stay below the limiters."""

LOUD_DB = 0.0
"""At this level every limiter is at work all the time."""


def run(folder: Path, tell: Tell, *, quick: bool) -> Iterator[Figure]:
    """CPU, callback times and memory."""
    pairs, seconds = (2, 1.5) if quick else (4, 4.0)
    for period, goal in GOALS.items():
        tell(f"{STEMS} stems to {OUTPUTS} outputs at {period} frames")
        plain = built(folder / f"plain-{period}", ShowRecipe((SongRecipe("a", 20, STEMS),), OUTPUTS, period))
        yield _pairs(plain, period, (pairs, seconds), goal)
        yield _floor(plain, period, (pairs, seconds))
    tell("the same with features")
    yield from _features(folder, plain, seconds)
    tell(f"{WIDE_STEMS} stems to {WIDE_OUTPUTS} outputs")
    yield from _wide(folder, seconds)
    tell("memory")
    yield _memory(folder, 60 if quick else 300)


def _pairs(show: Built, period: int, rounds: tuple[int, float], goal: float | None) -> Figure:
    """`rounds` is how many pairs and how many seconds each."""
    count, seconds = rounds
    ours, theirs = [], []
    with jack_server(show.folder, period) as server:
        for _ in range(count):
            ours.append(_engine_share(server, show, seconds))
            theirs.append(_scsynth_share(server, show, seconds))
    what = f"CPU, {len(show.files)} stems → {show.outputs} outputs, {period} frames"
    return compared(what, "% of a core", ours, theirs, at_most=goal, note="alternated pairs")


def _floor(show: Built, period: int, rounds: tuple[int, float]) -> Figure:
    """What the same device costs a Python program that renders nothing."""
    count, seconds = rounds
    with jack_server(show.folder, period) as server:
        silent = [_silent_share(server, show.outputs, period, seconds) for _ in range(count)]
    note = "the server, PortAudio and the interpreter, before anything is rendered"
    what = f"CPU of a Python callback that plays silence, {period} frames"
    return Figure(what, "% of a core", Spread.of(silent), note=note)


def _silent_share(server: JackServer, outputs: int, period: int, seconds: float) -> float:
    command = (sys.executable, "-m", "bench.silence", str(outputs), str(period))
    with process(command, env=server.env, output=subprocess.PIPE) as child:
        assert child.stdout
        if child.stdout.readline() != b"playing\n":
            raise CannotMeasureError("the bare callback does not start")
        return cpu_share(child.pid, seconds)


def _engine_share(server: JackServer, show: Built, seconds: float, mix: Mix = NO_CLICK) -> float:
    with engine(server, show, mix) as running:
        return cpu_share(running.pid, seconds)


def _scsynth_share(server: JackServer, show: Built, seconds: float) -> float:
    with scsynth(server, show.folder, show.outputs) as running:
        running.load(player(show.outputs, gains=True), show.files)
        running.play(len(show.files))
        return cpu_share(running.pid, seconds)


def _features(folder: Path, plain: Built, seconds: float) -> Iterator[Figure]:
    """At 128 frames: the click in every bus, and every limiter at work, beside the plain mix."""
    song = SongRecipe("a", 20, STEMS)
    clicked = built(folder / "clicked", ShowRecipe((song,), OUTPUTS, 128, click_db="0.0"))
    loud = built(folder / "loud", ShowRecipe((song,), OUTPUTS, 128, stem_db=LOUD_DB, click_db="0.0"))
    with jack_server(folder, 128) as server:
        bare = [_engine_share(server, plain, seconds)]
        with_click = [_engine_share(server, clicked, seconds, WITH_CLICK)]
        limiting = [_engine_share(server, loud, seconds, WITH_CLICK)]
    note = "beside the engine without"
    yield compared("CPU with the click in every bus, 128 frames", "% of a core", with_click, bare, note=note)
    yield compared("CPU with click and every limiter at work", "% of a core", limiting, bare, note=note)


def _wide(folder: Path, seconds: float) -> Iterator[Figure]:
    """Every callback has to be done within half a block."""
    show = built(
        folder / "wide", ShowRecipe((SongRecipe("a", 6, WIDE_STEMS),), WIDE_OUTPUTS, WIDE_PERIOD, stem_db=WIDE_DB)
    )
    half_us = WIDE_PERIOD / RATE * 1e6 / 2
    with jack_server(folder, WIDE_PERIOD) as server, engine(server, show) as running:
        took = Spread.of(running.callback_us(2 * seconds))
    what = f"callback, {WIDE_STEMS} stems → {WIDE_OUTPUTS} outputs, {WIDE_PERIOD} frames"
    goal = f"p99 ≤ {half_us:.0f}"
    timed = Figure(
        what,
        "µs",
        took,
        goal=goal,
        met=took.p99 <= half_us,
        note="half a block; by the clock, so time taken by others counts",
    )
    yield timed
    yield _pairs(show, WIDE_PERIOD, (1, seconds), None)


def _memory(folder: Path, longest: float) -> Figure:
    """The engine's own memory with a long song, beside that with a short one."""
    with jack_server(folder, 128) as server:
        short, long = (_anonymous_mib(server, _song_of(folder, seconds)) for seconds in (5.0, longest))
    met = long - short <= MEMORY_SLACK_BYTES / 2**20
    what = f"anonymous memory, song of {longest:g} s beside 5 s"
    return Figure(what, "MiB", Spread.of([long]), Spread.of([short]), long / short, "the same", met)


def _song_of(folder: Path, seconds: float) -> Built:
    recipe = ShowRecipe((SongRecipe("a", seconds, 8),), OUTPUTS, 128)
    return built(folder / f"memory-{seconds:g}", recipe)


def _anonymous_mib(server: JackServer, show: Built) -> float:
    with engine(server, show) as running:
        return anonymous_bytes(running.pid) / 2**20

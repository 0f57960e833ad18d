"""What a message costs before it does anything: read and bound to its method; and a pattern among 2,000 addresses."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench.measures import Figure, Spread, Tell
from showctl.model.show import Bus, Show, Song, Stem
from showctl.model.units import SongFrame
from showctl.osc.codec import Message, decode, encode
from showctl.osc.patterns import AddressSpace
from showctl.osc.surface import Surface

FADER_GOAL_US = 15.0
MATCH_GOAL_US = 50.0
AT_ONCE = 200

ADDRESSES = tuple(
    f"/bus/{bus}/stem-{stem}/{what}"
    for bus in ("foh", "drums", "bass", "keys", "vox", "guitar", "monitor", "broadcast")
    for stem in range(1, 51)
    for what in ("db", "fader", "mute", "mute/toggle", "solo")
)
PATTERNS = tuple(
    pattern.replace("<bus>", bus)
    for bus in ("foh", "drums", "bass", "keys", "vox", "guitar", "monitor", "broadcast")
    for pattern in (
        "/bus/<bus>/*/mute",
        "/*/<bus>/stem-7/fader",
        "/bus/<bus>/stem-12/{db,fader}",
        "/bus/{<bus>,drums}/stem-[1-4]/mute",
        "/bus/<bus>/stem-?/db",
        "/bus/<bus>//solo",
    )
)


def run(_folder: Path, tell: Tell, *, quick: bool) -> Iterator[Figure]:
    """Microseconds each, on one core, without a network."""
    rounds = 20 if quick else 200
    tell("faders")
    surface, datagram = Surface(_show()), encode(Message("/bus/drums/stem-3/fader", (0.75,)))
    fader = _timed(lambda: surface.bind(_read(datagram)), rounds)
    yield _figure(f"fader message, read and bound, {len(surface.places)} addresses", fader, FADER_GOAL_US)
    tell("patterns")
    matches = list(_first_matches(rounds))
    yield _figure(f"pattern seen for the first time, {len(ADDRESSES)} addresses", matches, MATCH_GOAL_US)
    space = AddressSpace(ADDRESSES)
    again = [us / len(PATTERNS) for us in _timed(lambda: [space.match(pattern) for pattern in PATTERNS], rounds)]
    yield _figure(f"pattern seen before, {len(ADDRESSES)} addresses", again, MATCH_GOAL_US)


def _read(datagram: bytes) -> Message:
    message = decode(datagram)
    assert isinstance(message, Message)
    return message


def _figure(what: str, values: list[float], goal: float) -> Figure:
    spread = Spread.of(values)
    return Figure(what, "µs", spread, goal=f"median ≤ {goal:g} µs", met=spread.median <= goal)


def _timed(call: Callable[[], object], rounds: int) -> list[float]:
    """Microseconds of one call, the mean over each round."""
    return [_round(call) for _ in range(rounds)]


def _round(call: Callable[[], object]) -> float:
    since = time.perf_counter_ns()
    for _ in range(AT_ONCE):
        call()
    return (time.perf_counter_ns() - since) / AT_ONCE / 1e3


def _first_matches(rounds: int) -> Iterator[float]:
    """All patterns in a space that has met none of them, each time."""
    for _ in range(rounds):
        space = AddressSpace(ADDRESSES)
        for pattern in PATTERNS:
            since = time.perf_counter_ns()
            space.match(pattern)
            yield (time.perf_counter_ns() - since) / 1e3


def _show() -> Show:
    """Eight buses of 16 stems."""
    stems = tuple(Stem(f"Stem {number}", f"stem-{number}", number - 1, 1) for number in range(1, 17))
    song = Song("one", "One", (), (), SongFrame(1), (), stems=stems)
    names = ("foh", "drums", "bass", "keys", "vox", "guitar", "monitor", "broadcast")
    buses = tuple(Bus(name, name, (number,), audience=name == "foh") for number, name in enumerate(names))
    return Show("Bench", {"one": song}, (), buses)

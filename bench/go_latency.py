"""From a datagram to the first frame that a capturing client hears, in turn with scsynth; and how long arming takes."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.capture import Capture, capture
from bench.jack import jack_server
from bench.measures import Figure, Spread, Tell, compared
from bench.scsynth import Scsynth, player, scsynth
from bench.service import Client, service
from bench.shows import ShowRecipe, SongRecipe, stem_files, write_show

PERIOD = 128
ONSET_SECONDS = 1.0
MOST_ROUNDS = 3
ARM_GOAL_MS = 20.0
XRUN_SECONDS = 0.005
"""So long the server takes to tell of an xrun."""

ARMED_SECONDS = 0.15
"""A song counts as armed when it has been so for a moment: what follows a /stop at once is another story."""

OURS, PEER = 0, 1
"""Inputs of the capturing client."""


def run(folder: Path, tell: Tell, *, quick: bool) -> Iterator[Figure]:
    """GO to sound, and arming by the length of the song."""
    tries = 20 if quick else 60
    lengths = (5, 300) if quick else (5, 60, 300, 1200)
    songs = tuple(SongRecipe(f"long{seconds}", seconds, 2) for seconds in lengths)
    go = SongRecipe("go", 30)
    show = write_show(folder / "show", ShowRecipe((go, *songs), 2, PERIOD))
    tell("starting")
    with ExitStack() as stack:
        server = stack.enter_context(jack_server(folder, PERIOD))
        running = stack.enter_context(service(server, show, folder))
        peer = stack.enter_context(scsynth(server, folder, 2))
        peer.load(player(2, gains=False), stem_files(show, go))
        heard = stack.enter_context(capture(server, 2))
        heard.connect("PortAudio", OURS)
        heard.connect("SuperCollider", PEER)
        client = stack.enter_context(running.client("song", "transport"))
        tell(f"{tries} tries each without an xrun")
        yield _latencies(client, peer, heard, tries)
        tell("arming")
        for number, song in enumerate(songs, 2):
            yield _arming(client, number, song.seconds)


def _latencies(client: Client, peer: Scsynth, heard: Capture, wanted: int) -> Figure:
    """As many tries of each as `wanted`; those with an xrun in them do not count."""
    ours, theirs = list[float](), list[float]()
    rounds = 0
    while min(len(ours), len(theirs)) < wanted and rounds < MOST_ROUNDS * wanted:
        rounds += 1
        ours += timed(heard, OURS, partial(client.send, "/go"))
        client.send("/stop")
        heard.wait_silence(OURS)
        time.sleep(ARMED_SECONDS)
        node = 2000 + rounds
        theirs += timed(heard, PEER, partial(peer.send, "/s_new", "player", node, 0, 0, "buf", 0))
        peer.send("/n_free", node)
        heard.wait_silence(PEER)
        time.sleep(0.013 * random.random())  # noqa: S311 - so that tries do not keep step with the blocks
    note = f"alternated; an xrun spoilt {rounds - len(ours)} and {rounds - len(theirs)} of {rounds} tries"
    count = min(len(ours), len(theirs))
    return compared(f"GO to first frame, {PERIOD} frames", "ms", ours[:count], theirs[:count], at_most=1.0, note=note)


def timed(heard: Capture, port: int, act: Callable[[], object]) -> list[float]:
    """Milliseconds from before `act` to the first frame; nothing where an xrun came between, or nothing sounded."""
    xruns, since = heard.xruns, heard.arm(port)
    act()
    onset_ns = heard.wait_onset(ONSET_SECONDS)
    time.sleep(XRUN_SECONDS)
    return [] if onset_ns is None or heard.xruns != xruns else [(onset_ns - since) / 1e6]


def _arming(client: Client, entry: int, seconds: float, tries: int = 15) -> Figure:
    """From /song/select to /song, going to and fro between the first entry and this one."""
    took = []
    for _ in range(tries):
        took.append(_armed_ms(client, entry))
        _armed_ms(client, 1)
    spread = Spread.of(took)
    met = spread.p95 <= ARM_GOAL_MS
    return Figure(f"arming a song of {seconds:g} s", "ms", spread, goal=f"p95 ≤ {ARM_GOAL_MS:g} ms", met=met)


def _armed_ms(client: Client, entry: int) -> float:
    client.settle()
    since = client.send("/song/select", entry)
    while (message := client.wait_for("/song")).args[1] != entry:
        pass
    return (message.host_ns - since) / 1e6

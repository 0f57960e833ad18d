"""A crowd on the network: a flood of commands while the music starts and stops, and a beat told to a thousand."""

from __future__ import annotations

import resource
import select
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from bench.capture import Capture, capture, xrun_counter
from bench.go_latency import ARMED_SECONDS, OURS, timed
from bench.jack import jack_server
from bench.measures import CannotMeasureError, Figure, Spread, Tell
from bench.processes import anonymous_bytes, process
from bench.service import Client, Service, service
from bench.shows import ShowRecipe, SongRecipe, write_show

PERIOD = 128
RATE, SENDERS = 20_000, 50
GO_GOAL_MS = 10.0
GROWTH_GOAL_MIB = 8.0

SUBSCRIBERS, UNREACHABLE = 1_000, 100
SPREAD_GOAL_MS = 10.0
FIRST_SECONDS = 5.0
SETTLE_SECONDS = 0.25
"""After so long no more copies of a beat come."""


def run(folder: Path, tell: Tell, *, quick: bool) -> Iterator[Figure]:
    """What a flood costs, and how far apart a thousand clients hear a beat."""
    seconds, beats = (8.0, 10) if quick else (60.0, 60)
    song = SongRecipe("go", 300, 2)
    show = write_show(folder / "show", ShowRecipe((song,), 2, PERIOD))
    with ExitStack() as stack:
        server = stack.enter_context(jack_server(folder, PERIOD))
        running = stack.enter_context(service(server, show, folder))
        heard = stack.enter_context(capture(server, 1))
        heard.connect("PortAudio", OURS)
        counter = stack.enter_context(xrun_counter(server))
        client = stack.enter_context(running.client("song", "transport", "health"))
        client.send("/countin", 0)
        tell("without a flood")
        idle = counter.over(seconds)
        tell(f"{RATE} messages a second from {SENDERS} clients")
        yield from _flooded(running, client, heard, (idle, seconds))
        tell(f"{SUBSCRIBERS} subscribers")
        yield _told_to_many(running, client, beats)


def _flooded(running: Service, client: Client, heard: Capture, quiet: tuple[int, float]) -> Iterator[Figure]:
    idle, seconds = quiet
    host, port = running.address
    faders = [f"/bus/out{bus}/s{stem}/fader" for bus in (1, 2) for stem in (1, 2)]
    flood = (sys.executable, "-m", "bench.flood", host, str(port), str(RATE), str(SENDERS), *faders)
    before, xruns = anonymous_bytes(running.pids["control"]), heard.xruns
    with process(flood):
        took, since = list[float](), time.monotonic()
        while time.monotonic() - since < seconds:
            took += timed(heard, OURS, partial(client.send, "/go"))
            client.send("/stop")
            heard.wait_silence(OURS)
            time.sleep(ARMED_SECONDS)
        grown = (anonymous_bytes(running.pids["control"]) - before) / 2**20
    spread, met = Spread.of(took), f"p99 ≤ {GO_GOAL_MS:g} ms"
    what = f"GO to first frame under {RATE} messages a second"
    yield Figure(what, "ms", spread, goal=met, met=spread.p99 <= GO_GOAL_MS, note=_said(client))
    xrun_note = f"with nobody there {idle}"
    yield Figure(f"xruns in {seconds:g} s of it", "xruns", Spread.of([heard.xruns - xruns]), note=xrun_note)
    goal = f"≤ {GROWTH_GOAL_MIB:g} MiB"
    yield Figure("growth of control's memory in it", "MiB", Spread.of([grown]), goal=goal, met=grown <= GROWTH_GOAL_MIB)


def _said(client: Client) -> str:
    """What `/health` says of it."""
    return f"/health: {client.wait_for('/health').args[2]!s}"


def _told_to_many(running: Service, client: Client, beats: int) -> Figure:
    """From the first client that hears a beat to the last."""
    _allow_files(2 * SUBSCRIBERS)
    with ExitStack() as stack:
        clients = [stack.enter_context(running.client("beat")) for _ in range(SUBSCRIBERS - UNREACHABLE)]
        for _ in range(UNREACHABLE):
            with running.client("beat"):
                pass  # its socket is closed, its subscription is not
        client.send("/go")
        spreads = list[float]()
        while len(spreads) < beats:
            arrivals = _one_beat(clients)
            if len(arrivals) != len(clients):
                raise CannotMeasureError(f"a beat reached {len(arrivals)} of {len(clients)} clients")
            spreads.append((max(arrivals) - min(arrivals)) / 1e6)
    spread = Spread.of(spreads)
    what, goal = f"a beat to {SUBSCRIBERS} clients, first to last", f"p99 ≤ {SPREAD_GOAL_MS:g} ms"
    note = f"{UNREACHABLE} of them cannot be reached"
    return Figure(what, "ms", spread, goal=goal, met=spread.p99 <= SPREAD_GOAL_MS, note=note)


def _allow_files(wanted: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(max(soft, wanted), hard), hard))


def _one_beat(clients: list[Client]) -> list[int]:
    """When each client heard the next beat, host ns.

    The kernel stamps what arrives. Nothing is read before all of it is there: a client that wakes up for each packet
    costs the sender more than the sending.
    """
    poller = select.poll()
    by_number = {each.fileno(): each for each in clients}
    for number in by_number:
        poller.register(number, select.POLLIN)
    arrivals = list[int]()
    poller.poll(FIRST_SECONDS * 1e3)
    time.sleep(SETTLE_SECONDS)
    while ready := poller.poll(0):
        for number, _ in ready:
            message = by_number[number].hear(0)
            if message and message.address == "/beat":
                arrivals.append(message.host_ns)
    return arrivals

"""When `/beat` arrives at a client, beside the moment its click sounds, while faders move and a song is prepared.

A frame sounds at its cycle's start plus its offset plus the playback latency of the card's port, all as this bench
sees them: the service's own clock is not asked.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bench.capture import LOUD, Capture, Recording, capture, playback_latency_frames
from bench.jack import RATE, JackServer, jack_server
from bench.measures import CannotMeasureError, Figure, Spread, Tell
from bench.processes import process
from bench.scsynth import scsynth, ticker
from bench.service import SHOWCTL, Heard, Service, client_of, own_places, service
from bench.shows import CLICK_BUS, ShowRecipe, SongRecipe, write_show
from showctl.media.voices import click_voices

PERIOD = 128
BPM = 300
MESSAGES_PER_SECOND = 500
QUIET_FRAMES = RATE // 50
FAR_NS = 60e6
"""A beat that is further from any click has none."""

CALM_NS = 1e9

MEDIAN_GOAL_MS, P99_GOAL_MS = 0.3, 2.0


def run(folder: Path, tell: Tell, *, quick: bool) -> Iterator[Figure]:
    """Errors of beats in ms, quiet and disturbed."""
    seconds = 8.0 if quick else 45.0
    song = SongRecipe("clicks", 3 * seconds, 2, bpm=BPM, quiet=True)
    recipe = ShowRecipe((song,), 2, PERIOD, click_bus=True)
    show = write_show(folder / "show", recipe)
    other = write_show(
        folder / "other", ShowRecipe((SongRecipe("other", 120, 8, rate=44_100, suffix=".flac"),), 2, 128)
    )
    with ExitStack() as stack:
        server = stack.enter_context(jack_server(folder, PERIOD))
        running = stack.enter_context(service(server, show, folder))
        heard = stack.enter_context(capture(server, 2))
        heard.connect("PortAudio", 0, recipe.click_channel)
        client = stack.enter_context(running.client("beat"))
        latency_ns = playback_latency_frames(heard.client) * 1e9 / RATE
        silent = _silent_frames()
        client.send("/go")
        client.wait_for("/beat")
        for name, disturbance in (("quiet", _nothing()), ("disturbed", _disturbed(running, other, folder))):
            tell(name)
            with disturbance:
                client.settle()
                xruns = heard.xruns
                heard.start_recording(seconds + 1)
                beats = client.hear_for(seconds, "/beat")
                recording = heard.stop_recording()
            clicks_ns = _sounding_ns(recording, latency_ns, silent)
            yield _figure(name, beats, clicks_ns, heard.xruns - xruns)
            if steady := [beat for beat in beats if _is_calm(beat.host_ns, recording.steps_ns())]:
                yield _figure(f"{name}, after a second without xruns", steady, clicks_ns, 0)
        yield _peers(server, heard, folder, seconds / 3, latency_ns)


def _peers(server: JackServer, heard: Capture, folder: Path, seconds: float, latency_ns: float) -> Figure:
    """scsynth's own word of a click, which leaves when the click is computed: there is nothing closer to compare."""
    with scsynth(server, folder, 2) as peer, client_of(peer.address) as client:
        heard.connect("SuperCollider", 1)
        peer.send("/d_recv", ticker(BPM / 60))
        peer.wait_for("/done")
        client.send("/notify", 1)
        client.wait_for("/done")
        peer.send("/s_new", "ticker", 2000, 0, 0)
        client.wait_for("/tr")
        heard.start_recording(seconds + 1, 1)
        told = client.hear_for(seconds, "/tr")
        errors_ms = _errors_ms(told, _sounding_ns(heard.stop_recording(), latency_ns, 0))
    note = f"{errors_ms.mean():+.3f} ms on average: sent as it is computed, not as it sounds"
    return Figure("|error| of scsynth's SendTrig, quiet", "ms", Spread.of(np.abs(errors_ms).tolist()), note=note)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _disturbed(running: Service, other: Path, folder: Path) -> Iterator[None]:
    """Faders of every bus move, and a song is prepared again and again at low priority."""
    host, port = running.address
    faders = [f"/bus/out1/{source}/fader" for source in ("s1", "s2")] + [f"/bus/{CLICK_BUS}/s1/fader"]
    flood = [sys.executable, "-m", "bench.flood", host, str(port), str(MESSAGES_PER_SECOND), "1", *faders]
    places = own_places(folder / "other-places", folder / "other-places")
    preparing = f'while rm -rf "$SHOWCTL_CACHE" && "{SHOWCTL}" prepare "{other}"; do :; done'
    with process(flood), process(["sh", "-c", preparing], env=places, log=folder / "prepare.log", nice=19) as child:
        time.sleep(1)
        yield
        if child.poll() is not None:
            raise CannotMeasureError(f"`showctl prepare` failed with {child.returncode}")


def _sounding_ns(recording: Recording, latency_ns: float, silent_frames: int) -> NDArray[np.float64]:
    """When each click sounds, host ns."""
    onsets = recording.onsets(QUIET_FRAMES) - silent_frames
    blocks, offsets = np.divmod(onsets, recording.period)
    return recording.cycle_start_ns()[blocks] + offsets * 1e9 / RATE + latency_ns


def _silent_frames() -> int:
    """How many frames of the click are too quiet to be told from silence."""
    return int(np.argmax(np.abs(click_voices("beep", RATE).beat) > LOUD))


def _is_calm(host_ns: int, steps_ns: NDArray[np.int64]) -> bool:
    """Whether the server's cycles came evenly over the second before."""
    before = host_ns - steps_ns
    return not bool(((before > 0) & (before < CALM_NS)).any())


def _figure(name: str, beats: Sequence[Heard], clicks_ns: NDArray[np.float64], xruns: int) -> Figure:
    errors_ms = _errors_ms(beats, clicks_ns)
    spread = Spread.of(np.abs(errors_ms).tolist())
    note = f"{errors_ms.mean():+.3f} ms on average (late is +), {len(beats) - len(errors_ms)} of {len(beats)} beats"
    note += f" without a click, {xruns} xruns"
    median = spread.median <= MEDIAN_GOAL_MS
    what, goal = f"|error| of /beat, {name}", f"median ≤ {MEDIAN_GOAL_MS:g}, p99 ≤ {P99_GOAL_MS:g}"
    return Figure(what, "ms", spread, goal=goal, met=median and spread.p99 <= P99_GOAL_MS, note=note)


def _errors_ms(beats: Sequence[Heard], clicks_ns: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each arrival less the nearest click; arrivals without one are left out."""
    if not len(clicks_ns) or not beats:
        raise CannotMeasureError(f"{len(beats)} beats to compare with {len(clicks_ns)} clicks that were heard")
    arrivals = np.array([beat.host_ns for beat in beats], np.float64)
    distances = arrivals[:, np.newaxis] - clicks_ns
    nearest = distances[np.arange(len(arrivals)), np.abs(distances).argmin(axis=1)]
    return np.asarray(nearest[np.abs(nearest) < FAR_NS] / 1e6)

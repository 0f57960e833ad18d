"""JACK clients that listen: for the first sounding frame, to all frames with their times, and for xruns."""

from __future__ import annotations

import ctypes
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import jack
import numpy as np
from numpy.typing import NDArray

from bench.jack import RATE, JackServer
from bench.measures import CannotMeasureError

LOUD = 1e-4
CONNECT_SECONDS = 10.0
NEAR_CYCLES = 15
"""Each way. Few enough that what the server lost blurs little."""

STEP_SECONDS = 0.0005
_PLAYBACK_LATENCY = 1


@dataclass(frozen=True, slots=True, eq=False)
class Recording:
    """What one port heard: `samples`, and for each block of `period` frames when its cycle began, in host ns."""

    samples: NDArray[np.float32]
    cycle_ns: NDArray[np.int64]
    period: int

    def onsets(self, quiet_frames: int) -> NDArray[np.intp]:
        """The frames that sound after at least `quiet_frames` of silence."""
        loud = np.flatnonzero(np.abs(self.samples) > LOUD)
        after_silence = np.diff(loud, prepend=-quiet_frames - 1) > quiet_frames
        return np.asarray(loud[after_silence])

    def cycle_start_ns(self) -> NDArray[np.float64]:
        """When each cycle began, freed of the jitter of waking up: the median of the cycles around it.

        The medians are of what is left beside the mean rate, so a card that is off its nominal rate is no error, and
        a step (the server has lost time) stays a step.
        """
        blocks = np.arange(len(self.cycle_ns))
        period_ns = float(np.median(np.diff(self.cycle_ns)))
        line = self.cycle_ns[0] + blocks * _rate_of(self.cycle_ns, period_ns)
        return np.asarray(line + _running_median(self.cycle_ns - line, NEAR_CYCLES))

    def steps_ns(self) -> NDArray[np.int64]:
        """When a cycle began later or earlier than it should have by the one before: an xrun, or close to one."""
        lengths = np.diff(self.cycle_ns)
        return np.asarray(self.cycle_ns[1:][np.abs(lengths - np.median(lengths)) > STEP_SECONDS * 1e9])


def _rate_of(cycle_ns: NDArray[np.int64], near_ns: float) -> float:
    """Nanoseconds a block: the mean of the steps that are about `near_ns` in length, so that no loss counts."""
    steps = np.diff(cycle_ns)
    spans = np.add.reduceat(steps, np.arange(0, len(steps), 64))[:-1] / 64
    kept = spans[np.abs(spans - near_ns) < 0.01 * near_ns]
    return float(kept.mean()) if len(kept) else near_ns


def _running_median(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    padded = np.pad(values, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.concatenate([np.median(part, axis=1) for part in np.array_split(windows, 1 + len(windows) // 4096)])


class Capture:
    """A client with `ports` inputs. `xruns` counts what the server reported while it is there.

    A frame's time is when its cycle began plus its place in it. Cycles are dated by the host clock: JACK's own frame
    time is off by milliseconds after an xrun.
    """

    def __init__(self, client: Any, ports: int) -> None:  # noqa: ANN401 - JACK-Client has no annotations
        self.client = client
        self.ports = [client.inports.register(f"in_{number}") for number in range(1, ports + 1)]
        self.onset_ns: int | None = None
        self.xruns = 0
        self._armed: int | None = None
        self._tape: _Tape | None = None
        client.set_process_callback(self._process)
        client.set_xrun_callback(self._xrun)

    def connect(self, source: str, port: int = 0, channel: int = 1) -> None:
        """Have input `port` (from 0) hear output `channel` (from 1) of the client whose name begins with `source`."""
        outputs = self._outputs(source)
        if len(outputs) < channel:
            raise CannotMeasureError(f"expected a JACK client {source} with {channel} outputs, found {len(outputs)}")
        self.client.connect(outputs[channel - 1], self.ports[port])

    def _outputs(self, source: str) -> list[Any]:
        deadline = time.monotonic() + CONNECT_SECONDS
        while not (found := self.client.get_ports(f"^{source}.*:", is_output=True, is_audio=True)):
            if time.monotonic() > deadline:
                return []
            time.sleep(0.02)
        return list(found)

    def arm(self, port: int = 0) -> int:
        """From now on wait for sound at input `port`; host ns now."""
        self.onset_ns, self._armed = None, port
        return time.perf_counter_ns()

    def wait_onset(self, seconds: float) -> int | None:
        """When the first frame was heard since `arm`, host ns; None if none was."""
        deadline = time.monotonic() + seconds
        while self.onset_ns is None and time.monotonic() < deadline:
            time.sleep(0.001)
        self._armed = None
        return self.onset_ns

    def wait_silence(self, port: int = 0, blocks_seconds: float = 0.03) -> None:
        """Until nothing was heard at input `port` for a while."""
        while True:
            self.arm(port)
            if self.wait_onset(blocks_seconds) is None:
                return

    def start_recording(self, seconds: float, port: int = 0) -> None:
        """Keep all that input `port` hears, for at most `seconds`."""
        self._tape = _Tape(port, self.client.blocksize, round(seconds * RATE / self.client.blocksize))

    def stop_recording(self) -> Recording:
        """What was kept."""
        tape, self._tape = self._tape, None
        assert tape
        return Recording(tape.blocks[: tape.used].reshape(-1), tape.cycle_ns[: tape.used], self.client.blocksize)

    def _process(self, _frames: int) -> None:
        now, since_start = time.perf_counter_ns(), self.client.frames_since_cycle_start
        cycle_ns = now - round(since_start * 1e9 / RATE)
        if self._armed is not None:
            loud = np.abs(self.ports[self._armed].get_array()) > LOUD
            if loud.any():
                self.onset_ns, self._armed = cycle_ns + round(int(np.argmax(loud)) * 1e9 / RATE), None
        if (tape := self._tape) and tape.used < len(tape.blocks):
            tape.blocks[tape.used] = self.ports[tape.port].get_array()
            tape.cycle_ns[tape.used] = cycle_ns
            tape.used += 1

    def _xrun(self, _microseconds: float) -> None:
        self.xruns += 1


class _Tape:
    def __init__(self, port: int, period: int, blocks: int) -> None:
        self.port = port
        self.used = 0
        self.blocks = np.zeros((blocks, period), np.float32)
        self.cycle_ns = np.zeros(blocks, np.int64)


@contextmanager
def capture(server: JackServer, ports: int = 1) -> Iterator[Capture]:
    """A capturing client of `server`, connected to nothing yet."""
    client = server.client("capture")
    try:
        made = Capture(client, ports)
        client.activate()
        yield made
    finally:
        client.deactivate()
        client.close()


class XrunCounter:
    """A client without audio, so that it delays nobody: `count` is what the server reported so far."""

    def __init__(self, client: Any) -> None:  # noqa: ANN401 - JACK-Client has no annotations
        self.client = client
        self.count = 0
        client.set_xrun_callback(self._xrun)

    def _xrun(self, _microseconds: float) -> None:
        self.count += 1

    def over(self, seconds: float) -> int:
        """The xruns of the next `seconds`."""
        before = self.count
        time.sleep(seconds)
        return self.count - before


@contextmanager
def xrun_counter(server: JackServer) -> Iterator[XrunCounter]:
    """Counts the xruns of `server`, whoever causes them."""
    client = server.client("xruns")
    try:
        counter = XrunCounter(client)
        client.activate()
        yield counter
    finally:
        client.deactivate()
        client.close()


class _LatencyRange(ctypes.Structure):
    _fields_ = (("min", ctypes.c_uint32), ("max", ctypes.c_uint32))


def playback_latency_frames(client: Any, port: str = "system:playback_1") -> int:  # noqa: ANN401 - as above
    """How many frames after its cycle's start a frame sounds at the card's `port`, as the driver says."""
    library = ctypes.CDLL("libjack.so.0")
    library.jack_port_by_name.restype = ctypes.c_void_p
    pointer = int(jack._ffi.cast("uintptr_t", client._ptr))
    found = library.jack_port_by_name(ctypes.c_void_p(pointer), port.encode())
    frames = _LatencyRange()
    library.jack_port_get_latency_range(ctypes.c_void_p(found), _PLAYBACK_LATENCY, ctypes.byref(frames))
    return int(frames.max)

"""Output devices behind one contract: PortAudio, a virtual one paced by the host clock, and files.

`python -m showctl.engine.devices` prints what PortAudio finds as JSON; it is meant for a throw-away process, because
a sound server that dies can hang whoever looks at it.
"""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from showctl.engine.priority import CALLBACK_PRIORITY, raise_thread
from showctl.errors import DeviceError

Block = NDArray[np.float32]

VIRTUAL = "virtual"
AUTO = "auto"

OUTPUT_UNDERFLOW = 4  # paOutputUnderflow and paContinue, of portaudio.h
CONTINUE = 0

HELD_UP_SECONDS = 0.2
"""A virtual device this late skips what it missed; before that it catches up."""

VIRTUAL_AHEAD_SECONDS = 0.01
"""A virtual block is begun so long before it sounds, as on a sound card: what is told of it can be told in time."""

Fill = Callable[[Block, int, float, bool], None]
"""`fill(out, host_ns, ahead_seconds, underflow)` writes the next block over `out`, float32 [frames, outputs].

The callback was entered at `host_ns` host time, the block sounds `ahead_seconds` later, and before it frames were
lost if `underflow`. It never raises.
"""


class Device(Protocol):
    """An opened device; it calls nobody before `play`."""

    @property
    def name(self) -> str: ...

    @property
    def whole_blocks(self) -> bool:
        """It can lose nothing but whole blocks."""
        ...

    def play(self, fill: Fill) -> None:
        """Call `fill` for every block from now on, in a thread of the device's own."""
        ...

    def close(self) -> None:
        """Stop. May hang where a sound server died, so a process that ends simply ends."""
        ...


# ── PortAudio ──


class DeviceFacts(msgspec.Struct, frozen=True):
    """An output device as PortAudio lists it; `index` is its own number for it."""

    index: int
    name: str
    api: str
    outputs: int
    rate: float
    latency_seconds: float
    default: bool

    @property
    def label(self) -> str:
        return f"{self.name} ({self.api})"


def list_devices() -> tuple[DeviceFacts, ...]:
    """Every device with outputs. Raises DeviceError if PortAudio cannot be used."""
    sd = _sounddevice()
    apis = sd.query_hostapis()
    default = _default_index(apis, sd.default.device[1])
    return tuple(
        DeviceFacts(
            index=device["index"],
            name=device["name"],
            api=apis[device["hostapi"]]["name"],
            outputs=device["max_output_channels"],
            rate=device["default_samplerate"],
            latency_seconds=device["default_low_output_latency"],
            default=device["index"] == default,
        )
        for device in sd.query_devices()
        if device["max_output_channels"] > 0
    )


def _default_index(apis: Iterable[dict[str, Any]], fallback: int) -> int:
    """A running JACK server is there on purpose, and holds the card; else what the system prefers."""
    jack = (api["default_output_device"] for api in apis if api["name"].startswith("JACK"))
    return next((index for index in jack if index >= 0), fallback)


def choose(devices: tuple[DeviceFacts, ...], wanted: str) -> DeviceFacts:
    """The device for "auto" or a part of a name. Raises DeviceError with what there is."""
    if wanted == AUTO:
        found = next((device for device in devices if device.default), devices[0] if devices else None)
    else:
        matching = [device for device in devices if wanted.casefold() in device.label.casefold()]
        found = next((device for device in matching if device.default), matching[0] if matching else None)
    if found is None:
        there = ", ".join(device.label for device in devices) or "none"
        raise DeviceError(f'no output device fits "{wanted}" (there: {there}): plug it in, or choose "{VIRTUAL}"')
    return found


def _sounddevice() -> Any:  # noqa: ANN401 - it has no annotations
    """Importing it starts PortAudio and looks at every sound server, so it is put off until it is wanted."""
    try:
        import sounddevice  # noqa: PLC0415
    except OSError as exc:
        raise DeviceError(f"PortAudio cannot be used ({exc}): install libportaudio2") from exc
    return sounddevice


class PortAudioDevice:
    """A device of PortAudio, opened with the first `outputs` of its channels."""

    def __init__(self, facts: DeviceFacts, outputs: int, rate: int, block_size: int) -> None:
        """Raises DeviceError if it has too few outputs, or cannot be opened like this."""
        if facts.outputs < outputs:
            raise DeviceError(
                f"the show needs {outputs} outputs, {facts.label} has {facts.outputs}:"
                " choose another device, or --allow-missing to drop the buses that do not fit"
            )
        self.name = facts.label
        self.whole_blocks = facts.api.startswith("JACK")
        self._outputs = outputs
        self._fill: Fill = _silence
        self._pointer: object = None
        self._frames = 0
        self._out: Block = np.zeros((0, outputs), np.float32)
        sd = _sounddevice()
        self._view = sd._ffi.buffer
        # The streams that take a Python callback wrap each call in four more, and an object for the status.
        self._called = sd._ffi.callback("PaStreamCallback", self._callback, error=sd._lib.paAbort)  # held: it must live
        try:
            self._stream = sd._StreamBase(
                kind="output",
                samplerate=rate,
                blocksize=block_size,
                device=facts.index,
                channels=outputs,
                dtype="float32",
                latency="low",
                callback=self._called,
            )
        except sd.PortAudioError as exc:
            raise DeviceError(f"{facts.label} cannot be opened with {outputs} outputs at {rate} Hz ({exc})") from exc

    def play(self, fill: Fill) -> None:
        self._fill = fill
        self._stream.start()

    def close(self) -> None:
        self._stream.close()

    def _callback(self, _in: Any, pointer: Any, frames: int, when: Any, status: int, _user: Any) -> int:  # noqa: ANN401
        host_ns = time.perf_counter_ns()
        if pointer != self._pointer or frames != self._frames:
            self._adopt_buffer(pointer, frames)
        self._fill(self._out, host_ns, when.outputBufferDacTime - when.currentTime, status & OUTPUT_UNDERFLOW != 0)
        return CONTINUE

    def _adopt_buffer(self, pointer: Any, frames: int) -> None:  # noqa: ANN401
        """PortAudio mostly asks for the same memory to be filled again; a view of it is made once."""
        if self._pointer is None:
            raise_thread(CALLBACK_PRIORITY)
        samples = np.frombuffer(self._view(pointer, frames * self._outputs * 4), np.float32)
        self._pointer, self._frames, self._out = pointer, frames, samples.reshape(frames, self._outputs)


def _silence(out: Block, _host_ns: int, _ahead_seconds: float, _underflow: bool) -> None:
    out[:] = 0.0


# ── virtual ──


class VirtualDevice:
    """No hardware: blocks at the pace of the host clock, heard by nobody. A show runs on it as on any other."""

    name = VIRTUAL
    whole_blocks = True

    def __init__(self, outputs: int, rate: int, block_size: int) -> None:
        self._block = np.zeros((block_size, outputs), np.float32)
        self._rate = rate
        self._closed = threading.Event()
        self._thread: threading.Thread | None = None

    def play(self, fill: Fill) -> None:
        self._thread = threading.Thread(target=self._run, args=(fill,), name="virtual-device", daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._closed.set()
        if self._thread:
            self._thread.join()

    def _run(self, fill: Fill) -> None:
        """A block is due, and a little later sounds, at its place on the host clock, however late we wake up."""
        raise_thread(CALLBACK_PRIORITY)
        start_ns, blocks, block_ns = time.perf_counter_ns(), 0, len(self._block) * 1e9 / self._rate
        while not self._closed.is_set():
            due_ns = start_ns + round(blocks * block_ns)
            wait_ns = due_ns - time.perf_counter_ns()
            if wait_ns > 0:
                time.sleep(wait_ns / 1e9)
            missed = max(0, int(-wait_ns / block_ns)) if -wait_ns > HELD_UP_SECONDS * 1e9 else 0
            fill(self._block, due_ns + round(missed * block_ns), VIRTUAL_AHEAD_SECONDS, missed > 0)
            blocks += 1 + missed


# ── files ──


class FileDevice:
    """Blocks of the given sizes as fast as they can be made, each handed to `write`. `play` returns at the end."""

    name = "file"
    whole_blocks = True

    def __init__(self, outputs: int, rate: int, sizes: Iterable[int], write: Callable[[Block], None]) -> None:
        self._outputs = outputs
        self._rate = rate
        self._sizes = sizes
        self._write = write

    def play(self, fill: Fill) -> None:
        frames, out = 0, np.zeros((0, self._outputs), np.float32)
        for size in self._sizes:
            out = out if len(out) >= size else np.zeros((size, self._outputs), np.float32)
            fill(out[:size], round(frames * 1e9 / self._rate), 0.0, False)
            self._write(out[:size])
            frames += size

    def close(self) -> None:
        """Nothing is held."""


def open_device(
    wanted: str, outputs: int, rate: int, block_size: int, *, allow_missing: bool = False
) -> tuple[Device, int]:
    """The device and how many outputs it was opened with: fewer than asked for only if that is allowed.

    Raises DeviceError.
    """
    if wanted == VIRTUAL or not outputs:  # a show of cues alone has nothing to play
        return VirtualDevice(outputs, rate, block_size), outputs
    facts = choose(list_devices(), wanted)
    opened = min(outputs, facts.outputs) if allow_missing else outputs
    return PortAudioDevice(facts, opened, rate, block_size), opened


if __name__ == "__main__":
    with contextlib.suppress(BrokenPipeError):
        try:
            sys.stdout.write(msgspec.json.encode(list_devices()).decode() + "\n")
        except DeviceError as exc:
            sys.exit(str(exc))

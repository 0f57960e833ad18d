"""A JACK server of the test's own, and a client that records what another one plays."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

import jack
import numpy as np

from tests.engine.shows import RATE, Audio

PERIOD = 512


@contextmanager
def jack_server(period: int = PERIOD, outputs: int = 4) -> Iterator[str]:
    """The name of a running server on the dummy driver, with so many outputs. Fails loudly where jackd is missing."""
    name = f"showctl-test-{os.getpid()}"
    command = ["jackd", "-n", name, "-d", "dummy", "-r", str(RATE), "-p", str(period)]
    command += ["-P", str(outputs), "-C", "2"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            subprocess.run(["jack_wait", "-s", name, "-w", "-t", "20"], check=True, stdout=subprocess.DEVNULL)
            yield name
        finally:
            server.terminate()
            server.wait(10)


class Capture:
    """Records the outputs of the first other client on JACK's own frame line; what it missed itself stays NaN."""

    def __init__(self, server: str, outputs: int, seconds: float) -> None:
        self.audio: Audio = np.full((int(seconds * RATE), outputs), np.nan, np.float32)
        self._client = jack.Client("capture", servername=server, no_start_server=True)
        self._inputs = [self._client.inports.register(f"in_{number}") for number in range(outputs)]
        self._first: int | None = None
        self._client.set_process_callback(self._record)
        self._client.activate()

    def connect(self) -> None:
        """Listen to what plays into the system's outputs."""
        for number, port in enumerate(self._inputs, 1):
            for source in self._client.get_all_connections(f"system:playback_{number}"):
                self._client.connect(source, port)

    def close(self) -> None:
        self._client.deactivate()
        self._client.close()

    def _record(self, frames: int) -> None:
        now = self._client.last_frame_time
        self._first = now if self._first is None else self._first
        row = now - self._first
        if row + frames <= len(self.audio):
            for column, port in enumerate(self._inputs):
                self.audio[row : row + frames, column] = port.get_array()
            if self._client.frames_since_cycle_start >= frames:  # too late: another cycle may have overwritten it
                self.audio[row : row + frames] = np.nan

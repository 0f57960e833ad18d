"""`python -m bench.silence OUTPUTS PERIOD`: a Python program that plays silence over JACK until it is ended.

What it costs is what the sound server, PortAudio and the interpreter cost before anything is rendered.
"""

from __future__ import annotations

import sys
import threading
from typing import Any

import sounddevice

from bench.jack import RATE


def main(outputs: str, period: str) -> None:
    def callback(out: Any, _frames: int, _when: Any, _status: Any) -> None:  # noqa: ANN401 - it has no annotations
        out[:] = silence

    apis = sounddevice.query_hostapis()
    device = next(api["default_output_device"] for api in apis if api["name"].startswith("JACK"))
    silence = bytes(4 * int(outputs) * int(period))
    stream = sounddevice.RawOutputStream(
        RATE, int(period), device, int(outputs), "float32", latency="low", callback=callback
    )
    with stream:
        sys.stdout.write("playing\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])

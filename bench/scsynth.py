"""The peer: scsynth on the same JACK server, with a synth for each stem and a gain for each output."""

from __future__ import annotations

import socket
import struct
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from pythonosc.osc_message_builder import OscMessageBuilder
from supriya import SynthDefBuilder, ugens

from bench.jack import JackServer
from bench.measures import CannotMeasureError
from bench.processes import process

START_SECONDS = 10.0
REPLY_SECONDS = 10.0
QUIT_SECONDS = 1.0
GAIN = 0.1

U: Any = ugens
"""The constructors that it makes at import are unknown to type checkers."""

Arg = int | float | str | bytes


def message(address: str, *arguments: Arg) -> bytes:
    """One OSC message."""
    builder = OscMessageBuilder(address)
    for argument in arguments:
        builder.add_arg(argument)
    return builder.build().dgram


def player(outputs: int, *, gains: bool) -> bytes:
    """A synth definition that plays a mono buffer into every output, each with its own gain when `gains`."""
    names = {f"g{number}": GAIN for number in range(outputs)} if gains else {}
    with SynthDefBuilder(buf=0, **names) as builder:
        sound = U.PlayBuf.ar(
            buffer_id=builder["buf"],
            channel_count=1,
            rate=U.BufRateScale.kr(buffer_id=builder["buf"]),
            trigger=1,
            start_position=0,
            loop=1,
        )
        heard = [sound * builder[f"g{number}"] if gains else sound for number in range(outputs)]
        U.Out.ar(bus=0, source=heard)
    return bytes(ugens.compile_synthdefs(builder.build("player")))


def ticker(hertz: float) -> bytes:
    """A synth definition "ticker" that clicks in the first output and sends /tr with each click."""
    with SynthDefBuilder() as builder:
        click = U.Impulse.ar(frequency=hertz)
        U.Out.ar(bus=0, source=[click])
        U.SendTrig.ar(trigger=click, id_=1, value=0)
    return bytes(ugens.compile_synthdefs(builder.build("ticker")))


class Scsynth:
    """A running scsynth. Nodes are numbered from 2000."""

    def __init__(self, pid: int, osc: socket.socket) -> None:
        self.pid = pid
        self.address: tuple[str, int] = osc.getpeername()
        self._osc = osc

    def send(self, address: str, *arguments: Arg) -> None:
        self._osc.send(message(address, *arguments))

    def load(self, definition: bytes, files: Sequence[Path]) -> None:
        """The synth definition, and a buffer for each file. Returns when all is loaded."""
        self.send("/d_recv", definition)
        for buffer, file in enumerate(files):
            self.send("/b_allocRead", buffer, str(file))
            self.wait_for("/done")
        self.send("/sync", 1)
        self.wait_for("/synced")

    def play(self, stems: int) -> None:
        """Every buffer at once, for ever."""
        for stem in range(stems):
            self.send("/s_new", "player", 2000 + stem, 1, 0, "buf", stem)
        self.send("/sync", 2)
        self.wait_for("/synced")

    def quit(self, child: subprocess.Popen[bytes]) -> None:
        """Ask it to end: killed, it would leave a file in /dev/shm."""
        with suppress(OSError, subprocess.TimeoutExpired):
            self.send("/quit")
            child.wait(QUIT_SECONDS)

    def wait_for(self, address: str) -> None:
        """The next reply with that address. Raises CannotMeasureError if none comes."""
        self._osc.settimeout(REPLY_SECONDS)
        try:
            while not self._osc.recv(65536).startswith(address.encode()):
                pass
        except OSError as exc:
            raise CannotMeasureError(f"scsynth does not answer with {address}") from exc


@contextmanager
def scsynth(server: JackServer, folder: Path, outputs: int) -> Iterator[Scsynth]:
    """scsynth on `server`, connected to its card, whose log is in `folder`."""
    port = free_port()
    options = ["-u", str(port), "-B", "127.0.0.1", "-i", "0", "-o", str(outputs), "-R", "0", "-D", "0"]
    sizes = ["-m", "262144", "-b", "1024", "-w", "1024"]
    env = {**server.env, "SC_JACK_DEFAULT_OUTPUTS": "system"}
    with (
        process(["scsynth", *options, *sizes], env=env, log=folder / "scsynth.log") as child,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as osc,
    ):
        osc.connect(("127.0.0.1", port))
        _wait_until_up(osc)
        running = Scsynth(child.pid, osc)
        try:
            yield running
        finally:
            running.quit(child)


def free_port() -> int:
    """A UDP port that nobody uses at the moment."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until_up(osc: socket.socket) -> None:
    deadline = time.monotonic() + START_SECONDS
    osc.settimeout(0.05)
    while True:
        try:
            osc.send(message("/status"))
            if osc.recv(65536).startswith(b"/status.reply"):
                return
        except OSError as exc:  # no port there yet, or no answer yet
            if time.monotonic() > deadline:
                raise CannotMeasureError("scsynth does not start: install supercollider-server") from exc
            time.sleep(0.02)


# ── not in real time ──


def render_offline(score: Path, out: Path, outputs: int, rate: int) -> list[str]:
    """The command line that renders `score` to a WAV of float samples, as fast as it can."""
    target = ["-N", str(score), "_", str(out), str(rate), "WAV", "float"]
    return ["scsynth", *target, "-i", "0", "-o", str(outputs), "-D", "0", "-m", "262144", "-w", "1024"]


def write_score(path: Path, definition: bytes, files: Sequence[Path], seconds: float) -> None:
    """All files from the start, for `seconds`: bundles with a big-endian length each, times as NTP seconds from 0."""
    begin = [message("/d_recv", definition)]
    begin += [message("/b_allocRead", buffer, str(file)) for buffer, file in enumerate(files)]
    begin += [message("/s_new", "player", 2000 + stem, 1, 0, "buf", stem) for stem in range(len(files))]
    path.write_bytes(_bundle(0.0, begin) + _bundle(seconds, [message("/c_set", 0, 0)]))


def _bundle(seconds: float, messages: Sequence[bytes]) -> bytes:
    stamp = struct.pack(">Q", round(seconds * 2**32))
    bundle = b"#bundle\0" + stamp + b"".join(struct.pack(">i", len(each)) + each for each in messages)
    return struct.pack(">i", len(bundle)) + bundle

"""The whole service as a user starts it, with free ports and places of its own, and a client that speaks to it."""

from __future__ import annotations

import re
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.engine import DEVICE, memory_folder
from bench.jack import JackServer
from bench.measures import CannotMeasureError
from bench.processes import process
from showctl.osc.codec import Arg, Message, decode, encode

READY_SECONDS = 90.0
ANSWER_SECONDS = 5.0
BREATHS = 5
SHOWCTL = Path(sys.executable).with_name("showctl")

_SO_TIMESTAMPNS = 35  # asm-generic/socket.h; the socket module has no name for it
_TIMESPEC = struct.Struct("@qq")


@dataclass(frozen=True, slots=True)
class Heard:
    """A message, and when the kernel took it in: host ns."""

    address: str
    args: tuple[Arg, ...]
    host_ns: int


class Client:
    """A UDP client of the service at `address`."""

    def __init__(self, udp: socket.socket, address: tuple[str, int]) -> None:
        udp.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        udp.connect(address)
        self._udp = udp

    def fileno(self) -> int:
        """For `poll`."""
        return self._udp.fileno()

    def send(self, address: str, *args: Arg) -> int:
        """Host ns just before."""
        packet = encode(Message(address, args))
        since = time.perf_counter_ns()
        self._udp.send(packet)
        return since

    def hear(self, seconds: float) -> Heard | None:
        """The next message; None if none comes in time."""
        self._udp.settimeout(max(seconds, 1e-6))
        try:
            packet, ancillary, _, _ = self._udp.recvmsg(65536, 256)
        except TimeoutError:
            return None
        message = decode(packet)
        assert isinstance(message, Message)
        return Heard(message.address, message.args, _host_ns(ancillary))

    def hear_for(self, seconds: float, address: str) -> list[Heard]:
        """All messages with that address over the next `seconds`."""
        until = time.monotonic() + seconds
        heard = []
        while (left := until - time.monotonic()) > 0:
            message = self.hear(left)
            if message and message.address == address:
                heard.append(message)
        return heard

    def wait_for(self, address: str, *args: Arg) -> Heard:
        """The next message with that address, beginning with those arguments. Raises CannotMeasureError."""
        until = time.monotonic() + ANSWER_SECONDS
        while (left := until - time.monotonic()) > 0:
            message = self.hear(left)
            if message and message.address == address and message.args[: len(args)] == args:
                return message
            if message and message.address == "/error":
                raise CannotMeasureError(f"the service answers /error {message.args}")
        raise CannotMeasureError(f"the service does not send {address} {args}")

    def settle(self) -> None:
        """Forget all that was sent before now."""
        self.send("/ping", "settled")
        self.wait_for("/pong", "settled")


@contextmanager
def client_of(address: tuple[str, int]) -> Iterator[Client]:
    """A client of whoever takes OSC at `address`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        yield Client(udp, address)


def _host_ns(ancillary: list[tuple[int, int, bytes]]) -> int:
    """The kernel's wall-clock stamp as host time."""
    stamp = next(data for level, kind, data in ancillary if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS))
    seconds, nanoseconds = _TIMESPEC.unpack_from(stamp)
    return int(seconds * 10**9 + nanoseconds + _host_ahead_ns())


def _host_ahead_ns() -> int:
    """Of the wall clock. Both are read in one breath, the shortest of some: something may come in between."""
    breaths = [(time.perf_counter_ns(), time.time_ns(), time.perf_counter_ns()) for _ in range(BREATHS)]
    before, wall, after = min(breaths, key=lambda breath: breath[2] - breath[0])
    return (before + after) // 2 - wall


@dataclass(frozen=True, slots=True)
class Service:
    """A service that is ready: `address` takes OSC, `pids` are its processes by their names."""

    address: tuple[str, int]
    pids: dict[str, int]

    @contextmanager
    def client(self, *topics: str) -> Iterator[Client]:
        """A client that is subscribed to `topics`."""
        with client_of(self.address) as client:
            client.send("/subscribe", *topics, "stay")
            client.wait_for("/synced")
            yield client


@contextmanager
def service(server: JackServer, show: Path, folder: Path) -> Iterator[Service]:
    """`showctl serve` on the card of `server`. Its log is in `folder`. Raises CannotMeasureError."""
    command = [
        str(SHOWCTL),
        "serve",
        str(show),
        "--device",
        DEVICE,
        "--osc-port",
        "0",
        "--web-port",
        "0",
        "--no-zeroconf",
    ]
    output = folder / "serve-output.log"
    with (
        tempfile.TemporaryDirectory(prefix="showctl-bench-", dir=memory_folder()) as memory,
        output.open("wb") as sink,
        process(
            [*command, "--bind", "127.0.0.1"],
            env={**server.env, **own_places(folder, Path(memory))},
            log=folder / "serve.log",
            output=sink.fileno(),
        ) as child,
    ):
        yield _parsed(_ready_line(output, child))


def own_places(folder: Path, memory: Path) -> dict[str, str]:
    """Environment variables that keep all files of a service apart from those of others."""
    folders = {"XDG_CACHE_HOME": "cache", "XDG_STATE_HOME": "state", "XDG_DATA_HOME": "data", "XDG_CONFIG_HOME": "conf"}
    places = {variable: str(folder / name) for variable, name in folders.items()}
    return {**places, "XDG_RUNTIME_DIR": str(memory), "SHOWCTL_CACHE": str(folder / "cache" / "showctl")}


def _ready_line(output: Path, child: subprocess.Popen[bytes]) -> str:
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        for line in output.read_text(encoding="utf-8").splitlines():
            if line.startswith("ready "):
                return line
        if child.poll() is not None:
            raise CannotMeasureError(f"`showctl serve` ends with {child.returncode} before it is ready")
        time.sleep(0.05)
    raise CannotMeasureError(f"`showctl serve` is not ready after {READY_SECONDS:g} s")


def _parsed(line: str) -> Service:
    osc = re.search(r"\bosc=(\S+):(\d+)", line)
    assert osc
    pids = {name: int(pid) for name, pid in re.findall(r"\b(engine|control|pacer)=(\d+)", line)}
    return Service((osc[1], int(osc[2])), pids)

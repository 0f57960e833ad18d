"""The demo show as it is played: `showctl serve`, a JACK server, OSC, and what was heard against the log."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from showctl.osc.codec import Arg, Message, decode, encode
from showctl.shared.clock import AnchorLogReader
from tests.engine.heard import first_audible, heard
from tests.engine.jack_capture import Capture, jack_server
from tests.engine.shows import Audio

ROOT = Path(__file__).parent.parent
PERIOD = 1024  # large, so that a busy machine loses little
OUTPUTS = 6
LONGEST_SECONDS = 160


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("cache")


@contextmanager
def serving(show: Path, folder: Path, cache: Path, jack: str) -> Iterator[dict[str, str]]:
    """`showctl serve` on the JACK server, and the facts of its `ready` line."""
    environ = os.environ | {
        "JACK_DEFAULT_SERVER": jack,
        "SHOWCTL_CACHE": str(cache),
        "XDG_STATE_HOME": str(folder / "state"),
    }
    command = [sys.executable, "-m", "showctl", "serve", str(show), "--osc-port", "0", "--web-port", "0",
               "--no-zeroconf", "--bind", "127.0.0.1", "--state", str(folder / "run")]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line.startswith("ready "), f"expected the ready line, got {line!r}"
            yield dict(word.split("=", 1) for word in line.split()[1:] if "=" in word)
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0


class Desk:
    """Commands out, and waiting for what the service says."""

    def __init__(self, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.settimeout(30)
        self._socket.connect(("127.0.0.1", port))
        self.heard: list[tuple[object, ...]] = []

    def send(self, address: str, *args: Arg) -> None:
        self._socket.send(encode(Message(address, args)))

    def await_(self, address: str, *args: object) -> None:
        """Until this is said; renews the subscription in the meantime, as every client does."""
        wanted = (address, *args)
        while True:
            message = decode(self._socket.recv(65536))
            assert isinstance(message, Message)
            said = (message.address, *message.args)
            self.heard.append(said)
            if message.address == "/health":
                self.send("/ping")
            if said[: len(wanted)] == wanted:
                return

    @property
    def beats(self) -> list[tuple[object, ...]]:
        return [said[1:] for said in self.heard if said[0] == "/beat"]

    def close(self) -> None:
        self._socket.close()


def test_what_the_stage_heard_is_what_the_log_renders(tmp_path: Path, cache: Path) -> None:
    show = _demo_in_large_blocks(tmp_path / "demo")
    with jack_server(PERIOD, OUTPUTS) as jack:
        capture = Capture(jack, OUTPUTS, LONGEST_SECONDS)
        with serving(show, tmp_path, cache, jack) as ready:
            capture.connect()
            desk = Desk(int(ready["osc"].rpartition(":")[2]))
            _play_night_drive(desk, control=int(ready["control"]))
            desk.close()
            anchors = AnchorLogReader(tmp_path / "run" / "anchors").poll()
        capture.close()
    (night,) = (tmp_path / "state").rglob("*.jsonl")
    rendered = _bounced(show, night, tmp_path / "bounced", cache)
    compared = heard(capture.audio, rendered, anchors, PERIOD)
    assert compared.unexplained == [], f"{len(anchors)} anchors"
    assert compared.compared > 0.8 * (len(rendered) - first_audible(rendered))
    assert desk.beats == _bounced_beats(tmp_path / "bounced")


def _demo_in_large_blocks(folder: Path) -> Path:
    """The demo show with blocks as large as the server's periods."""
    shutil.copytree(ROOT / "shows/demo", folder)
    text = (folder / "show.toml").read_text()
    changed = re.sub(r"block_size *= *\d+", f"block_size = {PERIOD}", text)
    assert changed != text
    (folder / "show.toml").write_text(changed)
    return folder


def _play_night_drive(desk: Desk, control: int) -> None:
    """The whole song: control killed in the verse, a jump over half of it, two passes of the vamp, the next song."""
    desk.send("/subscribe", "beat", "section", "song", "transport", "health")
    desk.await_("/synced")
    desk.send("/song/select", "night-drive")
    desk.await_("/song", "Night Drive")
    desk.send("/go")
    desk.await_("/transport", "playing")
    desk.await_("/beat", 5, 1)
    os.kill(control, signal.SIGKILL)
    desk.await_("/beat", 8, 1)
    desk.send("/section/jump", "Chorus")
    desk.await_("/section", "Chorus")
    for level in range(10):
        desk.send("/bus/drums/click/db", -1.0 * level)
        desk.await_("/beat")
    desk.await_("/vamp", 2, 4)
    desk.send("/go")
    desk.await_("/section", "Chorus")
    desk.await_("/song", "Seven Stars")
    desk.await_("/beat", 3, 1)
    desk.send("/stop")
    desk.await_("/transport", "armed")
    desk.await_("/health")
    desk.await_("/health")


def _bounced_beats(folder: Path) -> list[tuple[object, ...]]:
    rows = [json.loads(line) for line in (folder / "events.jsonl").read_text().splitlines()]
    names = ("bar", "beat", "beats", "bpm", "accent", "unit")
    return [tuple(row[name] for name in names) for row in rows if row["type"] == "beat"]


def _bounced(show: Path, night: Path, folder: Path, cache: Path) -> Audio:
    command = [sys.executable, "-m", "showctl", "bounce", str(show), "--plan", str(night), "-o", str(folder)]
    subprocess.run(command, check=True, env=os.environ | {"SHOWCTL_CACHE": str(cache)})
    buses = ("house", "drums", "singer")
    return np.column_stack([soundfile.read(folder / f"{bus}.wav", dtype="float32")[0] for bus in buses])

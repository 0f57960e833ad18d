"""The stand-in for a video server: its words, and what it does with the demo show's own cues."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import tomllib
from contextlib import closing
from itertools import takewhile
from pathlib import Path

import pytest
from showctl_client import connect
from video.receiver import Composition, Value

from tests.clients.serving import HOST, serving

ROOT = Path(__file__).parents[2]
RECEIVER = ROOT / "clients/video/receiver.py"


def done(*messages: tuple[str, *tuple[Value, ...]]) -> list[str]:
    composition = Composition()
    return [composition.do(address, *values) for address, *values in messages]


def test_a_column_starts_and_starts_again() -> None:
    connect = "/composition/columns/3/connect"
    assert done((connect, 1), (connect, 1), ("/composition/columns/2/connect", 1)) == [
        "column 3 on all layers", "column 3 again from its start", "column 2 on all layers"
    ]  # fmt: skip


def test_the_release_of_a_button_does_nothing() -> None:
    assert done(("/composition/columns/3/connect", 0), ("/composition/columns/3/connect", 0.0)) == ["", ""]


def test_it_follows_the_tempo_and_counts_the_bars() -> None:
    assert done(
        ("/beat", 1, 1, 4, 120.0, 2, 4), ("/beat", 1, 2, 4, 120.0, 0, 4), ("/beat", 1, 3, 4, 90.0, 0, 4),
        ("/beat", 2, 1, 4, 90.0, 2, 4),
    ) == ["tempo 120.0, bar 1", "", "tempo 90.0", "bar 2"]  # fmt: skip


def test_what_is_cleared_starts_afresh() -> None:
    connect = "/composition/columns/3/connect"
    assert done((connect, 1), ("/composition/disconnectall",), (connect, 1)) == [
        "column 3 on all layers", "nothing on any layer", "column 3 on all layers"
    ]  # fmt: skip


@pytest.mark.parametrize("message", [("/beat",), ("/beat", "?", 1), ("/section", "Chorus", 3, 8)])
def test_other_messages_are_passed_over(message: tuple[str, *tuple[Value, ...]]) -> None:
    assert done(message) == [""]


def demo_messages() -> list[tuple[str, *tuple[Value, ...]]]:
    files = [tomllib.loads(path.read_text()) for path in (ROOT / "shows/demo").rglob("*.toml")]
    return [tuple(cue["osc"]) for file in files for cue in file.get("cues", ()) if cue["to"] == "video"]


def test_it_knows_every_message_of_the_demo_show() -> None:
    said = [Composition().do(address, *values) for address, *values in demo_messages()]
    assert "column 5 on all layers" in said
    assert not [text for text in said if not text or "not known" in text]


def free_port() -> int:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
        udp.bind((HOST, 0))
        return int(udp.getsockname()[1])


TARGET = """
[targets.video]
profile = "osc"
host = "127.0.0.1"
port = {port}
latency_ms = 100
[[cues]]
on = "start"
to = "video"
osc = ["/composition/columns/2/connect", 1]
name = "Film"
"""


def test_a_cue_of_the_running_show_starts_its_column_before_the_bar_that_it_belongs_to(tmp_path: Path) -> None:
    port = free_port()
    with serving(tmp_path, more=TARGET.format(port=port)) as service:
        address = f"{HOST}:{service.port}"
        command = [sys.executable, str(RECEIVER), address, "--listen", str(port)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as receiver, connect(address) as show:
            assert receiver.stdout
            assert receiver.stdout.readline() == f"cues on port {port}, beats from {address}\n"
            show.command("/song/select", "tune")
            show.command("/go")
            said = list(takewhile(lambda line: line != "bar 2\n", receiver.stdout))
            receiver.send_signal(signal.SIGINT)
    assert said == ["tempo 240.0, bar 0\n", "column 2 on all layers\n", "bar 1\n"]
    assert receiver.returncode == 0


@pytest.mark.parametrize("arguments", [["127.0.0.1:http"], ["--listen", "70000"], ["--listen", "video"]])
def test_what_cannot_be_used_is_wrong_usage_in_a_sentence(arguments: list[str]) -> None:
    ended = subprocess.run([sys.executable, str(RECEIVER), *arguments], check=False, capture_output=True, text=True)
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert arguments[-1] in ended.stderr

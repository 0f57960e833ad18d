"""The example receiver, run as its user runs it, against a service's socket on the real network."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

RECEIVER = Path(__file__).parents[2] / "clients" / "receiver.py"
Address = tuple[str, int]


@pytest.fixture
def service() -> Iterator[socket.socket]:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
        udp.bind(("127.0.0.1", 0))
        udp.settimeout(20)
        yield udp


@pytest.fixture
def target_port() -> int:
    with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as udp:
        udp.bind(("127.0.0.1", 0))
        return int(udp.getsockname()[1])


@pytest.fixture
def receiver(service: socket.socket, target_port: int) -> Iterator[subprocess.Popen[str]]:
    at = f"127.0.0.1:{service.getsockname()[1]}"
    command = [sys.executable, "-u", "-X", "utf8", str(RECEIVER), at, "--listen", str(target_port)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as process:
        yield process
        process.kill()


def subscriber(service: socket.socket) -> tuple[OscMessage, Address]:
    packet, address = service.recvfrom(2048)
    return OscMessage(packet), address


def lines(process: subprocess.Popen[str], count: int) -> list[str]:
    assert process.stdout is not None
    return [process.stdout.readline().rstrip("\n") for _ in range(count)]


@pytest.mark.usefixtures("receiver")
def test_it_subscribes_to_what_an_operator_needs(service: socket.socket) -> None:
    message, _ = subscriber(service)
    assert (message.address, message.params) == ("/subscribe", ["beat", "section", "song", "cue", "transport"])


def test_it_prints_a_line_for_each_thing_it_is_told(service: socket.socket, receiver: subprocess.Popen[str]) -> None:
    _, address = subscriber(service)
    told: list[tuple[str, list[int | float | str]]] = [
        ("/transport", ["playing"]),
        ("/song", ["Night Drive", 2, 5]),
        ("/position", ["16.4", 30.0, 66.0, 7.2, 40.0]),  # not asked for, passed over
        ("/section", ["Chorus", 3, 8]),
        ("/beat", [17, 3, 4, 128.0, 0, 4]),
        ("/cue/standby", ["Chorus wash", "lights", 5.0]),
        ("/cue", ["Chorus wash", "lights"]),
    ]
    for name, arguments in told:
        service.sendto(build_msg(name, arguments).dgram, address)
    assert lines(receiver, 6) == [
        "transport playing",
        "song 2/5: Night Drive",
        "section 3: Chorus (8 bars)",
        "17.3  ♩=128.0  Chorus",
        'cue STANDBY lights "Chorus wash" in 5.0 s',
        'cue FIRE lights "Chorus wash"',
    ]


def test_it_prints_what_a_target_is_sent_but_not_the_beats_it_is_fed(
    service: socket.socket, receiver: subprocess.Popen[str], target_port: int
) -> None:
    subscriber(service)
    desk = ("127.0.0.1", target_port)
    service.sendto(build_msg("/beat", [1, 1, 4, 120.0, 2, 4]).dgram, desk)
    service.sendto(build_msg("/eos/cue/1/12/fire", []).dgram, desk)
    service.sendto(build_msg("/composition/columns/3/connect", [1]).dgram, desk)
    assert lines(receiver, 2) == ["target /eos/cue/1/12/fire", "target /composition/columns/3/connect 1"]


def test_the_state_that_comes_with_a_subscription_is_printed_where_it_is_new(
    service: socket.socket, receiver: subprocess.Popen[str]
) -> None:
    _, address = subscriber(service)
    told: list[tuple[str, list[int | float | str]]] = [
        ("/transport", ["stopped"]),
        ("/song", ["", 0, 5]),
        ("/transport", ["stopped"]),
        ("/section", ["", 0, 0]),
        ("/synced", [3]),
        ("/section", ["", 0, 0]),
    ]
    for name, arguments in told:
        service.sendto(build_msg(name, arguments).dgram, address)
    assert lines(receiver, 4) == ["transport stopped", "song: none", "section: none", "section: none"]


def test_it_says_that_nobody_answers_and_goes_on_asking(
    service: socket.socket, receiver: subprocess.Popen[str]
) -> None:
    subscriber(service)
    subscriber(service)
    receiver.send_signal(signal.SIGINT)
    port = service.getsockname()[1]
    assert receiver.communicate(timeout=20) == ("", f"no answer from 127.0.0.1:{port}: is showctl running there?\n")


def test_a_port_that_is_taken_is_wrong_usage_too(service: socket.socket) -> None:
    port = str(service.getsockname()[1])
    command = [sys.executable, str(RECEIVER), "--listen", port]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr.count("Traceback")) == (2, 0)
    assert f"a PORT that no other program uses, got '{port}'" in done.stderr


@pytest.mark.parametrize("arguments", [["127.0.0.1:http"], ["--listen", "70000"], ["--listen", "lights"]])
def test_what_cannot_be_used_is_wrong_usage_in_a_sentence(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, str(RECEIVER), *arguments], check=False, capture_output=True, text=True)
    assert (done.returncode, "Traceback" in done.stderr) == (2, False)
    assert f"got '{arguments[-1]}'" in done.stderr


def test_a_message_of_another_shape_does_not_end_it(service: socket.socket, receiver: subprocess.Popen[str]) -> None:
    _, address = subscriber(service)
    for packet in (b"", b"/", b"#bundle\0" + bytes(8), build_msg("/section", []).dgram):
        service.sendto(packet, address)
    for arguments in (["?"], [1, 1, 4, "fast"], [1, 1, 4, None]):
        service.sendto(build_msg("/beat", arguments).dgram, address)
    service.sendto(build_msg("/transport", ["armed"]).dgram, address)
    assert lines(receiver, 1) == ["transport armed"]


def test_ctrl_c_ends_it_quietly(service: socket.socket, receiver: subprocess.Popen[str]) -> None:
    subscriber(service)
    receiver.send_signal(signal.SIGINT)
    assert receiver.communicate(timeout=20) == ("", "")
    assert receiver.returncode == 0

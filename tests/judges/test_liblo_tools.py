"""oscsend and oscdump, as one types them in a shell: against the running service, and packet by packet."""

from __future__ import annotations

import select
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import IO

import pytest

from showctl.osc.codec import IMPULSE, Bundle, Message, decode, encode, encode_bundle
from showctl.osc.framing import Framing, Unframer
from tests.clients.serving import HOST, Serving, serving

UDP, TCP = "osc.udp", "osc.tcp"


def program(name: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} is missing: install liblo-tools"
    return path


def oscsend(scheme: str, port: int, *words: str) -> None:
    subprocess.run([program("oscsend"), f"{scheme}://{HOST}:{port}/", *words], check=True, timeout=20)


def free_port(kind: socket.SocketKind) -> int:
    """On all addresses, for there oscdump listens."""
    with socket.socket(socket.AF_INET, kind) as probe:
        probe.bind(("", 0))
        return int(probe.getsockname()[1])


@contextmanager
def oscdump(scheme: str, port: int) -> Iterator[IO[bytes]]:
    """What a real oscdump prints, once it listens."""
    command = [program("oscdump"), "-L", f"{scheme}://:{port}/"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, bufsize=0) as dump:  # so that what waits can be asked for
        assert dump.stdout
        try:
            wait_until_listening(dump.stdout, scheme, port)
            yield dump.stdout
        finally:
            dump.kill()


def wait_until_listening(output: IO[bytes], scheme: str, port: int) -> None:
    for _ in range(500):
        with suppress(OSError):
            send(scheme, port, encode(Message("/ready")))
        if select.select([output], [], [], 0.02)[0]:
            return
    raise AssertionError("oscdump printed nothing within ten seconds")


def send(scheme: str, port: int, *packets: bytes, framing: Framing = Framing.LENGTH) -> None:
    """From a socket of its own, in order."""
    kind = socket.SOCK_DGRAM if scheme == UDP else socket.SOCK_STREAM
    with socket.socket(socket.AF_INET, kind) as client:
        client.connect((HOST, port))
        for packet in packets:
            client.sendall(packet if scheme == UDP else framing.framed(packet))


def next_line(output: IO[bytes]) -> str:
    """Without its time stamp."""
    assert select.select([output], [], [], 20)[0], "oscdump prints nothing"
    return output.readline().decode().split(" ", 1)[1].strip()


def next_lines(count: int, output: IO[bytes]) -> list[str]:
    return [next_line(output) for _ in range(count)]


def printed_until(end: str, output: IO[bytes]) -> list[str]:
    """The lines up to the one that begins so, that one included."""
    lines = [next_line(output)]
    while not lines[-1].startswith(end):
        lines.append(next_line(output))
    return [line for line in lines if line != "/ready"]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    with serving(tmp_path_factory.mktemp("tools")) as running:
        yield running


@pytest.mark.parametrize("scheme", [UDP, TCP])
def test_an_oscdump_that_has_subscribed_prints_the_faders_that_oscsend_moves(service: Serving, scheme: str) -> None:
    port = free_port(socket.SOCK_DGRAM)
    with oscdump(UDP, port) as output:
        oscsend(UDP, service.port, "/subscribe", "is", str(port), "mix")
        *state, synced = printed_until("/synced", output)
        assert synced == f"/synced i {len(state)}"
        assert {"/bus/drums/click/fader f 0.750000", "/bus/house/stems/mute i 0"} <= set(state)
        for words, printed in CHANGES:
            oscsend(scheme, service.port, *words)
            assert sorted(next_lines(len(printed), output)) == printed


CHANGES = [
    (["/bus/drums/click/fader", "f", "0.5"], ["/bus/drums/click/db f -10.000000", "/bus/drums/click/fader f 0.500000"]),
    (["/bus/drums/click/db", "i", "0"], ["/bus/drums/click/db f 0.000000", "/bus/drums/click/fader f 0.750000"]),
    (["/bus/*/stems/mute", "T"], ["/bus/drums/stems/mute i 1", "/bus/house/stems/mute i 1"]),
    (["/bus/*/stems/mute", "d", "0"], ["/bus/drums/stems/mute i 0", "/bus/house/stems/mute i 0"]),
    (["/click/sound", "S", "beep"], ['/click/sound s "beep"']),
    (["/click/sound", "s", "woodblock"], ['/click/sound s "woodblock"']),
]
"""What oscsend is told to send, and all that is printed for it, sorted."""


@pytest.mark.parametrize(
    ("types", "values", "message"),
    [
        ("ifs", ["1", "2.5", "hi"], Message("/x", (1, 2.5, "hi"), "ifs")),
        ("", [], Message("/x")),
        ("TFNI", [], Message("/x", (True, False, None, IMPULSE), "TFNI")),
        ("hdSc", ["-5", "0.1", "sym", "A"], Message("/x", (-5, 0.1, "sym", "A"), "hdSc")),
        ("m", ["01903c64"], Message("/x", (bytes([1, 0x90, 60, 100]),), "m")),
    ],
)
def test_what_oscsend_sends_is_read(types: str, values: list[str], message: Message) -> None:
    words = ["/x", *([types] if types else []), *values]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind((HOST, 0))
        receiver.settimeout(10)
        oscsend(UDP, receiver.getsockname()[1], *words)
        assert decode(receiver.recv(65_536)) == message
    with socket.create_server((HOST, 0)) as listener:
        listener.settimeout(10)
        oscsend(TCP, listener.getsockname()[1], *words)
        connection, _ = listener.accept()
        with connection, connection.makefile("rb") as stream:
            (packet,) = Unframer().feed(stream.read())
        assert isinstance(packet, bytes)
        assert decode(packet) == message


WRITTEN = [
    encode(Message("/beat", (1, 2, 4, 120.0, 2, 4))),
    encode(Message("/text/song", ("Closer",))),
    encode(Message("/x", (True, False, None, IMPULSE))),
    encode(Message("/y", (-(2**40), 0.5, "sym", "A"), "hdSc")),
    encode(Message("/z", (0xC0, 0xDB, 0xC0DC, 0xDBDD))),  # what SLIP has to escape
    encode_bundle(Bundle(1, (Message("/a", (1,)), Bundle(1, (Message("/b", (2,)),))))),
    encode(Message("/end")),
]
PRINTED = [
    "/beat iiifii 1 2 4 120.000000 2 4",
    '/text/song s "Closer"',
    "/x TFNI #T #F Nil Infinitum",
    "/y hdSc -1099511627776 0.500000 'sym 'A'",
    "/z iiii 192 219 49372 56285",
    "/a i 1",
    "/b i 2",
    "/end",
]


@pytest.mark.parametrize(("scheme", "framing"), [(UDP, Framing.LENGTH), *((TCP, framing) for framing in Framing)])
def test_oscdump_prints_what_is_written(scheme: str, framing: Framing) -> None:
    port = free_port(socket.SOCK_DGRAM if scheme == UDP else socket.SOCK_STREAM)
    with oscdump(scheme, port) as output:
        send(scheme, port, *WRITTEN, framing=framing)
        assert printed_until("/end", output) == PRINTED

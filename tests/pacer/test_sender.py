from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from showctl.osc.codec import Bundle, Message, decode, encode
from showctl.pacer.sender import Sender, bundle

BEAT = Message("/beat", (1, 2, 4, 120.0, 0, 4))


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("127.0.0.1", 0))
        bound.settimeout(60)
        yield bound


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        yield opened


def test_a_bundle_holds_the_packet_and_its_timetag() -> None:
    assert decode(bundle(0xE1234567_89ABCDEF, encode(BEAT))) == Bundle(0xE1234567_89ABCDEF, (BEAT,))


def test_a_name_is_sent_to_once_it_is_known_and_counted_before(udp: socket.socket, receiver: socket.socket) -> None:
    sender = Sender([udp])
    address = ("desk.local", receiver.getsockname()[1])
    before = sender.send(b"early", [address])
    sender.learn({"desk.local": "127.0.0.1"})
    assert (before, sender.send(b"known", [address]), receiver.recv(100)) == (0, 1, b"known")
    assert (sender.failed.total(), sender.unreached) == (1, {})


def test_an_ipv6_address_goes_through_the_socket_that_can(udp: socket.socket) -> None:
    with (
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as receiver,
        socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp6,
    ):
        receiver.bind(("::1", 0))
        receiver.settimeout(60)
        address = ("::1", receiver.getsockname()[1])
        assert Sender([udp]).send(b"lost", [address]) == 0
        assert Sender([udp, udp6]).send(b"there", [address]) == 1
        assert receiver.recv(100) == b"there"


def test_a_full_or_unreachable_destination_is_counted_with_its_reason(udp: socket.socket) -> None:
    sender = Sender([udp])
    assert sender.send(b"x", [("127.0.0.1", 0)] * 3) == 0
    assert [(address, count) for (address, _), count in sender.failed.items()] == [(("127.0.0.1", 0), 3)]
    assert list(sender.unreached) == [("127.0.0.1", 0)]


def test_a_socket_that_others_block_on_goes_on_blocking(udp: socket.socket, receiver: socket.socket) -> None:
    Sender([udp]).send(b"x", [receiver.getsockname()])
    assert udp.getblocking()


def test_one_that_cannot_be_reached_costs_the_others_nothing(udp: socket.socket, receiver: socket.socket) -> None:
    there: tuple[str, int] = receiver.getsockname()
    assert Sender([udp]).send(b"all", [there, ("no-such-host", 9000), ("127.0.0.1", 0), there]) == 2
    assert [receiver.recv(100), receiver.recv(100)] == [b"all", b"all"]


def test_what_a_name_stands_for_may_change(udp: socket.socket, receiver: socket.socket) -> None:
    sender, address = Sender([udp]), ("desk.local", receiver.getsockname()[1])
    for host in ("127.0.0.2", "127.0.0.1"):
        sender.learn({"desk.local": host})
        assert sender.send(host.encode(), [address]) == 1
    assert receiver.recv(100) == b"127.0.0.1"


def test_to_look_for_a_way_is_no_attempt(udp: socket.socket, receiver: socket.socket) -> None:
    sender, address = Sender([udp]), receiver.getsockname()
    sender.prepare([address, ("no-such-host", 9000), ("::1", 9000)])
    assert (sender.failed.total(), sender.unreached) == (0, {})
    assert sender.send(b"there", [address]) == 1
    assert receiver.recv(100) == b"there"

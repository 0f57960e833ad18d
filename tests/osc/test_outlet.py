"""Telling a crowd: in turns, each in its own words."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import trio

from showctl.errors import Refused
from showctl.model.show import Ports
from showctl.model.units import HostNs
from showctl.osc.codec import Message, decode
from showctl.osc.outlet import Outlet
from showctl.osc.routes import Routes
from showctl.osc.streams import Streams
from showctl.osc.subscribers import MAX_LISTENED, RENEW_SECONDS, WRITE_SECONDS, Subscribers
from showctl.osc.teller import Told
from showctl.shared.boards import clients_reader, clients_writer
from showctl.shared.clients import LEASE_SECONDS, Client, Clients
from showctl.shared.rundir import RuntimeDirectory

NEWS = Told("song", Message("/song", ("Opener", 1, 3)))
S = 10**9


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    """On every address of this machine."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as bound:
        bound.bind(("", 0))
        bound.settimeout(60)
        yield bound


@pytest.fixture
def udp() -> Iterator[socket.socket]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as opened:
        yield opened


def subscribers_in(path: Path, *clients: Client) -> Subscribers:
    directory = RuntimeDirectory(path)
    clients_writer(directory)
    return Subscribers(clients_writer(directory), Clients(clients))


async def test_a_crowd_is_told_in_turns(tmp_path: Path, udp: socket.socket) -> None:
    """A thousand datagrams take longer than a turn."""
    crowd = (Client("127.0.0.1", 20_000 + number, frozenset({"song"})) for number in range(1000))
    outlet = Outlet(Routes([udp]), Streams([]), subscribers_in(tmp_path, *crowd))
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            await trio.lowlevel.checkpoint()
            turns += 1

    async with trio.open_nursery() as nursery:
        nursery.start_soon(count_turns)
        await trio.lowlevel.checkpoint()
        await outlet.tell([NEWS])
        nursery.cancel_scope.cancel()
    assert turns > 1


async def test_each_hears_it_as_it_asked(tmp_path: Path, udp: socket.socket, receiver: socket.socket) -> None:
    port: int = receiver.getsockname()[1]
    clients = (
        Client("127.0.0.1", port, frozenset({"song"})),
        Client("127.0.0.2", port, frozenset({"song"})),
        Client("127.0.0.3", port, frozenset({"song"}), frozenset({"prefix"})),
        Client("127.0.0.4", port, frozenset({"song"}), frozenset({"utf8"})),
        Client("127.0.0.5", port, frozenset({"beat"})),
    )
    outlet = Outlet(Routes([udp]), Streams([]), subscribers_in(tmp_path, *clients), Ports(prefix="foh"))
    assert (set(outlet.wanted("song")), outlet.wanted("beat")) == ({True, False}, (False,))
    await outlet.tell([NEWS], utf8=False)
    await outlet.tell([Told("beat", Message("/beat"))])
    heard = [decode(receiver.recv(512)) for _ in range(4)]
    addresses = [message.address for message in heard if isinstance(message, Message)]
    assert addresses == ["/song", "/song", "/foh/song", "/beat"]


def test_whose_life_goes_on_is_written_down_together_and_not_word_by_word(tmp_path: Path) -> None:
    subscribers = subscribers_in(tmp_path)
    board = clients_reader(RuntimeDirectory(tmp_path))
    for port in (1, 2):
        sender = "10.0.0.1", port
        subscribers.subscribe(sender, subscribers.wished(sender, (), HostNs(0)))

    def written() -> list[int | None]:
        known = board.read()
        assert known
        return [client.expires for client in known.clients]

    now = RENEW_SECONDS * S + 1
    for port in (1, 2):
        subscribers.heard(("10.0.0.1", port), HostNs(now))
    assert written() == [LEASE_SECONDS * S] * 2
    subscribers.drop_expired(HostNs(now))
    assert written() == [now + LEASE_SECONDS * S] * 2
    later = now + RENEW_SECONDS * S + 1
    subscribers.heard(("10.0.0.1", 1), HostNs(later))
    assert subscribers.drop_expired(HostNs(now + WRITE_SECONDS * S)) == ()
    assert subscribers.drop_expired(HostNs(now + LEASE_SECONDS * S))[0].port == 2
    assert written() == [later + LEASE_SECONDS * S]


def test_all_that_is_listened_to_has_a_bound_and_fits_on_the_board_up_to_it(tmp_path: Path) -> None:
    subscribers = subscribers_in(tmp_path)
    half = MAX_LISTENED // 2
    for port in (1, 2):
        subscribers.listen(("10.0.0.1", port, "ws"), frozenset({"/" * half}), ("127.0.0.1", port))
    with pytest.raises(Refused, match=r"^too many addresses are listened to"):
        subscribers.listen(("10.0.0.1", 3, "ws"), frozenset({"/a"}), ("127.0.0.1", 3))
    subscribers.listen(("10.0.0.1", 2, "ws"), frozenset({"/a"}), ("127.0.0.1", 2))  # instead of what it had
    known = clients_reader(RuntimeDirectory(tmp_path)).read()
    assert known
    assert sorted(len(text) for client in known.clients for text in client.listens) == [2, half]

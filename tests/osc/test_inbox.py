from __future__ import annotations

import socket
import sys

import pytest

from showctl.osc.codec import Arg, Bundle, Message, encode, encode_bundle
from showctl.osc.inbox import FLOOD, MAX_WAITING, MAX_WAITING_BYTES, Inbox, lost_datagrams
from showctl.osc.routes import Peer

IPAD: Peer = ("192.168.1.31", 9000)
DESK: Peer = ("192.168.1.20", 8000)
STATES = {"/bus/drums/click/db", "/bus/drums/click/fader", "/lock"}


def said(address: str, *args: Arg) -> bytes:
    return encode(Message(address, args))


DB = [said("/bus/drums/click/db", float(level)) for level in range(4)]
FADER = [said("/bus/drums/click/fader", level / 4) for level in range(4)]
GO = said("/go")


def taken(*received: tuple[Peer, bytes]) -> list[tuple[Peer, bytes]]:
    """What there is to do, in order."""
    inbox = Inbox(STATES.__contains__, flood=0)
    for sender, datagram in received:
        inbox.put(datagram, sender)
    done = []
    while inbox:
        datagram, sender = inbox.take()
        done.append((sender, datagram))
    return done


def test_what_does_not_pile_up_is_done_as_it_comes() -> None:
    assert taken((IPAD, DB[0])) == [(IPAD, DB[0])]


def test_of_a_moving_fader_only_the_newest_place_is_worth_doing() -> None:
    assert taken(*((IPAD, packet) for packet in DB)) == [(IPAD, DB[-1])]


def test_as_long_as_few_wait_each_is_done() -> None:
    inbox = Inbox(STATES.__contains__)
    for packet in DB * 20:
        inbox.put(packet, IPAD)
    assert [inbox.take()[0] for _ in range(FLOOD)] == [*(DB * 20)[: FLOOD - 1], DB[-1]]
    assert not inbox


def test_the_newest_comes_last_among_what_its_sender_set() -> None:
    assert taken((IPAD, FADER[1]), (IPAD, DB[1]), (IPAD, FADER[2])) == [(IPAD, DB[1]), (IPAD, FADER[2])]


@pytest.mark.parametrize("other", [GO, said("/bus/*/click/db", 1.0), b"garbage", encode_bundle(Bundle(1, ()))])
def test_what_is_no_state_finds_the_states_as_they_were_told_before_it(other: bytes) -> None:
    told = [(IPAD, DB[0]), (IPAD, DB[1]), (IPAD, other), (IPAD, DB[2]), (IPAD, DB[3])]
    assert taken(*told) == [(IPAD, DB[1]), (IPAD, other), (IPAD, DB[3])]


def test_one_client_does_not_overtake_another() -> None:
    assert taken((IPAD, DB[1]), (DESK, DB[2])) == [(IPAD, DB[1]), (DESK, DB[2])]


def test_a_go_does_not_wait_behind_the_faders_of_others() -> None:
    told = [(IPAD, DB[1]), (IPAD, FADER[1]), (DESK, DB[2]), (DESK, GO)]
    assert taken(*told) == [(DESK, DB[2]), (DESK, GO), (IPAD, DB[1]), (IPAD, FADER[1])]


def test_every_trigger_counts() -> None:
    assert taken(*((IPAD, GO) for _ in range(3))) == [(IPAD, GO)] * 3


def test_clients_have_their_turns() -> None:
    told = [(IPAD, DB[0]), (IPAD, FADER[0]), (DESK, DB[1]), (DESK, FADER[1])]
    assert taken(*told) == [(IPAD, DB[0]), (DESK, DB[1]), (IPAD, FADER[0]), (DESK, FADER[1])]


def test_it_counts_what_waits() -> None:
    inbox = Inbox(STATES.__contains__, flood=0)
    for packet in (*DB, *FADER, GO, *DB):
        inbox.put(packet, IPAD)
    assert len(inbox) == 4
    inbox.take()
    assert len(inbox) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not count")
def test_what_the_system_had_no_room_for_is_counted() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket(type=socket.SOCK_DGRAM) as sender:
        udp.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
        udp.bind(("127.0.0.1", 0))
        udp.setblocking(False)
        for _ in range(1000):
            sender.sendto(GO, udp.getsockname())
        kept = 0
        while True:
            try:
                udp.recv(100)
            except BlockingIOError:
                break
            kept += 1
        assert 0 < lost_datagrams(udp) == 1000 - kept


@pytest.mark.parametrize("size", [4, 65_000])
def test_an_inbox_is_full_by_number_or_by_size_and_empty_when_all_is_taken(size: int) -> None:
    inbox = Inbox(STATES.__contains__)
    while not inbox.full:
        inbox.put(b"/" * size, IPAD)
    assert len(inbox) == min(MAX_WAITING, MAX_WAITING_BYTES // size + 1)
    while inbox:
        inbox.take()
        assert not inbox.full


def test_what_is_overtaken_takes_no_room() -> None:
    inbox = Inbox(STATES.__contains__, flood=0)
    for _ in range(MAX_WAITING_BYTES // 60_000 * 2):
        inbox.put(said("/bus/drums/click/db", "x" * 60_000), IPAD)
    assert len(inbox) == 1
    assert not inbox.full

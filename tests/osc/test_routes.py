from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from showctl.discovery.interfaces import addresses
from showctl.osc.routes import Routes, address_of

OWN = addresses()[0]
"""An address of this machine that is not a loopback one, if it has any."""


@pytest.mark.parametrize(
    ("place", "plain"),
    [
        (("192.168.1.31", 9000), ("192.168.1.31", 9000)),
        (("::ffff:192.168.1.31", 9000, 0, 0), ("192.168.1.31", 9000)),
        (("fd00::2", 9000, 0, 0), ("fd00::2", 9000)),
        (("fe80::1", 9000, 0, 2), ("fe80::1%2", 9000)),
    ],
)
def test_addresses_are_written_plainly(
    place: tuple[str, int] | tuple[str, int, int, int], plain: tuple[str, int]
) -> None:
    assert address_of(place) == plain


@pytest.fixture
def bound() -> Iterator[dict[str, socket.socket]]:
    with ExitStack() as opened:
        yield {host: opened.enter_context(_bound(host)) for host in ("127.0.0.1", OWN, "::1", "::")}


def _bound(host: str) -> socket.socket:
    udp = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
    if host == "::":
        udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
    udp.bind((host, 0))
    return udp


def test_of_several_sockets_the_one_is_taken_that_the_machine_would_send_from(bound: dict[str, socket.socket]) -> None:
    routes = Routes([bound["127.0.0.1"], bound[OWN], bound["::1"]])
    assert routes.find((OWN, 9000)) == (bound[OWN], (OWN, 9000))
    assert routes.find(("127.0.0.1", 9000)) == (bound["127.0.0.1"], ("127.0.0.1", 9000))
    assert routes.find(("::1", 9000)) == (bound["::1"], ("::1", 9000, 0, 0))


def test_only_a_socket_of_all_addresses_reaches_both_families(bound: dict[str, socket.socket]) -> None:
    assert Routes([bound["::"]]).find(("127.0.0.1", 9000)) == (bound["::"], ("::ffff:127.0.0.1", 9000))
    assert Routes([bound["::1"]]).find(("127.0.0.1", 9000)) is None
    assert Routes([bound["127.0.0.1"]]).find(("::1", 9000)) is None


def test_a_link_local_address_is_reached_through_its_interface(bound: dict[str, socket.socket]) -> None:
    loopback = socket.if_nametoindex("lo")
    assert Routes([bound["::"]]).find((f"fe80::1%{loopback}", 9000)) == (bound["::"], ("fe80::1", 9000, 0, loopback))


@pytest.mark.parametrize("host", ["desk.local", "fe80::1%nowhere", ""])
def test_what_is_no_address_has_no_route(bound: dict[str, socket.socket], host: str) -> None:
    assert Routes([bound["::"]]).find((host, 9000)) is None

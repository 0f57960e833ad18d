from __future__ import annotations

import socket

import pytest

from showctl.errors import NetworkError
from showctl.supervisor.sockets import bind_osc


def test_port_0_is_any_free_one_on_all_addresses() -> None:
    with bind_osc(0) as osc:
        host, port = osc.getsockname()
        assert (host, osc.type) == ("0.0.0.0", socket.SOCK_DGRAM)  # noqa: S104
        assert port > 0


def test_two_cannot_have_the_same_port() -> None:
    with bind_osc(0) as osc, pytest.raises(NetworkError, match=r"is in use by another program.*--osc-port"):
        bind_osc(osc.getsockname()[1])


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(NetworkError, match=r"expected an address of this machine, got '203.0.113.7'.*--bind"):
        bind_osc(0, "203.0.113.7")


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_the_ipv6_wildcard_hears_ipv4_too() -> None:
    with bind_osc(0, "::") as osc, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", ("127.0.0.1", osc.getsockname()[1]))
        osc.settimeout(10)
        assert osc.recv(10) == b"x"

from __future__ import annotations

import socket

import pytest

from showctl.errors import NetworkError
from showctl.supervisor import sockets
from showctl.supervisor.sockets import bind_osc


def test_port_0_is_one_that_is_free_for_udp_and_tcp_on_all_addresses() -> None:
    with bind_osc(0) as osc:
        assert [each.type for each in osc.all] == [socket.SOCK_DGRAM, socket.SOCK_STREAM]
        assert [each.getsockname() for each in osc.all] == [("0.0.0.0", osc.port)] * 2  # noqa: S104
        assert osc.port > 0


def test_a_connection_waits_until_somebody_accepts_it() -> None:
    with bind_osc(0, ("127.0.0.1",)) as osc, socket.create_connection(("127.0.0.1", osc.port)) as client:
        client.sendall(b"x")
        osc.tcp[0].settimeout(10)
        accepted, _ = osc.tcp[0].accept()
        with accepted:
            assert accepted.recv(10) == b"x"


def test_two_cannot_have_the_same_port() -> None:
    with bind_osc(0) as osc, pytest.raises(NetworkError, match=r"^UDP port .* is in use by another .*--osc-port"):
        bind_osc(osc.port)


def test_a_port_that_tcp_alone_is_denied_is_refused_and_nothing_stays_open() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(NetworkError, match=rf"^TCP port {port} is in use by another program"):
            bind_osc(port, ("127.0.0.1",))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
            udp.bind(("127.0.0.1", port))


def test_a_free_port_is_looked_for_until_it_is_free_for_both(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        denied = [taken.getsockname()[1]] * 3

        def prepare(unbound: socket.socket, kind: int) -> None:
            if kind == socket.SOCK_DGRAM and denied:  # the system would choose a port that is taken for TCP
                unbound.bind(("127.0.0.1", denied.pop()))
                unbound.detach()
                raise OSError(98, "in use")

        monkeypatch.setattr(sockets, "_prepare", prepare)
        with bind_osc(0, ("127.0.0.1",)) as osc:
            assert denied == []
            assert osc.port != taken.getsockname()[1]


def test_several_addresses_have_one_port() -> None:
    with bind_osc(0, ("127.0.0.1", "127.0.0.2")) as osc:
        assert [each.getsockname() for each in osc.udp] == [("127.0.0.1", osc.port), ("127.0.0.2", osc.port)]
        assert [each.getsockname() for each in osc.tcp] == [("127.0.0.1", osc.port), ("127.0.0.2", osc.port)]


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(NetworkError, match=r"expected an address of this machine, got '203.0.113.7'.*--bind"):
        bind_osc(0, ("203.0.113.7",))


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
def test_the_ipv6_wildcard_hears_ipv4_too(host: str) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with bind_osc(0, ("::",)) as osc, socket.socket(family, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", (host, osc.port))
        osc.udp[0].settimeout(10)
        assert osc.udp[0].recv(10) == b"x"
        with socket.create_connection((host, osc.port)):
            osc.tcp[0].settimeout(10)
            osc.tcp[0].accept()[0].close()

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest

from showctl.errors import NetworkError
from showctl.supervisor import sockets
from showctl.supervisor.sockets import bind_osc, bind_push, bind_service, bind_web


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


def test_a_service_has_a_web_port_of_its_own_at_each_of_its_addresses() -> None:
    with bind_service(0, 0, ("127.0.0.1", "127.0.0.2")) as service:
        places = [each.getsockname() for each in service.web]
        assert places == [("127.0.0.1", service.web_port), ("127.0.0.2", service.web_port)]
        assert service.web_port not in {0, service.port}
        for place in places:
            socket.create_connection(place, timeout=10).close()


def test_a_taken_web_port_names_its_own_option_and_nothing_stays_bound() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, bind_osc(0, ("127.0.0.1",)) as osc:
        port, free = taken.getsockname()[1], osc.port
        osc.close()
        with pytest.raises(NetworkError) as refused:
            bind_service(free, port, ("127.0.0.1",))
        bind_osc(free, ("127.0.0.1",)).close()
    assert str(refused.value) == (
        f"TCP port {port} is in use by another program: stop that, or choose another port with --web-port"
    )


def test_a_port_that_its_users_are_told_is_another_where_the_usual_one_is_taken() -> None:
    with ExitStack() as stack:
        (usual,) = bind_push(0, ("127.0.0.1",))
        port = stack.enter_context(usual).getsockname()[1]
        (other,) = bind_push(port, ("127.0.0.1",))
        assert stack.enter_context(other).getsockname()[1] not in {0, port}
        usual.close()
        (again,) = bind_push(port, ("127.0.0.1",))
        assert stack.enter_context(again).getsockname()[1] == port


def test_none_at_all_is_no_reason_to_fail() -> None:
    assert bind_push(0, ("192.0.2.1",)) == ()  # an address of nobody (RFC 5737)


def test_a_web_port_whose_connections_linger_can_be_had_again() -> None:
    (web,) = bind_web(0, ("127.0.0.1",))
    with web:
        place = web.getsockname()
        client = socket.create_connection(place, timeout=10)
        web.settimeout(10)
        web.accept()[0].close()  # first: it is the server's side that lingers
        client.close()
    (again,) = bind_web(place[1], ("127.0.0.1",))
    again.close()

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import ifaddr
import pytest

from showctl.discovery import interfaces
from showctl.errors import NetworkError


def adapters(*named: tuple[str, str | tuple[str, int, int]]) -> Sequence[ifaddr.Adapter]:
    return [ifaddr.Adapter(name, name, [ifaddr.IP(address, 24, name)]) for name, address in named]


def found(monkeypatch: pytest.MonkeyPatch, *named: tuple[str, str]) -> tuple[str, ...]:
    plug(monkeypatch, *named)
    return interfaces.addresses()


def plug(monkeypatch: pytest.MonkeyPatch, *named: tuple[str, str | tuple[str, int, int]]) -> None:
    """These interfaces are there from now on."""
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters(*named))


def test_loopback_containers_tunnels_and_link_local_addresses_are_not_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(
        monkeypatch,
        ("lo", "127.0.0.1"),
        ("eth0", "192.168.1.20"),
        ("wlan0", "10.0.0.7"),
        ("docker0", "172.17.0.1"),
        ("tun0", "10.8.0.2"),
        ("utun3", "100.64.0.1"),
        ("eth1", "169.254.10.10"),
    ) == ("192.168.1.20", "10.0.0.7")


def test_loopback_is_told_where_there_is_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    assert found(monkeypatch, ("lo", "127.0.0.1"), ("docker0", "172.17.0.1")) == ("127.0.0.1",)


def test_this_machine_has_an_address_to_tell() -> None:
    assert all(ipaddress.IPv4Address(address) for address in interfaces.addresses())


HOUSE = (
    ("lo", "127.0.0.1"),
    ("eth0", "192.168.1.20"),
    ("eth0", ("fd00::20", 0, 0)),
    ("eth0", ("fe80::20", 0, 2)),
    ("wlan0", "10.0.0.7"),
    ("wg0", "10.9.0.1"),
)


def test_named_interfaces_alone_are_listened_at_and_told(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, *HOUSE)
    assert interfaces.addresses_of(("eth0",)) == ("192.168.1.20", "fd00::20")
    assert interfaces.addresses(("eth0",)) == ("192.168.1.20",)
    assert interfaces.addresses(("wlan0", "ETH0")) == ("192.168.1.20", "10.0.0.7")


def test_an_interface_that_is_named_may_be_a_tunnel_or_loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, *HOUSE)
    assert interfaces.addresses_of(("wg0", "lo")) == ("127.0.0.1", "10.9.0.1")
    assert interfaces.addresses(("wg0",)) == ("10.9.0.1",)


def test_a_wrong_interface_is_refused_with_those_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    plug(monkeypatch, ("lo", "127.0.0.1"), ("eth0", "192.168.1.20"))
    with pytest.raises(NetworkError, match=r"^expected a network interface .*, got 'eth1': there are lo, eth0$"):
        interfaces.addresses_of(("eth0", "eth1"))


def test_an_interface_without_an_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: [ifaddr.Adapter("eth1", "eth1", [])])
    with pytest.raises(NetworkError, match=r"^no address on eth1: "):
        interfaces.addresses_of(("eth1",))


def test_this_machine_knows_its_own_addresses() -> None:
    own = interfaces.own_addresses()
    assert {interfaces.LOOPBACK, *interfaces.addresses()} <= own
    assert not any("%" in address or "/" in address for address in own)

from __future__ import annotations

import ipaddress
from collections.abc import Sequence

import ifaddr
import pytest

from showctl.discovery import interfaces


def adapters(*named: tuple[str, str]) -> Sequence[ifaddr.Adapter]:
    return [ifaddr.Adapter(name, name, [ifaddr.IP(address, 24, name)]) for name, address in named]


def found(monkeypatch: pytest.MonkeyPatch, *named: tuple[str, str]) -> tuple[str, ...]:
    monkeypatch.setattr(ifaddr, "get_adapters", lambda: adapters(*named))
    return interfaces.addresses()


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

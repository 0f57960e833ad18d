"""Which addresses of this machine are worth telling: those a tablet in the same room can reach."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Sequence

import ifaddr

from showctl.errors import NetworkError

VIRTUAL_NAMES = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "tun", "tap", "utun", "wg", "tailscale", "zt")
"""How interfaces begin that lead to containers, virtual machines and VPNs, not to the room."""

LOOPBACK = "127.0.0.1"


def addresses(interfaces: Sequence[str] = ()) -> tuple[str, ...]:
    """IPv4 addresses, in the system's order, of the interfaces with these names where any are given.

    Of all, the loopback one only where there is no other.
    """
    adapters = list(ifaddr.get_adapters())
    if interfaces:
        found = [str(ip.ip) for adapter in _named(adapters, interfaces) for ip in adapter.ips if ip.is_IPv4]
    else:
        real = [adapter for adapter in adapters if not adapter.nice_name.lower().startswith(VIRTUAL_NAMES)]
        found = [str(ip.ip) for adapter in real for ip in adapter.ips if ip.is_IPv4 and _leads_out(str(ip.ip))]
    return tuple(dict.fromkeys(found)) or (LOOPBACK,)


def addresses_of(interfaces: Sequence[str]) -> tuple[str, ...]:
    """What to listen at on these interfaces: all addresses they have now, IPv6 too, save link-local IPv6.

    Raises `NetworkError` for a name that no interface has, with those there are, and where there is no address.
    """
    adapters = list(ifaddr.get_adapters())
    for name in interfaces:
        if not _named(adapters, (name,)):
            there = ", ".join(adapter.nice_name for adapter in adapters if adapter.ips)
            raise NetworkError(f"expected a network interface of this machine, got {name!r}: there are {there}")
    found = tuple(dict.fromkeys(_listenable(_named(adapters, interfaces))))
    if not found:
        raise NetworkError(f"no address on {', '.join(interfaces)}: plug it in, or choose another with --interface")
    return found


def own_addresses() -> frozenset[str]:
    """Every address of this machine, IPv6 too, without the names of interfaces."""
    ips = (ip.ip for adapter in ifaddr.get_adapters() for ip in adapter.ips)
    return frozenset(ip if isinstance(ip, str) else ip[0] for ip in ips)


def _named(adapters: Iterable[ifaddr.Adapter], names: Sequence[str]) -> list[ifaddr.Adapter]:
    """Windows has a name for people and one for programs: either will do."""
    wanted = {name.lower() for name in names}
    return [adapter for adapter in adapters if wanted & {adapter.nice_name.lower(), adapter.name.lower()}]


def _listenable(adapters: Iterable[ifaddr.Adapter]) -> Iterable[str]:
    for adapter in adapters:
        for ip in adapter.ips:
            text = ip.ip if isinstance(ip.ip, str) else ip.ip[0]
            if ip.is_IPv4 or not ipaddress.ip_address(text).is_link_local:
                yield text


def _leads_out(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local)

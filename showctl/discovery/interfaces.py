"""Which addresses of this machine are worth telling: those a tablet in the same room can reach."""

from __future__ import annotations

import ipaddress

import ifaddr

VIRTUAL_NAMES = ("docker", "br-", "veth", "virbr", "vmnet", "vboxnet", "tun", "tap", "utun", "wg", "tailscale", "zt")
"""How interfaces begin that lead to containers, virtual machines and VPNs, not to the room."""

LOOPBACK = "127.0.0.1"


def addresses() -> tuple[str, ...]:
    """IPv4 addresses, in the system's order; the loopback one only where there is no other."""
    found = [
        str(ip.ip)
        for adapter in ifaddr.get_adapters()
        if not adapter.nice_name.lower().startswith(VIRTUAL_NAMES)
        for ip in adapter.ips
        if ip.is_IPv4
    ]
    return tuple(address for address in dict.fromkeys(found) if _leads_out(address)) or (LOOPBACK,)


def _leads_out(address: str) -> bool:
    parsed = ipaddress.ip_address(address)
    return not (parsed.is_loopback or parsed.is_link_local)

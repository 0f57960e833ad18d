"""Addresses as numbers: the only ones that can be sent to without asking anybody."""

from __future__ import annotations

import ipaddress
import socket


def is_address(host: str) -> bool:
    """Whether it is an IP address, not a name."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def for_family(host: str, family: int) -> str:
    """An address as a socket of that family wants it: one of both families wants IPv4 mapped into IPv6."""
    return f"::ffff:{host}" if family == socket.AF_INET6 and ":" not in host else host

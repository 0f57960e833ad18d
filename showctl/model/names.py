"""Names in addresses: how what people call things becomes what machines call them."""

from __future__ import annotations

import ipaddress
import re

from anyascii import anyascii


def slug(text: str) -> str:
    """Unicode to ASCII, lower case, other runes to `-` ("Lead Vox" → "lead-vox"); empty where nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", anyascii(text).lower()).strip("-")


def is_instance_name(host: str) -> bool:
    """Whether a host is given by the name under which it advertises itself: neither an address nor a name with dots."""
    return not any(rune in host for rune in ".:")


def is_address(host: str) -> bool:
    """Whether it is an IP address, not a name: the only hosts that can be sent to without asking anybody."""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True

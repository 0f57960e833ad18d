"""Who may open a WebSocket: programs, and pages that came from here; no page from elsewhere.

A browser opens a WebSocket to any address for any page, and sends no passcode of ours along: without a look at the
two headers, a page on the internet that a musician has open could press GO. `Origin` is where the page came from;
browsers always send it, other programs do not. A page from here has our own `Host` in it.

That alone would not do: with DNS rebinding a foreign page makes its own name lead to this machine, and both headers
agree. So `Host` must also be what cannot be a name of theirs: a number, or a name that only local networks know.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

LOCAL_DOMAINS = ("local", "lan", "internal", "home.arpa")
"""RFC 6762 appendix G, RFC 8375, ICANN's "internal": never sold to anybody."""


def may_connect(host: str, origin: str | None) -> bool:
    """For the headers of those names; `origin` None where there is none."""
    if not _is_local(host):
        return False
    return origin is None or _place(origin) == _place(f"http://{host}")


def _place(url: str) -> tuple[str | None, int | None] | None:
    """Host and port; None for what is no address of a page ("null", a file)."""
    try:
        parts = urlsplit(url)
        return (parts.hostname, parts.port or 80) if parts.scheme == "http" and parts.hostname else None
    except ValueError:
        return None


def _is_local(host: str) -> bool:
    place = _place(f"http://{host}")
    name = (place[0] or "").rstrip(".") if place else ""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return bool(name) and ("." not in name or name.endswith(tuple(f".{each}" for each in LOCAL_DOMAINS)))
    return True

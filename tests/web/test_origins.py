from __future__ import annotations

import pytest

from showctl.web.origins import may_connect


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("192.168.1.20:8080", None),
        ("192.168.1.20:8080", "http://192.168.1.20:8080"),
        ("192.168.1.20", "http://192.168.1.20"),
        ("192.168.1.20:80", "http://192.168.1.20"),
        ("[fe80::1]:8080", "http://[fe80::1]:8080"),
        ("localhost:8080", "http://localhost:8080"),
        ("Stage-Mac.local:8080", "http://stage-mac.local:8080"),
        ("rooftop.local.:8080", None),
        ("playback.lan:8080", None),
    ],
)
def test_programs_and_pages_from_here_may_connect(host: str, origin: str | None) -> None:
    assert may_connect(host, origin)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("192.168.1.20:8080", "http://evil.example"),  # a page from elsewhere
        ("192.168.1.20:8080", "http://192.168.1.20:9999"),
        ("192.168.1.20:8080", "https://192.168.1.20:8080"),
        ("192.168.1.20:8080", "null"),  # a sandboxed frame, a file
        ("192.168.1.20:8080", "file://"),
        ("192.168.1.20:8080", ""),
        ("evil.example:8080", "http://evil.example:8080"),  # DNS rebinding
        ("evil.example:8080", None),
        ("local.evil.example", None),
        ("", None),
        (":8080", None),
        ("[::1", None),
        ("192.168.1.20:port", "http://192.168.1.20:port"),
    ],
)
def test_nobody_else_may(host: str, origin: str | None) -> None:
    assert not may_connect(host, origin)

"""What people called things, made safe for a file format."""

from __future__ import annotations

import re

_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, however it is escaped."""


def printable(text: str) -> str:
    """Without control characters, on one line."""
    return " ".join(_CONTROLS.sub("", text).split())

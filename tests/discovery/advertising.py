"""A tablet that advertises itself, as another process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


class Tablet:
    """A process that advertises itself."""

    def __init__(self, name: str, address: str, port: int) -> None:
        script = str(Path(__file__).with_name("tablet.py"))
        self._process = subprocess.Popen(
            [sys.executable, script, name, address, str(port)], stdin=subprocess.PIPE, text=True
        )

    def move(self, address: str, port: int) -> None:
        assert self._process.stdin
        self._process.stdin.write(f"{address} {port}\n")
        self._process.stdin.flush()

    def leave(self) -> None:
        self._process.communicate()

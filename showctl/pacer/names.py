"""Host names of targets looked up in a process of its own: a lookup can take many seconds, and must hold up nobody.

Run as `python -m showctl.pacer.names NAME…`, it writes a line `name address` for each that it finds.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterable

from showctl.model.names import is_address

AGAIN_SECONDS = 30
"""Names that were not found are looked up again after this."""


def are_names(hosts: Iterable[str]) -> tuple[str, ...]:
    """Those that are not addresses already."""
    return tuple(sorted({host for host in hosts if host and not is_address(host)}))


class Lookup:
    """A lookup under way."""

    def __init__(self, names: tuple[str, ...]) -> None:
        arguments = [sys.executable, "-m", "showctl.pacer.names", *names]
        self._process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)

    def finished(self) -> bool:
        return self._process.poll() is not None

    def result(self) -> dict[str, str]:
        """Names with their addresses; only once it is finished. What was not found is missing."""
        lines, _ = self._process.communicate()
        return dict(line.split() for line in lines.splitlines())

    def give_up(self) -> dict[str, str]:
        """What was found so far."""
        self._process.kill()
        return self.result()


def looked_up(names: tuple[str, ...], seconds: float) -> dict[str, str]:
    """Those that are found within so many seconds, with their addresses."""
    if not names:
        return {}
    lookup, deadline = Lookup(names), time.monotonic() + seconds
    while not lookup.finished() and time.monotonic() < deadline:
        time.sleep(0.02)
    return lookup.result() if lookup.finished() else lookup.give_up()


def look_up(name: str) -> str | None:
    """Its first address, IPv4 preferred: what desks speak."""
    try:
        found = socket.getaddrinfo(name, None, type=socket.SOCK_DGRAM)
    except (OSError, UnicodeError):
        return None
    found.sort(key=lambda info: info[0] != socket.AF_INET)
    return str(found[0][4][0])


def main(names: list[str]) -> None:
    for name in names:
        address = look_up(name)
        if address:
            print(name, address, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

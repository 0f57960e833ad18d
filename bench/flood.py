"""`python -m bench.flood HOST PORT RATE CLIENTS ADDRESS …`: faders that move, until it is killed.

RATE messages a second come from CLIENTS sockets in turn.
"""

from __future__ import annotations

import itertools
import math
import socket
import sys
import time
from contextlib import ExitStack, suppress

from showctl.osc.codec import Message, encode

STEP_SECONDS = 0.001
VALUES = 100


def main(host: str, port: str, rate: str, clients: str, *addresses: str) -> None:
    """Sends in even steps of a millisecond; what a late wake-up missed follows at once."""
    levels = [0.4 + 0.2 * math.sin(number * math.tau / VALUES) for number in range(VALUES)]
    packets = itertools.cycle([encode(Message(address, (level,))) for level in levels for address in addresses])
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(int(clients))]
        for each in sockets:
            each.connect((host, int(port)))
        since = time.monotonic()
        for sent, (each, packet) in enumerate(zip(itertools.cycle(sockets), packets, strict=False), 1):
            with suppress(OSError):  # nobody there just now
                each.send(packet)
            while sent >= (time.monotonic() - since) * float(rate):
                time.sleep(STEP_SECONDS)


if __name__ == "__main__":
    main(*sys.argv[1:])

"""`python -m bench.flood HOST PORT RATE ADDRESS …`: faders that move, RATE messages a second, until it is killed."""

from __future__ import annotations

import itertools
import math
import socket
import sys
import time

from showctl.osc.codec import Message, encode


def main(host: str, port: str, rate: str, *addresses: str) -> None:
    """Sends in even steps; what a late wake-up missed follows at once."""
    since = time.monotonic()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for number, address in enumerate(itertools.cycle(addresses)):
            value = 0.4 + 0.2 * math.sin(number / 50)
            udp.sendto(encode(Message(address, (value,))), (host, int(port)))
            time.sleep(max(0.0, since + (number + 1) / float(rate) - time.monotonic()))


if __name__ == "__main__":
    main(*sys.argv[1:])

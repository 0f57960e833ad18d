"""A tablet, as far as zeroconf can tell: `python tablet.py NAME ADDRESS PORT` advertises an OSC service by that name.

A line "ADDRESS PORT" on standard input moves it there; at the end of standard input it leaves.
"""

from __future__ import annotations

import sys

from zeroconf import ServiceInfo, Zeroconf

KIND = "_osc._udp.local."


def info(name: str, address: str, port: str) -> ServiceInfo:
    host = f"{name.replace(' ', '-')}.local."
    return ServiceInfo(KIND, f"{name}.{KIND}", port=int(port), server=host, parsed_addresses=[address])


def main() -> None:
    name, address, port = sys.argv[1:]
    with Zeroconf() as zeroconf:
        zeroconf.register_service(info(name, address, port))
        for line in sys.stdin:
            zeroconf.update_service(info(name, *line.split()))


if __name__ == "__main__":
    main()

"""Another machine, as far as zeroconf can tell: `python other.py KIND NAME` prints what python-zeroconf sees of NAME.

`+ ADDRESS:PORT TXT` when it appears, `-` when it says goodbye; ends when standard input does.
"""

from __future__ import annotations

import sys

from zeroconf import ServiceBrowser, ServiceStateChange, Zeroconf


def main() -> None:
    kind, wanted = sys.argv[1:]

    def heard(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:
        if name != f"{wanted}.{kind}":
            return
        if state_change is ServiceStateChange.Removed:
            print("-", flush=True)
        elif state_change is ServiceStateChange.Added:
            info = zeroconf.get_service_info(service_type, name)
            if info:
                txt = sorted(f"{key}={value}" for key, value in info.decoded_properties.items())
                print("+", f"{','.join(info.parsed_addresses())}:{info.port}", *txt, flush=True)

    with Zeroconf() as zeroconf:
        ServiceBrowser(zeroconf, kind, handlers=[heard])
        print("browsing", flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()

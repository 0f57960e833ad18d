"""Prints what a lighting operator is told by showctl: beats, sections, songs, cues; and what the desk itself gets."""

import argparse
import contextlib
import io
import select
import socket
import sys

from showctl_client import connect, opened

LINES = {  # what is printed of each message, with its arguments by their places
    "/beat": "{0}.{1}  ♩={3:.1f}  {section}",
    "/section": "section {1}: {0} ({2} bars)",
    "/song": "song {1}/{2}: {0}",
    "/transport": "transport {0}",
    "/cue/standby": 'cue STANDBY {1} "{0}" in {2:.1f} s',
    "/cue": 'cue FIRE {1} "{0}"',
    "/error": "error {0}: {1}",
}


def told(section: str, address: str, values: tuple[str | float, ...]) -> str:
    """Prints a message that comes in a section; the section after it."""
    with contextlib.suppress(LookupError, TypeError, ValueError):  # not as we know it
        if address in ("/section", "/song") and values[1] == 0:
            print(f"{address[1:]}: none")
        elif address in LINES:
            print(LINES[address].format(*values, section=section))
        return str(values[0]) if address == "/section" else section
    return section


def listener(text: str) -> socket.socket:
    try:
        udp = socket.socket(type=socket.SOCK_DGRAM)
        udp.bind(("", int(text)))
    except (OSError, ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"expected a PORT that no other program uses, got {text!r}") from None
    return udp


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("service", nargs="?", default="", help="HOST[:PORT]; without it, the service on the network")
    options.add_argument("--listen", type=listener, action="append", default=[], metavar="PORT", help="a target's port")
    wanted = options.parse_args()
    try:
        show = connect(wanted.service)
    except ValueError as error:
        options.error(str(error))
    show.subscribe("beat", "section", "song", "cue", "transport")
    section = ""
    while True:
        ready = select.select([show, *wanted.listen], [], [], 1)[0]
        for address, values, _ in show.messages(0):
            section = told(section, address, values)
        for target in set(ready) & set(wanted.listen):
            for address, values, _ in opened(target.recv(65536)):
                if address not in ("/beat", "/section"):  # a target may be fed these too; they are printed already
                    print("target", address, *values)


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # each line at once, and "?" where there is no ♩
        sys.stdout.reconfigure(line_buffering=True, errors="replace")
    with contextlib.suppress(KeyboardInterrupt):
        main()

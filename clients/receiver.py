"""Prints what a lighting operator is told by showctl: beats, sections, songs, cues; and what the desk itself gets."""

import argparse
import contextlib
import io
import select
import socket
import sys

from showctl_client import connect, opened

TOPICS = ("beat", "section", "song", "cue", "transport")


def told(section: str, address: str, *values: str | float) -> None:
    """Print a message that comes while `section` is played."""
    match address, *values:
        case "/beat", bar, beat, _, float(bpm), *_:
            print(f"{bar}.{beat}  ♩={bpm:.1f}  {section}")
        case "/section", str(name), int(index), bars, *_:
            print(f"section {index}: {name} ({bars} bars)" if index else "section: none")
        case "/song", str(title), int(entry), entries, *_:
            print(f"song {entry}/{entries}: {title}" if entry else "song: none")
        case "/cue/standby", name, target, float(seconds), *_:
            print(f'cue STANDBY {target} "{name}" in {seconds:.1f} s')
        case "/cue", name, target, *_:
            print(f'cue FIRE {target} "{name}"')
        case "/transport", state, *_:
            print(f"transport {state}")
        case "/error", about, reason, *_:
            print(f"error {about}: {reason}")


def listener(text: str) -> socket.socket:
    try:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("0.0.0.0", int(text)))  # noqa: S104
    except (OSError, ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"expected a port that no other program uses, got {text!r}") from None
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
    show.subscribe(*TOPICS)
    section = ""
    while True:
        ready, *_ = select.select([show, *wanted.listen], [], [], 1)
        for address, values, _ in show.messages(0):
            section = str(values[0]) if address == "/section" and values else section
            told(section, address, *values)
        for target in set(ready) & set(wanted.listen):
            for address, values, _ in opened(target.recv(65536)):
                if address not in ("/beat", "/section"):  # a target may be fed these too; they are printed already
                    print("target", address, *values)


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # each line at once, into a pipe too, and "?" where there is no ♩
        sys.stdout.reconfigure(line_buffering=True, errors="replace")
    with contextlib.suppress(KeyboardInterrupt):
        main()

"""Prints what a lighting or video operator is told by showctl: beats, sections, songs, cues. Needs python-osc alone."""

import argparse
import contextlib
import select
import socket
import sys
import time

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import build_msg

SUBSCRIBE = build_msg("/subscribe", ["beat", "section", "song", "cue", "transport"]).dgram
RENEW_SECONDS, RETRY_SECONDS = 10, 3  # a subscription lasts 30 s; while nobody answers we ask more often
LINES = {  # what is printed of each message, with its arguments by their places
    "/beat": "{0}.{1}  ♩={3:.1f}  {section}",
    "/section": "section {1}: {0} ({2} bars)",
    "/song": "song {1}/{2}: {0}",
    "/transport": "transport {0}",
    "/cue/standby": 'cue STANDBY {1} "{0}" in {2:.1f} s',
    "/cue": 'cue FIRE {1} "{0}"',
    "/error": "error {0}: {1}",
}
now: dict[str, list[str | float]] = {"/section": [""]}  # of each address the newest arguments
heard: set[str] = set()  # the addresses since we asked last; "/synced" comes when the whole state was sent


def told(address: str, values: list[str | float]) -> None:
    heard.add(address)
    if address in ("/section", "/song", "/transport") and values == now.get(address) and "/synced" not in heard:
        return  # no news: each subscription brings the state again
    if address in ("/section", "/song") and values[1] == 0:
        print(f"{address[1:]}: none")
    elif address in LINES:
        print(LINES[address].format(*values, section=now["/section"][0]))
    now[address] = values


def sent_to_target(address: str, values: list[str | float]) -> None:
    if address not in ("/beat", "/section"):  # a target may be fed these too; they are printed already
        print("target", address, *values)


def listen(service: tuple[str, int], targets: list[socket.socket]) -> None:
    own = socket.socket(type=socket.SOCK_DGRAM)
    while True:
        heard.clear()
        own.sendto(SUBSCRIBE, service)
        asked_at = time.monotonic()
        while time.monotonic() - asked_at < (RENEW_SECONDS if heard else RETRY_SECONDS):
            for ready in select.select([own, *targets], [], [], 1)[0]:
                with contextlib.suppress(OSError, ParseError, LookupError, TypeError, ValueError):  # not for us
                    message = OscMessage(ready.recv(65536))
                    (told if ready is own else sent_to_target)(message.address, message.params)
        if not heard:
            print(f"no answer from {service[0]}:{service[1]}: is showctl running there?", file=sys.stderr)


if __name__ == "__main__":
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("service", nargs="?", default="127.0.0.1:8000", help="HOST:PORT of showctl")
    options.add_argument("--listen", action="append", default=[], metavar="PORT", help="a target's port")
    wanted = options.parse_args()
    targets = [socket.socket(type=socket.SOCK_DGRAM) for _ in wanted.listen]
    text = wanted.service
    try:
        host, _, port = text.partition(":")
        service = socket.gethostbyname(host), int(port or 8000)
        for target, text in zip(targets, wanted.listen, strict=True):
            target.bind(("", int(text)))
    except (OSError, ValueError, OverflowError):
        options.error(f"expected a HOST:PORT that is there, or a PORT that no other program uses, got {text!r}")
    sys.stdout.reconfigure(line_buffering=True, errors="replace")  # each line at once; "?" where there is no ♩
    with contextlib.suppress(KeyboardInterrupt):
        listen(service, targets)

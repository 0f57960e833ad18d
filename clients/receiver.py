"""Prints what a lighting or video operator is told by showctl: beats, sections, songs, cues. Needs python-osc alone."""

import argparse
import contextlib
import io
import select
import socket
import sys
import time

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_message_builder import build_msg
from pythonosc.osc_server import OSCUDPServer

TOPICS = ("beat", "section", "song", "cue", "transport")
RENEW_SECONDS = 10  # a subscription lasts 30 s
RETRY_SECONDS = 3  # while nobody answers

STATES = ("/section", "/song", "/transport")  # each subscription brings them again: then only news are printed

now: dict[str, tuple[str | float, ...]] = {}
heard = {"anything": True, "whole": True}  # since we asked last: a word at all · the whole state


def told(address: str, *values: str | float) -> None:
    known, now[address] = now.get(address), values
    heard["anything"] = True
    if address in STATES and values == known and not heard["whole"]:
        return
    match address, *values:
        case "/beat", bar, beat, _, float(bpm), *_:
            section, *_ = now.get("/section", ("",))
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
        case "/synced", *_:
            heard["whole"] = True


def sent_to_target(address: str, *values: str | float) -> None:
    if address not in ("/beat", "/section"):  # a target may be fed these too; they are printed already
        print("target", address, *values)


def service(text: str) -> tuple[str, int]:
    host, _, port = text.partition(":")
    try:
        return socket.gethostbyname(host), int(port or 8000)
    except (OSError, ValueError):
        raise argparse.ArgumentTypeError(f"expected HOST:PORT of a computer that is there, got {text!r}") from None


def listener(text: str) -> OSCUDPServer:
    try:
        return OSCUDPServer(("0.0.0.0", int(text)), Dispatcher())  # noqa: S104
    except (OSError, ValueError, OverflowError):
        raise argparse.ArgumentTypeError(f"expected a port that no other program uses, got {text!r}") from None


def ask(own: OSCUDPServer, service: tuple[str, int]) -> None:
    if not heard["anything"]:
        print(f"no answer from {service[0]}:{service[1]}: is showctl running there?", file=sys.stderr)
    own.socket.sendto(build_msg("/subscribe", TOPICS).dgram, service)
    heard.update(anything=False, whole=False)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("service", nargs="?", type=service, default="127.0.0.1:8000", help="HOST:PORT of showctl")
    options.add_argument("--listen", type=listener, action="append", default=[], metavar="PORT", help="a target's port")
    wanted = options.parse_args()
    own = listener("0")
    own.dispatcher.set_default_handler(told)
    for target in wanted.listen:
        target.dispatcher.set_default_handler(sent_to_target)
    asked_at = float("-inf")
    while True:
        if time.monotonic() - asked_at >= (RENEW_SECONDS if heard["anything"] else RETRY_SECONDS):
            ask(own, wanted.service)
            asked_at = time.monotonic()
        for ready in select.select([own, *wanted.listen], [], [], 1)[0]:
            ready.handle_request()


if __name__ == "__main__":
    if isinstance(sys.stdout, io.TextIOWrapper):  # each line at once, into a pipe too, and "?" where there is no ♩
        sys.stdout.reconfigure(line_buffering=True, errors="replace")
    with contextlib.suppress(KeyboardInterrupt):
        main()

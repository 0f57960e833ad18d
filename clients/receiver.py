"""Prints what a lighting or video operator is told by showctl: beats, sections, songs, cues. Needs python-osc alone."""

import argparse
import contextlib
import select
import time

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_message_builder import build_msg
from pythonosc.osc_server import OSCUDPServer

now = {"section": ""}  # shown beside each beat


def told(address: str, *values: str | float) -> None:
    match address, *values:
        case "/beat", bar, beat, _, float(bpm), *_:
            print(f"{bar}.{beat}  ♩={bpm:.1f}  {now['section']}")
        case "/section", str(name), index, bars, *_:
            now["section"] = name
            print(f"section {index}: {name} ({bars} bars)")
        case "/song", title, entry, entries, *_:
            print(f"song {entry}/{entries}: {title}")
        case "/cue/standby", name, target, float(seconds), *_:
            print(f'cue STANDBY {target} "{name}" in {seconds:.1f} s')
        case "/cue", name, target, *_:
            print(f'cue FIRE {target} "{name}"')
        case "/transport", state, *_:
            print(f"transport {state}")


def sent_to_target(address: str, *values: str | float) -> None:
    if address not in ("/beat", "/section"):  # a target may be fed these too; they are printed already
        print("target", address, *values)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("service", nargs="?", default="127.0.0.1:8000", help="HOST:PORT of showctl")
    options.add_argument("--listen", type=int, action="append", default=[], metavar="PORT", help="a target's port")
    wanted = options.parse_args()
    host, _, port = wanted.service.partition(":")
    servers = [OSCUDPServer(("0.0.0.0", number), Dispatcher()) for number in (0, *wanted.listen)]  # noqa: S104
    for server in servers:
        server.dispatcher.set_default_handler(told if server is servers[0] else sent_to_target)
    renew_at = 0.0
    while True:
        if time.monotonic() >= renew_at:  # a subscription lasts 30 s
            words = ("beat", "section", "song", "cue", "transport")
            servers[0].socket.sendto(build_msg("/subscribe", words).dgram, (host, int(port or 8000)))
            renew_at = time.monotonic() + 10
        for ready in select.select(servers, [], [], 1)[0]:
            ready.handle_request()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()

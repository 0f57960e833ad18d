"""Prints what a lighting or video operator is told: beats, sections, songs, cues. An example to copy from.

python clients/receiver.py 192.168.1.5:8000 --listen 9001

Needs python-osc alone. `--listen` plays a target as well and prints the messages that its port is sent.
"""

import argparse
import select
import sys
import time

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_message_builder import build_msg
from pythonosc.osc_server import OSCUDPServer

TOPICS = ("beat", "section", "song", "cue", "transport")
playing = {"section": ""}  # shown beside each beat


def show_section(_: str, name: str, index: int, bars: int, *_more: object) -> None:
    playing["section"] = name
    print(f"section {index}: {name} ({bars} bars)")


def subscription() -> Dispatcher:
    """What the service tells its subscribers; addresses that are not named here are passed over."""
    told = Dispatcher()
    told.map("/beat", lambda _, bar, beat, beats, bpm, *more: print(f"{bar}.{beat}  ♩={bpm:.1f}  {playing['section']}"))
    told.map("/section", show_section)
    told.map("/song", lambda _, title, entry, entries, *more: print(f"song {entry}/{entries}: {title}"))
    told.map("/cue/standby", lambda _, name, to, left, *more: print(f'cue STANDBY {to} "{name}" in {left:.1f} s'))
    told.map("/cue", lambda _, name, to, *more: print(f'cue FIRE {to} "{name}"'))
    told.map("/transport", lambda _, state, *more: print(f"transport {state}"))
    return told


def target(port: int) -> Dispatcher:
    """Whatever a desk on `port` is sent, save beats and sections: the subscription prints those already."""
    told = Dispatcher()
    told.set_default_handler(lambda address, *values: print(f"to {port}: {address}", *values))
    told.map("/beat", lambda *_: None)
    told.map("/section", lambda *_: None)
    return told


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("service", nargs="?", default="127.0.0.1:8000", help="HOST:PORT of showctl")
    options.add_argument("--listen", type=int, action="append", default=[], metavar="PORT", help="a target's port")
    wanted = options.parse_args()
    host, _, port = wanted.service.partition(":")
    service = OSCUDPServer(("0.0.0.0", 0), subscription())
    servers = [service] + [OSCUDPServer(("0.0.0.0", number), target(number)) for number in wanted.listen]
    renew_at = 0.0
    while True:
        if time.monotonic() >= renew_at:  # a subscription lasts 30 s from the client's last word
            service.socket.sendto(build_msg("/subscribe", TOPICS).dgram, (host, int(port or 8000)))
            renew_at = time.monotonic() + 10
        for ready in select.select(servers, [], [], 1)[0]:
            ready.handle_request()


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8", line_buffering=True)
    try:
        main()
    except KeyboardInterrupt:
        pass
    except OSError as problem:
        sys.exit(f"receiver: {problem}")

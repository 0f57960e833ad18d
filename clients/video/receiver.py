"""Stands in for a video server: does, in words, what Resolume would do with its cues and with the beat."""

from __future__ import annotations

import argparse
import contextlib
import select
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1]))  # where showctl_client.py lies; a copy beside this will do

from showctl_client import Client, connect, opened

Value = int | float | str


@dataclass
class Composition:
    """What is on the screens, and the tempo that clips and effects run in."""

    column: int = 0  # 0: nothing
    bpm: float = 0.0
    bar: int = 0

    def do(self, address: str, *values: Value) -> str:
        """Do what a message says; what changed, in words, or "" for nothing."""
        match address.strip("/").split("/"), *values:
            case ["beat"], int(bar), int(beat), int(), int() | float() as bpm, *_:
                return self._follow(bar, beat, float(bpm))
            case ["composition", *what], *press if not press or press[0]:  # 0 is the release of a button
                return self._pressed(what)
        return ""

    def _follow(self, bar: int, beat: int, bpm: float) -> str:
        news = [f"tempo {bpm:.1f}"] if round(bpm, 1) != round(self.bpm, 1) else []
        news += [f"bar {bar}"] if beat == 1 else []
        self.bpm, self.bar = bpm, bar
        return ", ".join(news)

    def _pressed(self, what: list[str]) -> str:
        match what:
            case ["columns", column, "connect"] if column.isdecimal():
                again = "again from its start" if int(column) == self.column else "on all layers"
                self.column = int(column)
                return f"column {column} {again}"
            case ["disconnectall"]:
                self.column = 0
                return "nothing on any layer"
            case ["tempocontroller", "resync"]:
                return "the one is here"
        return f"not known here: /composition/{'/'.join(what)}"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("service", nargs="?", default="", help="HOST[:PORT]; without it, the service on the network")
    options.add_argument("--listen", type=int, default=9002, metavar="PORT", help="the video target's port (9002)")
    wanted = options.parse_args()
    cues = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    try:
        cues.bind(("0.0.0.0", wanted.listen))  # noqa: S104
        show = connect(wanted.service)
    except (OSError, OverflowError) as error:
        options.error(f"expected a port that no other program uses, got {wanted.listen}: {error}")
    except ValueError as error:
        options.error(str(error))
    show.subscribe("beat")
    print(f"cues on port {wanted.listen}, beats from {show.name}", flush=True)
    composition = Composition()
    sources: list[Client | socket.socket] = [show, cues]
    while True:
        ready, *_ = select.select(sources, [], [], 1)
        messages = [*show.messages(0), *(opened(cues.recv(65536)) if cues in ready else ())]
        for address, values, _ in messages:
            if done := composition.do(address, *values):
                print(done, flush=True)


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        main()

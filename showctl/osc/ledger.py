"""The ledger: every command with its sender and what became of it, as lines of JSON beside the night's recording.

Written ten times a second in one go. What one sender sends to one address within that time is one line, with how
often it came and what it said last: a fader in motion is no hundred lines.
"""

from __future__ import annotations

import logging
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TypeAlias

import msgspec

from showctl.osc.codec import Arg, Message
from showctl.osc.routes import Peer

MAX_BYTES = 16_000_000
"""Then a new file is begun, and the one before is kept."""

MAX_WAITING = 1000
MAX_TEXT = 200
MAX_ARGS = 16
MAX_LINES_BYTES = 1 << 18
"""Written at once, and ten times a second: beyond, lines are left out and counted, whatever fills them."""

UNSAID = "/hello"
"""Its argument is a passcode."""

Written: TypeAlias = str | int | float | bool | None
"""What JSON can hold."""


class Entry(msgspec.Struct, rename={"sender": "from"}, omit_defaults=True):
    """One line. `at` is UTC, when it came last."""

    at: str
    sender: str
    address: str
    args: list[Written] = []
    times: int = 1
    refused: str = ""


@dataclass(slots=True)
class _Noted:
    """What was said last, when, and how often by then."""

    args: list[Written]
    unix_seconds: float
    times: int


@dataclass(slots=True)
class Ledger:
    """Of one night. Without a `path` nothing is written."""

    path: Path | None = None
    _waiting: dict[tuple[Peer, str, str], _Noted] = field(default_factory=dict)
    _left_out: int = 0
    _handler: RotatingFileHandler | None = None

    def note(self, sender: Peer, message: Message, refused: str) -> None:
        """A command that was done, or why it was not."""
        address, refused = message.address[:MAX_TEXT], refused[:MAX_TEXT]
        key = sender, address, refused
        before = self._waiting.get(key)
        if before is None and len(self._waiting) >= MAX_WAITING:
            self._left_out += 1
            return
        args = [] if message.address.endswith(UNSAID) else [_written(arg) for arg in message.args[:MAX_ARGS]]
        self._waiting[key] = _Noted(args, time.time(), before.times + 1 if before else 1)

    def write(self) -> None:
        """Put down what waits."""
        if not self._waiting:
            return
        lines, room = list[str](), MAX_LINES_BYTES
        for key, noted in self._waiting.items():
            line = msgspec.json.encode(_entry(*key, noted))
            room -= len(line)
            if room < 0:
                self._left_out += 1
            else:
                lines.append(line.decode())
        if self._left_out:
            lines.append(f'{{"left_out":{self._left_out}}}')
        self._waiting.clear()
        self._left_out = 0
        self._emit("\n".join(lines))

    def close(self) -> None:
        """Put down the rest."""
        self.write()
        if self._handler:
            self._handler.close()

    def _emit(self, text: str) -> None:
        if self.path is None:
            return
        if self._handler is None:
            self._handler = RotatingFileHandler(
                self.path, maxBytes=MAX_BYTES, backupCount=1, encoding="utf-8", delay=True
            )
        self._handler.handle(logging.makeLogRecord({"msg": text, "levelno": logging.INFO}))


def _entry(sender: Peer, address: str, refused: str, noted: _Noted) -> Entry:
    at = datetime.fromtimestamp(noted.unix_seconds, UTC).isoformat(timespec="milliseconds")
    return Entry(at, f"{sender[0]}:{sender[1]}", address, noted.args, noted.times, refused)


def _written(arg: Arg) -> Written:
    """As JSON can hold it."""
    if isinstance(arg, str):
        return arg[:MAX_TEXT]
    if isinstance(arg, bool | int | float):
        return arg
    return f"{len(arg)} bytes" if isinstance(arg, bytes) else str(arg)[:MAX_TEXT]

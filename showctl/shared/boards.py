"""The records by what they hold: boards show the newest value, mailboxes hand over each one, typed at both ends.

The supervisor makes all of them before any other process starts, so that whoever reads finds them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Generic, TypeVar

import msgspec

from showctl.model.mixes import Mixes
from showctl.model.night import Night
from showctl.model.plan import Edit, Plan, Verdict
from showctl.shared.clients import Clients, SignedIn
from showctl.shared.records import RecordReader, RecordWriter, RingReader, RingWriter
from showctl.shared.rundir import RuntimeDirectory

T = TypeVar("T")

EDIT_BYTES = 1 << 18
PLAN_BYTES = 4 * EDIT_BYTES
"""Two mixes and all spans: what edits that fit make of the plan always fits."""

CLIENTS_BYTES = 1 << 20
NIGHT_BYTES = 1 << 16
MIXES_BYTES = 1 << 20
SIGNED_IN_BYTES = 1 << 18
VERDICT_BYTES = 1 << 10
SLOTS = 64


class BoardWriter(Generic[T]):
    """Shows a newest value. Raises RuntimeFilesError for one that is too large."""

    def __init__(self, path: Path, payload_bytes: int) -> None:
        self._record = RecordWriter(path, payload_bytes)

    def write(self, value: T) -> None:
        self._record.write(msgspec.msgpack.encode(value))


class BoardReader(Generic[T]):
    """Reads the newest value; decoding is done once for each."""

    def __init__(self, path: Path, kind: type[T]) -> None:
        self._record = RecordReader(path)
        self._decoder = msgspec.msgpack.Decoder(kind)
        self._seen: tuple[int, T] | None = None

    def changed(self) -> bool:
        """Whether there is something newer than what was read last. One aligned load."""
        return self._record.changed(self._seen[0] if self._seen else 0)

    def read(self) -> T | None:
        """None before the first value."""
        newest = self._record.read()
        if newest and (self._seen is None or newest[0] > self._seen[0]):
            self._seen = newest[0], self._decoder.decode(newest[1])
        return self._seen[1] if self._seen else None


class MailboxWriter(Generic[T]):
    """Hands over each value; the newest `slots` are kept."""

    def __init__(self, path: Path, payload_bytes: int, slots: int = SLOTS) -> None:
        self._ring = RingWriter(path, payload_bytes, slots)

    def send(self, value: T) -> None:
        self._ring.write(msgspec.msgpack.encode(value))


class MailboxReader(Generic[T]):
    """Takes each value once, from now on, or from what came `after` a sequence number."""

    def __init__(self, path: Path, kind: type[T], after: int | None = None) -> None:
        self._ring = RingReader(path, after)
        self._decoder = msgspec.msgpack.Decoder(kind)

    def take(self) -> list[T]:
        return [self._decoder.decode(payload) for _, payload in self._ring.poll()]


def plan_writer(directory: RuntimeDirectory) -> BoardWriter[Plan]:
    return BoardWriter(directory.plan, PLAN_BYTES)


def plan_reader(directory: RuntimeDirectory) -> BoardReader[Plan]:
    return BoardReader(directory.plan, Plan)


def night_writer(directory: RuntimeDirectory) -> BoardWriter[Night]:
    return BoardWriter(directory.night, NIGHT_BYTES)


def night_reader(directory: RuntimeDirectory) -> BoardReader[Night]:
    return BoardReader(directory.night, Night)


def mixes_writer(directory: RuntimeDirectory) -> BoardWriter[Mixes]:
    return BoardWriter(directory.mixes, MIXES_BYTES)


def mixes_reader(directory: RuntimeDirectory) -> BoardReader[Mixes]:
    return BoardReader(directory.mixes, Mixes)


def clients_writer(directory: RuntimeDirectory) -> BoardWriter[Clients]:
    return BoardWriter(directory.subscribers, CLIENTS_BYTES)


def clients_reader(directory: RuntimeDirectory) -> BoardReader[Clients]:
    return BoardReader(directory.subscribers, Clients)


def signed_in_writer(directory: RuntimeDirectory) -> BoardWriter[SignedIn]:
    return BoardWriter(directory.signed_in, SIGNED_IN_BYTES)


def signed_in_reader(directory: RuntimeDirectory) -> BoardReader[SignedIn]:
    return BoardReader(directory.signed_in, SignedIn)


def edit_writer(directory: RuntimeDirectory) -> MailboxWriter[Edit]:
    return MailboxWriter(directory.edits, EDIT_BYTES)


def edit_reader(directory: RuntimeDirectory) -> MailboxReader[Edit]:
    return MailboxReader(directory.edits, Edit)


def verdict_writer(directory: RuntimeDirectory) -> MailboxWriter[Verdict]:
    return MailboxWriter(directory.verdicts, VERDICT_BYTES)


def verdict_reader(directory: RuntimeDirectory) -> MailboxReader[Verdict]:
    return MailboxReader(directory.verdicts, Verdict)


def create_boards(directory: RuntimeDirectory, plan: Plan, night: Night, mixes: Mixes | None = None) -> None:
    """Every record of a new service, with what it starts from."""
    plan_writer(directory).write(plan)
    night_writer(directory).write(night)
    mixes_writer(directory).write(mixes or Mixes())
    clients_writer(directory).write(Clients())
    signed_in_writer(directory).write(SignedIn())
    edit_writer(directory)
    verdict_writer(directory)

"""What became of the commands that clients repeat until they are acknowledged: kept for the next control.

A record before a command has effect, and one when its result is known. What has none yet when control dies is looked
up in the recording of the night, where an edit is named after its command.
"""

from __future__ import annotations

import hashlib

from showctl.model.show import Record
from showctl.model.units import HostNs
from showctl.shared.boards import MailboxReader, MailboxWriter
from showctl.shared.rundir import RuntimeDirectory

DELIVERY_BYTES = 1280
KEPT = 4096
"""Commands that are remembered at the most; each has two records."""


class Delivery(Record, frozen=True):
    """Command `id` of a sender, first heard at `at`; `result` is empty while nobody knows, then "ok" or why not.

    `stream` is the kind of its connection, empty for UDP.
    """

    host: str
    port: int
    id: str
    at: HostNs
    result: str = ""
    stream: str = ""

    @property
    def sender(self) -> tuple[str, int] | tuple[str, int, str]:
        return (self.host, self.port, self.stream) if self.stream else (self.host, self.port)

    @property
    def key(self) -> str:
        """What its edit is called in the recording of the night: a short hash, for an id may hold anything."""
        words = " ".join(map(str, (*self.sender, self.id, self.at)))  # an id may come again after ten minutes
        return hashlib.blake2b(words.encode(), digest_size=8).hexdigest()


def delivery_writer(directory: RuntimeDirectory) -> MailboxWriter[Delivery]:
    return MailboxWriter(directory.deliveries, DELIVERY_BYTES, 2 * KEPT)


def delivery_reader(directory: RuntimeDirectory) -> MailboxReader[Delivery]:
    """Reads all that is kept."""
    return MailboxReader(directory.deliveries, Delivery, after=0)

"""A whole OSC server in memory, for as many packets a second as the code under test allows.

Everything from the packet to the decision is real; so are the boards, in a folder. In place of the engine, a decision
is committed at once; what would wait in a task waits here until `settle` runs it, on a clock that jumps.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import msgspec
import trio

from showctl.conductor.decide import decide
from showctl.model.levels import SAME_DB, bus_named, read_db
from showctl.model.mixes import Mixes
from showctl.model.night import Night
from showctl.model.plan import Edit, Plan, commit, entry_of
from showctl.model.score import Score
from showctl.model.show import Access as Ranges
from showctl.model.show import Client as Listed
from showctl.model.show import Ports, Target
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.access import MAX_REMEMBERED, Access
from showctl.osc.codec import Arg, Message, OscDecodeError, decode, encode
from showctl.osc.held import MAX_HELD, Held, by_time
from showctl.osc.ledger import MAX_WAITING, Ledger
from showctl.osc.methods import Values, state_at
from showctl.osc.once import Once
from showctl.osc.outlet import Outlet
from showctl.osc.receipts import Receipts
from showctl.osc.reception import Reception
from showctl.osc.routes import MAX_ROUTES, Peer, Routes
from showctl.osc.server import OscServer
from showctl.osc.streams import MAX_WAITING_BYTES, Stream, Streams
from showctl.osc.subscribers import MAX_CLIENTS, Subscribers
from showctl.osc.surface import Bound, Surface
from showctl.osc.sync import MAX_AT_ONCE, Sync
from showctl.shared.boards import MIXES_BYTES, NIGHT_BYTES, PLAN_BYTES, clients_writer
from showctl.shared.clients import Client, Clients
from showctl.shared.delivered import KEPT, delivery_writer
from showctl.shared.host import host_ns
from showctl.shared.rundir import RuntimeDirectory
from showctl.web.listening import Connection, Listening
from showctl.web.tree import Node, tree, values_of
from tests.fuzz.stand_ins import Log, Post, Waiting
from tests.test_service import SHOW

PASSCODE = "open"

HOSTILE = msgspec.structs.replace(
    SHOW,
    ports=Ports(prefix="foh"),
    access=Ranges(
        admin=("127.0.0.0/8",),
        control=("10.0.0.0/24",),
        view=("10.1.0.0/16", "fe80::/10"),
        mix={"drums": ("10.2.0.0/16",)},
        passcode=PASSCODE,
    ),
    targets=(Target("lights", "Lights", "plain", "10.9.0.1", 9000),),
    clients=(Listed("ipad", "10.0.0.7", 9000, ("mix", "utf8")),),
)

NEIGHBOUR: Peer = ("10.0.0.1", 50000)
CONTROL: Peer = ("10.0.0.2", 50000)
READER: Peer = ("10.0.0.3", 50000)
TCP: Peer = ("10.0.0.4", 50000, "tcp")
WEB: Peer = ("10.0.0.5", 50000, "ws")

SENDERS: tuple[Peer, ...] = (
    CONTROL,
    READER,  # subscribed, with every flag
    TCP,
    WEB,
    ("10.0.0.9", 1),  # has not said the passcode
    ("10.1.0.1", 50000),  # may only look
    ("10.2.0.1", 50000),  # may mix one bus
    ("192.0.2.1", 50000),  # may do nothing
    ("fe80::1%2", 50000),
)
FORGED = len(SENDERS)
"""Any number from here on is a sender that was never heard of before."""

INTERNALS = ("Traceback", 'File "', " object at 0x", "showctl itself", "Error(", "Exceeds the limit")


class FaultError(AssertionError):
    """What was promised of bad input does not hold."""


class World:
    """One service. `take` is what the network calls; what it promises is checked each time."""

    def __init__(self, folder: Path) -> None:
        self.log = Log()
        logging.getLogger("showctl").addHandler(self.log)
        self.score = Score(HOSTILE)
        self.plan, self.night, self.mixes = Plan(1, self.score.hash, self.score.rate), Night.of(HOSTILE), Mixes()
        self.head = Frame(0)
        self.post, self.waiting, self.relays = Post(), Waiting(), Waiting()
        self.server = self._server(RuntimeDirectory(folder), folder)
        self.packets = 0
        self._asked = 0
        self._streams = {peer: self._stream(peer) for peer in (TCP, WEB)}
        node = tree(HOSTILE)
        self.listening = Listening(self.server, node, self._now)
        self.connection = Connection(WEB, self._streams[WEB])
        for peer in (NEIGHBOUR, CONTROL, READER, TCP, WEB, ("10.2.0.1", 50000)):
            self.say(peer, "/hello", PASSCODE)
        self.say(READER, "/subscribe", "all", "meter", "utf8", "prefix", "refresh", "stay")
        self.say(TCP, "/subscribe")
        self.settle()

    def _server(self, directory: RuntimeDirectory, folder: Path) -> OscServer:
        nursery = cast("trio.Nursery", self.waiting)
        subscribers = Subscribers(clients_writer(directory), Clients())
        subscribers.place(Client("10.0.0.7", 9000, frozenset({"mix"}), frozenset({"utf8"}), name="ipad"))
        outlet = Outlet(Routes([self.post]), Streams([self.post]), subscribers, HOSTILE.ports)
        self.surface = Surface(HOSTILE)
        access = Access(HOSTILE.access, own=lambda: ("127.0.0.1",))
        return OscServer(
            self.surface,
            subscribers,
            outlet,
            Reception(subscribers, outlet, Sync(nursery, outlet, self._whole), access),
            Held(nursery),
            self.view,
            self._submit,
            access,
            Receipts(Once(delivery_writer(directory)), subscribers, outlet),
            Ledger(folder / "ledger.log"),
        )

    def _stream(self, peer: Peer) -> Stream:
        """As `Streams.opened` does it, but for longer than a block."""
        stream = Stream(peer, cast("trio.Nursery", self.relays), [self.post])
        self.server.outlet.streams._reached_by[peer] = stream
        return stream

    def close(self) -> None:
        logging.getLogger("showctl").removeHandler(self.log)
        self.server.ledger.close()
        self.post.close()
        for stream in self._streams.values():
            if stream._relay:
                stream._relay._socket.close()

    # what stands in for conductor and engine

    def view(self) -> View:
        return View(self.score, self.plan, self.night.seen(entry_of(self.plan.span_at(self.head))), self.head)

    def _submit(self, commands: tuple[Bound, ...], done: Callable[[str, str], None], by: str) -> None:
        view = self.view()
        decision = decide(view, commands, self.mixes)
        if decision.needs_edit:
            edit = Edit("", 0, self.plan.version, decision.at, decision.spans or None, decision.mix, decision.fade, by)
            self.plan = commit(self.plan, edit, self.head)
        self.night, self.mixes = decision.night or self.night, decision.mixes or self.mixes
        done("", "")

    def _whole(self, client: Client | None) -> Iterator[Message]:
        for address, place in self.surface.states.items():
            if client is None or client.wants(place.method.topic, address):
                yield self.server.outlet.state(state_at(self.view(), address, place), client)

    def _now(self, node: Node) -> Values | None:
        values = values_of(self.view(), dict)(node)
        return None if values is None else tuple(values)

    # what arrives

    def sender(self, number: int) -> Peer:
        """Of the known ones, or one that is heard of for the first time."""
        if number < FORGED:
            return SENDERS[number]
        return f"10.1.{self.packets // 250 % 250}.{self.packets % 250}", 1024 + number

    def take(self, packet: bytes, sender: Peer) -> list[Message]:
        """What the sender is answered. Raises FaultError."""
        self.post.sent.clear()
        self.log.records.clear()  # what an input before this one has been charged with
        self.packets += 1
        self.head = Frame(self.head + self.score.rate // 100)
        self.server.take(packet, sender)
        self._no_complaint(packet)
        told = [decode(sent) for sent, _ in self.post.sent]
        for stream in self._streams.values():
            told += map(decode, self._taken(stream))
        messages = [each for each in told if isinstance(each, Message)]
        errors = [each for each in messages if each.address.endswith("/error")]
        if len(errors) > _times_in(packet):
            raise FaultError(f"expected one /error for each time at the most, got {errors}")
        for error in errors:
            if any(word in str(text) for word in INTERNALS for text in error.args):
                raise FaultError(f"expected words for a person, got {error}")
        self._bounded()
        return messages

    def obey(self, text: str) -> None:
        """A text frame of a WebSocket."""
        self.log.records.clear()
        self.listening.obey(self.connection, text)
        self._no_complaint(text.encode())
        for packet in self._taken(self._streams[WEB]):
            self.listening.typed(packet)
        self._bounded()

    def _taken(self, stream: Stream) -> Iterator[bytes]:
        while stream._waiting:
            yield stream._take_one()

    def say(self, sender: Peer, address: str, *args: Arg) -> list[Message]:
        return self.take(encode(Message(address, args)), sender)

    def _no_complaint(self, packet: bytes) -> None:
        if self.log.records:
            record = self.log.records[0]
            raise FaultError(f"{record.getMessage()}: {packet[:200]!r}") from (record.exc_info or (None, None))[1]

    # what must hold

    def check_neighbour(self) -> None:
        """It is answered and obeyed, exactly, and once."""
        self._asked += 1
        level = -float(self._asked % 50)
        if (heard := self.say(NEIGHBOUR, "/ping", self._asked)) != [Message("/pong", (self._asked,))]:
            raise FaultError(f"expected the pong, got {heard}")
        for answer in ("ok", "duplicate"):
            heard = self.say(NEIGHBOUR, "/cmd", f"n{self._asked}", "/bus/drums/click/db", level)
            acks = [message for message in heard if message.address == "/ack"]
            if acks != [Message("/ack", (f"n{self._asked}", answer, "ok"))]:
                raise FaultError(f"expected the ack, got {heard}")
        # In the newest mix: where a jump with levels of its own is pending, that holds from then on.
        shown = read_db(HOSTILE, self.plan.mixes[-1].mix, bus_named(HOSTILE, "drums"), "click")
        if abs(shown - level) > SAME_DB:
            raise FaultError(f"expected the level {level}, got {shown}")

    def settle(self) -> None:
        """Runs what waits to its end, and what control does ten times a second."""
        self.log.records.clear()
        self.waiting.run()
        self._no_complaint(b"what waited")
        for stream in self._streams.values():
            list(self._taken(stream))
        for client in self.server.subscribers.drop_expired(host_ns()):
            self.server.outlet.known.forget(client.address)
        self.server.ledger.write()
        for value, room in ((self.plan, PLAN_BYTES), (self.night, NIGHT_BYTES), (self.mixes, MIXES_BYTES)):
            if (size := len(msgspec.msgpack.encode(value))) > room:
                raise FaultError(f"{type(value).__name__} has outgrown its board of {room} bytes: {size}")
        self._bounded()

    def sizes(self) -> Counter[str]:
        """How much is remembered, by what."""
        server = self.server
        return Counter(
            {
                "clients": len(server.subscribers._clients),
                "voices": len(server.subscribers._voices),
                "known": len(server.outlet.known._of),
                "once": len(server.receipts.once._known),
                "signed in": len(server.access.signed_in),
                "tries": len(server.access._tries),
                "routes": len(server.outlet._routes._known),
                "held": len(server.held._waiting),
                "syncs": len(server.reception.sync._running),
                "tasks": len(self.waiting.tasks),
                "noted": len(server.ledger._waiting),
                "queued": max(stream._waiting_bytes for stream in self._streams.values()),
            }
        )

    def _bounded(self) -> None:
        for what, size in self.sizes().items():
            if size > BOUNDS[what]:
                raise FaultError(f"expected at most {BOUNDS[what]} {what}, got {size}")


def _times_in(packet: bytes) -> int:
    """At how many different times something of it is due; what cannot be read is answered at once."""
    try:
        return len(by_time(decode(packet)))
    except OscDecodeError:
        return 1


MAX_SYNCS = MAX_CLIENTS + MAX_AT_ONCE

BOUNDS = {
    "clients": MAX_CLIENTS,
    "voices": MAX_CLIENTS,
    "known": MAX_CLIENTS + 1,
    "once": KEPT,
    "signed in": MAX_REMEMBERED,
    "tries": MAX_REMEMBERED,
    "routes": MAX_ROUTES,
    "held": MAX_HELD,
    "syncs": MAX_SYNCS,
    "tasks": 100_000,  # those that were cancelled end at their first step, which here they have not taken
    "noted": MAX_WAITING,
    "queued": MAX_WAITING_BYTES,
}

"""Control, put together: packets in, commands to the conductor, feedback and state out.

It is the one process that may be replaced in the middle of a song: nothing here is needed for the next beat, and
what must outlive it is on the shared boards before it has effect.
"""

from __future__ import annotations

import socket
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import cast

import trio

from showctl.conductor.desk import Conductor
from showctl.conductor.request import Request
from showctl.discovery.interfaces import addresses, own_addresses
from showctl.errors import Refused, RuntimeFilesError
from showctl.model.mix import Mix
from showctl.model.mixes import Mixes
from showctl.model.score import Score
from showctl.model.show import Access as Ranges
from showctl.osc.access import Access
from showctl.osc.arguments import Value
from showctl.osc.codec import Message
from showctl.osc.held import Held
from showctl.osc.inbox import lost_datagrams
from showctl.osc.ledger import Ledger
from showctl.osc.methods import state_at
from showctl.osc.once import Once
from showctl.osc.outlet import Outlet
from showctl.osc.plain import plain_text
from showctl.osc.receipts import Receipts
from showctl.osc.reception import Reception
from showctl.osc.routes import Peer, Routes
from showctl.osc.server import OscServer
from showctl.osc.streams import Streams
from showctl.osc.subscribers import Subscribers
from showctl.osc.surface import Bound, Surface
from showctl.osc.sync import Sync
from showctl.osc.tcp import TcpServer
from showctl.osc.teller import Told, say
from showctl.service.feedback import Feedback
from showctl.service.finding import Finder
from showctl.service.keeping import Keeper
from showctl.service.meters import Meters
from showctl.service.news import News
from showctl.shared.boards import clients_reader, clients_writer, signed_in_reader, signed_in_writer
from showctl.shared.clients import Client, Clients, SignedIn
from showctl.shared.clock import ClockReader
from showctl.shared.delivered import delivery_reader, delivery_writer
from showctl.shared.handover import OscSockets
from showctl.shared.health import Health, Heartbeat, health_reader, unreached_reader
from showctl.shared.host import host_ns
from showctl.shared.kept import kept_path
from showctl.shared.nightlog import keys_in
from showctl.shared.rundir import RuntimeDirectory
from showctl.web.app import Backstage, Web
from showctl.web.push import Push
from showctl.web.server import Door

TICK_SECONDS = 0.1
TICKS_PER_SECOND = 10

LAST_FADE_SECONDS = 0.5

OWN_ADDRESSES_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Around:
    """What control has to do with beyond its records and its socket.

    Beside `night_log`, the recording of the night, go the ledger and what outlives the service; without one, neither.
    `find` finds the machine's own addresses, for `zeroconf`.
    """

    night_log: Path | None = None
    find: Callable[[], tuple[str, ...]] = addresses
    zeroconf: bool = False


class Service:
    """One control over one runtime directory and the sockets of one service."""

    def __init__(
        self,
        directory: RuntimeDirectory,
        score: Score,
        sockets: OscSockets,
        lease: int,
        around: Around | None = None,
    ) -> None:
        self._around = around or Around()
        night_log = self._around.night_log
        self.conductor = Conductor(directory, score, lease)
        self.surface = Surface(score.show)
        self.subscribers = Subscribers(clients_writer(directory), clients_reader(directory).read() or Clients())
        self.outlet = Outlet(Routes(sockets.udp), Streams(sockets.udp), self.subscribers, score.show.ports)
        self._feedback = Feedback(self.conductor, self.outlet, self.surface.states)
        self.news = News(self.outlet, Meters(directory, score.show), self._trouble)
        self._keeper = Keeper(kept_path(night_log), self._to_keep) if night_log else None
        self.access = _doorkeeper(directory, score.show.access)
        self.once = _taken_up(directory, night_log)
        self.ledger = Ledger(night_log and night_log.with_suffix(".commands.log"))
        self.tcp = TcpServer()
        self.web: Web | None = None
        self._doors = list[Door]()
        self._finder: Finder | None = None
        self._sockets = sockets
        self._clock = ClockReader(directory.clock)
        self._health = health_reader(directory)
        self._unreached_board = unreached_reader(directory)
        self._heartbeat = Heartbeat(directory, "control")

    async def serve(self, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED) -> None:
        """Serves until cancelled."""
        with closing(self.ledger):
            await self._serve(task_status)

    async def _serve(self, task_status: trio.TaskStatus[None]) -> None:
        async with trio.open_nursery() as nursery:
            sync = Sync(nursery, self.outlet, self._whole)
            server = OscServer(
                self.surface,
                self.subscribers,
                self.outlet,
                Reception(self.subscribers, self.outlet, sync, self.access),
                Held(nursery),
                self.conductor.view,
                self._submit,
                self.access,
                Receipts(self.once, self.subscribers, self.outlet),
                self.ledger,
            )
            await nursery.start(self.conductor.serve)
            nursery.start_soon(self._feedback.serve)
            nursery.start_soon(self._tick, sync)
            nursery.start_soon(self._tell_news)
            if self._keeper:
                nursery.start_soon(self._keeper.serve)
            nursery.start_soon(self._find_listed, sync)
            for udp in self._sockets.udp:
                nursery.start_soon(server.receive, udp)
            for listener in self._sockets.tcp:
                nursery.start_soon(self.tcp.serve, listener, server)
            if self._sockets.web:
                self.web = Web(Backstage(server, self._sockets.port, self._told, self._health.read))
                await self._open(nursery, self.web.door, self._sockets.web)
            if self._sockets.push:
                await self._open(nursery, Push(server).door, self._sockets.push)
            task_status.started()

    async def _open(self, nursery: trio.Nursery, door: Door, listeners: tuple[socket.socket, ...]) -> None:
        self._doors.append(door)
        await nursery.start(door.serve, listeners)

    def _told(self, utf8: bool) -> dict[str, tuple[Value, ...]]:
        """What every address of "OSC out" that has a state would be told now."""
        told = (*self.news.everything(self.conductor.view(), utf8=utf8), self._health_told(utf8))
        return {each.message.address: cast("tuple[Value, ...]", each.message.args) for each in told}

    def _submit(self, commands: tuple[Bound, ...], done: Callable[[str, str], None], by: str) -> None:
        self.conductor.submit(Request(commands, done, by))

    async def _find_listed(self, sync: Sync) -> None:
        """Tells the clients of the show file everything, wherever and whenever they are found."""

        def place(client: Client) -> None:
            if self.subscribers.place(client) or client.name not in greeted:
                greeted.add(client.name)
                self.outlet.known.forget(client.address)
                sync.start(client.address, client)

        greeted = set[str]()
        listed = self.conductor.score.show.clients
        self.subscribers.keep_listed(client.slug for client in listed)
        self._finder = Finder(listed, place, zeroconf=self._around.zeroconf)
        await self._finder.serve(self._around.find)

    def _to_keep(self) -> tuple[Mixes, Mix]:
        return self.conductor.mixes, self.conductor.plan.mixes[-1].mix

    def _whole(self, client: Client | None) -> Iterator[Message]:
        """The whole state as far as this client wants it; at the end once more what has changed meanwhile."""
        told = self.news.whole(self.conductor.view(), client)
        yield from (each.message for each in told)
        for address, place in self.surface.states.items():
            if client is None or client.wants(place.method.topic, address):
                yield self.outlet.state(state_at(self.conductor.view(), address, place), client)
        later = self.news.whole(self.conductor.view(), client)
        known = set(told)
        yield from (each.message for each in later if each not in known and each.topic != "position")

    async def _tick(self, sync: Sync) -> None:
        """Ten times a second: the sign of life, who has gone, and what rests; once a second, refreshes."""
        for number in count():
            self._heartbeat.beat()
            self.ledger.write()
            for client in self.subscribers.drop_expired(host_ns()):
                sync.stop(client.address)
                self.outlet.known.forget(client.address)
            self._feedback.settle()
            for client in self.subscribers.all if number % TICKS_PER_SECOND == 0 else ():
                if "refresh" in client.flags:
                    sync.refresh(client)
            await trio.sleep(TICK_SECONDS)

    async def _tell_news(self) -> None:
        """Ten times a second: which lists and labels changed; once a second: health. A crowd takes longer."""
        for number in count():
            await self.news.tell(self.conductor.view())
            for utf8 in self.outlet.wanted("health") if number % TICKS_PER_SECOND == 0 else ():
                await self.outlet.tell([self._health_told(utf8)], utf8=utf8)
            await trio.sleep(TICK_SECONDS)

    def _trouble(self) -> str:
        """What the supervisor finds wrong now, or who should be told something and is not."""
        health = self._health.read()
        return (health.text if health else "") or next(self._unreached(), "")

    def _unreached(self) -> Iterator[str]:
        """Targets that get nothing, clients that are not found, and those that cannot be sent to."""
        targets = self._unreached_board.read()
        yield from targets.sentences if targets else ()
        yield from self._finder.missed() if self._finder else ()
        yield from self.outlet.unsent(host_ns())

    def _health_told(self, utf8: bool) -> Told:
        clock = self._clock.read()
        xruns, load = (clock.xruns, float(clock.load)) if clock else (0, 0.0)
        text = _health_text(self._health.read(), self._losses(), "ok" if clock else "no sound yet")
        return say("health", "/health", xruns, load, plain_text(text, utf8=utf8))

    def _losses(self) -> Iterator[str]:
        """What clients sent, or were to be told, and was lost; so far."""
        yield from self._unreached()
        if lost := sum(map(lost_datagrams, self._sockets.udp)):
            yield f"{lost} datagrams lost, too many at once"
        if self.tcp.refused:
            yield f"{self.tcp.refused} TCP connections refused, too many at once"
        if dropped := self.outlet.streams.dropped:
            yield f"{dropped} messages to slow TCP clients dropped"
        if self.tcp.stalled:
            yield f"{self.tcp.stalled} TCP connections closed, nobody read there"
        if turned_away := sum(door.turned_away for door in self._doors):
            yield f"{turned_away} connections over HTTP refused, too many at once"

    async def fade_out(self) -> None:
        """Lets what sounds die away: the service is about to end."""
        fade = tuple(self.surface.bound("/fade", Message("/fade", (LAST_FADE_SECONDS,))))
        with trio.move_on_after(2 * LAST_FADE_SECONDS), suppress(Refused):  # refused where nothing sounds
            await self.conductor.perform(fade, "the service ends")
            await trio.sleep(LAST_FADE_SECONDS)


def _doorkeeper(directory: RuntimeDirectory, ranges: Ranges) -> Access:
    """Those who had signed in before this control began are in."""
    known, board = signed_in_reader(directory).read() or SignedIn(), signed_in_writer(directory)

    def remember(senders: Iterable[Peer]) -> None:
        """Save those at the end of a stream: that ends with this control."""
        board.write(SignedIn(tuple(sender for sender in senders if len(sender) == 2)))

    return Access(ranges, OrderedDict.fromkeys(known.senders), remember, _own_addresses())


def _own_addresses() -> Callable[[], frozenset[str]]:
    """Asks the system once a second at the most: it takes a millisecond, and senders can be forged."""
    found, at = frozenset[str](), float("-inf")

    def own() -> frozenset[str]:
        nonlocal found, at
        if host_ns() - at > OWN_ADDRESSES_SECONDS * 1e9:
            found, at = own_addresses(), host_ns()
        return found

    return own


def _taken_up(directory: RuntimeDirectory, night_log: Path | None) -> Once:
    """Commands with an id, where the control before left them."""
    once = Once(delivery_writer(directory))
    deliveries = delivery_reader(directory).take()
    committed = frozenset[str]()
    results = {(delivery.sender, delivery.id): delivery.result for delivery in deliveries}
    if night_log and not all(results.values()):  # something had begun
        with suppress(RuntimeFilesError):  # without the recording, what was not acknowledged may be done again
            committed = keys_in(night_log)
    once.recall(deliveries, committed)
    return once


def _health_text(health: Health | None, losses: Iterable[str], well: str) -> str:
    """What is wrong now, or else that all is well; and in brackets what was replaced so far, which is over."""
    processes = health.processes if health else ()
    replaced = ", ".join(
        f"{process.role} replaced {'once' if process.restarts == 1 else f'{process.restarts} times'}"
        for process in processes
        if process.restarts
    )
    now = (health.text if health else "") or ", ".join(losses) or well
    return f"{now} ({replaced})" if replaced else now

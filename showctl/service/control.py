"""Control, put together: packets in, commands to the conductor, feedback and state out.

It is the one process that may be replaced in the middle of a song: nothing here is needed for the next beat, and
what must outlive it is on the shared boards before it has effect.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, suppress
from itertools import count
from pathlib import Path

import trio

from showctl.conductor.desk import Conductor, Request
from showctl.discovery.interfaces import own_addresses
from showctl.errors import Refused, RuntimeFilesError
from showctl.model.boundaries import pending_turn
from showctl.model.night import Night
from showctl.model.plan import entry_of
from showctl.model.score import Score
from showctl.model.show import Access as Ranges
from showctl.osc.access import Access
from showctl.osc.codec import Message
from showctl.osc.feedback import state_changes
from showctl.osc.held import Held
from showctl.osc.inbox import lost_datagrams
from showctl.osc.ledger import Ledger
from showctl.osc.once import Once
from showctl.osc.outlet import Outlet
from showctl.osc.plain import fitted, plain_text
from showctl.osc.routes import Peer, Routes
from showctl.osc.server import OscServer
from showctl.osc.streams import Streams
from showctl.osc.subscribers import Subscribers
from showctl.osc.surface import Bound, Surface
from showctl.osc.sync import Sync
from showctl.osc.tcp import TcpServer
from showctl.osc.telling import Told, jump_message, lists, whole_state
from showctl.shared.boards import clients_reader, clients_writer, signed_in_reader, signed_in_writer
from showctl.shared.clients import Client, Clients, SignedIn
from showctl.shared.clock import ClockReader
from showctl.shared.delivered import delivery_reader, delivery_writer
from showctl.shared.handover import OscSockets
from showctl.shared.health import Health, Heartbeat, health_reader
from showctl.shared.host import host_ns
from showctl.shared.nightlog import keys_of, read_night
from showctl.shared.rundir import RuntimeDirectory

TICK_SECONDS = 0.1
TICKS_PER_SECOND = 10

LAST_FADE_SECONDS = 0.5


class Service:
    """One control over one runtime directory and the sockets of one service."""

    def __init__(
        self,
        directory: RuntimeDirectory,
        score: Score,
        sockets: OscSockets,
        lease: int,
        night_log: Path | None = None,
    ) -> None:
        """`night_log` is the recording of the night; beside it goes the ledger."""
        self.conductor = Conductor(directory, score, lease)
        self.surface = Surface(score.show)
        self.subscribers = Subscribers(clients_writer(directory), clients_reader(directory).read() or Clients())
        self.outlet = Outlet(Routes(sockets.udp), Streams(sockets.udp), self.subscribers)
        self.access = _doorkeeper(directory, score.show.access)
        self.once = _taken_up(directory, night_log)
        self.ledger = Ledger(night_log and night_log.with_suffix(".commands.log"))
        self.tcp = TcpServer()
        self._sockets = sockets
        self._clock = ClockReader(directory.clock)
        self._health = health_reader(directory)
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
                sync,
                Held(nursery),
                self.conductor.view,
                self._submit,
                self.access,
                self.once,
                self.ledger,
            )
            await nursery.start(self.conductor.serve)
            nursery.start_soon(self._feed_back)
            nursery.start_soon(self._tick, sync)
            for udp in self._sockets.udp:
                nursery.start_soon(server.receive, udp)
            for listener in self._sockets.tcp:
                nursery.start_soon(self.tcp.serve, listener, server)
            task_status.started()

    def _submit(self, commands: tuple[Bound, ...], done: Callable[[str], None], by: str) -> None:
        self.conductor.submit(Request(commands, done, by))

    def _whole(self, client: Client | None) -> list[Message]:
        """The whole state as far as this client wants it; without a client, all of it."""
        view = self.conductor.view()
        told = [told.message for told in whole_state(view) if client is None or told.topic in client.topics]
        if client is None or "mix" in client.topics:
            told += self.outlet.whole_states(view, self.surface.states, client)
        return told

    async def _feed_back(self) -> None:
        """After each commit: what it changed, to everybody who does not know it yet."""
        before = self.conductor.view()
        while True:
            await self.conductor.wait_changed()
            after = self.conductor.view()
            changes = list(state_changes(before, after, self.surface.states))
            for client in self.subscribers.all:
                self.outlet.tell_states(client, changes)
            if pending_turn(before.plan, before.horizon) != pending_turn(after.plan, after.horizon):
                self.outlet.tell([jump_message(after)])
            before = after

    async def _tick(self, sync: Sync) -> None:
        """Ten times a second: who has gone, and which lists changed; once a second: health, and refreshes."""
        about = self._lists_are_about()
        known = set(lists(self.conductor.score, *about))
        for number in count():
            self._heartbeat.beat()
            self.ledger.write()
            for client in self.subscribers.drop_expired(host_ns()):
                self.outlet.known.forget(client.address)
            before, about = about, self._lists_are_about()
            if about != before:  # to make them all takes half a millisecond
                told = lists(self.conductor.score, *about)
                self.outlet.tell(each for each in told if each not in known)
                known = set(told)
            if number % TICKS_PER_SECOND == 0:
                self._tell_each_second(sync)
            await trio.sleep(TICK_SECONDS)

    def _lists_are_about(self) -> tuple[Night, int]:
        """All that the lists can change with: tonight's order, and the entry that is armed or sounds."""
        view = self.conductor.view()
        return view.night, entry_of(view.span)

    def _tell_each_second(self, sync: Sync) -> None:
        self.outlet.tell([self._health_told()])
        for client in self.subscribers.all:
            if "refresh" in client.flags:
                sync.start(client.address, client)

    def _health_told(self) -> Told:
        clock, health = self._clock.read(), self._health.read()
        xruns, load = (clock.xruns, float(clock.load)) if clock else (0, 0.0)
        text = _what_is_wrong(health, self._losses()) or ("ok" if clock else "no sound yet")
        return Told("health", fitted(Message("/health", (xruns, load, plain_text(text)))))

    def _losses(self) -> Iterator[str]:
        """What clients sent, or were to be told, and was lost; so far."""
        if lost := sum(map(lost_datagrams, self._sockets.udp)):
            yield f"{lost} datagrams lost, too many at once"
        if self.tcp.refused:
            yield f"{self.tcp.refused} TCP connections refused, too many at once"
        if self.tcp.stalled:
            yield f"{self.tcp.stalled} TCP connections closed, nobody read there"

    async def fade_out(self) -> None:
        """Lets what sounds die away: the service is about to end."""
        fade = self.surface.bind(Message("/fade", (LAST_FADE_SECONDS,)))
        with trio.move_on_after(2 * LAST_FADE_SECONDS), suppress(Refused):  # refused where nothing sounds
            await self.conductor.perform(fade, "the service ends")
            await trio.sleep(LAST_FADE_SECONDS)


def _doorkeeper(directory: RuntimeDirectory, ranges: Ranges) -> Access:
    """Those who had signed in before this control began are in."""
    known, board = signed_in_reader(directory).read() or SignedIn(), signed_in_writer(directory)

    def remember(senders: Iterable[Peer]) -> None:
        """Save those at the end of a stream: that ends with this control."""
        board.write(SignedIn(tuple(sender for sender in senders if len(sender) == 2)))

    return Access(ranges, OrderedDict.fromkeys(known.senders), remember, own_addresses)


def _taken_up(directory: RuntimeDirectory, night_log: Path | None) -> Once:
    """Commands with an id, where the control before left them."""
    once = Once(delivery_writer(directory))
    deliveries = delivery_reader(directory).take()
    committed = frozenset[str]()
    if deliveries and night_log:
        with suppress(RuntimeFilesError):  # without the recording, what was not acknowledged may be done again
            committed = keys_of(read_night(night_log))
    once.recall(deliveries, committed)
    return once


def _what_is_wrong(health: Health | None, losses: Iterable[str]) -> str:
    """The supervisor's sentence, or else which processes had to be replaced so far and what was lost; empty where all
    is well."""
    processes = health.processes if health else ()
    replaced = (f"{process.role} replaced {process.restarts} times" for process in processes if process.restarts)
    return (health.text if health else "") or ", ".join((*replaced, *losses))

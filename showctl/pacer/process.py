"""The loop of the pacer: shared records in, datagrams out, on time.

It sleeps on its bell until shortly before something is due, spins the rest, sends, and looks ahead when there is time.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from socket import socket

from showctl.model.night import Night
from showctl.model.plan import Plan
from showctl.model.score import Score
from showctl.model.units import Frame, HostNs
from showctl.osc.timetag import timetag_from_unix_ns
from showctl.pacer.audience import Listener, audience
from showctl.pacer.journal import Journal, Sent, Trouble
from showctl.pacer.names import AGAIN_SECONDS, Lookup, are_names
from showctl.pacer.schedule import LATE_SECONDS, Due, Schedule, Tick, seam_between
from showctl.pacer.sender import Sender, bundle
from showctl.shared.bell import Bell
from showctl.shared.boards import clients_reader, night_reader, plan_reader
from showctl.shared.clients import Clients
from showctl.shared.clock import ClockReader, ClockRecord, frame_at, host_ns_at
from showctl.shared.health import BEAT_SECONDS, Heartbeat
from showctl.shared.host import host_ns
from showctl.shared.records import NumberReader, NumberWriter
from showctl.shared.rundir import RuntimeDirectory
from showctl.shared.service import read_show

NS = 1_000_000_000

POLL_SECONDS = 0.005
"""How long a commit, a subscription or a signal may go unseen when nobody rings."""

SPIN_NS = 150_000
"""A sleep ends this much before something is due: what a timer may be late without harm."""

SOON_SECONDS = 0.05
"""After a change only so much is worked out, so that nothing near waits for what is far."""

LOOK_AHEAD_SECONDS = 0.3
LOW_WATER_SECONDS = 0.15
"""With less than this worked out, the schedule is extended, as soon as nothing is due within `IDLE_SECONDS`."""

IDLE_SECONDS = 0.01
"""With nothing due for so long there is time to write the journal."""

Gate = Callable[[Due], bool]
"""Whether this machine is the one that says it."""


def always(_: Due) -> bool:
    """The gate of a machine that is alone."""
    return True


class Pacer:
    """Sends what the plan in `directory` says through `sockets`, until told to stop."""

    def __init__(self, directory: RuntimeDirectory, sockets: Sequence[socket], gate: Gate = always) -> None:
        self._directory = directory
        self._sender = Sender(sockets)
        self._gate = gate
        self._plan = plan_reader(directory)
        self._night = night_reader(directory)
        self._clients = clients_reader(directory)
        self._journal = Journal(directory.path / "journal")
        self._heartbeat = Heartbeat(directory, "pacer")
        self._next_beat_ns = 0
        self._reached = NumberWriter(directory.path / "paced", "q")
        self._lookup: Lookup | None = None
        self._next_lookup_ns = 0
        self._names: dict[str, str] = {}
        self._schedule: Schedule | None = None
        self._dues: list[Due] = []
        self._known_until = Frame(0)
        self._stopping = False

    def stop(self) -> None:
        """The loop ends within POLL_SECONDS."""
        self._stopping = True

    def run(self, ended: Sequence[int] = ()) -> None:
        """Until `stop`, or until one of the descriptors `ended` comes to its end."""
        with ExitStack() as stack:
            stack.callback(self._tidy)
            bell = stack.enter_context(Bell.open(self._directory.bell("pacer")))
            clock_path = self._directory.clock
            clock_reader: ClockReader | None = None
            while not self._stopping:
                self._beat()
                clock_reader = clock_reader or (ClockReader(clock_path) if clock_path.exists() else None)
                clock = clock_reader.read() if clock_reader else None
                self._sleep(bell, ended, self._step(clock) if clock else POLL_SECONDS)

    def _sleep(self, bell: Bell, ended: Sequence[int], seconds: float) -> None:
        if seconds > 0:
            ready, _, _ = select.select([bell, *ended], [], [], seconds)
            if bell in ready:
                bell.drain()
            if any(not os.read(descriptor, 1024) for descriptor in ended if descriptor in ready):
                self.stop()

    def _beat(self) -> None:
        if host_ns() >= self._next_beat_ns:
            self._heartbeat.beat()
            self._next_beat_ns = host_ns() + round(BEAT_SECONDS / 4 * NS)

    def _tidy(self) -> None:
        if self._lookup:
            self._lookup.give_up()
        self._journal.flush()

    # ── one turn ──

    def _step(self, clock: ClockRecord) -> float:
        """Takes in what changed, sends what is due; the seconds for which there is nothing to do then."""
        now = frame_at(host_ns(), clock)
        schedule = self._schedule or self._begun(now)
        if self._changed(schedule, now):
            self._look_ahead(schedule, now, clock, SOON_SECONDS)
        self._send_due(schedule, clock)
        idle = self._idle_seconds(clock)
        if idle > IDLE_SECONDS or self._known_until <= frame_at(host_ns(), clock):
            self._use_the_time(schedule, clock)
            idle = self._idle_seconds(clock)
        return min(idle, POLL_SECONDS)

    def _idle_seconds(self, clock: ClockRecord) -> float:
        """Until shortly before something is due."""
        if not self._dues:
            return POLL_SECONDS + IDLE_SECONDS
        return (self._dues[0].host_ns(clock) - SPIN_NS - host_ns()) / NS

    def _use_the_time(self, schedule: Schedule, clock: ClockRecord) -> None:
        now = frame_at(host_ns(), clock)
        if self._known_until < now + LOW_WATER_SECONDS * clock.rate:
            self._look_ahead(schedule, now, clock, LOOK_AHEAD_SECONDS)
        else:
            self._look_up_names(schedule.score)
            self._note_troubles(schedule)
            self._journal.flush()

    # ── what changed ──

    def _begun(self, now: Frame) -> Schedule:
        """The first schedule, going on where a pacer before this one stopped."""
        plan, night = self._plan.read(), self._night.read()
        assert plan and night, "the boards are written before any process starts"
        score = self._score_of(plan)
        before = NumberReader(self._directory.path / "paced", "q").read()
        # On its own first start it has everything to say, however early some want to hear it.
        since = Frame(min(before[0], now) if before else -60 * score.rate)
        self._schedule = Schedule(score, plan, night, self._audience(score), since)
        self._known_until = since
        return self._schedule

    def _score_of(self, plan: Plan) -> Score:
        score = Score(read_show(self._directory, plan.show))
        for entry in score.show.entries:
            score.map(entry.index)
        return score

    def _audience(self, score: Score) -> tuple[Listener, ...]:
        clients = self._clients.read() or Clients()
        return audience(score.show, clients.clients, score.rate)

    def _changed(self, schedule: Schedule, now: Frame) -> bool:
        """Takes in new records; whether what is due must be worked out anew."""
        plan = self._plan.read() if self._plan.changed() else None
        night = self._night.read() if self._night.changed() else None
        new_clients = self._clients.changed()
        if plan:
            self._adopt(schedule, plan, now)
        if night:
            schedule.remember(night)
        if new_clients:
            schedule.admit(self._audience(schedule.score), now)
        return bool(plan or night or new_clients)

    def _adopt(self, schedule: Schedule, plan: Plan, now: Frame) -> None:
        seam = seam_between(schedule.plan, plan, now)
        if plan.show != schedule.plan.show:
            schedule.score = self._score_of(plan)
            schedule.admit(self._audience(schedule.score), now)
        schedule.adopt(plan, seam)

    def _look_ahead(self, schedule: Schedule, now: Frame, clock: ClockRecord, seconds: float) -> None:
        self._known_until = Frame(now + round(seconds * clock.rate))
        self._dues = schedule.due(now, self._known_until, round(LATE_SECONDS * clock.rate))
        self._dues.reverse()

    # ── sending ──

    def _send_due(self, schedule: Schedule, clock: ClockRecord) -> None:
        """Everything that is due by now or within the spin, in order."""
        while self._dues and self._dues[-1].host_ns(clock) - SPIN_NS <= host_ns():
            send_frame = self._dues[-1].send_frame
            due_ns = host_ns_at(send_frame, clock)
            while host_ns() < due_ns:
                pass
            while self._dues and self._dues[-1].send_frame == send_frame:
                self._send(self._dues.pop(), due_ns, clock)
            schedule.done(send_frame)
            self._reached.write((send_frame,))

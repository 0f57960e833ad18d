"""The loop of the pacer: shared records in, datagrams out, on time.

It sleeps on its bell until shortly before something is due, spins the rest, sends, and looks ahead when there is time.
"""

from __future__ import annotations

import os
import select
import sys
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from itertools import takewhile
from socket import socket

from showctl.errors import RuntimeFilesError
from showctl.model.night import Night
from showctl.model.plan import KEEP_SECONDS, Plan
from showctl.model.score import Score
from showctl.model.units import Frame, HostNs
from showctl.osc.timetag import timetag_from_unix_ns
from showctl.pacer.audience import Listener, audience
from showctl.pacer.journal import Journal, Sent, Trouble
from showctl.pacer.names import AGAIN_SECONDS, Lookup, are_names
from showctl.pacer.schedule import LATE_SECONDS, Due, Schedule, seam_between
from showctl.pacer.sender import Sender, bundle
from showctl.shared.bell import Bell
from showctl.shared.boards import clients_reader, night_reader, plan_reader
from showctl.shared.clients import Clients
from showctl.shared.clock import ClockReader, ClockRecord, frame_at, host_ns_at
from showctl.shared.health import BEAT_SECONDS, Heartbeat, Unreached, unreached_writer
from showctl.shared.host import host_ns
from showctl.shared.records import NumberReader, NumberWriter
from showctl.shared.rundir import RuntimeDirectory
from showctl.shared.service import read_show

NS = 1_000_000_000

POLL_SECONDS = 0.005
"""How long a commit, a subscription or a signal may go unseen when nobody rings."""

SPIN_NS = 300_000
"""A sleep ends this much before something is due: what a timer may be late without harm."""

SOON_SECONDS = 0.05
"""After a change only so much is worked out, so that nothing near waits for what is far."""

LOOK_AHEAD_SECONDS = 0.3
LOW_WATER_SECONDS = 0.15
"""With less than this worked out, more is, as soon as nothing is due within IDLE_SECONDS."""

DRY_SECONDS = 0.03
"""With less than this, more is worked out at once."""

IDLE_SECONDS = 0.01

CROWD_SECONDS = 0.01
"""To take in who listens costs milliseconds where they are many: it is not begun when something is due so soon."""

HOUSEKEEPING_SECONDS = 0.25
"""So often there is time for the journal, for troubles and for names."""

REACHED = "paced"
"""A row of one number in the runtime directory: the session frame up to which all is sent."""

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
        self._next_housekeeping_ns = 0
        self._reached = NumberWriter(directory.path / REACHED, "q")
        self._lookup: Lookup | None = None
        self._next_lookup_ns = 0
        self._names: dict[str, str] = {}
        self._failed: dict[tuple[str, int, str], int] = {}
        self._unreached: tuple[str, ...] | None = None  # a pacer before this one may have told some
        self._unreached_board = unreached_writer(directory)
        self._schedule: Schedule | None = None
        self._dues: deque[Due] = deque()
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
            ready, _, _ = select.select([bell.fileno(), *ended], [], [], seconds)
            if bell.fileno() in ready:
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
        if self._schedule:
            self._note_troubles(self._schedule)
        self._journal.flush()

    # ── one turn ──

    def _step(self, clock: ClockRecord) -> float:
        """Takes in what changed, sends what is due; the seconds for which there is nothing to do then.

        In this order: what a new plan took back must not be sent, however long the process was held up.
        """
        schedule = self._schedule or self._begun(clock)
        if self._changed(schedule, clock):
            self._look_ahead(schedule, clock, SOON_SECONDS)
        self._send_due(schedule, clock)
        if self._idle_seconds(clock) > IDLE_SECONDS or self._reserve_seconds(clock) < DRY_SECONDS:
            self._use_the_time(schedule, clock)
        return min(self._idle_seconds(clock), POLL_SECONDS)

    def _idle_seconds(self, clock: ClockRecord) -> float:
        """Until shortly before something is due."""
        if not self._dues:
            return IDLE_SECONDS + POLL_SECONDS
        return (self._dues[0].host_ns(clock) - SPIN_NS - host_ns()) / NS

    def _reserve_seconds(self, clock: ClockRecord) -> float:
        """How far ahead everything is worked out."""
        return (host_ns_at(self._known_until, clock) - host_ns()) / NS

    def _use_the_time(self, schedule: Schedule, clock: ClockRecord) -> None:
        if self._reserve_seconds(clock) < LOW_WATER_SECONDS:
            self._look_ahead(schedule, clock, LOOK_AHEAD_SECONDS)
        elif host_ns() >= self._next_housekeeping_ns:
            self._look_up_names(schedule.score)
            self._note_troubles(schedule)
            self._journal.flush()
            self._next_housekeeping_ns = host_ns() + round(HOUSEKEEPING_SECONDS * NS)

    def _look_ahead(self, schedule: Schedule, clock: ClockRecord, seconds: float) -> None:
        now, rate = frame_at(host_ns(), clock), schedule.score.rate
        self._known_until = Frame(now + round(seconds * rate))
        self._dues = deque(schedule.due(now, self._known_until, round(LATE_SECONDS * rate)))

    # ── what changed ──

    def _begun(self, clock: ClockRecord) -> Schedule:
        """The first schedule, going on where a pacer before this one stopped."""
        plan, night = self._plan.read(), self._night.read()
        if plan is None or night is None:
            raise RuntimeFilesError(f"expected a plan and a night in {self._directory.path}: start the service anew")
        score = self._score_of(plan)
        before = NumberReader(self._directory.path / REACHED, "q").read()
        # Nothing was sent before the first one: then it is all still to say, however early some want to hear it.
        since = Frame(min(before[0], frame_at(host_ns(), clock)) if before else -KEEP_SECONDS * score.rate)
        self._schedule = Schedule(score, plan, night, self._audience(score, night), since)
        self._known_until = since
        return self._schedule

    def _score_of(self, plan: Plan) -> Score:
        """With all its maps worked out."""
        score = Score(read_show(self._directory, plan.show))
        for entry in score.show.entries:
            score.map(entry.index)
        return score

    def _audience(self, score: Score, night: Night) -> tuple[Listener, ...]:
        clients = self._clients.read() or Clients()
        listeners = audience(score.show, clients.clients, night, score.rate)
        self._sender.prepare(listener.address for listener in listeners)
        return listeners

    def _changed(self, schedule: Schedule, clock: ClockRecord) -> bool:
        """Takes in new records; whether what is due must be worked out anew."""
        plan = self._plan.read() if self._plan.changed() else None
        night = self._night.read() if self._night.changed() else None
        new_clients = self._clients.changed() and bool(plan or self._idle_seconds(clock) > CROWD_SECONDS)
        if not (plan or night or new_clients):
            return False
        now = frame_at(host_ns(), clock)
        schedule.done(Frame(min(now, (self._dues[0].send_frame if self._dues else self._known_until) - 1)))
        if plan:
            self._adopt(schedule, plan, now)
        new_targets = night and _targets_in(night) != _targets_in(schedule.night)
        if night:
            schedule.remember(night)
        if new_clients or new_targets:
            schedule.admit(self._audience(schedule.score, schedule.night), now)
        return True

    def _adopt(self, schedule: Schedule, plan: Plan, now: Frame) -> None:
        if plan.show != schedule.plan.show:
            schedule.reload(self._score_of(plan))
            schedule.admit(self._audience(schedule.score, schedule.night), now)
        schedule.adopt(plan, seam_between(schedule.plan, plan, now))

    # ── sending ──

    def _send_due(self, schedule: Schedule, clock: ClockRecord) -> None:
        """Everything that is due now or within the spin, in order."""
        while self._dues and self._dues[0].host_ns(clock) - SPIN_NS <= host_ns():
            batch = self._next_batch()
            due_ns = batch[0].host_ns(clock)
            while host_ns() < due_ns:
                pass
            sent_ns = host_ns()
            left = [self._send(due, clock) for due in batch]
            schedule.done(batch[0].send_frame)
            self._reached.write((batch[0].send_frame,))
            self._note(batch, left, due_ns, sent_ns)

    def _next_batch(self) -> list[Due]:
        """All that is due at the same moment."""
        send_frame = self._dues[0].send_frame
        return [self._dues.popleft() for _ in takewhile(lambda due: due.send_frame == send_frame, list(self._dues))]

    def _note(self, batch: list[Due], left: list[int], due_ns: HostNs, sent_ns: HostNs) -> None:
        """A line for each message, however many were told."""
        counts = Counter[tuple[bytes, Frame, int]]()
        for due, count in zip(batch, left, strict=True):
            counts[due.payload, due.frame, due.version] += count
        for (payload, frame, version), count in counts.items():
            self._journal.note(Sent(due_ns, sent_ns, frame, version, _address_of(payload), count))

    def _send(self, due: Due, clock: ClockRecord) -> int:
        """To how many it left."""
        if not self._gate(due):
            return 0
        packet = bundle(self._timetag(due, clock), due.payload) if due.listeners[0].stamped else due.payload
        now = host_ns()
        return self._sender.send(packet, [each.address for each in due.listeners if each.lives_at(now)])

    def _timetag(self, due: Due, clock: ClockRecord) -> int:
        """The wall clock at which it sounds; read anew each time, for it may have been set."""
        return timetag_from_unix_ns(time.time_ns() + due.sounds_ns(clock) - host_ns())

    # ── when there is time ──

    def _note_troubles(self, schedule: Schedule) -> None:
        """What could not be sent, once for each cue; for each destination whenever it was more since."""
        for complaint in schedule.complaints:
            print(complaint, file=sys.stderr, flush=True)
            self._journal.note(Trouble(complaint))
        schedule.complaints.clear()
        for ((host, port), reason), count in self._sender.failed.items():
            if self._failed.get((host, port, reason)) != count:
                self._failed[host, port, reason] = count
                self._journal.note(Trouble(f"{host}:{port}: {reason}", count))
        self._tell_unreached(schedule)

    def _tell_unreached(self, schedule: Schedule) -> None:
        """To everybody who looks at `/health`: a cue that never leaves must not look as if it had."""
        reasons = self._sender.unreached
        sentences = tuple(
            f"{target.slug} ({target.host}) gets nothing: {reasons[target.host, target.port]}"
            for target in schedule.score.show.targets
            if (target.host, target.port) in reasons and target.slug not in schedule.night.targets_off
        )
        if sentences != self._unreached:
            self._unreached = sentences
            self._unreached_board.write(Unreached(sentences))

    def _look_up_names(self, score: Score) -> None:
        """Starts a lookup where a target's name is not known yet, and takes in its result."""
        if self._lookup and self._lookup.finished():
            self._names |= self._lookup.result()
            self._sender.learn(self._names)
            self._lookup = None
        unknown = tuple(
            name for name in are_names(target.host for target in score.show.targets) if name not in self._names
        )
        if unknown and not self._lookup and host_ns() >= self._next_lookup_ns:
            self._lookup = Lookup(unknown)
            self._next_lookup_ns = host_ns() + AGAIN_SECONDS * NS


def _targets_in(night: Night) -> tuple[frozenset[str], dict[str, float]]:
    """What the night says of whom the stage is told; a GO, which it remembers too, must not wait for a crowd."""
    return night.targets_off, night.latency_ms


def _address_of(packet: bytes) -> str:
    return packet[: packet.index(0)].decode()

"""A service without sound: boards in a folder, a clock that a test moves, and an engine that only commits."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import trio

from showctl.model.night import Night
from showctl.model.plan import CannotCommitError, Committed, Edit, Plan, Verdict, commit
from showctl.model.score import Score
from showctl.model.show import Show
from showctl.model.units import Frame, HostNs
from showctl.osc.codec import Arg, Message, decode, encode
from showctl.osc.framing import Framing, Unframer
from showctl.service.control import Around, Service
from showctl.shared.bell import Bell, Ringer
from showctl.shared.boards import create_boards, edit_reader, plan_reader, plan_writer, verdict_writer
from showctl.shared.clock import ClockRecord, ClockWriter
from showctl.shared.handover import OscSockets
from showctl.shared.health import health_writer, unreached_writer
from showctl.shared.host import host_ns
from showctl.shared.nightlog import NightLog, begin_night
from showctl.shared.residency import residency_writer
from showctl.shared.rundir import Lease, RuntimeDirectory
from showctl.supervisor.sockets import bind_osc, bind_service

BLOCK = 128

PATIENCE_SECONDS = 5.0


class Committer:
    """Commits every edit at `head`, as an engine does at the start of a block; the test moves `head`."""

    def __init__(self, directory: RuntimeDirectory, rate: int, night_log: Path) -> None:
        self.directory, self.rate, self.head = directory, rate, Frame(0)
        self._night_log = NightLog(night_log)
        self.log: list[Committed] = []
        self.refuse_next: list[str] = []
        self.busy: list[Edit] | None = None
        """While it is a list, edits are only put there: an engine that is slow."""
        self._plans, self._plan = plan_writer(directory), plan_reader(directory)
        self._edits, self._verdicts = edit_reader(directory), verdict_writer(directory)
        self._clock = ClockWriter(directory.clock)
        self._bell = Bell.open(directory.bell("engine"))
        self._control = Ringer(directory.bell("control"))
        self.move_to(Frame(0))

    def move_to(self, head: Frame) -> None:
        """The head, and the clock that goes with it; it stands still between moves."""
        self.head = head
        # Far in the past of host time nothing sounds yet; the horizon is then counted from the head alone.
        ahead = HostNs(host_ns() + 10**12)
        self._clock.write(ClockRecord(1, 0, Frame(head - BLOCK), ahead, float(self.rate), BLOCK, head, 0, 0.1, 0))

    def sound(self, frame: Frame) -> None:
        """`frame` sounds now, and the next one in a second."""
        self._clock.write(ClockRecord(1, 0, frame, host_ns(), 1.0, BLOCK, Frame(frame + 2 * BLOCK), 0, 0.1, 0))

    @property
    def plan(self) -> Plan:
        plan = self._plan.read()
        assert plan
        return plan

    async def serve(self) -> None:
        with self._bell, self._control, self._night_log:
            await self._serve()

    async def _serve(self) -> None:
        while True:
            await trio.lowlevel.wait_readable(self._bell.socket)
            self._bell.drain()
            for edit in self._edits.take():
                if self.busy is None:
                    self._judge(edit)
                else:
                    self.busy.append(edit)
            self._control.ring()

    def catch_up(self) -> None:
        """Judge what was put off."""
        waiting, self.busy = self.busy or [], None
        for edit in waiting:
            self._judge(edit)
        self._control.ring()

    def _judge(self, edit: Edit) -> None:
        reason = self.refuse_next.pop(0) if self.refuse_next else ""
        try:
            if reason:
                raise CannotCommitError(reason)  # type: ignore[arg-type]
            plan = commit(self.plan, edit, self.head)
        except CannotCommitError as exc:
            self._verdicts.send(Verdict(edit.id, self.plan.version, self.head, exc.reason))
            return
        self._plans.write(plan)
        self.log.append(Committed(plan.version, self.head, edit))
        self._night_log.append(self.log[-1:])
        self._verdicts.send(Verdict(edit.id, plan.version, edit.at or self.head))


class Tablet:
    """A client: one UDP socket, what it sends and what it hears."""

    def __init__(self, service: tuple[str, int], bound: socket.socket | None = None) -> None:
        self.service = service
        self.socket = trio.socket.from_stdlib_socket(bound or socket.socket(socket.AF_INET, socket.SOCK_DGRAM))

    async def open(self) -> Tablet:
        await self.socket.bind(("127.0.0.1", 0))
        return self

    @property
    def port(self) -> int:
        return int(self.socket.getsockname()[1])

    async def send(self, address: str, *args: Arg) -> None:
        await self.socket.sendto(encode(Message(address, args)), self.service)

    async def send_bytes(self, datagram: bytes) -> None:
        await self.socket.sendto(datagram, self.service)

    async def hear(self, patience: float = PATIENCE_SECONDS) -> tuple[object, ...]:
        """The next message: its address and arguments."""
        with trio.fail_after(patience):
            message = decode(await self.socket.recv(65536))
        assert isinstance(message, Message)
        return (message.address, *message.args)

    async def hear_until(self, address: str, patience: float = PATIENCE_SECONDS) -> list[tuple[object, ...]]:
        """All messages up to the first one with this address, that one included."""
        heard = [await self.hear(patience)]
        while heard[-1][0] != address:
            heard.append(await self.hear(patience))
        return heard

    async def settle(self) -> list[tuple[object, ...]]:
        """Everything heard until the service has dealt with all that was sent so far."""
        await self.send("/ping", "settled")
        heard = await self.hear_until("/pong")
        return [message for message in heard[:-1] if message[0] != "/health"]


class Caller:
    """A client at the other end of a connection, with a framing of its own."""

    def __init__(self, ends: trio.SocketStream, framing: Framing) -> None:
        self.ends, self.framing = ends, framing
        self._unframer, self._heard = Unframer(), list[Message]()

    @property
    def port(self) -> int:
        return int(self.ends.socket.getsockname()[1])

    async def send(self, address: str, *args: Arg) -> None:
        await self.ends.send_all(self.framing.framed(encode(Message(address, args))))

    async def hear(self) -> tuple[object, ...]:
        """The next message: its address and arguments; nothing at the end of the connection."""
        with trio.fail_after(10):
            while not self._heard:
                chunk = await self.ends.receive_some(4096)
                if not chunk:
                    return ()
                for packet in self._unframer.feed(chunk):
                    assert isinstance(packet, bytes)
                    message = decode(packet)
                    assert isinstance(message, Message)
                    self._heard.append(message)
            message = self._heard.pop(0)
        return (message.address, *message.args)

    async def hear_until(self, address: str) -> list[tuple[object, ...]]:
        heard = [await self.hear()]
        while heard[-1][0] != address:
            heard.append(await self.hear())
        return heard


class Rig:
    """`control` makes a control of the service, on the same sockets as any other before it."""

    service: Service

    def __init__(
        self,
        control: Callable[[], Service],
        committer: Committer,
        sockets: OscSockets,
        nursery: trio.Nursery,
    ) -> None:
        self.committer, self.sockets, self.nursery = committer, sockets, nursery
        self.address = ("127.0.0.1", sockets.port)
        self.tablets: list[Tablet] = []
        self._control = control
        self._life = trio.CancelScope()

    def end_control(self) -> None:
        """Until another is started there is none."""
        self._life.cancel()

    async def replace_control(self) -> None:
        """End the control there is, if there is one, and start another."""
        self.end_control()
        self._life = trio.CancelScope()
        self.service = self._control()
        await self.nursery.start(self._serve, self.service, self._life)

    async def _serve(self, service: Service, life: trio.CancelScope, *, task_status: trio.TaskStatus[None]) -> None:
        with life:
            await service.serve(task_status=task_status)

    async def tablet(self, *words: Arg) -> Tablet:
        """A client that has subscribed, and has heard the whole state."""
        tablet = await Tablet(self.address).open()
        self.tablets.append(tablet)
        if words:
            await tablet.send("/subscribe", *words)
            await tablet.hear_until("/synced")
        return tablet


@asynccontextmanager
async def running_service(
    path: Path, show: Show, bind: str = "127.0.0.1", *, web: bool = False, zeroconf: bool = False
) -> AsyncIterator[Rig]:
    """A service on a free port, with a committer in place of an engine; over HTTP too where that is wanted."""
    score, directory = Score(show), RuntimeDirectory(path)
    create_boards(directory, Plan(1, score.hash, score.rate), Night.of(show))
    health_writer(directory)
    unreached_writer(directory)
    residency_writer(directory)
    night_log = path / "night.jsonl"
    begin_night(night_log, Plan(1, score.hash, score.rate))
    committer = Committer(directory, score.rate, night_log)
    with bind_service(0, 0, (bind,)) if web else bind_osc(0, (bind,)) as sockets:

        def control() -> Service:
            around = Around(night_log, zeroconf=zeroconf)
            return Service(directory, score, sockets, Lease(directory.lease).take(), around)

        async with trio.open_nursery() as nursery:
            rig = Rig(control, committer, sockets, nursery)
            nursery.start_soon(committer.serve)
            await rig.replace_control()
            try:
                yield rig
            finally:
                for tablet in rig.tablets:
                    tablet.socket.close()
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def calling(rig: Rig, framing: Framing = Framing.LENGTH, host: str = "127.0.0.1") -> AsyncIterator[Caller]:
    async with await trio.open_tcp_stream(host, rig.sockets.port) as ends:
        yield Caller(ends, framing)


def addresses(messages: Sequence[tuple[object, ...]]) -> list[object]:
    return [message[0] for message in messages]

"""The pacer as it runs: a process of its own, its records written by the test, its datagrams received by the test.

The session's clock all but stands still, and is set on by the test: so nothing here depends on how fast anything is.
"""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import msgspec
import pytest

from showctl.model.events import replayed_events
from showctl.model.happenings import CueFire, Event
from showctl.model.night import Night
from showctl.model.plan import Plan
from showctl.model.show import Target, encode_show
from showctl.model.units import Frame, HostNs
from showctl.osc.codec import Bundle, Message, decode, encode
from showctl.osc.position import position
from showctl.osc.telling import tell
from showctl.osc.timetag import unix_ns_from_timetag
from showctl.pacer.process import Pacer
from showctl.shared.bell import Ringer
from showctl.shared.boards import clients_writer, create_boards, night_writer, plan_writer
from showctl.shared.clients import TOPICS, Client, Clients
from showctl.shared.clock import ClockRecord, ClockWriter, host_ns_at
from showctl.shared.rundir import RuntimeDirectory
from showctl.shared.service import write_show
from tests.pacer.shows import BAR, BEAT, EMPTY, LIGHTS, MARGIN, NIGHT, RATE, SCORE, SHOW, VIDEO, played

PATIENCE_SECONDS = 60.0

EVERYTHING = TOPICS - {"position", "led"}

OFF_THE_BEAT = BEAT // 2

NIGHT_OUT = played(
    [
        (Frame(1_000), "arm"),
        (Frame(BAR + 1_000), "go"),
        (Frame(3 * BAR + 1_000), "refrain"),
        (Frame(4 * BAR + BEAT + 1_000), "stop"),
    ]
)
END = 5 * BAR
CUES_END = 4 * BAR

POSITION = 4_800
"""Frames from one position to the next."""


class Receiver:
    """A client's or a target's socket."""

    def __init__(self, host: str = "127.0.0.1") -> None:
        self.socket = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.settimeout(PATIENCE_SECONDS)
        self.socket.bind((host, 0))
        self.host = host
        self.port: int = self.socket.getsockname()[1]

    def client(self, topics: frozenset[str] = EVERYTHING, *flags: str, expires: HostNs | None = None) -> Client:
        return Client(self.host, self.port, topics, frozenset(flags), expires)

    def packet(self) -> Message | Bundle:
        return decode(self.socket.recv(65536))

    def lines(self, count: int) -> list[str]:
        return [line(self.packet()) for _ in range(count)]

    def is_silent(self) -> bool:
        """Whether nothing has come that was not read."""
        self.socket.setblocking(False)
        try:
            self.socket.recv(65536)
        except BlockingIOError:
            return True
        return False


def line(packet: Message | Bundle) -> str:
    assert isinstance(packet, Message)
    return f"{packet.address} {' '.join(map(str, packet.args))}".rstrip()


def told(events: Sequence[Event]) -> list[str]:
    """What a client that wants everything reads of these events."""
    return [line(decode(encode(each.message))) for event in events for each in tell(event, SCORE, NIGHT)]


def expected(until: int) -> list[Event]:
    return [event for event in replayed_events(SCORE, EMPTY, NIGHT_OUT.log, Frame(END + 1)) if event.frame <= until]


class Stage:
    """What control and engine would write, for the pacer to read."""

    def __init__(self, path: Path, lights: Target = LIGHTS, video: Target = VIDEO) -> None:
        self.directory = RuntimeDirectory(path)
        show = msgspec.structs.replace(SHOW, targets=(lights, video))
        write_show(self.directory, SCORE.hash, encode_show(show))
        create_boards(self.directory, EMPTY, NIGHT)
        self._plan = plan_writer(self.directory)
        self._clients = clients_writer(self.directory)
        self._clock = ClockWriter(self.directory.clock)
        self._ringer = Ringer(self.directory.bell("pacer"))

    def close(self) -> None:
        self._ringer.close()

    def listen(self, *clients: Client) -> None:
        self._clients.write(Clients(clients))
        self._ringer.ring()

    def commit(self, plan: Plan) -> None:
        self._plan.write(plan)
        self._ringer.ring()

    def remember(self, night: Night) -> None:
        night_writer(self.directory).write(night)
        self._ringer.ring()

    def stand_at(self, frame: int) -> ClockRecord:
        """`frame` sounds now, and the next one in a second."""
        now = HostNs(time.perf_counter_ns())
        clock = ClockRecord(1, 1, Frame(frame), now, 1.0, 128, Frame(frame + 256), 0, 0.0, 0)
        self._clock.write(clock)
        self._ringer.ring()
        return clock

    def steps(self, since: int = 0, until: int = END) -> Iterator[int]:
        """Stands half a beat further each time, committing each version a little before it speaks."""
        commits = dict(zip((line.head for line in NIGHT_OUT.log), NIGHT_OUT.plans[1:], strict=True))
        for frame in range(since + OFF_THE_BEAT, until + 1, OFF_THE_BEAT):
            for head in [head for head in commits if frame - OFF_THE_BEAT < head + MARGIN <= frame]:
                self.stand_at(head - MARGIN)
                self.commit(commits[head])
            self.stand_at(frame)
            yield frame

    @contextmanager
    def pacer(self) -> Iterator[subprocess.Popen[bytes]]:
        with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as udp:
            udp.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            command = [sys.executable, "-m", "showctl.pacer", str(self.directory.path), "--fd", str(udp.fileno())]
            pipe = subprocess.PIPE
            with subprocess.Popen(command, stdin=pipe, stderr=pipe, pass_fds=[udp.fileno()]) as process:
                try:
                    yield process
                finally:
                    process.kill()


OpenStage = Callable[..., Stage]


@pytest.fixture
def open_stage(tmp_path: Path) -> Iterator[OpenStage]:
    with ExitStack() as stack:
        yield lambda *targets: stack.enter_context(closing(Stage(tmp_path, *targets)))


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    yield from _receiver("127.0.0.1")


@pytest.fixture
def another() -> Iterator[Receiver]:
    yield from _receiver("127.0.0.1")


@pytest.fixture
def by_ipv6() -> Iterator[Receiver]:
    yield from _receiver("::1")


def _receiver(host: str) -> Iterator[Receiver]:
    receiver = Receiver(host)
    yield receiver
    receiver.socket.close()


def hear(receiver: Receiver, since: int, until: int) -> list[str]:
    """As many messages as there should be of frames after `since` up to `until`."""
    return receiver.lines(len(told([event for event in expected(until) if event.frame > since])))


def test_everybody_hears_the_whole_night_in_order_and_the_pacer_ends_with_its_supervisor(
    open_stage: OpenStage, receiver: Receiver, by_ipv6: Receiver
) -> None:
    stage = open_stage()
    stage.listen(receiver.client(), by_ipv6.client(frozenset({"beat"})))
    heard: list[str] = []
    with stage.pacer() as pacer:
        for frame in stage.steps():
            heard += hear(receiver, frame - OFF_THE_BEAT, frame)
        beats = [line for line in heard if line.startswith("/beat")]
        assert by_ipv6.lines(len(beats)) == beats
        _, errors = pacer.communicate(timeout=PATIENCE_SECONDS)
    assert heard == told(expected(END))
    assert (pacer.returncode, errors, receiver.is_silent(), by_ipv6.is_silent()) == (0, b"", True, True)


def test_a_killed_pacer_s_successor_goes_on_where_it_was(
    open_stage: OpenStage, receiver: Receiver, another: Receiver
) -> None:
    stage = open_stage()
    stage.listen(receiver.client(), another.client(frozenset({"position"})))
    heard: list[str] = []
    middle = 2 * BAR
    with stage.pacer() as first:
        for frame in stage.steps(until=middle):
            heard += hear(receiver, frame - OFF_THE_BEAT, frame)
        # Whoever hears a position knows that all before it was sent, and noted as sent.
        stage.stand_at(middle + POSITION + 1)
        last = position(SCORE, NIGHT_OUT.plans[2], NIGHT, Frame(middle + POSITION)).message
        while another.packet() != decode(encode(last)):
            pass
        first.send_signal(signal.SIGKILL)
        first.wait()
    with stage.pacer():
        for frame in stage.steps(since=middle):
            heard += hear(receiver, frame - OFF_THE_BEAT, frame)
    assert heard == told(expected(END))
    assert receiver.is_silent()


def test_targets_get_their_cues(open_stage: OpenStage, receiver: Receiver, another: Receiver) -> None:
    lights = msgspec.structs.replace(LIGHTS, port=receiver.port, feed=())
    stage = open_stage(lights, msgspec.structs.replace(VIDEO, port=another.port))
    with stage.pacer():
        for frame in stage.steps():
            if frame == CUES_END:
                assert another.lines(1) == ["/composition/columns/3/connect 1"]
        assert receiver.lines(2) == ["/eos/cue/1/12/fire", "/eos/cue/2/0.5/fire"]


def test_the_night_says_which_targets_are_told_and_which_cues_go_out(
    open_stage: OpenStage, receiver: Receiver, another: Receiver
) -> None:
    stage = open_stage(
        msgspec.structs.replace(LIGHTS, port=receiver.port, feed=("section",)),
        msgspec.structs.replace(VIDEO, port=another.port, feed=("section",), latency_ms=0.0),
    )
    column = SHOW.songs["opener"].cues[1]
    tonight = msgspec.structs.replace(NIGHT, targets_off=frozenset({"lights"}), cues_held=True)
    with stage.pacer():
        stage.stand_at(1)
        stage.remember(tonight)
        stage.stand_at(2)
        stage.remember(msgspec.structs.replace(tonight, fired=(CueFire(Frame(3), 1, column),)))
        stage.stand_at(POSITION)
        assert another.lines(1) == ["/composition/columns/3/connect 1"]  # by hand, though cues are held
        for frame in stage.steps(until=CUES_END):
            events = [event for event in expected(frame) if event.frame > frame - OFF_THE_BEAT]
            feed = [each for event in events for each in tell(event, SCORE, NIGHT) if each.topic == "section"]
            assert another.lines(len(feed)) == [line(decode(encode(each.message))) for each in feed]
        assert (receiver.is_silent(), another.is_silent()) == (True, True)


def test_a_bundle_carries_the_moment_at_which_it_sounds(open_stage: OpenStage, receiver: Receiver) -> None:
    stage = open_stage()
    stage.listen(receiver.client(frozenset({"beat"}), "timetag"))
    stage.commit(NIGHT_OUT.plans[-1])
    with stage.pacer():
        clock = stage.stand_at(2 * BAR + OFF_THE_BEAT)
        bundle = receiver.packet()
    assert isinstance(bundle, Bundle)
    (beat,) = [event for event in expected(END) if told([event])[:1] == [line(element) for element in bundle.elements]]
    sounds_ns = time.time_ns() + host_ns_at(beat.frame, clock) - time.perf_counter_ns()
    assert abs(unix_ns_from_timetag(bundle.timetag) - sounds_ns) < 100_000_000


def test_an_unreachable_client_and_one_that_is_gone_cost_the_others_nothing(
    open_stage: OpenStage, receiver: Receiver, another: Receiver
) -> None:
    stage = open_stage()
    nobody, nowhere = Client("no-such-host.invalid", 9000, EVERYTHING), Client("127.0.0.1", 0, EVERYTHING)
    stage.listen(nobody, nowhere, another.client(expires=HostNs(time.perf_counter_ns())), receiver.client())
    with stage.pacer() as pacer:
        for frame in stage.steps(until=BAR):
            hear(receiver, frame - OFF_THE_BEAT, frame)
        pacer.terminate()
        assert pacer.wait(timeout=PATIENCE_SECONDS) == 0
    assert another.is_silent()
    journal = [json.loads(row) for row in (stage.directory.path / "journal").read_text().splitlines()]
    assert [(row["what"], row["to"]) for row in journal if "what" in row] == [
        ("/section", 1),  # to the lights, which get their feed earlier
        *((line.split()[0], 1) for line in told(expected(BAR))),
    ]
    troubles = {row["trouble"].split(": ")[0] for row in journal if "trouble" in row}
    assert troubles == {"no-such-host.invalid:9000", "127.0.0.1:0"}


@pytest.mark.parametrize("go", [False, True])
def test_who_listens_is_taken_in_when_nothing_is_due_at_once(
    open_stage: OpenStage, receiver: Receiver, another: Receiver, monkeypatch: pytest.MonkeyPatch, go: bool
) -> None:
    """The 5 ms before a beat are too short, also where a GO is remembered."""
    now = HostNs(0)
    monkeypatch.setattr("showctl.pacer.process.host_ns", lambda: now)
    stage, beats = open_stage(), frozenset({"beat"})
    stage.commit(NIGHT_OUT.plans[2])
    clock = ClockRecord(1, 1, Frame(2 * BAR + 760), now, float(RATE), 128, Frame(2 * BAR + 1_000), 0, 0.0, 0)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        pacer = Pacer(stage.directory, [udp])
        stage.listen(another.client(beats))
        pacer._step(clock)
        stage.listen(another.client(beats), receiver.client(beats))
        if go:
            stage.remember(msgspec.structs.replace(NIGHT, last_go=Frame(0)))
        for milliseconds in (0, 6, 6, 6 + BEAT * 1000 // RATE):
            now = HostNs(milliseconds * 10**6)
            pacer._step(clock)
    assert [line.split()[1:3] for line in another.lines(6)[4:]] == [["1", "1"], ["1", "2"]]
    assert [line.split()[1:3] for line in receiver.lines(1)] == [["1", "2"]]


def test_without_a_service_it_ends_with_one_sentence(tmp_path: Path) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        command = [sys.executable, "-m", "showctl.pacer", str(tmp_path), "--fd", str(udp.fileno())]
        done = subprocess.run(command, pass_fds=[udp.fileno()], capture_output=True, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (1, 1)
    assert b"is the service running?" in done.stderr

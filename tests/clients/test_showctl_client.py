"""The Python client: against a socket that the test holds, and against the running service."""

from __future__ import annotations

import ast
import builtins
import logging
import socket
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from functools import partial
from itertools import cycle, pairwise, takewhile
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
import showctl_client
import trio
from pythonosc.osc_message_builder import build_msg
from showctl_client import Client, Heard, NoAnswer, Refused, Service, connect, discover, opened

from showctl.discovery.advertise import advertised
from showctl.discovery.services import OSC_UDP, Advertised, osc_udp
from showctl.model.show import Access
from showctl.osc.codec import Arg, Bundle, Message, decode, encode, encode_bundle
from showctl.osc.timetag import timetag_from_unix_ns
from tests.clients.serving import HOST, serving
from tests.rig import Rig, running_service
from tests.test_service import SHOW

PATIENCE_SECONDS = 20


class Host:
    """A service's socket, in the hands of the test."""

    def __init__(self) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, 0))
        self.socket.settimeout(PATIENCE_SECONDS)
        self.port: int = self.socket.getsockname()[1]
        self._client: tuple[str, int] | None = None

    def hear(self) -> tuple[object, ...]:
        packet, self._client = self.socket.recvfrom(65536)
        message = decode(packet)
        assert isinstance(message, Message)
        return (message.address, *message.args)

    def tell(self, address: str, *args: Arg) -> None:
        self.tell_bytes(encode(Message(address, args)))

    def tell_bytes(self, packet: bytes) -> None:
        assert self._client, "nobody has said a word"
        self.socket.sendto(packet, self._client)


@pytest.fixture
def host() -> Iterator[Host]:
    host = Host()
    with closing(host.socket):
        yield host


@pytest.fixture
def client(host: Host) -> Iterator[Client]:
    with Client(HOST, host.port) as client:
        yield client


@pytest.fixture
def subscribed(host: Host, client: Client) -> Client:
    client.subscribe("beat")
    host.hear()
    return client


@pytest.fixture
def elsewhere() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def until(client: Client, address: str) -> list[tuple[object, ...]]:
    """What is heard before the message with this address."""
    heard = takewhile(lambda each: each.address != address, client.messages(PATIENCE_SECONDS))
    return [(each.address, *each.args) for each in heard]


# ── what is told ──


def test_it_subscribes_with_the_words_it_is_given_and_takes_its_leave(host: Host) -> None:
    with Client(HOST, host.port) as client:
        client.subscribe("beat", "timetag")
    assert [host.hear(), host.hear()] == [("/subscribe", "beat", "timetag"), ("/unsubscribe",)]


def test_messages_come_in_order_as_they_arrive(host: Host, subscribed: Client) -> None:
    host.tell("/section", "Chorus", 3, 8)
    host.tell("/beat", 17, 1, 4, 120.0, 2, 4)
    host.tell("/pong")
    assert until(subscribed, "/pong") == [("/section", "Chorus", 3, 8), ("/beat", 17, 1, 4, 120.0, 2, 4)]


def test_a_plain_message_sounds_as_it_arrives() -> None:
    before = time.time()
    (heard,) = opened(build_msg("/beat", [1, 1]).dgram)
    assert before <= heard.at <= time.time()


@pytest.mark.parametrize("at", [1_800_000_000.25, 2_100_000_000.5])  # 2_085_978_496 begins NTP's second era
def test_a_bundle_is_given_with_the_time_at_which_it_sounds(at: float) -> None:
    messages = Message("/section", ("Chorus", 3, 8)), Message("/beat", (17, 1))
    packet = encode_bundle(Bundle(timetag_from_unix_ns(round(at * 1e9)), messages))
    assert list(opened(packet)) == [Heard("/section", ("Chorus", 3, 8), at), Heard("/beat", (17, 1), at)]


def test_a_bundle_without_a_time_sounds_as_it_arrives() -> None:
    before = time.time()
    (heard,) = opened(encode_bundle(Bundle(1, (Message("/beat", (1, 1)),))))
    assert before <= heard.at <= time.time()


@pytest.mark.parametrize(
    "packet",
    [
        b"",
        b"\0",
        b"/beat",
        b"/beat\0\0\0,iiii\0\0\0",
        b"#bundle\0",
        b"#bundle\0" + bytes(7) + b"\1" + b"\xff\xff\xff\xfc",
        b"/\xff\0\0",
    ],
)
def test_what_is_no_osc_is_passed_over(host: Host, subscribed: Client, packet: bytes) -> None:
    host.tell_bytes(packet)
    host.tell("/pong")
    assert until(subscribed, "/pong") == []


def test_zero_seconds_are_for_what_is_there_already(host: Host, subscribed: Client) -> None:
    assert list(subscribed.messages(0)) == []
    host.tell("/beat", 1, 1)
    assert [each.address for each in subscribed.messages(0)] == ["/beat"]


# ── renewing ──


def test_the_subscription_is_renewed_while_messages_are_read(
    host: Host, subscribed: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.tell("/transport", "armed")
    list(subscribed.messages(0))
    monkeypatch.setattr(showctl_client, "RENEW_SECONDS", 0)
    list(subscribed.messages(0))
    assert host.hear() == ("/subscribe", "beat")


def test_a_renewal_brings_news_alone(host: Host, subscribed: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    host.tell("/transport", "playing")
    host.tell("/synced", 1)
    assert [each.address for each in subscribed.messages(0)] == ["/transport", "/synced"]
    with monkeypatch.context() as patch:
        patch.setattr(showctl_client, "RENEW_SECONDS", 0)
        list(subscribed.messages(0))
    for address, *args in (
        ("/transport", "playing"), ("/cue", "Flash", "lights"), ("/cue", "Flash", "lights"), ("/section", "Solo"),
        ("/synced", 1), ("/transport", "playing"), ("/pong",),
    ):  # fmt: skip
        host.tell(str(address), *args)
    assert until(subscribed, "/pong") == [
        ("/cue", "Flash", "lights"), ("/cue", "Flash", "lights"), ("/section", "Solo"), ("/transport", "playing")
    ]  # fmt: skip


def test_to_subscribe_anew_brings_the_whole_state(host: Host, subscribed: Client) -> None:
    host.tell("/transport", "armed")
    assert [each.address for each in subscribed.messages(0)] == ["/transport"]
    subscribed.subscribe("transport")
    host.tell("/transport", "armed")
    assert [each.address for each in subscribed.messages(0)] == ["/transport"]


def test_it_says_that_nobody_answers_and_asks_again(
    host: Host, subscribed: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(showctl_client, "RETRY_SECONDS", 0)
    list(subscribed.messages(0))
    assert host.hear() == ("/subscribe", "beat")
    assert caplog.record_tuples[0] == (
        "showctl_client", logging.WARNING, f"no answer from 127.0.0.1:{host.port}: is showctl running there?"
    )  # fmt: skip


# ── commands ──


def commanding(pool: ThreadPoolExecutor, client: Client, address: str, *args: Arg) -> Future[None]:
    return pool.submit(partial(client.command, address, *args))  # type: ignore[arg-type]


def test_a_command_is_repeated_under_its_id_until_it_is_acknowledged(
    host: Host, client: Client, elsewhere: ThreadPoolExecutor
) -> None:
    done = commanding(elsewhere, client, "/song/select", "closer")
    first, again = host.hear(), host.hear()
    assert (first[0], *first[2:]) == ("/cmd", "/song/select", "closer")
    assert again == first
    host.tell("/ack", "another id", "ok", "ok")
    host.tell("/ack", str(first[1]), "duplicate", "ok")
    assert done.result(PATIENCE_SECONDS) is None


def test_each_command_has_an_id_of_its_own(host: Host, client: Client, elsewhere: ThreadPoolExecutor) -> None:
    ids = set[str]()
    for _ in range(2):
        done = commanding(elsewhere, client, "/go")
        _, command_id, *_ = host.hear()
        host.tell("/ack", str(command_id), "ok", "ok")
        done.result(PATIENCE_SECONDS)
        ids.add(str(command_id))
    assert len(ids) == 2


@pytest.mark.parametrize("answer", ["error", "duplicate"])
def test_a_refusal_is_raised_with_its_reason(
    host: Host, client: Client, elsewhere: ThreadPoolExecutor, answer: str
) -> None:
    done = commanding(elsewhere, client, "/go")
    _, command_id, *_ = host.hear()
    host.tell("/ack", str(command_id), answer, "nothing is armed")
    with pytest.raises(Refused, match=r"^nothing is armed$"):
        done.result(PATIENCE_SECONDS)


def test_who_may_do_nothing_is_told_so(host: Host, client: Client, elsewhere: ThreadPoolExecutor) -> None:
    done = commanding(elsewhere, client, "/go")
    host.hear()
    host.tell("/error", "/cmd", "127.0.0.1 may do nothing here")
    with pytest.raises(Refused, match=r"^127.0.0.1 may do nothing here$"):
        done.result(PATIENCE_SECONDS)


def test_nobody_there_is_a_sentence(client: Client, host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(showctl_client, "PATIENCE_SECONDS", 0.25)
    monkeypatch.setattr(showctl_client, "REPEAT_SECONDS", 0.1)
    sentence = f"no answer from 127.0.0.1:{host.port} to /go in 0.25 s: is showctl running there?"
    with pytest.raises(NoAnswer) as raised:
        client.command("/go")
    assert str(raised.value) == sentence


def test_what_is_told_while_a_command_waits_is_kept(
    host: Host, subscribed: Client, elsewhere: ThreadPoolExecutor
) -> None:
    done = commanding(elsewhere, subscribed, "/go")
    _, command_id, *_ = host.hear()
    host.tell("/transport", "countin")
    host.tell("/ack", str(command_id), "ok", "ok")
    done.result(PATIENCE_SECONDS)
    host.tell("/pong")
    assert until(subscribed, "/pong") == [("/transport", "countin")]


# ── finding the service ──


def found(monkeypatch: pytest.MonkeyPatch, *services: Service) -> None:
    monkeypatch.setattr(showctl_client, "discover", lambda: list(services))


def test_without_an_address_it_takes_the_service_on_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, Service("Rooftop", "127.0.0.9", 8123))
    with connect() as client:
        assert client.name == "127.0.0.9:8123"


def test_of_several_services_it_takes_none_and_lists_them(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch, Service("Rooftop", "127.0.0.9", 8123), Service("Backup", "127.0.0.10", 8000))
    listed = "127.0.0.9:8123 (Rooftop), 127.0.0.10:8000 (Backup)"
    with pytest.raises(ValueError, match=r"^expected the address of one of these services: ") as raised:
        connect()
    assert str(raised.value).endswith(listed)


def test_where_none_is_found_it_asks_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    found(monkeypatch)
    with connect() as client:
        assert client.name == "127.0.0.1:8000"


def test_it_does_without_zeroconf(monkeypatch: pytest.MonkeyPatch) -> None:
    imported = builtins.__import__

    def missing(name: str, *args: object) -> ModuleType:
        if name == "zeroconf":
            raise ModuleNotFoundError(name)
        return imported(name, *args)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", missing)
    with connect() as client:
        assert client.name == "127.0.0.1:8000"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("127.0.0.1", "127.0.0.1:8000"),
        ("127.0.0.1:9", "127.0.0.1:9"),
        ("[::1]:9", "::1:9"),
        ("localhost:9", "localhost:9"),
    ],
)
def test_an_address_is_a_host_and_maybe_a_port(address: str, name: str) -> None:
    with connect(address) as client:
        assert client.name == name


def test_a_name_with_addresses_of_both_kinds_is_spoken_to_by_ipv4(monkeypatch: pytest.MonkeyPatch, host: Host) -> None:
    resolve = socket.getaddrinfo
    both = [*resolve("::1", host.port, type=socket.SOCK_DGRAM), *resolve(HOST, host.port, type=socket.SOCK_DGRAM)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: both)
    with connect(f"stage:{host.port}") as client:
        client.send("/ping")
        assert host.hear() == ("/ping",)


@pytest.mark.parametrize("address", ["127.0.0.1:http", "127.0.0.1:70000", ":8000", "no such host:1"])
def test_an_address_that_is_none_is_a_sentence(address: str) -> None:
    with pytest.raises(ValueError, match=r"^expected HOST:PORT of a computer that is there, got '"):
        connect(address)


async def test_discovery_tells_showctl_from_other_osc_programs(tmp_path: Path) -> None:
    name, other = f"Rooftop {tmp_path.name}", f"Synth {tmp_path.name}"
    async with advertised(name, [osc_udp(8123)]), advertised(other, [Advertised(OSC_UDP, 8124)]):
        services: list[Service] = []
        with trio.fail_after(PATIENCE_SECONDS):  # to be seen takes two seconds
            while name not in {service.name for service in services}:
                services = await trio.to_thread.run_sync(discover, 2.5)
    assert [service.port for service in services if service.name in {name, other}] == [8123]


def test_it_imports_nothing_of_showctl() -> None:
    tree = ast.parse(Path(showctl_client.__file__).read_text())
    imported = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert not {name for name in imported if name.split(".")[0] == "showctl"}


# ── against the running service ──


async def test_it_hears_the_whole_state_and_commands_are_done(tmp_path: Path) -> None:
    def tablet(port: int) -> list[tuple[object, ...]]:
        with Client(HOST, port) as show:
            show.subscribe("transport", "song")
            state = until(show, "/synced")
            show.command("/song/select", "two")
            with pytest.raises(Refused, match=r"^there is no such address: did you mean /go\?$"):
                show.command("/goo")
            return state

    async with running_service(tmp_path, SHOW) as rig:
        state = await trio.to_thread.run_sync(tablet, rig.address[1])
        assert ("/transport", "stopped") in state
        assert [line.edit.by.split(" ")[0] for line in rig.committer.log] == ["/song/select"]


async def test_the_passcode_opens_the_door(tmp_path: Path) -> None:
    def tablet(port: int) -> None:
        with Client(HOST, port) as show:
            with pytest.raises(Refused, match=r"^a passcode is asked for: send it with /hello$"):
                show.command("/song/select", 2)
            with pytest.raises(Refused, match=r"^the passcode is wrong$"):
                show.hello("tune out")
            show.hello("tune in")
            show.command("/song/select", 2)

    access = Access(control=("127.0.0.0/8",), passcode="tune in")
    async with running_service(tmp_path, msgspec.structs.replace(SHOW, access=access)) as rig:
        await trio.to_thread.run_sync(tablet, rig.address[1])
        assert len(rig.committer.log) == 1


async def _lossy(rig: Rig, udp: trio.socket.SocketType) -> None:
    """A network between client and service: every third packet is lost, every fourth comes twice."""
    client: tuple[str, int] | None = None
    fates = cycle((1, 2, 0, 1, 1, 0, 2, 1, 0, 1, 2, 0))
    while True:
        packet, sender = await udp.recvfrom(65536)
        client = client if sender == rig.address else sender
        assert client
        for _ in range(next(fates)):
            await udp.sendto(packet, client if sender == rig.address else rig.address)


async def test_over_a_bad_network_each_command_is_done_once(
    tmp_path: Path, nursery: trio.Nursery, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(showctl_client, "REPEAT_SECONDS", 0.02)

    def tablet(port: int) -> None:
        with Client(HOST, port) as show:
            for _ in range(20):
                show.command("/bus/drums/click/mute/toggle")

    with trio.socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        await udp.bind((HOST, 0))
        async with running_service(tmp_path, SHOW) as rig:
            nursery.start_soon(_lossy, rig, udp)
            await trio.to_thread.run_sync(tablet, udp.getsockname()[1])
            assert len(rig.committer.log) == 20
            nursery.cancel_scope.cancel()


def test_with_timetags_each_beat_is_known_before_its_click_sounds(tmp_path: Path) -> None:
    with serving(tmp_path) as service, Client(HOST, service.port) as show:
        show.subscribe("beat", "timetag")
        show.command("/song/select", "tune")
        show.command("/go")
        beats: dict[str, float] = {}
        for address, args, at in show.messages(PATIENCE_SECONDS):
            if address == "/beat" and args[0] >= 1:
                assert at > time.time()
                beats[f"{args[0]}.{args[1]}"] = at
            if len(beats) == 16:
                break
        assert beats == pytest.approx(service.clicks(range(1, 5)), abs=0.005)
        assert [later - earlier for earlier, later in pairwise(beats.values())] == pytest.approx([0.25] * 15, abs=0.005)

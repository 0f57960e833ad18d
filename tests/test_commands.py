"""Commands over real UDP: roles, passcodes, ids that are done once over a bad network, and the ledger."""

from __future__ import annotations

import json
import random
import time
from pathlib import Path

import msgspec
import pytest
import trio

from showctl.conductor import desk
from showctl.model.show import Access, Show
from showctl.model.units import Frame
from showctl.osc.codec import Arg, Bundle, Message, encode, encode_bundle
from showctl.osc.timetag import timetag_from_unix_ns
from showctl.shared.host import host_ns
from tests.rig import Tablet, calling, running_service
from tests.test_service import BAR, SHOW

HERE = ("127.0.0.0/8",)


def show_with(**access: object) -> Show:
    return msgspec.structs.replace(SHOW, access=Access(**access))  # type: ignore[arg-type]


# ── roles ──


async def test_who_may_only_look_hears_everything_and_changes_nothing(tmp_path: Path) -> None:
    async with running_service(tmp_path, show_with(control=(), view=HERE)) as rig:
        tablet = await rig.tablet("transport")
        for address, args in (("/song/select", (1,)), ("/bus/drums/click/db", (-3.0,)), ("/panic", ())):
            await tablet.send(address, *args)
            assert await tablet.hear() == (
                "/error", address, "127.0.0.1 may only look: [access] in show.toml says who may do what"
            )  # fmt: skip
        assert rig.committer.log == []


async def test_who_may_mix_one_bus_may_not_touch_another(tmp_path: Path) -> None:
    async with running_service(tmp_path, show_with(control=(), mix={"drums": HERE})) as rig:
        tablet = await rig.tablet()
        await tablet.send("/bus/drums/click/db", -3.0)
        await tablet.send("/bus/*/stems/db", -3.0)
        reason = "127.0.0.1 may only mix drums: [access] in show.toml says who may do what"
        assert await tablet.hear() == ("/error", "/bus/*/stems/db", reason)
        assert [line.edit.by.split(" ")[0] for line in rig.committer.log] == ["/bus/drums/click/db"]


async def test_strangers_hear_why_and_are_told_nothing(tmp_path: Path) -> None:
    async with running_service(tmp_path, show_with(control=("192.168.1.0/24",))) as rig:
        tablet = await rig.tablet()
        await tablet.send("/subscribe")
        reason = "127.0.0.1 may do nothing here: [access] in show.toml says who may do what"
        assert await tablet.hear() == ("/error", "/subscribe", reason)
        assert rig.service.subscribers.all == ()


async def test_a_passcode_opens_the_door_for_the_one_who_says_it(tmp_path: Path) -> None:
    async with running_service(tmp_path, show_with(control=HERE, passcode="tune in")) as rig:
        tablet, other = await rig.tablet(), await rig.tablet()
        await tablet.send("/song/select", 2)
        assert await tablet.hear() == ("/error", "/song/select", "a passcode is asked for: send it with /hello")
        await tablet.send("/hello", "tune out")
        assert await tablet.hear() == ("/error", "/hello", "the passcode is wrong")
        await tablet.send("/hello", "tune in")
        assert await tablet.hear() == ("/welcome", "control")
        await tablet.send("/song/select", 2)
        assert await tablet.settle() == []
        await other.send("/song/select", 1)
        assert (await other.hear())[0] == "/error"


async def test_who_signed_in_stays_so_when_control_is_replaced(tmp_path: Path) -> None:
    show = show_with(control=HERE, passcode="tune in")
    async with running_service(tmp_path, show) as rig:
        tablet = await rig.tablet()
        await tablet.send("/hello", "tune in")
        assert await tablet.hear() == ("/welcome", "control")
        await rig.replace_control()
        await tablet.send("/song/select", 2)
        assert await tablet.settle() == []
        assert rig.service.access.rights(("127.0.0.1", tablet.port)).role == "control"


async def test_a_stranger_with_an_id_is_acknowledged_too_and_not_remembered(tmp_path: Path) -> None:
    async with running_service(tmp_path, show_with(control=("192.168.1.0/24",))) as rig:
        tablet = await rig.tablet()
        reason = "127.0.0.1 may do nothing here: [access] in show.toml says who may do what"
        for _ in range(2):
            await tablet.send("/cmd", "a1", "/song/select", 1)
            assert await tablet.hear() == ("/ack", "a1", "error", reason)
        assert rig.service.once.known(("127.0.0.1", tablet.port), "a1", host_ns()) is None


# ── once ──


async def test_a_command_with_an_id_is_done_once_and_acknowledged_each_time(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        answers = []
        for _ in range(3):
            await tablet.send("/cmd", "a1", "/bus/drums/click/mute/toggle")
            answers.append(await tablet.hear())
        assert answers == [("/ack", "a1", "ok", "ok"), *[("/ack", "a1", "duplicate", "ok")] * 2]
        assert len(rig.committer.log) == 1


async def test_a_refused_one_is_acknowledged_with_the_reason_and_no_error_beside_it(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        reason = "nothing is armed: /song/select a song first"
        await tablet.send("/cmd", "a1", "/go")
        await tablet.send("/cmd", "a1", "/go")
        await tablet.send("/cmd", "a2", "/goo")
        assert await tablet.settle() == [
            ("/ack", "a1", "error", reason),
            ("/ack", "a1", "duplicate", reason),
            ("/ack", "a2", "error", "there is no such address: did you mean /go?"),
        ]


async def test_a_subscription_can_be_made_sure_of_too(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/cmd", "a1", "/subscribe", "transport")
        heard = await tablet.hear_until("/synced")
        assert ("/ack", "a1", "ok", "ok") in heard


async def test_what_is_no_command_is_an_error(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/cmd", "a1")
        reason = "expected an id, an address and its arguments, all in one message"
        assert await tablet.hear() == ("/error", "/cmd", reason)


async def test_a_bundle_of_commands_is_done_whole_and_once(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        mute = Message("/cmd", ("a1", "/bus/drums/click/mute/toggle"))
        dim = Message("/cmd", ("a2", "/bus/drums/dim/toggle"))
        late = Message("/cmd", ("a3", "/bus/drums/mono/toggle"))
        await tablet.send_bytes(encode_bundle(Bundle(1, (mute, dim))))
        assert [await tablet.hear() for _ in "12"] == [("/ack", "a1", "ok", "ok"), ("/ack", "a2", "ok", "ok")]
        await tablet.send_bytes(encode_bundle(Bundle(1, (dim, late))))
        assert await tablet.settle() == [
            ("/ack", "a2", "duplicate", "ok"),
            ("/ack", "a3", "error", "other commands of its bundle were done before"),
        ]
        assert len(rig.committer.log) == 1


# ── whole or not at all ──

DRUMS_MONO = Message("/bus/drums/mono", (True,))


def bundled(*messages: Message) -> bytes:
    return encode_bundle(Bundle(1, messages))


NOT_TAKEN = "the sound engine did not take it: look at /health, and send it again"


@pytest.mark.parametrize(
    ("refused", "error"),
    [
        (Message("/go"), ("/error", "/go", "nothing is armed: /song/select a song first")),
        (Message("/hello", ("tune out",)), ("/error", "/hello", "the passcode is wrong")),
        (Message("/subscribe", ("beet",)), ("/error", "/subscribe")),
        (DRUMS_MONO, ("/error", "/subscribe", NOT_TAKEN)),
    ],
)
async def test_of_a_refused_bundle_nothing_is_done(tmp_path: Path, refused: Message, error: tuple[object, ...]) -> None:
    """Nor is anybody subscribed, let in or answered, even where the engine refuses what had been decided."""
    asked = Message("/subscribe", ("mix",)), Message("/hello", ("tune in",)), Message("/ping")
    async with running_service(tmp_path, show_with(control=HERE, passcode="tune in")) as rig:
        tablet, guest = await rig.tablet(), await rig.tablet()
        await tablet.send("/hello", "tune in")
        assert await tablet.hear() == ("/welcome", "control")
        rig.service.access.forget(("127.0.0.1", guest.port))
        rig.committer.refuse_next = ["lease"]
        await tablet.send_bytes(bundled(*asked, refused, Message("/mix/save", ("late",)), DRUMS_MONO))
        assert (await tablet.hear())[: len(error)] == error
        assert await tablet.settle() == []
        assert rig.service.subscribers.all == ()
        assert rig.service.conductor.mixes.named == {}
        assert rig.committer.log == []


async def test_what_a_bundle_asks_for_itself_is_done_with_its_commands(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send_bytes(bundled(Message("/subscribe", ("mix",)), DRUMS_MONO, Message("/ping", (7,))))
        heard = await tablet.hear_until("/synced")
        assert heard[0] == ("/pong", 7)
        assert ("/bus/drums/mono", 1) in heard


async def test_a_connection_that_ends_before_its_bundle_is_done_leaves_nobody_behind(tmp_path: Path) -> None:
    async with running_service(tmp_path, show_with(control=HERE, passcode="tune in")) as rig:
        async with calling(rig) as caller:
            await caller.send("/hello", "tune in")
            assert await caller.hear() == ("/welcome", "control")
            rig.committer.busy = []
            packet = bundled(Message("/subscribe"), Message("/hello", ("tune in",)), DRUMS_MONO)
            await caller.ends.send_all(caller.framing.framed(packet))
            while not rig.committer.busy:
                await trio.lowlevel.checkpoint()
        while rig.service.tcp.connections:
            await trio.lowlevel.checkpoint()
        rig.committer.catch_up()
        await (await rig.tablet()).settle()
        assert rig.service.conductor.plan.mixes[-1].mix.bus("drums").mono
        assert rig.service.subscribers.all == ()
        assert not rig.service.access.signed_in


async def test_a_stop_that_is_refused_lets_go_of_nothing(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/song/select", 1)
        await tablet.send("/cmd", "go", "/go")
        assert await tablet.hear() == ("/ack", "go", "ok", "ok")
        rig.committer.move_to(Frame(BAR))
        await tablet.send("/lock", True)
        await tablet.send_bytes(encode_bundle(Bundle(_in_seconds(30), (Message("/cmd", ("a1", "/song/select", 2)),))))
        await tablet.send("/stop")
        heard = await tablet.settle()
        assert [message[:2] for message in heard] == [("/error", "/stop")]


async def test_one_that_is_held_and_then_let_go_is_acknowledged_as_such(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        command = encode_bundle(Bundle(_in_seconds(30), (Message("/cmd", ("a1", "/song/select", 2)),)))
        await tablet.send_bytes(command)
        await tablet.send_bytes(command)
        assert await tablet.settle() == []
        await tablet.send("/panic")
        reason = "it was let go before its time: the show was stopped"
        assert await tablet.settle() == [("/ack", "a1", "error", reason)]


def _in_seconds(seconds: float) -> int:
    return timetag_from_unix_ns(time.time_ns() + round(seconds * 1e9))


class BadNetwork:
    """Between a client and the service: loses three of ten packets each way, doubles and delays others."""

    def __init__(self, tablet: Tablet, seed: int) -> None:
        self._tablet = tablet
        self._chance = random.Random(seed)
        self._delayed: list[bytes] = []

    async def send(self, packet: bytes) -> None:
        copies = [packet] * self._chance.choices((0, 1, 2), (3, 5, 2))[0]
        self._delayed += copies
        self._chance.shuffle(self._delayed)
        while self._delayed and self._chance.random() < 0.7:
            await self._tablet.send_bytes(self._delayed.pop())

    async def hear(self) -> tuple[object, ...]:
        while True:
            heard = await self._tablet.hear()
            if self._chance.random() >= 0.3:
                return heard


@pytest.mark.parametrize("seed", range(4))
async def test_over_a_bad_network_each_command_is_done_exactly_once(tmp_path: Path, seed: int) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        network = BadNetwork(await rig.tablet(), seed)
        for number in range(40):
            await _until_acknowledged(network, f"a{number}", "/bus/drums/click/mute/toggle")
        assert len(rig.committer.log) == 40
        assert rig.service.conductor.plan.mixes[-1].mix.bus("drums").muted == frozenset()


async def _until_acknowledged(network: BadNetwork, command_id: str, address: str, *args: Arg) -> None:
    """What a client does: repeat until the acknowledgement comes."""
    packet = encode(Message("/cmd", (command_id, address, *args)))
    for _ in range(100):
        await network.send(packet)
        with trio.move_on_after(0.02):
            while True:
                heard = await network.hear()
                if heard[:2] == ("/ack", command_id):
                    assert heard[2:] in {("ok", "ok"), ("duplicate", "ok")}
                    return
    pytest.fail(f"{command_id} was never acknowledged")


async def test_what_was_done_stays_done_when_control_is_replaced(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/cmd", "a1", "/bus/drums/click/mute/toggle")
        assert await tablet.hear() == ("/ack", "a1", "ok", "ok")
        await rig.replace_control()
        await tablet.send("/cmd", "a1", "/bus/drums/click/mute/toggle")
        assert await tablet.hear() == ("/ack", "a1", "duplicate", "ok")
        assert len(rig.committer.log) == 1


# ── the ledger ──


async def test_every_command_is_in_the_ledger_with_its_sender(tmp_path: Path) -> None:
    async with running_service(tmp_path, show_with(control=HERE, passcode="tune in")) as rig:
        tablet = await rig.tablet()
        for address, *args in (
            ("/go",),
            ("/hello", "tune in"),
            ("/song/select", 2),
            *(("/bus/drums/click/db", -float(level)) for level in range(5)),
            ("/cmd", "a1", "/goo"),
            ("/helo", "secret"),
            ("/cmd", "", "/hello", "secret"),
            ("/ping",),
        ):
            await tablet.send(str(address), *args)
        await tablet.hear_until("/pong")
        await rig.service.conductor.perform(rig.service.surface.bind(Message("/mute/all", (0,))))  # after all of them
        sender = f"127.0.0.1:{tablet.port}"
    rows = [json.loads(line) for line in (tmp_path / "night.commands.log").read_text().splitlines()]
    assert {row.pop("from") for row in rows} == {sender}
    assert all(row.pop("at").endswith("+00:00") for row in rows)
    asked = "a passcode is asked for: send it with /hello"
    assert {row["address"]: row for row in rows if row["address"] != "/bus/drums/click/db"} == {
        "/go": {"address": "/go", "refused": asked},
        "/hello": {"address": "/hello"},
        "/song/select": {"address": "/song/select", "args": [2]},
        "/goo": {"address": "/goo", "refused": "there is no such address: did you mean /go?"},
        "/helo": {"address": "/helo", "refused": "there is no such address: did you mean /hello?"},
        "/cmd": {"address": "/cmd", "refused": "expected an id, an address and its arguments, all in one message"},
    }
    levels = [row for row in rows if row["address"] == "/bus/drums/click/db"]
    assert (sum(row.get("times", 1) for row in levels), levels[-1]["args"]) == (5, [-4.0])
    assert "tune in" not in (tmp_path / "night.commands.log").read_text()

    assert "secret" not in (tmp_path / "night.commands.log").read_text()


# ── what must not happen ──


async def test_a_command_in_any_script_is_acknowledged(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/song/select", 1)
        await tablet.send("/cmd", "漢" * 64, "/section/jump", "漢" * 120)
        heard = await tablet.hear()
        assert (heard[0], heard[2]) == ("/ack", "error")
        assert str(heard[3]).isascii()


async def test_a_command_with_an_id_is_no_echo(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet, other = await rig.tablet("mix"), await rig.tablet()
        for on in (1, 0):
            await other.send("/mute/all", on)
            assert (await tablet.hear_until("/mute/all"))[-1] == ("/mute/all", on)
        await tablet.send("/cmd", "a1", "/mute/all", 1)
        assert ("/ack", "a1", "ok", "ok") in await tablet.hear_until("/ack")
        assert rig.service.conductor.plan.mixes[-1].mix.mute_all


async def test_a_slow_engine_does_a_command_once(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        rig.committer.busy = []
        await tablet.send("/cmd", "a1", "/mute/all/toggle")
        while len(rig.committer.busy) < 2:  # control has asked again
            await tablet.settle()
        rig.committer.catch_up()
        assert await tablet.hear_until("/ack") == [("/ack", "a1", "ok", "ok")]
        assert [line.edit.by.split(" ")[0] for line in rig.committer.log] == ["/mute/all/toggle"]
        assert rig.service.conductor.plan.mixes[-1].mix.mute_all


async def test_who_unsubscribes_leaves_nothing_behind(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        for _ in range(3):
            tablet = await rig.tablet("mix")
            await tablet.send("/unsubscribe")
            await tablet.settle()
        assert rig.service.outlet.known._of == {}


async def test_a_song_chosen_to_follow_itself_follows_once(tmp_path: Path) -> None:
    """Also when the plan has long forgotten that it began again."""
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()

        async def do(frame: int, address: str, *args: Arg) -> None:
            rig.committer.move_to(Frame(frame))
            done = len(rig.committer.log)
            await tablet.send(address, *args)
            while len(rig.committer.log) == done:
                await tablet.settle()

        await do(0, "/countin", 0)
        await do(0, "/song/select", 1)
        await do(0, "/go")
        rig.committer.move_to(Frame(BAR))
        await tablet.send("/cmd", "again", "/song/jump", 1)  # it is in no hurry to end: its vamp has to be let go
        assert (await tablet.hear_until("/ack"))[-1] == ("/ack", "again", "ok", "ok")
        assert rig.service.conductor.view().night.next_up
        await do(5 * BAR, "/vamp/exit", "bar")
        rig.committer.move_to(Frame(20 * BAR))  # begun again, and in its vamp
        assert rig.service.conductor.view().night.next_up is None
        await do(80 * BAR, "/bus/drums/click/db", -3.0)
        assert rig.service.conductor.view().night.next_up is None


async def test_as_many_levels_go_into_one_edit_as_it_has_room_for_the_ids_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "MAX_BY_CHARACTERS", 1000)
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        rig.committer.busy = []
        await tablet.send("/song/select", 1)
        for packet in range(8):
            ids = (Message("/cmd", (f"{packet} {n}", "/bus/drums/click/db", -packet - n / 100)) for n in range(30))
            await tablet.send_bytes(encode_bundle(Bundle(1, tuple(ids))))
        await tablet.settle()
        rig.committer.catch_up()
        acks = [await tablet.hear() for _ in range(8 * 30)]
        assert acks == [("/ack", f"{packet} {n}", "ok", "ok") for packet in range(8) for n in range(30)]
        lengths = [len(line.edit.by) for line in rig.committer.log[1:]]
        assert len(lengths) > 1
        assert max(lengths) < 2000

"""Prefix, writing, static clients: how each client is spoken to, over real UDP."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import trio

from showctl.engine.helper import meters_writer
from showctl.model.show import Client, Ports, Show
from showctl.model.units import HostNs
from showctl.osc.codec import Message
from showctl.osc.subscribers import Subscribers
from showctl.osc.surface import Surface
from showctl.shared.boards import clients_reader, clients_writer
from showctl.shared.clients import DEFAULT_TOPICS, Clients
from showctl.shared.clients import Client as Told
from showctl.shared.rundir import RuntimeDirectory
from tests.discovery.advertising import Tablet as Advertised
from tests.rig import Tablet, running_service
from tests.test_feedback import heard_by
from tests.test_service import SHOW

FOH = msgspec.structs.replace(SHOW, ports=Ports(prefix="foh"))
ONLY_FOH = msgspec.structs.replace(SHOW, ports=Ports(prefix="foh", bare=False))


def titled(title: str, show: Show = SHOW) -> Show:
    song = msgspec.structs.replace(show.songs["one"], title=title)
    return msgspec.structs.replace(show, songs={**show.songs, "one": song})


async def hear_all(tablet: Tablet, *wanted: tuple[object, ...]) -> list[tuple[object, ...]]:
    """All messages until each of the wanted ones was among them."""
    heard = [await tablet.hear()]
    while not set(wanted) <= set(heard):
        heard.append(await tablet.hear())
    return heard


# ── prefix ──


async def test_every_address_is_heard_under_the_prefix_too(tmp_path: Path) -> None:
    async with running_service(tmp_path, FOH) as rig:
        tablet = await rig.tablet("mix", "transport")
        await tablet.send("/foh/talkback", True)
        await tablet.send("/foh/bus/*/mono", True)
        await tablet.send("/lock", True)
        assert await heard_by(tablet) == []  # it knows what it said, however it was addressed
        mix = rig.service.conductor.plan.mixes[-1].mix
        assert (mix.talkback, mix.bus("house").mono, mix.bus("drums").mono) == (True, True, True)
        assert rig.service.conductor.view().night.locked


async def test_a_client_with_the_flag_hears_all_under_the_prefix_and_the_others_nothing(tmp_path: Path) -> None:
    async with running_service(tmp_path, FOH) as rig:
        sender, plain = await rig.tablet(), await rig.tablet("mix")
        prefixed = await Tablet(rig.address).open()
        rig.tablets.append(prefixed)
        await prefixed.send("/subscribe", "mix", "song", "prefix")
        state = await prefixed.hear_until("/foh/synced")
        assert all(str(message[0]).startswith("/foh/") for message in state)
        await sender.send("/talkback", True)
        assert (await plain.hear_until("/talkback"))[-1] == ("/talkback", 1)
        assert (await prefixed.hear_until("/foh/talkback"))[-1] == ("/foh/talkback", 1)
        await prefixed.send("/foh/sing")
        assert await prefixed.hear() == ("/foh/error", "/foh/sing", "there is no such address: did you mean /foh/ping?")


async def test_without_bare_addresses_only_the_prefix_is_heard_and_said(tmp_path: Path) -> None:
    async with running_service(tmp_path, ONLY_FOH) as rig:
        tablet = await rig.tablet()
        await tablet.send("/go")
        assert await tablet.hear() == ("/foh/error", "/go", "there is no such address: did you mean /foh/go?")
        await tablet.send("/foh/ping", 1)
        assert await tablet.hear() == ("/foh/pong", 1)
        await tablet.send("/foh/subscribe", "mix")
        heard = await tablet.hear_until("/foh/synced")
        assert all(str(message[0]).startswith("/foh/") for message in heard)
        await rig.service.fade_out()  # control's own commands need no prefix


async def test_a_command_with_an_id_may_be_under_the_prefix_inside_and_out(tmp_path: Path) -> None:
    async with running_service(tmp_path, ONLY_FOH) as rig:
        tablet = await rig.tablet()
        for again in ("ok", "duplicate"):
            await tablet.send("/foh/cmd", "a", "/foh/talkback/toggle")
            assert await tablet.hear() == ("/foh/ack", "a", again, "ok")
        await tablet.send("/cmd", "b", "/foh/talkback/toggle")
        assert (await tablet.hear())[:2] == ("/foh/error", "/cmd")
        assert len(rig.committer.log) == 1


@pytest.mark.parametrize("pattern", ["/foh/bus/*/mono", "/*/bus/*/mono", "//mono", "/bus/{house,drums}/mono"])
def test_a_pattern_means_each_state_once_with_prefix_or_without(pattern: str) -> None:
    bound = Surface(FOH).bind(Message(pattern, (True,)))
    assert sorted(each.address for each in bound) == ["/bus/drums/mono", "/bus/house/mono"]


# ── writing ──


async def test_text_is_utf8_for_who_wants_it_and_ascii_for_all_others(tmp_path: Path) -> None:
    async with running_service(tmp_path, titled("Öl")) as rig:
        plain, rich = await rig.tablet("song", "text"), await rig.tablet("song", "text", "utf8")
        await plain.send("/song/select", 1)
        for tablet, title in ((plain, "Ol"), (rich, "Öl")):
            heard = await hear_all(tablet, ("/text/song", title), ("/setlist/1", title, "one", "", 24.0, "current"))
            assert {message[1] for message in heard if message[0] in {"/setlist/1", "/text/song"}} <= {title, ""}
        for tablet, name in ((plain, "Fanf"), (rich, "Fünf")):
            await tablet.send("/song/select", "Fünf")
            error = (await tablet.hear_until("/error"))[-1]
            assert str(error[2]).startswith(f'no song is called "{name if tablet is rich else "Funf"}"')


async def test_labels_follow_at_most_ten_times_a_second_and_only_when_they_change(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet("text")
        await tablet.send("/song/select", 1)
        labels = {"song": "One", "next_song": "Two", "section": "Intro", "next_section": "Solo", "left": "0:24",
                  "set_left": "0:48", "barbeat": "1.1", "status": "armed"}  # fmt: skip
        heard = await hear_all(tablet, *((f"/text/{name}", text) for name, text in labels.items()))
        assert all(message[0] in {"/text/clock", *(f"/text/{name}" for name in labels)} for message in heard)
        await tablet.hear_until("/text/clock")
        later = await tablet.hear_until("/text/clock")
        assert [message[0] for message in later] == ["/text/clock"]  # a second later, nothing else has changed


async def test_meters_are_told_on_request_only(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        meters_writer(RuntimeDirectory(tmp_path), SHOW.outputs).write((1.0, 0.0, 0.5, 0.5))
        everything, asking = await rig.tablet("all"), await rig.tablet("meter")
        assert (await asking.hear_until("/meter/drums"))[-2:] == [
            ("/meter/house", 0.0, -90.0),
            ("/meter/drums", pytest.approx(-6.0206, abs=1e-4), pytest.approx(-6.0206, abs=1e-4)),
        ]
        assert [message for message in await everything.settle() if "/meter" in str(message[0])] == []


# ── clients of the show file ──


@pytest.fixture
def ear() -> Iterator[socket.socket]:
    """Where a listed client listens, before there is a service."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as ear:
        ear.bind(("127.0.0.1", 0))
        ear.setblocking(False)
        yield ear


def with_client(ear: socket.socket, *feed: str, show: Show = SHOW) -> Show:
    return msgspec.structs.replace(show, clients=(Client("ipad", "127.0.0.1", ear.getsockname()[1], feed),))


async def test_a_listed_client_is_told_everything_without_subscribing(tmp_path: Path, ear: socket.socket) -> None:
    async with running_service(tmp_path, with_client(ear, "mix", "utf8", "prefix", show=FOH)) as rig:
        tablet, mixed = Tablet(rig.address, ear), rig.service.surface.states.items()
        heard = await tablet.hear_until("/foh/synced")
        wanted = {f"/foh{address}" for address, place in mixed if place.method.topic == "mix"}
        assert {message[0] for message in heard[:-1]} == wanted
        stranger = await rig.tablet()
        await stranger.send("/talkback", True)
        assert await tablet.hear() == ("/foh/talkback", 1)
        board = clients_reader(RuntimeDirectory(tmp_path)).read()
        assert board
        assert [(client.port, client.flags, client.expires) for client in board.clients] == [
            (tablet.port, frozenset({"utf8", "prefix"}), None)
        ]


async def test_a_listed_client_hears_no_echo_of_itself_and_the_true_value_of_what_was_clamped(
    tmp_path: Path, ear: socket.socket
) -> None:
    async with running_service(tmp_path, with_client(ear, "mix")) as rig:
        tablet = Tablet(rig.address, ear)
        await tablet.hear_until("/synced")
        await trio.sleep(0.35)  # the state that it was told is no longer news to it
        await heard_by(tablet)
        await tablet.send("/bus/drums/click/db", -20.0)
        assert [message[0] for message in await heard_by(tablet)] == ["/bus/drums/click/fader"]
        await tablet.send("/bus/drums/click/db", 99.0)
        assert ("/bus/drums/click/db", 10.0) in await heard_by(tablet)


async def test_a_listed_client_that_wants_it_hears_the_state_each_second(tmp_path: Path, ear: socket.socket) -> None:
    async with running_service(tmp_path, with_client(ear, "transport", "refresh")) as rig:
        tablet = Tablet(rig.address, ear)
        for _ in range(2):
            assert ("/lock", 0) in await tablet.hear_until("/synced")


async def test_a_tablet_that_advertises_itself_is_told_wherever_it_is_and_no_address_is_typed(
    tmp_path: Path, ear: socket.socket
) -> None:
    mark = uuid.uuid4().hex[:8]
    show = msgspec.structs.replace(SHOW, clients=(Client("ipad", f"iPad {mark}", 0, ("mix",)),))
    async with running_service(tmp_path, show, zeroconf=True) as rig:
        first, second = await rig.tablet(), Tablet(rig.address, ear)
        touch_osc = Advertised(f"Anna iPad {mark} (TouchOSC)", "127.0.0.1", first.port)
        assert (await first.hear_until("/synced", patience=20))[-1][1] > 10  # type: ignore[operator]
        touch_osc.move("127.0.0.1", second.port)
        await second.hear_until("/synced", patience=20)
        await rig.service.conductor.perform(rig.service.surface.bind(Message("/talkback", (True,))))
        assert await second.hear() == ("/talkback", 1)
        assert ("/talkback", 1) not in await heard_by(first)
        await trio.to_thread.run_sync(touch_osc.leave)


HERE, THERE = ("10.0.0.5", 9000), ("10.0.0.5", 51234)


@pytest.fixture
def subscribers(tmp_path: Path) -> Subscribers:
    return Subscribers(clients_writer(RuntimeDirectory(tmp_path)), Clients())


def ipad(host: str = "10.0.0.5", port: int = 9000, name: str = "ipad") -> Told:
    return Told(host, port, DEFAULT_TOPICS, name=name)


def test_a_tablet_may_speak_from_another_port_than_it_listens_on(subscribers: Subscribers) -> None:
    assert subscribers.place(ipad())
    assert (subscribers.client_of(THERE), subscribers.reply_to(THERE)) == (ipad(), HERE)
    assert subscribers.reply_to(("10.0.0.6", 51234)) == ("10.0.0.6", 51234)


def test_two_of_one_host_and_any_of_this_machine_are_told_apart_by_their_ports_alone(subscribers: Subscribers) -> None:
    subscribers.place(ipad())
    subscribers.place(ipad(port=9001, name="phone"))
    subscribers.place(ipad("127.0.0.1", 9002, "editor"))
    assert subscribers.client_of(THERE) is None
    assert subscribers.client_of(("10.0.0.5", 9001)) == ipad(port=9001, name="phone")
    assert subscribers.client_of(("127.0.0.1", 51234)) is None


def test_one_that_comes_back_elsewhere_is_told_there_alone(subscribers: Subscribers) -> None:
    subscribers.place(ipad())
    assert not subscribers.place(ipad())
    assert subscribers.place(ipad("10.0.0.9"))
    assert [client.address for client in subscribers.all] == [("10.0.0.9", 9000)]


def test_a_subscription_of_its_own_holds_while_it_lasts(subscribers: Subscribers) -> None:
    now = HostNs(10**9)
    subscribers.place(ipad())
    subscribers.subscribe(HERE, subscribers.wished(HERE, ("beat",), now))
    assert [client.topics for client in subscribers.all] == [frozenset({"beat"})]
    assert subscribers.drop_expired(HostNs(now + 31 * 10**9))
    assert subscribers.all == (ipad(),)


def test_a_control_after_this_one_knows_it_and_forgets_what_the_show_no_longer_lists(
    subscribers: Subscribers, tmp_path: Path
) -> None:
    subscribers.place(ipad())
    directory = RuntimeDirectory(tmp_path)
    later = Subscribers(clients_writer(directory), clients_reader(directory).read() or Clients())
    assert later.all == (ipad(),)
    later.keep_listed(())
    assert len(later.all) == 0

"""OSCQuery's WebSocket: LISTEN, IGNORE and OSC both ways, spoken by a client that none of our code is in."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import msgspec
import pytest

from showctl.model.plan import entry_of
from showctl.model.show import Access, Show
from showctl.osc.codec import Message, encode
from showctl.web.tree import tree
from tests.test_service import SHOW
from tests.web.serving import HERE, Site, site

LEVEL = "/bus/drums/click/db"
MUTE = "/bus/drums/click/mute"


async def test_who_listens_is_told_the_value_and_each_change_until_it_ignores_it(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        tablet = await there.rig.tablet("mix")
        await browser.command("LISTEN", LEVEL)
        assert await browser.hear() == (LEVEL, "f", 0.0)
        await tablet.send(LEVEL, -7.0)
        assert await browser.hear() == (LEVEL, "f", -7.0)
        await browser.command("IGNORE", LEVEL)
        assert await browser.settle() == []
        await tablet.send(LEVEL, -8.0)
        await tablet.hear_until("/bus/drums/click/fader")
        assert await browser.settle() == []


async def test_to_listen_to_a_path_is_not_to_listen_to_what_is_below_or_to_all(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        tablet = await there.rig.tablet("mix")
        for path in ("/bus/drums/click", MUTE, "/go", "/nowhere"):
            await browser.command("LISTEN", path)
        assert await browser.settle() == [(MUTE, "F", False)]
        await tablet.send(LEVEL, -7.0)
        await tablet.hear_until("/bus/drums/click/fader")
        assert await browser.settle() == []


async def test_a_switch_is_true_or_false_as_the_tree_says(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        tablet = await there.rig.tablet("mix")
        await browser.command("LISTEN", MUTE)
        assert await browser.hear() == (MUTE, "F", False)
        await tablet.send(f"{MUTE}/toggle")
        assert await browser.hear() == (MUTE, "T", True)
        assert (MUTE, 1) in await tablet.hear_until(MUTE)  # to a desk it is a number


async def test_osc_packets_are_obeyed_and_their_sender_hears_no_loop(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as one, there.browser() as other:
        for browser in (one, other):
            await browser.command("LISTEN", LEVEL)
            await browser.command("LISTEN", "/bus/drums/click/fader")
            await browser.settle()
        await one.send(LEVEL, -10.0)
        assert await other.hear() == (LEVEL, "f", -10.0)
        assert await other.hear() == ("/bus/drums/click/fader", "f", 0.5)
        assert await one.hear() == ("/bus/drums/click/fader", "f", 0.5)
        await one.send(LEVEL, 40.0)
        assert await one.hear() == (LEVEL, "f", 10.0)  # as it was clamped


async def test_a_button_is_pressed_and_the_log_knows_by_whom(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        await browser.send("/song/select", 2)
        assert await browser.settle() == []
        while not there.rig.committer.log:
            await browser.settle()
        assert entry_of(there.rig.service.conductor.view().span) == 2
        assert there.rig.committer.log[0].edit.by.startswith("/song/select from 127.0.0.1:")


async def test_what_cannot_be_done_is_answered_over_the_same_connection(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        await browser.send("/goo")
        assert await browser.hear() == ("/error", "ss", "/goo", "there is no such address: did you mean /go?")
        await browser.connection.send_message(b"#bundle\0" + bytes(7) + b"\1" + b"\xff\xff\xff\xfc")
        assert (await browser.hear())[0] == "/error"
        assert await browser.settle() == []


@pytest.mark.parametrize(
    "text",
    [
        "", "LISTEN", "[]", "null", "{}", '{"COMMAND":"LISTEN"}', '{"COMMAND":"LISTEN","DATA":{"a":1}}',
        '{"COMMAND":"DANCE","DATA":"/go"}', '{"COMMAND":"LISTEN","DATA":"' + "/a" * 20000 + '"}',
        '{"COMMAND":"IGNORE","DATA":"/never/listened"}', '{"a":' + "[" * 30000, "\ud83d",
    ],
)  # fmt: skip
async def test_what_nobody_understands_is_passed_over(tmp_path: Path, text: str) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        await browser.connection.send_message(text.encode("utf-8", "replace").decode())
        assert await browser.settle() == []


async def test_a_subscriber_over_the_websocket_is_told_its_topics(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        await browser.send("/subscribe", "mix", "transport")
        whole = [await browser.hear()]
        while whole[-1][0] != "/synced":
            whole.append(await browser.hear())
        assert ("/transport", "s", "stopped") in whole
        assert (LEVEL, "f", 0.0) in whole
        tablet = await there.rig.tablet()
        await tablet.send(LEVEL, -7.0)
        assert await browser.hear() == (LEVEL, "f", -7.0)
        await pacer_tells(there, Message("/transport", ("armed",)))
        heard = [await browser.hear(), await browser.hear()]
        assert ("/transport", "s", "armed") in heard
        await browser.send("/unsubscribe")
        assert await browser.settle() == []
        assert there.rig.service.subscribers.all == ()


async def pacer_tells(there: Site, message: Message) -> None:
    """To all that are on the board, from the service's socket, as the pacer sends."""
    for client in there.rig.service.subscribers.all:
        there.rig.sockets.udp[0].sendto(encode(message), client.address)


async def test_beats_come_from_the_pacer_which_is_told_of_those_who_listen_and_to_what(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as one, there.browser() as other:
        await one.command("LISTEN", "/beat")
        assert await one.settle() == []  # there was none yet
        (client,) = there.rig.service.subscribers.all
        assert (client.host, client.topics, client.listens) == (HERE, frozenset[str](), frozenset({"/beat"}))
        await pacer_tells(there, Message("/beat", (1, 2, 4, 120.0, 0, 4)))
        assert await one.hear() == ("/beat", "iiifii", 1, 2, 4, 120.0, 0, 4)
        assert await other.settle() == []
        await one.command("IGNORE", "/beat")
        await one.settle()
        assert there.rig.service.subscribers.all == ()


async def test_nobody_but_the_service_can_speak_into_that_ear(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        await browser.command("LISTEN", "/beat")
        await browser.settle()
        (ear,) = there.rig.service.subscribers.all
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stranger:
            stranger.sendto(encode(Message("/beat", (9, 9, 9, 9.0, 9, 9))), ear.address)
        await pacer_tells(there, Message("/beat", (1, 2, 4, 120.0, 0, 4)))
        assert (await browser.hear())[2] == 1


async def test_who_leaves_is_forgotten(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        subscribers = there.rig.service.subscribers
        async with there.browser() as browser:
            await browser.command("LISTEN", "/beat")
            await browser.settle()
            assert len(subscribers.all) == 1
        async with there.browser() as other:
            while subscribers.all:
                await other.settle()
            assert there.web.listening.silent == 1


async def test_a_subscription_and_what_is_listened_to_go_together(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        await browser.command("LISTEN", "/beat")
        await browser.send("/subscribe", "section")
        await browser.settle()
        (client,) = there.rig.service.subscribers.all
        assert (client.topics, client.listens) == (frozenset({"section"}), frozenset({"/beat"}))
        await browser.command("IGNORE", "/beat")
        await browser.settle()
        (client,) = there.rig.service.subscribers.all
        assert (client.topics, client.listens) == (frozenset({"section"}), frozenset[str]())


async def test_the_whole_state_is_what_a_client_listens_to(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        await browser.command("LISTEN", LEVEL)
        await browser.settle()
        await browser.send("/sync")
        assert [await browser.hear(), await browser.hear()] == [(LEVEL, "f", 0.0), ("/synced", "i", 1)]


async def test_a_page_from_elsewhere_is_refused(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        assert await handshake(there, Origin="http://evil.example") == 403
        async with there.browser((b"Origin", f"http://{HERE}:{there.port}".encode())) as browser:
            assert await browser.settle() == []


async def test_a_name_that_may_be_somebody_else_s_is_refused(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        assert await handshake(there, Host="evil.example", Origin="http://evil.example") == 403


async def handshake(there: Site, **headers: str) -> int:
    """The status that answers one that is refused."""
    upgrade = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    return (await there.http.get("/", headers={**upgrade, **key, **headers})).status_code


async def test_a_stranger_is_refused(tmp_path: Path) -> None:
    async with site(tmp_path, allowing(control=("192.168.1.0/24",))) as there:
        assert await handshake(there) == 403


async def test_who_may_only_look_may_listen_and_not_touch(tmp_path: Path) -> None:
    async with site(tmp_path, allowing(control=(), view=("127.0.0.0/8",))) as there, there.browser() as browser:
        await browser.command("LISTEN", LEVEL)
        assert await browser.hear() == (LEVEL, "f", 0.0)
        await browser.send(LEVEL, -3.0)
        assert (await browser.hear())[:3] == ("/error", "ss", LEVEL)
        assert there.rig.committer.log == []


def allowing(**access: tuple[str, ...]) -> Show:
    return msgspec.structs.replace(SHOW, access=Access(**access))  # type: ignore[arg-type]


async def test_another_show_is_told_and_who_listened_to_what_was_renamed_goes_on(tmp_path: Path) -> None:
    house, drums = SHOW.buses
    kit = msgspec.structs.replace(SHOW, buses=(house, msgspec.structs.replace(drums, slug="kit", name="Kit")))
    async with site(tmp_path, SHOW) as there, there.browser() as browser:
        for path in (LEVEL, "/bus/house/master/db"):
            await browser.command("LISTEN", path)
        await browser.settle()
        there.web.listening.adopt(tree(kit))
        assert [json.loads(await browser.connection.get_message()) for _ in range(3)] == [
            {"COMMAND": "PATH_RENAMED", "DATA": {"OLD": "/bus/drums", "NEW": "/bus/kit"}},
            {"COMMAND": "PATH_RENAMED", "DATA": {"OLD": "/meter/drums", "NEW": "/meter/kit"}},
            {"COMMAND": "PATH_CHANGED", "DATA": "/"},
        ]
        (client,) = there.rig.service.subscribers.all
        assert client.listens == {"/bus/kit/click/db", "/bus/house/master/db"}

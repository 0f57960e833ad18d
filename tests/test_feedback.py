"""The rules of feedback, over real UDP: one state for each control, heard by all, echoed by none."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import trio

from showctl.model.show import Access, Target
from showctl.osc.codec import Arg, Bundle, Message, encode_bundle
from showctl.osc.methods import METHODS
from showctl.osc.subscribers import ECHO_SECONDS, REST_SECONDS
from showctl.osc.turn import Turn
from showctl.service import feedback
from showctl.service.control import TICK_SECONDS
from showctl.shared.clients import LEASE_SECONDS
from tests.hand_clock import HandClock, clock
from tests.layouts.shows import BIG
from tests.rig import Rig, Tablet, running_service
from tests.test_service import SHOW as SONGS

__all__ = ["clock"]

SHOW = msgspec.structs.replace(SONGS, targets=(Target("lights", "Lights", "osc", "127.0.0.1", 1, latency_ms=15.0),))

LARGE = msgspec.structs.replace(BIG, access=Access())

Heard = list[tuple[object, ...]]

DB, FADER = "/bus/drums/click/db", "/bus/drums/click/fader"

NEW_VALUES: dict[str, Arg] = {
    "/db": -20.0,
    "/fader": 0.25,
    "/click/subdivision": 3,
    "/click/sound": "beep",
    "/click/rate": 2.0,
    "/tempo": 100.0,
    "/latency": 30.0,
    "/enabled": False,
}
"""By the end of the address; everything else is a switch that was off."""


def new_value(address: str) -> Arg:
    return next((value for end, value in NEW_VALUES.items() if address.endswith(end)), True)


async def heard_by(tablet: Tablet) -> Heard:
    """What has come for it by now: the engine's answer, and then control's, need some turns of the loop."""
    heard: Heard = []
    for _ in range(3):
        heard += await tablet.settle()
        await trio.sleep(0.01)
    return heard


@pytest.mark.usefixtures("clock")
async def test_every_state_is_told_to_all_others_and_its_sender_hears_its_other_forms_alone(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, other, stranger = (
            await rig.tablet("mix", "transport"),
            await rig.tablet("mix", "transport"),
            await rig.tablet(),
        )
        for address in rig.service.surface.states:
            await sender.send(address, new_value(address))
            to_sender, to_other = await heard_by(sender), await heard_by(other)
            assert shows(to_other, address, new_value(address))
            assert len({message[0] for message in to_other}) == len(to_other)
            assert to_sender == [message for message in to_other if message[0] != address]
        assert await stranger.settle() == []


def shows(heard: Heard, address: str, value: Arg) -> bool:
    wanted = value if isinstance(value, str) else pytest.approx(float(value))  # type: ignore[arg-type]
    return [message[1:] for message in heard if message[0] == address] == [(wanted,)]


@pytest.mark.usefixtures("clock")
async def test_a_toggle_is_told_to_its_sender_too(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, other = await rig.tablet("mix", "transport"), await rig.tablet("mix", "transport")
        toggles = [address for address in rig.service.surface.places if address.endswith("/toggle")]
        for address in toggles:
            await sender.send(address)
            state = address.removesuffix("/toggle")
            assert [message[0] for message in await heard_by(sender)] == [state], address
            assert [message[0] for message in await heard_by(other)] == [state], address


@pytest.mark.usefixtures("clock")
@pytest.mark.parametrize(
    ("address", "value", "true", "error"),
    [
        (DB, 40.0, 10.0, False),
        (FADER, -3.0, 0.0, False),
        ("/target/lights/latency", 1e6, 5000.0, False),
        (DB, float("nan"), 0.0, True),
        (DB, "loud", 0.0, True),
        ("/click/subdivision", 9, 1, True),
        ("/click/sound", "gong", "woodblock", True),
        ("/tempo", 5.0, 120.0, True),
    ],
)
async def test_what_is_clamped_or_refused_is_set_right_at_its_sender(
    tmp_path: Path, address: str, value: Arg, true: Arg, error: bool
) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender = await rig.tablet("mix")
        await sender.send(address, value)
        heard = await heard_by(sender)
        assert (address, true) in heard
        assert [message[1] for message in heard if message[0] == "/error"] == [address] * error


@pytest.mark.usefixtures("clock")
async def test_a_bundle_that_is_refused_is_set_right_as_a_whole(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender = await rig.tablet("mix")
        bundle = Bundle(1, (Message(DB, (-20.0,)), Message("/talkback", (1,)), Message("/nowhere")))
        await sender.send_bytes(encode_bundle(bundle))
        assert [message[0] for message in await heard_by(sender)] == ["/error", DB, "/talkback"]


# ── echoes ──


async def moved(sender: Tablet, echoing: Tablet, *levels: float) -> None:
    """Moves a level, and lets the other hear each."""
    for level in levels:
        await sender.send(DB, level)
        await echoing.hear_until(FADER)


def level(rig: Rig) -> float:
    return rig.service.conductor.plan.mixes[-1].mix.bus("drums").levels_db["click"]


async def test_what_a_client_was_told_a_moment_ago_is_not_obeyed(tmp_path: Path, clock: HandClock) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, echoing = await rig.tablet("mix"), await rig.tablet("mix")
        await moved(sender, echoing, -20.0, -30.0)
        clock.pass_seconds(ECHO_SECONDS - 0.01)
        await echoing.send(DB, -30.0)
        await echoing.send(DB, -20.0)  # a fader that comes behind says what it was told before that
        assert await heard_by(echoing) == [(DB, -30.0)]  # and is told again where it should stand
        assert level(rig) == -30.0


async def test_after_that_it_is_meant(tmp_path: Path, clock: HandClock) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, other = await rig.tablet("mix"), await rig.tablet("mix")
        await moved(sender, other, -20.0, -30.0)
        clock.pass_seconds(ECHO_SECONDS)
        await other.send(DB, -20.0)
        await heard_by(other)
        assert level(rig) == -20.0


async def test_who_has_moved_its_own_control_is_obeyed_wherever_it_goes(tmp_path: Path, clock: HandClock) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, other = await rig.tablet("mix"), await rig.tablet("mix")
        await moved(sender, other, -20.0)
        await other.send(DB, -25.0)
        await other.send(DB, -20.0)
        await heard_by(other)
        assert level(rig) == -20.0
        assert clock() == clock()  # no time has passed


@pytest.mark.usefixtures("clock")
async def test_a_fader_in_motion_is_not_pulled_back_to_where_it_was(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, other = await rig.tablet("mix"), await rig.tablet("mix")
        for value in (0.5, 0.25, 0.75):  # sooner than the first is done
            await sender.send(FADER, value)
        assert {message[0] for message in await heard_by(sender)} == {DB}
        assert (FADER, 0.75) in await heard_by(other)


# ── the other controls of one client ──


async def test_a_client_that_mirrors_is_told_what_it_set_once_that_rests(tmp_path: Path, clock: HandClock) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, plain = await rig.tablet("mix", "mirror"), await rig.tablet("mix")
        await plain.send("/talkback", 1)
        assert await sender.hear() == ("/talkback", 1)
        for address, value in ((FADER, 0.5), ("/click/sound", "beep"), ("/bus/drums/mono", 1)):
            await sender.send(address, value)
        heard = await heard_by(sender)
        clock.pass_seconds(REST_SECONDS - 0.01)
        await sender.send(FADER, 0.25)
        await ticked()
        heard += await heard_by(sender)
        assert {message[0] for message in heard} == {DB}  # while it moves, its other form alone
        clock.pass_seconds(0.01)
        assert await sender.hear_until("/bus/drums/mono") == [("/click/sound", "beep"), ("/bus/drums/mono", 1)]
        clock.pass_seconds(REST_SECONDS)
        assert await sender.hear() == (FADER, 0.25)
        clock.pass_seconds(2 * REST_SECONDS)
        await ticked()
        assert await heard_by(sender) == []
        assert "/talkback" not in {message[0] for message in await heard_by(plain)}


async def test_where_somebody_else_put_it_back_meanwhile_is_told_at_rest(tmp_path: Path, clock: HandClock) -> None:
    """Also to a place that the finger has passed."""
    async with running_service(tmp_path, SHOW) as rig:
        sender, other = await rig.tablet("mix"), await rig.tablet("mix")
        for value in (0.5, 0.25, 0.75):
            await sender.send(FADER, value)
        while (FADER, 0.75) not in await heard_by(other):
            pass
        clock.pass_seconds(ECHO_SECONDS)
        await other.send(FADER, 0.5)
        heard = await heard_by(sender)
        clock.pass_seconds(REST_SECONDS)
        await ticked()
        heard += await heard_by(sender)
        assert [message for message in heard if message[0] == FADER] == [(FADER, 0.5)]


async def test_who_echoes_late_is_not_answered_for_ever(tmp_path: Path, clock: HandClock) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, echoing = await rig.tablet("mix"), await rig.tablet("mix", "mirror")
        await moved(sender, echoing, -20.0)
        clock.pass_seconds(ECHO_SECONDS)
        await echoing.send(DB, -20.0)
        await heard_by(echoing)
        clock.pass_seconds(REST_SECONDS)
        await ticked()
        assert await heard_by(echoing) == []


async def test_what_somebody_else_has_set_meanwhile_is_told_once(tmp_path: Path, clock: HandClock) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, other = await rig.tablet("mix", "mirror"), await rig.tablet("mix", "mirror")
        await moved(sender, other, -20.0)
        await other.send(DB, -30.0)
        assert (DB, -30.0) in await heard_by(sender)
        await heard_by(other)
        clock.pass_seconds(REST_SECONDS)
        assert await other.hear() == (DB, -30.0)
        assert await heard_by(sender) == []


async def ticked() -> None:
    """Once control has looked at its clock again, and found nothing to do."""
    await trio.sleep(2 * TICK_SECONDS)


# ── much at once ──


async def states_of(tablet: Tablet, count: int) -> dict[object, object]:
    """So many messages, as they come: by their addresses."""
    heard = [await tablet.hear() for _ in range(count)]
    return {message[0]: message[1] for message in heard}


async def test_a_change_of_many_states_reaches_a_client_whole(tmp_path: Path) -> None:
    """They would not fit into the buffer of its socket."""
    async with running_service(tmp_path, LARGE) as rig:
        stranger, client = await rig.tablet(), await rig.tablet("mix")
        levels = [address for address in rig.service.surface.states if address.endswith(("/db", "/fader"))]
        assert len(levels) > 900
        await stranger.send("/bus/*/*/db", -20.0)
        heard = await states_of(client, len(levels))
        assert heard.keys() == set(levels)
        assert {value for address, value in heard.items() if str(address).endswith("/db")} == {-20.0}


async def test_who_has_set_many_states_that_are_refused_is_sent_the_whole_state(tmp_path: Path) -> None:
    async with running_service(tmp_path, LARGE) as rig:
        client = await rig.tablet("mix")
        await client.send("/bus/*/*/db", "loud")
        assert (await client.hear())[:2] == ("/error", "/bus/*/*/db")
        heard = {message[0] for message in await client.hear_until("/synced")}
        assert {address for address in rig.service.surface.states if address.endswith("/db")} <= heard


# ── the whole state ──


async def test_a_level_that_moves_while_the_state_is_sent_ends_where_it_stands(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, coming = await rig.tablet(), await rig.tablet()
        states = [address for address in rig.service.surface.states if address.endswith("/db")]
        await coming.send("/subscribe", "mix")
        for address in states:
            await sender.send(address, -33.0)
        heard = await coming.hear_until("/synced") + await heard_by(coming)
        last = {message[0]: message[1:] for message in heard}
        assert {address: last[address] for address in states} == dict.fromkeys(states, (-33.0,))


async def test_a_song_that_is_armed_while_the_state_is_sent_is_told_at_its_end(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, coming = await rig.tablet(), await rig.tablet()
        await coming.send("/subscribe", "song", "transport")
        await coming.hear()
        await sender.send("/song/select", 2)
        heard = await coming.hear_until("/synced")
        last = {message[0]: message[1:] for message in heard}
        assert (last["/song"], last["/transport"], last["/setlist/2"][4]) == (("Two", 2, 2), ("armed",), "current")


async def test_sync_sends_all_again_to_who_knows_it_already(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet("mix", "led", "text")
        await tablet.send("/sync")
        heard = {message[0] for message in await tablet.hear_until("/synced")}
        mixed = {address for address, place in rig.service.surface.states.items() if place.method.topic == "mix"}
        assert mixed | {"/led/playing", "/led/section/3", "/text/status", "/text/barbeat", "/synced"} <= heard
        assert "/lock" not in heard


# ── those who leave ──


async def test_a_client_that_says_nothing_for_half_a_minute_is_forgotten(tmp_path: Path, clock: HandClock) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        silent, talking, staying = await rig.tablet("mix"), await rig.tablet("mix"), await rig.tablet("mix", "stay")
        clock.pass_seconds(LEASE_SECONDS - 1)
        await talking.settle()
        clock.pass_seconds(2)
        await staying.send("/sync")
        await staying.hear_until("/synced")
        await trio.sleep(2 * TICK_SECONDS)
        assert {client.port for client in rig.service.subscribers.all} == {talking.port, staying.port}
        await talking.send("/talkback", True)
        assert await heard_by(staying) == [("/talkback", 1)]
        assert await silent.settle() == []


# ── triggers ──


async def test_nothing_is_sent_on_the_address_of_a_trigger_whatever_is_done(tmp_path: Path) -> None:
    triggers = {method.address for method in METHODS if method.pressed}
    async with running_service(tmp_path, SHOW) as rig:
        tablet, other = await rig.tablet("all", "meter"), await rig.tablet("all", "meter")
        heard: Heard = []
        for address in sorted(
            {"/go", "/stop", "/song/next", "/mute/all/toggle", "/tempo/tap", "/mix/revert", "/panic"}
        ):
            await tablet.send(address)
            heard += await heard_by(tablet) + await heard_by(other)
        assert {message[0] for message in heard} & triggers == set()
        assert len(heard) > 10


async def test_who_is_told_later_is_told_what_is_true_by_then(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The level moves on while everybody is told in turns."""
    turns = 0

    class Interrupted(Turn):
        async def rest(self) -> bool:
            nonlocal turns
            turns += 1
            if turns > 1:
                return False
            await rig.service.conductor.perform(rig.service.surface.bind(Message(DB, (-6.0,))))
            return True

    async with running_service(tmp_path, SHOW) as rig:
        stranger, one, other = await rig.tablet(), await rig.tablet("mix"), await rig.tablet("mix")
        monkeypatch.setattr(feedback, "Turn", Interrupted)
        await stranger.send(DB, -3.0)
        heard = [await one.hear() for _ in range(4)], [await other.hear() for _ in range(2)]
        levels = [[message[1] for message in each if message[0] == DB] for each in heard]
        assert levels == [[-3.0, -6.0], [-6.0]]
        assert await other.settle() == []


async def test_who_is_told_while_a_level_goes_there_and_back_is_told_where_it_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first is told before it goes back, the second before it comes again, the third after that."""
    moves = [0.0, -3.0]

    class Interrupted(Turn):
        async def rest(self) -> bool:
            if not moves:
                return False
            await rig.service.conductor.perform(rig.service.surface.bind(Message(DB, (moves.pop(0),))))
            return True

    async with running_service(tmp_path, SHOW) as rig:
        stranger = await rig.tablet()
        tablets = [await rig.tablet("mix") for _ in range(3)]
        monkeypatch.setattr(feedback, "Turn", Interrupted)
        await stranger.send(DB, -3.0)
        heard = [await heard_by(tablet) for tablet in tablets]
        assert [[message[1] for message in each if message[0] == DB][-1:] for each in heard] == [[-3.0]] * 3

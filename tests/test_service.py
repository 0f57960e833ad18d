"""Control over real UDP, against an engine that only commits."""

from __future__ import annotations

import itertools
import math
import socket
import time
from pathlib import Path

import msgspec
import pytest
import trio

from showctl.model.night import Night
from showctl.model.plan import Loop, Rest, entry_of
from showctl.model.score import Score
from showctl.model.show import (
    Audio,
    Bus,
    Entry,
    Medium,
    MeterPoint,
    Section,
    Show,
    Song,
    Stem,
    TempoPoint,
    Vamp,
)
from showctl.model.units import Frame, SongFrame
from showctl.osc.codec import IMPULSE, Bundle, Message, decode, encode, encode_bundle
from showctl.osc.inbox import lost_datagrams
from showctl.osc.state import lists
from showctl.osc.teller import Told
from showctl.osc.timetag import timetag_from_unix_ns
from showctl.shared.health import (
    Health,
    Heartbeat,
    HeartbeatReader,
    ProcessHealth,
    Unreached,
    health_writer,
    unreached_writer,
)
from showctl.shared.host import host_ns
from showctl.shared.records import NumberWriter
from showctl.shared.residency import Residency, residency_writer
from showctl.shared.rundir import RuntimeDirectory
from tests.rig import Rig, Tablet, calling, running_service

RATE = 48000
BAR = 96000  # at 120 in 4/4


def _song(song_id: str) -> Song:
    names = ("Intro", "Solo", "Chorus")
    vamps = {"Solo": Vamp()}
    starts = [SongFrame(BAR * 4 * number) for number in range(4)]
    sections = tuple(
        Section(
            name, name.lower(), number + 1, 4 * number + 1, 4, starts[number], starts[number + 1], vamp=vamps.get(name)
        )
        for number, name in enumerate(names)
    )
    return Song(
        song_id,
        song_id.title(),
        (TempoPoint((0, 1), 120.0),),
        (MeterPoint(1, 4, 4, (4,)),),
        SongFrame(BAR * 12),
        sections,
        stems=(Stem("Bass", "bass", 0, 1), Stem("Keys", "keys", 1, 1, group="band")),
    )


SHOW = Show(
    "Test",
    {"one": _song("one"), "two": _song("two")},
    (Entry(1, "one", "arm", 0), Entry(2, "two", "arm", 0)),
    (Bus("house", "House", (0, 1), audience=True), Bus("drums", "Drums", (2, 3), mix={"click": 0.0, "stems": -9.0})),
    Audio(sample_rate=RATE),
)


async def test_go_on_an_armed_song_plays_it(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/song/select", 1)
        await tablet.send("/go")
        assert await tablet.settle() == []
        while len(rig.committer.log) < 2:
            await tablet.settle()
        assert [line.edit.by.split(" ")[0] for line in rig.committer.log] == ["/song/select", "/go"]
        assert rig.service.conductor.view().state == "playing"


@pytest.mark.parametrize("bar", ["3", 3, 3.0])
async def test_a_bar_may_be_sent_as_the_number_it_is(tmp_path: Path, bar: str | float) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/song/select", 1)
        await tablet.send("/cmd", "a", "/locate", bar)
        assert await tablet.hear() == ("/ack", "a", "ok", "ok")
        span = rig.service.conductor.view().span
        assert isinstance(span, Rest)
        assert span.cued
        assert span.cued.at == 2 * BAR


async def test_a_refused_command_answers_one_error_and_changes_nothing(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/go")
        assert await tablet.hear() == ("/error", "/go", "nothing is armed: /song/select a song first")
        assert rig.committer.log == []


@pytest.mark.parametrize(
    ("address", "args", "reason"),
    [
        ("/goo", (), "there is no such address: did you mean /go?"),
        ("/beat", (), "that is told, and takes nothing: are the ports of sender and receiver swapped?"),
        ("/locate", (), "expected position, got 0 arguments"),
        ("/locate", (17.3,), 'expected position to be a bar, or text such as "17.3" or "Chorus", got 17.3'),
        ("/locate", (math.inf,), 'expected position to be a bar, or text such as "17.3" or "Chorus", got inf'),
        ("/bus/house/click/db", (0.0,), "House is a bus of the audience, which click can never reach"),
        ("/bus/drum/click/db", (0.0,), "there is no such address: did you mean /bus/drums/click/db?"),
        ("/bus/drums/click/db", (float("nan"),), "expected level to be a number, got nan"),
        ("/bus/drums/click/db", ("loud",), 'expected level to be a number, got "loud"'),
        ("/section/jump", ("Chorus", "later"), 'expected when to be now or beat or bar or section, got "later"'),
        ("/song/select", ("three",), 'no song is called "three": the setlist has one, two'),
        ("/g*", (), "a pattern reaches states only, and /go is a trigger"),
        ("/click/subdivision", (5,), "expected clicks to be a whole number from 1 to 4, got 5"),
        ("/subscribe", ("weather",), '"weather" is no topic'),
        ("/subscribe", (float("nan"),), "expected a port from 1 to 65535, got nan"),
        ("/subscribe", (9000.5,), "expected a port from 1 to 65535, got 9000.5"),
        ("/subscribe", (float("inf"),), "expected a port from 1 to 65535, got inf"),
        ("/fade", (1e30,), "expected a fade of 0 to 600 seconds, got 1e+30"),
    ],
)
async def test_what_cannot_be_done_is_answered_by_a_sentence(
    tmp_path: Path, address: str, args: tuple[float | str, ...], reason: str
) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send(address, *args)
        heard = await tablet.hear()
        assert heard[:2] == ("/error", address)
        assert str(heard[2]).startswith(reason)


async def test_what_is_refused_in_a_bundle_is_named(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send_bytes(encode_bundle(Bundle(1, (Message("/song/select", (1,)), Message("/locate", (17.3,))))))
        assert (await tablet.hear())[:2] == ("/error", "/locate")
        assert rig.committer.log == []


async def test_it_does_not_listen_to_itself(tmp_path: Path) -> None:
    """Where a target or a tablet was given its address, its own feedback would be commands."""
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet("mix")
        rig.sockets.udp[0].sendto(encode(Message("/talkback", (True,))), rig.address)
        await tablet.send("/bus/drums/mono", True)
        await tablet.send("/mute/all/toggle")
        assert await tablet.hear_until("/mute/all") == [("/mute/all", 1)]


async def test_a_datagram_that_is_no_osc_answers_one_error_and_the_next_is_served(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send_bytes(b"#bundle\0" + bytes(7) + b"\1" + b"\xff\xff\xff\xfc")
        assert (await tablet.hear())[0] == "/error"
        await tablet.send("/ping", 1, "two")
        assert await tablet.hear() == ("/pong", 1, "two")


async def test_a_pong_holds_the_arguments_of_its_ping_in_their_types(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        args, tags = (2**40, 0.1, "symbol", 7, (1, "a")), "hdSr[is]"
        await tablet.send_bytes(encode(Message("/ping", args, tags)))
        assert decode(await tablet.socket.recv(65536)) == Message("/pong", args, tags)
        await tablet.send_bytes(encode(Message("/cmd", ("7", "/ping", *args), f"ss{tags}")))
        assert decode(await tablet.socket.recv(65536)) == Message("/pong", args, tags)


async def test_a_bundle_of_nothing_asks_for_nothing_whenever_it_is_due(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        for timetag in (1, 0xFFFFFFFF00000000, timetag_from_unix_ns(time.time_ns() - 10**10)):
            await tablet.send_bytes(encode_bundle(Bundle(timetag, ())))
        assert await tablet.settle() == []


@pytest.mark.parametrize("release", [0, 0.0, False])
async def test_the_release_of_a_button_is_no_press(tmp_path: Path, release: float) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/song/select", 1)
        await tablet.send("/go", release)
        await tablet.settle()
        assert rig.service.conductor.view().state == "armed"


@pytest.mark.parametrize("press", [(), (1,), (1.0,), (0.5,), (True,), (IMPULSE,)])
async def test_any_press_fires(tmp_path: Path, press: tuple[float, ...]) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet("transport")
        await rig.service.conductor.perform(rig.service.surface.bind(Message("/song/select", (1,))))
        await tablet.send("/go", *press)
        while rig.service.conductor.view().state != "playing":
            await tablet.settle()


@pytest.mark.parametrize(
    ("arg", "passes"), [((), 0), ((IMPULSE,), 0), ((1.0,), 0), ((0.5,), 0), ((1,), 1), ((2,), 2), ((2.0,), 2)]
)
async def test_a_vamp_has_as_many_passes_as_are_sent_and_a_press_lets_it_go_on(
    tmp_path: Path, arg: tuple[float, ...], passes: int
) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        commands: dict[str, tuple[float, ...]] = {"/song/select": (1,), "/go": (), "/vamp/start": arg}
        for address, args in commands.items():
            await tablet.send("/cmd", address, address, *args)
            assert (await tablet.hear())[2:] == ("ok", "ok")
        loops = [span for span in rig.service.conductor.plan.spans if isinstance(span, Loop)]
        assert [loop.cycle.times for loop in loops[:1]] == [passes]


async def test_a_second_go_within_the_guard_is_refused(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        one, other = await rig.tablet(), await rig.tablet()
        await one.send("/song/select", 1)
        await one.send("/go")
        await one.settle()
        while rig.service.conductor.view().state != "playing":
            await one.settle()
        await other.send("/go")
        assert await other.hear() == ("/error", "/go", "refused as a double press: 0.5 s must lie between two")
        rig.committer.move_to(Frame(RATE))
        await other.send("/go")
        assert await other.hear() == ("/error", "/go", "the song is already playing")


@pytest.mark.parametrize(
    ("address", "value"),
    [
        ("/bus/drums/click/db", 0.0),
        ("/bus/drums/bass/db", 0.0),
        ("/bus/drums/stems/db", -9.00001),
        ("/bus/drums/click/fader", 0.75),
        ("/bus/drums/click/mute", False),
        ("/talkback", 0),
        ("/lock", 0.0),
        ("/cue/hold", False),
        ("/tempo", 120),
    ],
)
async def test_an_equal_value_changes_and_sends_nothing(tmp_path: Path, address: str, value: float) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        stranger, other = await rig.tablet(), await rig.tablet("mix", "transport")
        night = rig.service.conductor.view().night
        await stranger.send(address, value)
        assert await stranger.settle() == await other.settle() == []
        assert (rig.committer.log, rig.service.conductor.view().night) == ([], night)


async def test_a_pattern_sets_every_state_that_it_matches(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/bus/*/master/db", -6.0)
        await tablet.settle()
        while not rig.committer.log:
            await tablet.settle()
        mix = rig.service.conductor.plan.mixes[-1].mix
        assert {bus: live.levels_db for bus, live in mix.buses.items()} == {
            "house": {"master": -6.0},
            "drums": {"master": -6.0},
        }
        assert len(rig.committer.log) == 1


async def test_a_bundle_is_one_edit_or_none(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        both = (Message("/song/select", (2,)), Message("/go"))
        await tablet.send_bytes(encode_bundle(Bundle(1, both)))
        while rig.service.conductor.view().state != "playing":
            await tablet.settle()
        assert len(rig.committer.log) == 1
        assert entry_of(rig.service.conductor.view().span) == 2
        await tablet.send_bytes(encode_bundle(Bundle(1, (Message("/pause"), Message("/section/jump", ("nowhere",))))))
        assert (await tablet.hear())[0] == "/error"
        assert len(rig.committer.log) == 1


async def test_a_bundle_for_later_waits_and_panic_lets_it_go(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/song/select", 1)
        later = timetag_from_unix_ns(time.time_ns() + 30 * 10**9)
        await tablet.send_bytes(encode_bundle(Bundle(later, (Message("/go"),))))
        assert await tablet.settle() == []
        assert rig.service.conductor.view().state == "armed"
        await tablet.send("/panic")
        while rig.service.conductor.view().state != "stopped":
            await tablet.settle()


async def test_a_bundle_inside_another_waits_for_its_own_time(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        later = timetag_from_unix_ns(time.time_ns() + 30 * 10**9)
        at_once = Message("/cmd", ("now", "/song/select", 1)), Bundle(1, (Message("/talkback", (True,)),))
        packet = Bundle(1, (Bundle(later, (Message("/cmd", ("later", "/go")),)), *at_once))
        await tablet.send_bytes(encode_bundle(packet))
        assert await tablet.hear() == ("/ack", "now", "ok", "ok")
        assert await tablet.settle() == []
        assert rig.service.conductor.view().state == "armed"
        assert [line.edit.by.split(" ")[0] for line in rig.committer.log] == ["/song/select"]  # one edit, with talkback
        assert rig.service.conductor.plan.mixes[-1].mix.talkback
        await tablet.send("/panic")
        assert (await tablet.hear())[:3] == ("/ack", "later", "error")


async def test_a_packet_may_ask_for_a_few_times_only(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        times = (Bundle(timetag, (Message("/mute/all", (True,)),)) for timetag in range(2, 11))
        await tablet.send_bytes(encode_bundle(Bundle(1, tuple(times))))
        assert await tablet.settle() == [
            ("/error", "/mute/all", "expected at most 8 different times in a packet, got 9")
        ]
        assert rig.committer.log == []


async def test_a_trigger_that_comes_late_is_refused(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        late = timetag_from_unix_ns(time.time_ns() - 2 * 10**9)
        await tablet.send_bytes(encode_bundle(Bundle(late, (Message("/panic"),))))
        heard = await tablet.hear()
        assert heard[:2] == ("/error", "/panic")
        assert "after its time" in str(heard[2])


async def test_the_whole_state_ends_with_a_count_of_what_was_sent(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        await tablet.send("/sync")
        heard = [message for message in await tablet.hear_until("/synced") if message[0] != "/health"]
        assert heard[-1] == ("/synced", len(heard) - 1)
        by_address = {message[0]: message[1:] for message in heard}
        assert by_address["/transport"] == ("stopped",)
        assert by_address["/setlist/1"][:2] == ("One", "one")
        assert by_address["/bus/drums/stems/db"] == (-9.0,)
        assert set(rig.service.surface.states) <= set(by_address)


async def test_a_subscriber_on_another_port_gets_answers_there(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        speaker, ear = await rig.tablet(), await rig.tablet()
        await speaker.send("/subscribe", ear.port, "mix")
        await ear.hear_until("/synced")
        await speaker.send("/goo")
        assert (await ear.hear_until("/error"))[-1][1] == "/goo"


async def test_a_stale_or_late_edit_is_decided_again(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        rig.committer.refuse_next += ["late", "stale"]
        await tablet.send("/song/select", 1)
        await tablet.settle()
        while rig.service.conductor.view().state != "armed":
            await tablet.settle()
        assert len(rig.committer.log) == 1


async def test_an_unsubscribed_client_is_told_nothing(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        sender, other = await rig.tablet("mix"), await rig.tablet("mix")
        await other.send("/unsubscribe")
        await sender.send("/bus/drums/click/db", -20.0)
        await sender.hear_until("/bus/drums/click/fader")
        assert await other.settle() == []


async def test_a_flood_of_fader_moves_becomes_few_edits_and_the_last_one_holds(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet()
        for step in range(200):
            await tablet.send("/bus/drums/click/db", -float(step) / 4)
        await tablet.settle()
        while rig.service.conductor.plan.mixes[-1].mix.bus("drums").levels_db.get("click") != -49.75:
            await tablet.settle()
        assert len(rig.committer.log) < 200


# ── jumps, and what lies in memory ──

WITH_AUDIO = msgspec.structs.replace(
    SHOW, songs=SHOW.songs | {"one": msgspec.structs.replace(_song("one"), medium=Medium("one", BAR * 12, 2))}
)
"""The first song has a file, in which the Chorus begins after 16 seconds."""


async def _playing_up_to(rig: Rig, tablet: Tablet, frame: int) -> None:
    await tablet.send("/song/select", 1)
    await tablet.send("/go")
    while rig.service.conductor.view().state != "playing":
        await tablet.settle()
    rig.committer.move_to(Frame(frame))


async def _bars_before(rig: Rig, tablet: Tablet, when: str = "bar") -> float:
    """Presses Chorus: how many bars will have been played when `/jump` says that it comes."""
    await tablet.send("/section/jump", "Chorus", when)
    told = (await tablet.hear_until("/jump"))[-1]
    assert told[1] == "Chorus"
    view = rig.service.conductor.view()
    return (view.horizon + float(str(told[2])) * RATE - view.span.start) / BAR


async def test_a_jump_is_told_again_when_only_its_moment_changes(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet("section")
        await _playing_up_to(rig, tablet, 2 * BAR - 10_000)
        moments = [await _bars_before(rig, tablet, when) for when in ("section", "bar", "section")]
        assert moments == pytest.approx([4, 2, 4], abs=1e-4)


async def test_a_jump_waits_until_the_loader_has_read_its_target(tmp_path: Path) -> None:
    async with running_service(tmp_path, WITH_AUDIO) as rig:
        directory = RuntimeDirectory(tmp_path)
        tablet = await rig.tablet("section")
        await _playing_up_to(rig, tablet, 2 * BAR - 10_000)
        Heartbeat(directory, "loader").beat()
        board = residency_writer(directory)
        board.write(Residency(RATE, {"one": ((0, 10), (16, 17))}))
        assert await _bars_before(rig, tablet) == pytest.approx(3, abs=1e-4)
        board.write(Residency(RATE, {"one": ((0, 10), (16, 18))}))
        assert await _bars_before(rig, tablet) == pytest.approx(2, abs=1e-4)


@pytest.mark.parametrize("beats", [(), ((1, host_ns() - 10**10, 1),)], ids=["none", "silent"])
async def test_no_jump_waits_for_a_loader_that_is_gone(tmp_path: Path, beats: tuple[tuple[int, ...], ...]) -> None:
    async with running_service(tmp_path, WITH_AUDIO) as rig:
        directory = RuntimeDirectory(tmp_path)
        tablet = await rig.tablet("section")
        await _playing_up_to(rig, tablet, 2 * BAR - 10_000)
        residency_writer(directory).write(Residency(RATE))
        for beat in beats:
            NumberWriter(directory.heartbeat("loader"), "qqq").write(beat)
        assert await _bars_before(rig, tablet) == pytest.approx(2, abs=1e-4)


async def test_no_jump_waits_for_a_loader_that_has_told_nothing(tmp_path: Path) -> None:
    async with running_service(tmp_path, WITH_AUDIO) as rig:
        tablet = await rig.tablet("section")
        await _playing_up_to(rig, tablet, 2 * BAR - 10_000)
        Heartbeat(RuntimeDirectory(tmp_path), "loader").beat()
        assert await _bars_before(rig, tablet) == pytest.approx(2, abs=1e-4)


async def test_the_lists_are_made_again_and_told_only_where_they_may_have_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = list[int]()

    def counted(score: Score, night: Night, entry: int, *, utf8: bool) -> tuple[Told, ...]:
        made.append(entry)
        return lists(score, night, entry, utf8=utf8)

    monkeypatch.setattr("showctl.service.news.lists", counted)
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet("song", "health")
        await tablet.hear_until("/song/next_up")  # whole at first: it may have changed since the state was sent
        await tablet.send("/song/select", 1)
        changed = [message[0] for message in await tablet.hear_until("/song/next_up") if message[0] != "/health"]
        for _ in range(2):  # ten ticks at least
            await tablet.hear_until("/health")
        rows = ["/setlist/1", "/setlist/2", "/sections/1", "/sections/2", "/sections/3", "/song/next_up"]
        assert (changed, made) == (rows, [0, 1])
        await tablet.send("/setlist/skip", 2, True)
        assert (await tablet.hear_until("/song/next_up"))[-1][1:] == ("", 0)
        assert made == [0, 1, 1]


async def test_health_says_which_process_had_to_be_replaced(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet("health")
        health_writer(RuntimeDirectory(tmp_path)).write(
            Health((ProcessHealth("engine", 1, 2), ProcessHealth("control", 2), ProcessHealth("pacer", 3, 1)))
        )
        while (await tablet.hear_until("/health"))[-1][-1] != "ok (engine replaced 2 times, pacer replaced once)":
            pass


async def test_in_a_flood_of_faders_a_go_acts_tcp_is_answered_and_the_ticks_go_on(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig, calling(rig) as caller:
        desks = [await rig.tablet() for _ in range(50)]
        tablet = await rig.tablet()
        await tablet.send("/song/select", 1)
        await tablet.settle()
        beats = HeartbeatReader(RuntimeDirectory(tmp_path), "control")
        faders = [f"/bus/{bus}/{source}/fader" for bus in ("house", "drums") for source in ("bass", "keys", "stems")]

        async def flood(desk: Tablet) -> None:
            for number in itertools.count():
                await desk.send(faders[number % len(faders)], number % 100 / 100)

        async with trio.open_nursery() as nursery:
            for desk in desks:
                nursery.start_soon(flood, desk)
            before = beats.read()
            assert before
            with trio.fail_after(20):
                while rig.service.conductor.view().state != "playing":
                    await tablet.send("/go")  # again, for the flood may have left no room for it
                for number in range(20):
                    await caller.send("/ping", number)
                    assert await caller.hear() == ("/pong", number)
                while (now := beats.read()) is None or now.count < before.count + 5:
                    await trio.lowlevel.checkpoint()
            nursery.cancel_scope.cancel()


async def test_health_says_which_target_gets_nothing(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet("health", "text")
        sentence = "lights (desk) gets nothing: it is not known"
        unreached_writer(RuntimeDirectory(tmp_path)).write(Unreached((sentence,)))
        told = {("/health", sentence), ("/text/status", f"stopped: {sentence}")}
        while told:
            message = await tablet.hear()
            told.discard((str(message[0]), str(message[-1])))


async def test_health_says_how_much_was_lost(tmp_path: Path) -> None:
    async with running_service(tmp_path, SHOW) as rig:
        tablet = await rig.tablet("health")
        datagram = encode(Message("/ping"))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
            while not lost_datagrams(rig.sockets.udp[0]):  # nothing is read while nothing is awaited
                flood.sendto(datagram, rig.address)
        lost = lost_datagrams(rig.sockets.udp[0])
        while (await tablet.hear_until("/health"))[-1][-1] != f"{lost} datagrams lost, too many at once":
            pass

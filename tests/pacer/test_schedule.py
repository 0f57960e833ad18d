from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.model.events import replayed_events
from showctl.model.happenings import Event
from showctl.model.plan import Plan
from showctl.model.show import Ports
from showctl.model.units import Frame, HostNs
from showctl.osc.codec import Message, decode
from showctl.pacer.audience import Listener, audience
from showctl.pacer.schedule import Due, Schedule, Switched, Tick, seam_between
from showctl.shared.clients import TOPICS, Client
from showctl.shared.clock import ClockRecord
from tests.pacer.shows import BAR, BEAT, COMMANDS, EMPTY, LIGHTS, NIGHT, RATE, SCORE, SHOW, VIDEO, Played, played

MOST_COMMANDS = 8

FIRST = Frame(-60 * RATE)
SECOND = RATE

EVERYTHING = TOPICS - {"position"}
TABLET = Listener(("10.0.0.1", 9000), EVERYTHING)
STAMPED = Listener(("10.0.0.2", 9000), EVERYTHING, ahead_frames=RATE // 5)
LATE = Listener(("10.0.0.3", 9000), EVERYTHING, early_frames=-RATE // 50)


class Stage:
    """A schedule, and everything that it made go out."""

    def __init__(self, *listeners: Listener, plan: Plan = EMPTY, since: Frame = FIRST) -> None:
        self.schedule = Schedule(SCORE, plan, NIGHT, listeners, since)
        self.sent: list[Due] = []
        self.now = -1

    def run(self, now: int, step: int = RATE // 2) -> None:
        """Sends what is due up to frame `now`, looking each `step` frames."""
        while self.now < now:
            self.now = min(now, self.now + step)
            self.sent += self.schedule.due(Frame(self.now), Frame(self.now + 1), SECOND)
            self.schedule.done(Frame(self.now))

    def heard(self, listener: Listener) -> list[Event]:
        """What it was told, each once however many messages it made."""
        told: dict[Event, None] = {}
        for due in self.sent:
            if listener in due.listeners and not isinstance(due.happening, Tick | Switched):
                told[due.happening] = None
        return list(told)

    def packets(self, listener: Listener) -> list[tuple[int, Message]]:
        """When each left, and what it says."""
        messages = [(due.send_frame, decode(due.payload)) for due in self.sent if listener in due.listeners]
        return [(frame, message) for frame, message in messages if isinstance(message, Message)]


def lines(packets: list[tuple[int, Message]]) -> list[str]:
    return [f"{frame} {message.address} {' '.join(map(str, message.args))}".rstrip() for frame, message in packets]


def night_of(steps: list[tuple[int, str]]) -> Played:
    """Armed and started, then each command so many frames after the one before."""
    steps = [(BEAT, "arm"), (BEAT, "go"), *steps]
    return played((Frame(sum(gap for gap, _ in steps[: n + 1])), name) for n, (_, name) in enumerate(steps))


nights = st.lists(
    st.tuples(st.integers(1, 2 * BAR), st.sampled_from(sorted(COMMANDS))), min_size=1, max_size=MOST_COMMANDS
).map(night_of)


def end_of(night: Played) -> int:
    return (night.log[-1].head if night.log else 0) + 2 * BAR


@settings(max_examples=25, deadline=None)
@given(night=nights, step=st.integers(4_000, 40_000), ahead=st.integers(1, 960))
def test_what_is_sent_is_what_the_log_replays(night: Played, step: int, ahead: int) -> None:
    stage = Stage(TABLET, LATE)
    for line, plan in zip(night.log, night.plans[1:], strict=True):
        stage.run(line.head - ahead, step)
        stage.schedule.adopt(plan, line.head)
    stage.run(end_of(night), step)
    expected = replayed_events(SCORE, EMPTY, night.log, Frame(end_of(night) + 1))
    assert stage.heard(TABLET) == expected
    assert stage.heard(LATE) == [event for event in expected if event.frame <= end_of(night) - RATE // 50]


@settings(max_examples=25, deadline=None)
@given(
    night=nights, delays=st.lists(st.integers(0, RATE // 10), min_size=MOST_COMMANDS + 2, max_size=MOST_COMMANDS + 2)
)
def test_a_commit_that_is_known_late_loses_nothing_and_repeats_nothing(night: Played, delays: list[int]) -> None:
    stage = Stage(TABLET, STAMPED)
    for line, plan, delay in zip(night.log, night.plans[1:], delays, strict=False):
        stage.run(line.head + delay)
        stage.schedule.adopt(plan, line.head)
    stage.run(end_of(night))
    expected = replayed_events(SCORE, EMPTY, night.log, Frame(end_of(night) + 1))
    for listener in (TABLET, STAMPED):
        dues = [(due.happening, due.payload) for due in stage.sent if listener in due.listeners]
        assert len(dues) == len(set(dues))
        assert set(expected) <= set(stage.heard(listener))
    spoken_too_soon = set(stage.heard(TABLET)) - set(expected)
    taken_back = [(line.head, line.head + delay) for line, delay in zip(night.log, delays, strict=False)]
    assert all(any(head <= event.frame <= known for head, known in taken_back) for event in spoken_too_soon)


@settings(max_examples=25, deadline=None)
@given(night=nights)
def test_where_a_version_begins_to_speak_is_seen_from_its_spans(night: Played) -> None:
    for line, old, new in zip(night.log, night.plans, night.plans[1:], strict=False):
        assert seam_between(old, new, Frame(-1)) in {line.head, -1}


# ── whole lists ──

NIGHT_OUT = played(
    [(Frame(0), "arm"), (Frame(BAR), "go"), (Frame(5 * BAR + BEAT), "exit"), (Frame(7 * BAR + 100), "stop")]
)


def performed(*listeners: Listener, until: int = 9 * BAR, step: int = RATE // 2) -> Stage:
    stage = Stage(*listeners)
    for line, plan in zip(NIGHT_OUT.log, NIGHT_OUT.plans[1:], strict=True):
        stage.run(line.head - 240, step)
        stage.schedule.adopt(plan, line.head)
    stage.run(until, step)
    return stage


def test_a_client_is_told_its_topics_as_they_sound() -> None:
    client = Client("10.0.0.1", 9000, frozenset({"section", "transport", "song", "cue"}))
    (listener,) = audience(SHOW, [client], NIGHT, RATE)[-1:]
    assert lines(performed(listener).packets(listener)) == [
        "480 /song Opener 1 3",
        "480 /song/notes capo 2",
        "480 /song/next_up Closer 2",
        "480 /transport armed",
        "480 /section Intro 1 2",
        "480 /section/notes quiet",
        "48000 /song Opener 1 3",
        "48000 /song/notes capo 2",
        "48000 /song/next_up Closer 2",
        "48000 /transport countin",
        "48000 /countin 4",
        "48000 /cue/standby Column video 2.0",
        "60000 /countin 3",
        "72000 /countin 2",
        "84000 /countin 1",
        "84000 /cue/standby Wash lights 5.0",
        "96000 /transport playing",
        "96000 /section Intro 1 2",
        "96000 /section/notes quiet",
        "96000 /next Solo 2.0",
        "144000 /cue Column video",
        "144000 /next Solo 1.0",
        "192000 /transport vamping",
        "192000 /section Solo 2 1",
        "192000 /section/notes",
        "192000 /vamp 1 3",
        "192000 /next Refrain 3.0",
        "240000 /vamp 2 3",
        "240000 /next Refrain 2.0",
        "252000 /cue/standby Wash lights 0.5",
        "276000 /cue Wash lights",
        "288000 /transport playing",
        "288000 /section Refrain 3 2",
        "288000 /section/notes",
        "288000 /next Verse 2.0",
        "336000 /next Verse 1.0",
        "336100 /transport armed",
        "336100 /section Intro 1 2",
        "336100 /section/notes quiet",
        "336100 /cue Stage lights",
    ]


def test_targets_get_their_cues_and_their_feed_as_much_earlier_as_they_are_slow() -> None:
    lights, video, feed = audience(SHOW, [], NIGHT, RATE)
    stage = performed(lights, video, feed)
    assert lines(stage.packets(lights)) == ["275280 /eos/cue/1/12/fire", "335380 /eos/cue/2/0.5/fire"]
    assert lines(stage.packets(video)) == ["144960 /composition/columns/3/connect 1"]
    assert lines(stage.packets(feed))[:4] == [
        "-240 /section Intro 1 2",
        "95280 /section Intro 1 2",
        "95280 /next Solo 2.0",
        "143280 /next Solo 1.0",
    ]
    assert [listener.address for listener in (lights, video, feed)] == [
        ("127.0.0.1", 9001),
        ("127.0.0.1", 9002),
        ("127.0.0.1", 9001),
    ]


def test_a_stamped_message_leaves_a_fifth_of_a_second_ahead_with_the_moment_at_which_it_sounds() -> None:
    (listener,) = audience(SHOW, [Client("10.0.0.1", 9000, frozenset({"beat"}), frozenset({"timetag"}))], NIGHT, RATE)[
        -1:
    ]
    clock = ClockRecord(1, 1, Frame(0), HostNs(5_000_000_000), 48_000.0, 128, Frame(128), 0, 0.0, 0)
    stage = performed(listener, until=2 * BAR)
    late = [due for due in stage.sent if listener in due.listeners and due.frame > 60_000]
    assert [(due.frame, due.send_frame, due.sounds_ns(clock)) for due in late[:2]] == [
        (72_000, 62_400, 6_500_000_000),
        (84_000, 74_400, 6_750_000_000),
    ]


def test_the_position_is_told_ten_times_a_second_while_it_moves() -> None:
    listener = Listener(("10.0.0.1", 9000), frozenset({"position"}))
    told = lines(performed(listener, step=960).packets(listener))
    frames = [int(line.split()[0]) for line in told]
    assert frames == [4_800, *range(48_000, 340_801, 4_800)]
    assert told[0] == "4800 /position 1.1 0.0 7.0 2.0 16.0"
    assert told[-1] == "340800 /position 1.1 0.0 7.0 2.0 16.0"


def test_lamps_are_told_as_they_change() -> None:
    """Counted in, played into a vamp, let go of, and stopped."""
    listener = Listener(("10.0.0.1", 9000), frozenset({"led"}))
    assert lines(performed(listener).packets(listener)) == [
        "48000 /led/playing 1",
        "96000 /led/section/1 1",
        "192000 /led/vamp 1",
        "192000 /led/section/1 0",
        "192000 /led/section/2 1",
        "288000 /led/vamp 0",
        "288000 /led/section/2 0",
        "288000 /led/section/3 1",
        "336100 /led/playing 0",
        "336100 /led/section/3 0",
    ]


def test_the_beat_is_told_in_words_with_each_pulse() -> None:
    listener = Listener(("10.0.0.1", 9000), frozenset({"text"}))
    assert lines(performed(listener).packets(listener))[:9] == [
        f"{BAR + n * BEAT} /text/barbeat {bar}.{beat}"
        for n, (bar, beat) in enumerate([(bar, beat) for bar in (0, 1, 2) for beat in (1, 2, 3, 4)][:9])
    ]


def test_each_message_is_encoded_once_for_all_who_hear_it_alike() -> None:
    tablets = [Client("10.0.0.1", port, frozenset({"beat"})) for port in range(9000, 9020)]
    stage = performed(*audience(SHOW, tablets, NIGHT, RATE)[-20:])
    assert {len(due.listeners) for due in stage.sent} == {20}
    assert len(stage.sent) == len({due.happening for due in stage.sent})


def test_a_cue_leaves_before_a_crowd_is_told_of_the_same_moment() -> None:
    lights = msgspec.structs.replace(LIGHTS, latency_ms=0.0)
    show = msgspec.structs.replace(SHOW, targets=(lights, VIDEO))
    crowd = [Client("10.0.0.1", port, EVERYTHING) for port in range(9000, 9020)]
    stage = performed(*audience(show, crowd, NIGHT, RATE))
    at = 336_100  # the cue for the stop, which changes states as well
    assert [decode(due.payload).address for due in stage.sent if due.send_frame == at] == [  # type: ignore[union-attr]
        "/eos/cue/2/0.5/fire",
        "/transport",
        "/section",
        "/section/notes",
        "/cue",
        "/led/playing",
        "/led/section/3",
    ]


def test_text_and_addresses_are_as_each_client_wants_them() -> None:
    flags = frozenset({"utf8", "prefix"})
    show = msgspec.structs.replace(SHOW, ports=Ports(prefix="foh"))
    listeners = audience(
        show, [Client("h", 1, frozenset({"song"}), flags), Client("h", 2, frozenset({"song"}))], NIGHT, RATE
    )
    stage = performed(*listeners[-2:], until=BAR)
    assert [lines(stage.packets(listener))[0] for listener in listeners[-2:]] == [
        "480 /foh/song Öpener 1 3",
        "480 /song Opener 1 3",
    ]


# ── late, new and restarted ──


def test_what_is_over_a_second_late_is_not_sent_except_the_newest_of_each_state() -> None:
    """Nothing was sent in the first four bars; bar 3 of the song has just begun."""
    stage = Stage(Listener(("10.0.0.1", 9000), frozenset({"song", "transport", "section", "cue"})))
    stage.schedule.adopt(NIGHT_OUT.plans[2], Frame(0))
    stage.now = 4 * BAR + 999
    stage.run(4 * BAR + 1_000)
    assert [
        f"{due.frame} {message.address}" for due in stage.sent if isinstance(message := decode(due.payload), Message)
    ] == [
        "48000 /song",
        "48000 /song/notes",
        "48000 /song/next_up",
        "192000 /transport",
        "192000 /section",
        "192000 /section/notes",
        "192000 /vamp",
        "192000 /next",
    ]


def test_of_a_start_that_was_moved_the_newest_place_is_told_however_late() -> None:
    stage = Stage(Listener(("10.0.0.1", 9000), frozenset({"section"})))
    stage.schedule.adopt(played([(Frame(0), "arm"), (Frame(BEAT), "refrain")]).plans[-1], Frame(0))
    stage.now = 4 * BAR
    stage.run(4 * BAR + 1_000)
    assert [decode(due.payload) for due in stage.sent] == [Message("/section", ("Refrain", 3, 2))]


@pytest.mark.parametrize("broken_off", [BAR + BEAT, 5 * BAR, 6 * BAR + 1])
def test_a_pacer_that_was_replaced_is_followed_without_a_gap_and_without_a_repeat(broken_off: int) -> None:
    whole = performed(TABLET, STAMPED)
    stage = Stage(TABLET, STAMPED, plan=NIGHT_OUT.plans[-1], since=Frame(broken_off))
    stage.now = broken_off
    stage.run(9 * BAR)
    for listener in (TABLET, STAMPED):
        packets = [(frame, message) for frame, message in whole.packets(listener) if frame > broken_off]
        assert settled(stage.packets(listener)) == settled(packets)


def settled(packets: list[tuple[int, Message]]) -> list[str]:
    """What a later version of the plan does not say otherwise: all but what is foretold."""
    return [line for line in lines(packets) if not {"/next", "/cue/standby"} & set(line.split())]


def test_a_client_that_comes_later_hears_nothing_of_before() -> None:
    late_comer = Listener(("10.0.0.9", 9000), EVERYTHING, ahead_frames=RATE // 5)
    stage = performed(TABLET, until=8 * BAR)
    stage.schedule.admit((TABLET, late_comer), Frame(stage.now))
    stage.run(stage.now + BAR)
    assert stage.heard(late_comer) == []


def test_a_cue_that_cannot_be_said_is_complained_about_once() -> None:
    lights, video, _ = audience(SHOW, [], NIGHT, RATE)
    dumb = Listener(lights.address, frozenset(), cues_of=msgspec.structs.replace(LIGHTS, profile="hog4"))
    stage = performed(dumb, video)
    assert len(stage.schedule.complaints) == 2
    assert 'profile "hog4"' in stage.schedule.complaints[0]
    assert lines(stage.packets(video)) == ["144960 /composition/columns/3/connect 1"]


def test_who_listens_to_an_address_is_told_what_is_said_there_and_nothing_else() -> None:
    ear = Listener(("10.0.0.4", 9000), frozenset(), listens=frozenset({"/song", "/position"}))
    stage = performed(ear, TABLET)
    songs = [message for _, message in stage.packets(TABLET) if message.address == "/song"]
    heard = [message for _, message in stage.packets(ear)]
    assert songs
    assert [message for message in heard if message.address == "/song"] == songs
    assert {message.address for message in heard} == {"/song", "/position"}

"""Commands with an id, without a network: what is remembered, for how long, and what a later control knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from showctl.errors import Refused
from showctl.model.units import HostNs
from showctl.osc.codec import Message
from showctl.osc.once import MAX_ID, MAX_RESULT, NS, REMEMBERED_SECONDS, Once, ack, opened
from showctl.osc.plain import MAX_MESSAGE_BYTES, size_bytes
from showctl.shared.delivered import KEPT, Delivery, delivery_reader, delivery_writer
from showctl.shared.rundir import RuntimeDirectory

TABLET = ("192.168.1.31", 9000)
DESK = ("192.168.1.20", 8000)


class Written(list[Delivery]):
    """A journal that is a list."""

    def send(self, value: Delivery) -> None:
        self.append(value)


def after(seconds: float) -> HostNs:
    return HostNs(10**15 + round(seconds * NS))


def test_what_is_begun_is_written_down_and_then_what_became_of_it() -> None:
    journal = Written()
    once = Once(journal)
    assert once.known(TABLET, "1", after(0)) is None
    begun = once.begin(TABLET, "1", after(0))
    assert journal == [Delivery(*TABLET, "1", after(0), "")]
    assert once.known(TABLET, "1", after(1)) == begun
    once.finish(begun, "")
    assert journal[1:] == [Delivery(*TABLET, "1", after(0), "ok")]
    assert once.known(TABLET, "1", after(2)) == journal[1]


def test_an_id_belongs_to_its_sender() -> None:
    once = Once(Written())
    once.finish(once.begin(TABLET, "1", after(0)), "")
    assert once.known(DESK, "1", after(1)) is None


def test_it_is_forgotten_after_ten_minutes() -> None:
    once = Once(Written())
    once.finish(once.begin(TABLET, "1", after(0)), "")
    assert once.known(TABLET, "1", after(REMEMBERED_SECONDS - 1)) is not None
    assert once.known(TABLET, "1", after(REMEMBERED_SECONDS)) is None


def test_of_too_many_the_oldest_are_forgotten() -> None:
    once = Once(Written())
    for number in range(KEPT + 10):
        once.known(TABLET, str(number), after(number / 100))
        once.begin(TABLET, str(number), after(number / 100))
    known = [number for number in range(KEPT + 10) if once.known(TABLET, str(number), after(100))]
    assert known == list(range(10, KEPT + 10))


def test_the_next_control_knows_what_was_done_and_lets_the_rest_be_repeated() -> None:
    done = Delivery(*TABLET, "done", after(0), "ok")
    refused = Delivery(*TABLET, "refused", after(0), "nothing is armed")
    committed = Delivery(*TABLET, "committed", after(1))
    lost = Delivery(*TABLET, "lost", after(2))
    begun = [Delivery(*TABLET, each.id, each.at) for each in (done, refused)]
    once = Once(Written())
    once.recall([*begun, done, refused, committed, lost], frozenset({committed.key}))
    known = {each: once.known(TABLET, each, after(3)) for each in ("done", "refused", "committed", "lost")}
    assert {each: delivery and delivery.result for each, delivery in known.items()} == {
        "done": "ok",
        "refused": "nothing is armed",
        "committed": "ok",
        "lost": None,
    }


def test_the_largest_record_fits_its_slot_whatever_the_script(tmp_path: Path) -> None:
    host = "fe80:1111:2222:3333:4444:5555:6666:7777%enp0s31f6"
    largest = Delivery(host, 65535, "🎸" * MAX_ID, HostNs(2**62), "🎸" * MAX_RESULT, stream="tcp")
    directory = RuntimeDirectory(tmp_path)
    delivery_writer(directory).send(largest)
    assert delivery_reader(directory).take() == [largest]


def test_an_ack_is_ascii_and_small_unless_asked_otherwise() -> None:
    said = "漢" * MAX_ID, "漢" * MAX_RESULT
    plain = ack(*said, again=False)
    assert all(str(arg).isascii() for arg in plain.args)
    assert size_bytes(plain) <= MAX_MESSAGE_BYTES
    assert size_bytes(ack(*said, again=False, utf8=True)) <= MAX_MESSAGE_BYTES


@pytest.mark.parametrize(
    ("result", "again", "answer"),
    [
        ("ok", False, ("7", "ok", "ok")),
        ("ok", True, ("7", "duplicate", "ok")),
        ("nothing is armed", False, ("7", "error", "nothing is armed")),
        ("nothing is armed", True, ("7", "duplicate", "nothing is armed")),
    ],
)
def test_an_ack_says_what_became_of_it(result: str, again: bool, answer: tuple[str, ...]) -> None:
    assert ack("7", result, again=again) == Message("/ack", answer)


def test_commands_are_taken_out_of_their_envelopes() -> None:
    plain, wrapped = Message("/go"), Message("/cmd", ("7", "/section/jump", "Chorus", "bar"))
    assert opened((wrapped, plain)) == (("7",), (Message("/section/jump", ("Chorus", "bar")), plain))


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ((), "expected an id, an address and its arguments"),
        (("7",), "expected an id, an address and its arguments"),
        ((7, "/go"), "expected an id, an address and its arguments"),
        (("", "/go"), "expected an id, an address and its arguments"),
        (("7", "go"), "expected an id, an address and its arguments"),
        (("x" * 65, "/go"), "expected an id of at most 64 characters, got 65"),
        (("7", "/cmd", "8", "/go"), "a command cannot hold another /cmd"),
    ],
)
def test_what_is_no_command_with_an_id_is_refused(args: tuple[str | int, ...], reason: str) -> None:
    with pytest.raises(Refused, match=reason):
        opened((Message("/cmd", args),))


def test_an_id_stands_for_one_command_of_a_bundle() -> None:
    command = Message("/cmd", ("7", "/mute/all/toggle"))
    with pytest.raises(Refused, match="a different id for each"):
        opened((command, command))


def test_an_id_that_comes_again_after_ten_minutes_is_another_command() -> None:
    assert Delivery(*TABLET, "1", after(0)).key != Delivery(*TABLET, "1", after(3600)).key

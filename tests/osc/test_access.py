"""Who may do what: ranges, the narrowest of them, and the passcode."""

from __future__ import annotations

import hmac
from itertools import count

import pytest

from showctl.errors import Refused
from showctl.model.show import Access as Ranges
from showctl.model.show import Bus, Entry, MeterPoint, Show, Song, TempoPoint
from showctl.model.units import HostNs, SongFrame
from showctl.osc.access import LOCKED_SECONDS, MAX_REMEMBERED, NS, Access, Rights, rights_by_range
from showctl.osc.codec import Message
from showctl.osc.methods import Role
from showctl.osc.routes import Peer
from showctl.osc.surface import Surface

SONG = Song("a", "A", (TempoPoint((0, 1), 120.0),), (MeterPoint(1, 4, 4, (4,)),), SongFrame(48_000), ())
SHOW = Show("Test", {"a": SONG}, (Entry(1, "a", "arm", 0),), (Bus("drums", "Drums", (0,)), Bus("house", "House", (1,))))
SURFACE = Surface(SHOW)

MIXED = Ranges(
    admin=("192.168.1.2/32",),
    control=("192.168.1.0/24", "fd00::/8"),
    view=("192.168.0.0/16", "192.168.1.99/32"),
    mix={"drums": ("192.168.1.41/32", "10.0.0.0/8"), "house": ("10.0.0.0/8",)},
)


@pytest.mark.parametrize(
    ("host", "rights"),
    [
        ("192.168.1.2", Rights("admin")),
        ("192.168.1.3", Rights("control")),
        ("192.168.1.99", Rights("view")),
        ("192.168.2.1", Rights("view")),
        ("192.168.1.41", Rights("mix", frozenset({"drums"}))),
        ("10.1.2.3", Rights("mix", frozenset({"drums", "house"}))),
        ("fd00::7", Rights("control")),
        ("fd00::7%eth0", Rights("control")),
        ("8.8.8.8", Rights("nothing")),
        ("127.0.0.1", Rights("nothing")),
        ("stage.local", Rights("nothing")),
    ],
)
def test_the_narrowest_range_wins(host: str, rights: Rights) -> None:
    assert rights_by_range(MIXED, host) == rights


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "10.1.1.1", "172.16.0.9", "192.168.7.7", "169.254.1.1", "::1", "fe80::1%2", "fd12::1"]
)
def test_without_ranges_private_networks_control(host: str) -> None:
    assert rights_by_range(Ranges(), host) == Rights("control")


@pytest.mark.parametrize("host", ["8.8.8.8", "172.32.0.1", "2001:db8::1"])
def test_without_ranges_strangers_may_do_nothing(host: str) -> None:
    assert rights_by_range(Ranges(), host) == Rights("nothing")


def refused(access: Access, host: str, *messages: Message, port: int = 9000) -> str:
    """The sentence that refuses one of these; empty if all may be done."""
    try:
        access.check((host, port), [bound for message in messages for bound in SURFACE.bind(message)])
    except Refused as exc:
        return str(exc)
    return ""


def test_this_machine_is_itself_whatever_its_address() -> None:
    own = ("203.0.113.7", "2001:db8::7")
    assert [Access(Ranges(), own=lambda: own).rights((host, 1)) for host in own] == [Rights("control")] * 2
    assert Access(Ranges(), own=lambda: own).rights(("203.0.113.8", 1)) == Rights("nothing")
    looking = Ranges(control=("127.0.0.0/8",), view=("203.0.113.0/24",))
    assert Access(looking, own=lambda: own).rights((own[0], 1)) == Rights("view")


def test_an_address_that_this_machine_has_lost_is_somebody_else_s() -> None:
    own = {"203.0.113.7"}
    access = Access(Ranges(), own=lambda: own)
    assert [access.rights((f"203.0.113.{number}", 1)).role for number in (7, 8)] == ["control", "nothing"]
    own = {"203.0.113.8"}
    assert [access.rights((f"203.0.113.{number}", 1)).role for number in (7, 8)] == ["nothing", "control"]


ALLOWED = {
    "192.168.1.2": {"/go", "/bus/drums/click/db", "/bus/house/mono", "/subscribe", "/hello"},
    "192.168.1.3": {"/go", "/bus/drums/click/db", "/bus/house/mono", "/subscribe", "/hello"},
    "192.168.2.1": {"/subscribe", "/hello"},
    "192.168.1.41": {"/bus/drums/click/db", "/subscribe", "/hello"},
    "10.1.2.3": {"/bus/drums/click/db", "/bus/house/mono", "/subscribe", "/hello"},
    "8.8.8.8": {"/hello"},
}
COMMANDS = (
    Message("/go"),
    Message("/bus/drums/click/db", (-3.0,)),
    Message("/bus/house/mono", (1,)),
    Message("/subscribe"),
    Message("/hello", ("1234",)),
)


@pytest.mark.parametrize("host", ALLOWED)
def test_each_role_may_do_what_it_may(host: str) -> None:
    access = Access(MIXED)
    assert {command.address for command in COMMANDS if not refused(access, host, command)} == ALLOWED[host]


def test_one_command_that_may_not_be_done_refuses_all() -> None:
    assert refused(Access(MIXED), "192.168.1.41", COMMANDS[1], COMMANDS[0]) == (
        "192.168.1.41 may only mix drums: [access] in show.toml says who may do what"
    )


def test_what_is_refused_says_what_may_be_done() -> None:
    access = Access(MIXED)
    rule = ": [access] in show.toml says who may do what"
    assert refused(access, "192.168.2.1", COMMANDS[0]) == "192.168.2.1 may only look" + rule
    assert refused(access, "8.8.8.8", COMMANDS[3]) == "8.8.8.8 may do nothing here" + rule


# ── the passcode ──

TABLET = ("192.168.1.31", 9000)
LOCKED = Ranges(control=("192.168.1.0/24",), view=("192.168.9.0/24",), passcode="tune in")


def after(seconds: float) -> HostNs:
    return HostNs(10**15 + round(seconds * NS))


def hello(access: Access, sender: Peer, passcode: str, now: HostNs) -> Role:
    access.check_passcode(sender, passcode, now)
    return access.sign_in(sender)


def test_with_a_passcode_control_only_looks_until_it_is_said() -> None:
    access = Access(LOCKED)
    assert access.rights(TABLET) == Rights("view")
    assert refused(access, TABLET[0], COMMANDS[0]) == "a passcode is asked for: send it with /hello"
    assert hello(access, TABLET, "tune in", after(0)) == "control"
    assert not refused(access, TABLET[0], COMMANDS[0])
    assert access.rights((TABLET[0], 9001)) == Rights("view")  # another program on that machine


def test_the_passcode_gives_no_more_than_the_range_does() -> None:
    access = Access(LOCKED)
    assert hello(access, ("192.168.9.1", 9000), "tune in", after(0)) == "view"
    assert hello(access, ("8.8.8.8", 9000), "tune in", after(0)) == "nothing"


def test_five_wrong_passcodes_lock_a_machine_out_for_a_minute() -> None:
    access = Access(LOCKED)
    for port in range(5):
        with pytest.raises(Refused, match=r"^the passcode is wrong$"):
            hello(access, (TABLET[0], port), "tune out", after(port))
    with pytest.raises(Refused, match=r"^too many wrong passcodes from 192\.168\.1\.31: try again in 59 s$"):
        hello(access, TABLET, "tune in", after(5))
    assert hello(access, ("192.168.1.32", 9000), "tune in", after(5)) == "control"
    assert hello(access, TABLET, "tune in", after(4 + LOCKED_SECONDS)) == "control"


def test_who_has_signed_in_stays_so_while_others_try() -> None:
    access = Access(LOCKED)
    hello(access, TABLET, "tune in", after(0))
    for port in range(1, 6):
        with pytest.raises(Refused):
            hello(access, (TABLET[0], port), "guess", after(1))
    assert access.rights(TABLET) == Rights("control")


def test_a_right_passcode_forgets_the_wrong_ones() -> None:
    access = Access(LOCKED)
    for attempt in range(20):
        if attempt % 4 == 3:
            hello(access, TABLET, "tune in", after(attempt))
        else:
            with pytest.raises(Refused, match="is wrong"):
                hello(access, TABLET, "guess", after(attempt))


@pytest.mark.parametrize("passcode", ["", "tune i", "tune in ", "TUNE IN", "ß" * 9])
def test_only_the_very_passcode_will_do(passcode: str) -> None:
    with pytest.raises(Refused, match="is wrong"):
        hello(Access(LOCKED), TABLET, passcode, after(0))


def test_how_long_it_takes_to_refuse_a_passcode_says_nothing_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is compared by what the standard library has for that."""
    compared: list[tuple[bytes, bytes]] = []

    def compare(said: bytes, right: bytes) -> bool:
        compared.append((said, right))
        return said == right

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert hello(Access(LOCKED), TABLET, "tune in", after(0)) == "control"
    assert compared == [(b"tune in", b"tune in")]


def test_without_a_passcode_everybody_is_welcome_to_what_they_may() -> None:
    access = Access(MIXED)
    assert hello(access, TABLET, "whatever", after(0)) == "control"
    assert hello(access, ("192.168.1.41", 1), "", after(0)) == "mix"


def test_who_signs_in_is_written_down_and_the_oldest_forgotten() -> None:
    written: list[tuple[Peer, ...]] = []
    access = Access(LOCKED, remember=lambda senders: written.append(tuple(senders)))
    for port in range(MAX_REMEMBERED + 1):
        hello(access, (TABLET[0], port), "tune in", after(0))
    assert len(written[-1]) == MAX_REMEMBERED
    assert access.rights((TABLET[0], 0)) == Rights("view")
    assert access.rights((TABLET[0], 1)) == Rights("control")


def test_many_machines_that_guess_cost_no_more_than_so_much_memory() -> None:
    access = Access(Ranges(control=("0.0.0.0/0",), passcode="tune in"))
    for number, _ in zip(count(), range(MAX_REMEMBERED + 100), strict=False):
        with pytest.raises(Refused):
            hello(access, (f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1), "guess", after(0))
    assert len(access._tries) == MAX_REMEMBERED

"""What is kept of the fuzzer's inputs, and what is too large to be kept: harmless, every one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from showctl.osc import server
from showctl.osc.arguments import MAX_TEXT
from showctl.osc.codec import Message, encode
from showctl.osc.ledger import MAX_LINES_BYTES, Ledger
from showctl.osc.subscribers import MAX_CLIENTS
from showctl.osc.sync import MAX_AT_ONCE
from tests.fuzz.huge import DATAGRAMS, STREAMS
from tests.fuzz.packets import bundle_of
from tests.fuzz.targets import Target
from tests.fuzz.world import BOUNDS, CONTROL, READER, SENDERS, World

CORPUS = Path(__file__).with_name("corpus")
KEPT = sorted(CORPUS.glob("*/*"))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    world = World(tmp_path)
    yield world
    world.close()


@pytest.mark.parametrize("kept", KEPT, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_kept_input_is_harmless(targets: dict[str, Target], kept: Path) -> None:
    target = targets[kept.parent.name]
    target(kept.read_bytes())
    target.world.settle()
    target.world.check_neighbour()


@pytest.mark.parametrize("what", DATAGRAMS)
@pytest.mark.parametrize("sender", [0, 1, 2, 5], ids=["control", "reader of all", "tcp", "only looks"])
def test_a_huge_packet_is_harmless(targets: dict[str, Target], what: str, sender: int) -> None:
    world = targets["datagrams"].world
    world.take(DATAGRAMS[what], SENDERS[sender])
    world.settle()
    world.check_neighbour()


@pytest.mark.parametrize("what", STREAMS)
def test_a_huge_stream_is_harmless(targets: dict[str, Target], what: str) -> None:
    targets["streams"](b"\xff" + STREAMS[what])


# ── found by reading ──


@pytest.mark.parametrize("peer", [CONTROL, READER], ids=["bare", "prefixed"])
def test_a_ping_is_answered_with_the_same_whatever_it_holds(world: World, peer: tuple[str, int]) -> None:
    prefix = "/foh" if peer == READER else ""
    args = ("\0", 2**40, 2.5, (b"", (None,)), 0xFFFFFFFF, "x" * 600)
    tags = "chd[b[N]]rS"
    asked, answer = Message("/ping", args, tags), Message(f"{prefix}/pong", args, tags)
    assert world.take(encode(asked), peer) == [answer]
    wrapped = Message("/cmd", ("a", "/ping", *args), f"ss{tags}")
    assert world.take(encode(wrapped), peer)[0] == answer


@pytest.mark.parametrize(("address", "args"), [
    ("/locate", ()), ("/loop", ("1",)), ("/loop", ()), ("/song/select", ()), ("/song/jump", ()), ("/section/jump", ()),
    ("/mix/save", ()), ("/mix/load", ()), ("/cue/fire", ()), ("/hello", ()), ("/click/sound", ()),
])  # fmt: skip
def test_a_text_has_so_many_characters_at_the_most(world: World, address: str, args: tuple[str, ...]) -> None:
    long = (*args, "x" * (MAX_TEXT + 1), "1")[: 2 if address == "/loop" else 1]
    (error,) = world.say(CONTROL, address, *long)
    assert str(error.args[1]).endswith(f"to have at most {MAX_TEXT} characters, got {MAX_TEXT + 1}")


def test_a_client_that_subscribes_from_ever_new_ports_is_one_client(world: World) -> None:
    for port in range(3000):
        world.say(("10.1.0.9", 1024 + port), "/subscribe", 9000, "beat")
    assert world.sizes()["voices"] == world.sizes()["clients"] == 3


def test_forged_senders_ask_for_the_whole_state_in_bounded_number(world: World) -> None:
    answers = [world.say((f"10.1.{n // 250}.{n % 250}", 9), "/sync") for n in range(MAX_AT_ONCE + 10)]
    assert [bool(answer) for answer in answers] == [False] * MAX_AT_ONCE + [True] * 10
    assert answers[-1][0].args[1] == "too many ask for the whole state at once: ask again in a second"
    world.settle()
    assert world.say(("10.1.9.9", 9), "/sync") == []


def test_forged_senders_fill_no_table_beyond_its_bound(world: World) -> None:
    for n in range(MAX_CLIENTS + 3000):
        peer = (f"10.1.{n // 250}.{n % 250}", 9)
        world.say(peer, "/subscribe", "beat", "stay")
        world.say(peer, "/cmd", "a", "/ping")
        world.say(peer, "/hello", "?")
        if n % 500 == 0:
            world.settle()
    world.check_neighbour()
    assert all(size <= BOUNDS[what] for what, size in world.sizes().items())


def test_bundles_of_ids_are_remembered_in_bounded_number(world: World) -> None:
    for bundle in range(20):
        ids = [Message("/cmd", (f"{bundle} {n}", "/ping")) for n in range(256)]
        world.take(bundle_of(*map(encode, ids)), CONTROL)
    assert world.sizes()["once"] == BOUNDS["once"]


def test_a_packet_means_so_many_commands_at_the_most_and_else_none(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pattern = Message("/bus/*/*/{db,fader}", (-20.0,))
    monkeypatch.setattr(server, "MAX_COMMANDS", 2 * len(world.surface.bind(pattern)))
    assert world.take(bundle_of(*[encode(pattern)] * 2), CONTROL) == []
    before = world.plan
    (error,) = world.take(bundle_of(*[encode(pattern)] * 3), CONTROL)
    assert error.args[1] == f"it means more than {server.MAX_COMMANDS} commands: send fewer at once"
    assert world.plan == before


def test_a_packet_has_so_many_patterns_at_the_most(world: World) -> None:
    pattern = encode(Message("//mono", (True,)))
    assert world.take(bundle_of(*[pattern] * server.MAX_PATTERNS), CONTROL) == []
    (error,) = world.take(bundle_of(*[pattern] * (server.MAX_PATTERNS + 1)), READER)
    assert error.args[1] == "expected at most 32 address patterns in a packet"


def test_who_ignores_what_was_never_listened_to_needs_no_socket(world: World) -> None:
    relays = len(world.relays.tasks)
    for command, more in (("IGNORE", 0), ("LISTEN", 1), ("IGNORE", 1)):
        world.obey(f'{{"COMMAND":"{command}","DATA":"/bus/drums/click/db"}}')
        assert len(world.relays.tasks) == relays + more


def test_what_another_service_refuses_is_not_answered(world: World) -> None:
    for address in ("/error", "/foh/error", "/monitors/error"):
        assert world.say(CONTROL, address, "/beat", "there is no such address") == []
    assert world.say(CONTROL, "/errors") != []


def test_the_ledger_writes_no_more_than_a_disk_bears_and_counts_the_rest(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "commands.log")
    for n in range(200):
        ledger.note(CONTROL, Message(f"/no/{n}", ("\1" * 1000,) * 60), "there is no such address")
    ledger.close()
    *lines, last = (tmp_path / "commands.log").read_text().splitlines()
    assert 200_000 < len("".join(lines)) <= MAX_LINES_BYTES
    assert last == f'{{"left_out":{200 - len(lines)}}}'

from __future__ import annotations

import pytest
import trio
from trio.testing import MockClock

from showctl.discovery.browse import Found
from showctl.model.show import Client as Listed
from showctl.service.finding import AGAIN_SECONDS, MISSED_SECONDS, Finder, Taker, client_at
from showctl.shared.clients import DEFAULT_TOPICS, Client

IPAD = Listed("ipad", "iPad", 0, ("all", "refresh", "utf8"))


def found(name: str, host: str, port: int = 9000) -> Found:
    return Found(name, host, port, {})


def test_topics_and_flags_are_those_of_the_feed() -> None:
    assert client_at(IPAD, "10.0.0.1", 9000) == Client(
        "10.0.0.1", 9000, DEFAULT_TOPICS, frozenset({"refresh", "utf8"}), name="ipad"
    )
    meters = Listed("desk", "10.0.0.1", 9000, ("meter", "timetag"))
    assert client_at(meters, "10.0.0.1", 9000).topics == {"meter"}


def test_a_part_of_the_name_finds_the_device_and_follows_it() -> None:
    placed: list[Client] = []
    finder = Finder([IPAD], placed.append)
    finder.heard("Anna's iPad (TouchOSC)", found("Anna's iPad (TouchOSC)", "10.0.0.5"))
    finder.heard("Lemur", found("Lemur", "10.0.0.6"))
    finder.heard("Anna's iPad (TouchOSC)", found("Anna's iPad (TouchOSC)", "10.0.0.7", 9100))
    assert [client.address for client in placed] == [("10.0.0.5", 9000), ("10.0.0.7", 9100)]


def test_a_port_in_the_show_file_stands() -> None:
    placed: list[Client] = []
    Finder([Listed("ipad", "iPad", 8888)], placed.append).heard("iPad", found("iPad", "10.0.0.5"))
    assert placed[0].address == ("10.0.0.5", 8888)


@pytest.mark.parametrize(
    ("names", "taken"),
    [
        (["iPad of Anna", "iPad of Ben"], [True, False]),
        (["iPad of Anna", "iPad"], [True, True]),
        (["iPad of Anna", "-iPad of Anna", "iPad of Ben"], [True, True]),
        (["iPhone", "IPAD"], [False, True]),
    ],
)
def test_the_first_that_fits_is_taken_until_it_leaves_and_one_of_just_that_name_always(
    names: list[str], taken: list[bool]
) -> None:
    taker, answers = Taker("iPad"), []
    for name in names:
        if name.startswith("-"):
            taker.leave(name[1:])
        else:
            answers.append(taker.takes(name))
    assert answers == taken


async def test_an_address_is_placed_at_once_and_a_host_name_when_it_is_known(
    monkeypatch: pytest.MonkeyPatch,
    autojump_clock: MockClock,  # noqa: ARG001 - this is how trio is given it
) -> None:
    answers = [OSError("not known"), "10.0.0.8", "10.0.0.9"]

    async def getaddrinfo(name: str, *_: object, **__: object) -> list[tuple[object, ...]]:
        assert name == "tablet.lan"
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, OSError):
            raise answer
        return [(2, 2, 17, "", (answer, 0))]

    monkeypatch.setattr("trio.socket.getaddrinfo", getaddrinfo)
    placed: list[tuple[str, int]] = []
    finder = Finder(
        [Listed("desk", "10.0.0.1", 9000), Listed("tablet", "tablet.lan", 9001)],
        lambda client: placed.append(client.address),
        zeroconf=False,
    )
    with trio.move_on_after(3 * AGAIN_SECONDS):
        await finder.serve(tuple)
    assert list(dict.fromkeys(placed)) == [("10.0.0.1", 9000), ("10.0.0.8", 9001), ("10.0.0.9", 9001)]


async def _missed_after(seconds: float, finder: Finder) -> list[str]:
    await trio.sleep(seconds)
    return list(finder.missed())


@pytest.mark.parametrize(
    ("host", "zeroconf", "why"),
    [
        ("iPad", True, "is not found on the network: open TouchOSC on it, and see that it is on this network"),
        ("iPad", False, "cannot be found by that name while zeroconf is switched off: give its address"),
        ("ipad.x", True, "is not found on the network: see that it is on, on this network, and known by that name"),
    ],
)
async def test_who_is_not_found_is_named_after_a_while(
    monkeypatch: pytest.MonkeyPatch,
    autojump_clock: MockClock,  # noqa: ARG001 - this is how trio is given it
    host: str,
    zeroconf: bool,
    why: str,
) -> None:
    _never_found(monkeypatch)
    listed = [Listed("desk", "10.0.0.1", 9000), Listed("ipad", host, 9000)]
    finder = Finder(listed, lambda _: None, zeroconf=zeroconf)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(finder.serve, tuple)
        assert await _missed_after(MISSED_SECONDS / 2, finder) == []
        assert await _missed_after(MISSED_SECONDS, finder) == [f'ipad ("{host}") {why}']
        nursery.cancel_scope.cancel()


async def test_who_is_found_is_not_missed_until_a_while_after_it_has_left(
    monkeypatch: pytest.MonkeyPatch,
    autojump_clock: MockClock,  # noqa: ARG001 - this is how trio is given it
) -> None:
    _never_found(monkeypatch)
    finder = Finder([IPAD], lambda _: None)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(finder.serve, tuple)
        assert len(await _missed_after(2 * MISSED_SECONDS, finder)) == 1
        finder.heard("Anna's iPad", found("Anna's iPad", "10.0.0.5"))
        assert await _missed_after(2 * MISSED_SECONDS, finder) == []
        finder.heard("iPad of Ben", None)  # another one, which was not taken
        assert await _missed_after(2 * MISSED_SECONDS, finder) == []
        finder.heard("Anna's iPad", None)
        assert await _missed_after(MISSED_SECONDS / 2, finder) == []
        assert len(await _missed_after(MISSED_SECONDS, finder)) == 1
        nursery.cancel_scope.cancel()


def _never_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A network on which nobody is: neither zeroconf nor the DNS knows a name."""

    async def getaddrinfo(*_: object, **__: object) -> None:
        raise OSError("not known")

    async def watch(*_: object) -> None:
        await trio.sleep_forever()

    monkeypatch.setattr("trio.socket.getaddrinfo", getaddrinfo)
    monkeypatch.setattr("showctl.service.finding.watch", watch)

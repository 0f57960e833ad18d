"""The page for Bitfocus Companion: what its buttons send, and what lights them, against the table of methods."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from showctl.osc.codec import Arg, Message
from showctl.osc.methods import OnClient
from showctl.osc.surface import Surface
from tests.rig import running_service
from tests.test_service import SHOW

PAGE = json.loads((Path(__file__).parents[2] / "clients/companion/showctl.companionconfig").read_text())

BUTTONS = {
    button["style"]["text"].replace("\\n", " "): button
    for row in PAGE["page"]["controls"].values()
    for button in row.values()
}

SURFACE = Surface(SHOW)


def entities(button: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from button["feedbacks"]
    for step in button["steps"].values():
        for actions in step["action_sets"].values():
            yield from actions


def sent(name: str) -> tuple[str, tuple[Arg, ...]]:
    """What the generic OSC module sends when this button goes down; nothing when it comes up."""
    sets = BUTTONS[name]["steps"]["0"]["action_sets"]
    assert sets["up"] == []
    (action,) = sets["down"]
    options = action["options"]
    match action["definitionId"]:
        case "send_blank":
            return options["path"], ()
        case "send_multiple":
            return options["path"], tuple(shlex.split(options["arguments"]))
        case other:
            pytest.fail(f"the test does not know what {other} sends")


def test_the_buttons_that_a_show_needs_are_there() -> None:
    assert {name: sent(name)[0] for name in BUTTONS} == {
        "GO": "/go",
        "STOP": "/stop",
        "FADE OUT": "/fade/out",
        "PANIC": "/panic",
        "◀ section": "/section/previous",
        "▶ section": "/section/next",
        "VAMP EXIT": "/vamp/exit",
        "CLICK": "/click/enabled/toggle",
        "CONNECT": "/subscribe",
    }


@pytest.mark.parametrize("name", BUTTONS)
def test_each_button_is_a_press_that_the_service_understands(name: str) -> None:
    address, args = sent(name)
    (bound,) = SURFACE.bind(Message(address, args))
    assert bound.address == address


@pytest.mark.parametrize("name", BUTTONS)
def test_everything_on_a_button_belongs_to_the_connection_that_comes_with_the_page(name: str) -> None:
    assert {entity["connectionId"] for entity in entities(BUTTONS[name])} == set(PAGE["instances"])


def test_no_two_things_have_the_same_id() -> None:
    ids = [entity["id"] for button in BUTTONS.values() for entity in entities(button)]
    assert len(ids) == len(set(ids))


def test_the_connection_is_generic_osc_and_hears_answers() -> None:
    (connection,) = PAGE["instances"].values()
    assert connection["instance_type"] == "generic-osc"
    assert connection["config"] == {
        "host": "127.0.0.1", "targetPort": "8000", "protocol": "udp", "listen": True, "feedbackPort": "8001"
    }  # fmt: skip


async def test_what_lights_a_button_is_told_to_who_pressed_connect(tmp_path: Path) -> None:
    lights = {entity["options"]["path"] for button in BUTTONS.values() for entity in button["feedbacks"]}
    address, words = sent("CONNECT")
    async with running_service(tmp_path, SHOW) as rig:
        deck = await rig.tablet()
        await deck.send(address, *words)
        assert lights <= {message[0] for message in await deck.hear_until("/synced")}
        assert all(client.expires is None for client in rig.service.subscribers.all)
        await deck.send(*sent("CLICK")[:1])
        assert await deck.hear() == ("/click/enabled", 0)


def test_go_is_green_whatever_it_is_that_sounds() -> None:
    """Also in a count-in, a vamp and a fade, where the transport has another name for it."""
    (green,) = (each for each in BUTTONS["GO"]["feedbacks"] if each["id"] == "go-playing")
    assert (green["definitionId"], green["options"]["path"]) == ("osc_feedback_int", "/led/playing")
    assert green["options"]["arguments"] == "1"


def test_connect_says_what_it_wants_to_hear() -> None:
    address, words = sent("CONNECT")
    (bound,) = SURFACE.bind(Message(address, words))
    assert bound.command == OnClient("subscribe", ("transport", "led", "mix", "stay"))

"""The lock, cell by cell: what each command may do while a song sounds."""

from __future__ import annotations

import msgspec
import pytest

from showctl.conductor.decide import decide
from showctl.errors import Refused
from showctl.model.lock import LOCKED
from showctl.model.mixes import Mixes
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.codec import Arg, Message
from showctl.osc.surface import Surface
from tests.pacer.shows import BAR, BEAT, NIGHT, SCORE, SHOW, played

SURFACE = Surface(SHOW)

LOCKED_NIGHT = msgspec.structs.replace(NIGHT, locked=True)

OUT = played([(Frame(0), "arm"), (Frame(BAR), "go"), (Frame(9 * BAR), "fade")])
ARMED, PLAYING, FADING = OUT.plans[1:]

COUNTING = View(SCORE, PLAYING, LOCKED_NIGHT, Frame(BAR + BEAT))
SOUNDING = View(SCORE, PLAYING, LOCKED_NIGHT, Frame(2 * BAR + BEAT))
VAMPING = View(SCORE, PLAYING, LOCKED_NIGHT, Frame(4 * BAR + BEAT))
BEING_FADED = View(SCORE, FADING, LOCKED_NIGHT, Frame(9 * BAR + BEAT))
AT_REST = View(SCORE, ARMED, LOCKED_NIGHT, Frame(BAR // 2))


def done(view: View, address: str, *args: Arg) -> bool:
    """False where the lock refuses it; other refusals are none of its business."""
    try:
        decide(view, SURFACE.bind(Message(address, args)), Mixes())
    except Refused as exc:
        return str(exc) != LOCKED
    return True


CUTS: list[tuple[str, tuple[Arg, ...]]] = [
    ("/pause", ()),
    ("/playpause", ()),
    ("/stop", ()),
    ("/locate", ("Refrain",)),
    ("/song/jump", (2, "bar")),
    ("/section/jump", ("Refrain",)),
    ("/section/1/jump", ()),
    ("/section/next", ()),
    ("/jump/bars", (1,)),
    ("/jump/beats", (-1,)),
    ("/vamp/start", (2,)),
    ("/loop", ("Intro", "Refrain")),
]

ALLOWED: list[tuple[str, tuple[Arg, ...]]] = [
    ("/panic", ()),
    ("/fade", (1.0,)),
    ("/fade/out", ()),
    ("/go", ()),
    ("/song/select", (3,)),
    ("/song/jump", (3,)),
    ("/setlist/skip", (2, True)),
    ("/click/enabled", (False,)),
    ("/click/only", (True,)),
    ("/talkback", (True,)),
    ("/mix/revert", ()),
    ("/cue/hold", (True,)),
    ("/lock", (False,)),
    ("/lock/toggle", ()),
]


@pytest.mark.parametrize(("address", "args"), CUTS, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize("view", [SOUNDING, VAMPING], ids=["playing", "vamping"])
def test_what_would_cut_or_move_the_music_is_refused(view: View, address: str, args: tuple[Arg, ...]) -> None:
    assert not done(view, address, *args)
    assert done(unlocked(view), address, *args)


def unlocked(view: View) -> View:
    return View(view.score, view.plan, NIGHT, view.horizon)


@pytest.mark.parametrize(("address", "args"), ALLOWED, ids=lambda value: value if isinstance(value, str) else "")
@pytest.mark.parametrize(
    "view", [COUNTING, SOUNDING, VAMPING, BEING_FADED], ids=["counting", "playing", "vamping", "fading"]
)
def test_what_must_always_be_possible_is(view: View, address: str, args: tuple[Arg, ...]) -> None:
    assert done(view, address, *args)


def test_a_vamp_can_be_let_go() -> None:
    assert decide(VAMPING, SURFACE.bind(Message("/vamp/exit")), Mixes()).spans
    assert decide(VAMPING, SURFACE.bind(Message("/go")), Mixes()).spans


@pytest.mark.parametrize("address", ["/stop", "/pause", "/playpause"])
def test_a_count_in_is_not_called_off(address: str) -> None:
    assert not done(COUNTING, address)


def test_a_fade_is_not_cut_short_save_by_panic() -> None:
    assert (done(BEING_FADED, "/stop"), done(BEING_FADED, "/panic")) == (False, True)


@pytest.mark.parametrize(
    ("address", "args"), [("/go", ()), ("/stop", ()), ("/locate", ("Refrain",)), ("/song/select", (2,))]
)
def test_at_rest_it_refuses_nothing(address: str, args: tuple[Arg, ...]) -> None:
    assert done(AT_REST, address, *args)


def test_a_bundle_may_unlock_and_stop() -> None:
    both = (*SURFACE.bind(Message("/lock", (False,))), *SURFACE.bind(Message("/stop")))
    decision = decide(SOUNDING, both, Mixes())
    assert decision.spans
    assert decision.night
    assert not decision.night.locked

"""Some commands decided before anybody gives one: what runs for the first time takes milliseconds, and GO has none."""

from __future__ import annotations

import msgspec

from showctl.conductor.decide import decide
from showctl.errors import Refused
from showctl.model.mixes import Mixes
from showctl.model.night import Night
from showctl.model.plan import Edit, Plan, commit
from showctl.model.score import Score
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.codec import Arg, Message, decode, encode
from showctl.osc.surface import Surface, messages_of

ROUNDS = 5
COMMANDS: tuple[tuple[str, tuple[Arg, ...]], ...] = (
    ("/song/select", (1,)),
    ("/go", ()),
    ("/section/next", ()),
    ("/jump/bars", (1,)),
    ("/pause", ()),
    ("/go", ()),
    ("/fade/out", ()),
    ("/stop", ()),
    ("/mute/all", (1,)),
    ("/panic", ()),
)


def rehearse(score: Score, surface: Surface) -> None:
    """Decide these for a show at rest, as many times as it takes to be quick. Nothing is kept.

    By their bare addresses, which the show may not let anybody else use.
    """
    for _ in range(ROUNDS):
        plan, night, head = Plan(1, score.hash, score.rate), Night.of(score.show), Frame(0)
        for address, args in COMMANDS:
            head = Frame(head + score.rate)
            packet = decode(encode(Message(address, args)))
            commands = [bound for message in messages_of(packet) for bound in surface.bound(message.address, message)]
            try:
                decision = decide(View(score, plan, night, head), commands, Mixes())
            except Refused:  # a show without songs, or without sections
                continue
            edit = Edit("", 0, plan.version, decision.at, decision.spans or None, decision.mix, decision.fade)
            msgspec.msgpack.decode(msgspec.msgpack.encode(edit), type=Edit)
            plan, night = commit(plan, edit, head), decision.night or night

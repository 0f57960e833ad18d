"""What a row of the table of methods is: an address, what it takes, the command it means, the state it shows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

from showctl.model.levels import MixCommand
from showctl.model.mix import Mix
from showctl.model.mixes import MixesCommand
from showctl.model.view import Change, View
from showctl.osc.arguments import Parameter, Value, is_pressed, read_all, switch
from showctl.osc.codec import Arg

PlanCommand: TypeAlias = Callable[[View], Change | None]
Captures: TypeAlias = Mapping[str, str]
Values: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class OnPlan:
    """A command on the transport, the setlist or the free metronome."""

    run: PlanCommand


@dataclass(frozen=True, slots=True)
class OnMix:
    """A command on levels and click settings."""

    run: MixCommand


ClientCommand: TypeAlias = Literal["subscribe", "unsubscribe", "sync", "ping", "hello", "cmd"]


@dataclass(frozen=True, slots=True)
class OnClient:
    """A command about the conversation itself."""

    what: ClientCommand
    values: tuple[Arg, ...] = ()


@dataclass(frozen=True, slots=True)
class OnMixes:
    """A command on the mixes that are kept by name."""

    run: MixesCommand


Command: TypeAlias = OnPlan | OnMix | OnMixes | OnClient


Role: TypeAlias = Literal["nothing", "view", "mix", "control", "admin"]
"""What a sender may do at the most: each may do what those before it may."""


@dataclass(frozen=True, slots=True)
class Method:
    """One row. A trigger is pressed; what has `shows` is a state, fed back on its own address."""

    address: str  # may hold <bus>, <source>, <t>, <n>
    does: str
    make: Callable[[Captures, Values], Command]
    takes: tuple[Parameter, ...] = ()
    shows: Callable[[View, Captures], Values] | None = None
    unit: str = ""
    pressed: bool = False  # a trigger: fires on a press, ignores a release
    any_arguments: bool = False
    topic: str = "mix"  # under which the state is asked for
    role: Role = "control"
    """Who may use it, at the least."""

    def bind(self, captures: Captures, args: tuple[Arg, ...]) -> Command | None:
        """The command, or None for the release of a trigger. Raises Refused for arguments that do not fit."""
        if self.any_arguments:
            return self.make(captures, cast("Values", args))
        if self.pressed and not (self.takes and args and isinstance(args[0], str)):
            if args and not is_pressed(args[0]):
                return None
            if not (args and self._counts(args[0])):
                return self.make(captures, ())
        return self.make(captures, read_all(self.takes, args))

    def _counts(self, arg: Arg) -> bool:
        """Whether it is a number where a trigger takes one, and so more than a press; 1.0 is a button's."""
        if not self.takes or self.takes[0].tag != "i":
            return False
        return type(arg) is int or (isinstance(arg, float) and arg.is_integer() and arg != 1.0)


@dataclass(frozen=True, slots=True)
class Place:
    """A method at a concrete address of this show."""

    method: Method
    captures: Captures = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """What a state address shows, and the topic under which that is asked for."""

    address: str
    topic: str
    values: Values


# ── kinds of rows ──


def press(address: str, does: str, run: PlanCommand, *takes: Parameter) -> Method:
    return Method(address, does, lambda _c, _v: OnPlan(run), takes, pressed=True)


def call(address: str, does: str, make: Callable[..., PlanCommand], *takes: Parameter, pressed: bool = False) -> Method:
    return Method(address, does, lambda _c, values: OnPlan(make(*values)), takes, pressed=pressed)


def mix_switch(
    address: str, does: str, get: Callable[[Mix, Captures], bool], make: Callable[[Captures, bool], MixCommand]
) -> Iterator[Method]:
    """A switch of the mix, and its toggle."""
    yield Method(
        address,
        does,
        lambda captures, values: OnMix(make(captures, bool(values[0]))),
        (switch(),),
        lambda view, captures: (int(get(view.plan.mix_at(view.horizon), captures)),),
    )

    def toggled(captures: Captures) -> MixCommand:
        return lambda show, mix: make(captures, not get(mix, captures))(show, mix)

    yield Method(f"{address}/toggle", f"{does}: the other way", lambda c, _: OnMix(toggled(c)), pressed=True)


def plan_switch(
    address: str,
    does: str,
    get: Callable[[View, Captures], bool],
    act: Callable[[View, Captures, bool], Change | None],
    topic: str = "mix",
) -> Iterator[Method]:
    """A switch that is decided on the view, and its toggle."""
    yield Method(
        address,
        does,
        lambda captures, values: OnPlan(lambda view: act(view, captures, bool(values[0]))),
        (switch(),),
        lambda view, captures: (int(get(view, captures)),),
        topic=topic,
    )
    yield Method(
        f"{address}/toggle",
        f"{does}: the other way",
        lambda captures, _: OnPlan(lambda view: act(view, captures, not get(view, captures))),
        pressed=True,
    )

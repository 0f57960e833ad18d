"""The arguments of incoming messages: what a method takes, made into plain values or refused in one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from showctl.errors import Refused
from showctl.osc.codec import IMPULSE, Arg

Value: TypeAlias = bool | int | float | str

MAX_TEXT = 512
"""Characters of a name or a position: whatever reads it may look at each as often as there are."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument: its OSC type as documented, its range, and how a raw argument is read."""

    name: str
    tag: Literal["i", "f", "s", "T", "si", "*"]
    read: Callable[[Arg], Value]
    low: float | None = None
    high: float | None = None
    choices: tuple[str, ...] | tuple[float, ...] = ()
    optional: bool = False


def number(name: str, low: float, high: float, *, optional: bool = False) -> Parameter:
    """A finite number; the method clamps or refuses what lies outside."""
    return Parameter(name, "f", lambda arg: _finite(name, arg), low, high, optional=optional)


def one_number_of(name: str, choices: tuple[float, ...]) -> Parameter:
    """A number that is one of these."""

    def read(arg: Arg) -> float:
        if _finite(name, arg) not in choices:
            raise Refused(f"expected {name} to be {_or(choices)}, got {_shown(arg)}")
        return float(arg)  # type: ignore[arg-type]  # it is finite

    return Parameter(name, "f", read, choices=choices)


def integer(name: str, low: int, high: int, *, optional: bool = False) -> Parameter:
    """A whole number from `low` to `high`; a float that is whole will do."""

    def read(arg: Arg) -> int:
        value = _finite(name, arg)
        if value != int(value) or not low <= value <= high:
            raise Refused(f"expected {name} to be a whole number from {low} to {high}, got {_shown(arg)}")
        return int(value)

    return Parameter(name, "i", read, low, high, optional=optional)


def text(name: str, *, choices: tuple[str, ...] = (), optional: bool = False) -> Parameter:
    """A string, where `choices` are given one of them."""

    def read(arg: Arg) -> str:
        _refuse_long(name, arg)
        if not isinstance(arg, str) or (choices and arg not in choices):
            raise Refused(f"expected {name} to be {_or(choices) if choices else 'a string'}, got {_shown(arg)}")
        return arg

    return Parameter(name, "s", read, choices=choices, optional=optional)


def position(name: str) -> Parameter:
    """A place in the song as text; a whole number is the bar it is in the show file."""

    def read(arg: Arg) -> str:
        _refuse_long(name, arg)
        if isinstance(arg, str):
            return arg
        if isinstance(arg, bool) or not isinstance(arg, int | float) or arg != arg // 1:
            raise Refused(f'expected {name} to be a bar, or text such as "17.3" or "Chorus", got {_shown(arg)}')
        return str(int(arg))

    return Parameter(name, "s", read)


def name_or_index(name: str) -> Parameter:
    """A name, or a place from 1."""

    def read(arg: Arg) -> str | int:
        _refuse_long(name, arg)
        if isinstance(arg, str) and arg.strip():
            return arg
        if isinstance(arg, bool) or not isinstance(arg, int | float) or arg != arg // 1 or arg < 1:
            raise Refused(f"expected {name} to be a name or a number from 1, got {_shown(arg)}")
        return int(arg)

    return Parameter(name, "si", read)


def switch() -> Parameter:
    """On or off, as T, F or any number; 0 is off."""

    def read(arg: Arg) -> bool:
        if isinstance(arg, bool):
            return arg
        return _finite("the switch", arg) != 0

    return Parameter("on", "T", read)


def read_all(parameters: Sequence[Parameter], args: tuple[Arg, ...]) -> tuple[Value, ...]:
    """The values, as many as were sent. Raises Refused for too few, too many, or one that does not fit."""
    required = sum(not parameter.optional for parameter in parameters)
    if not required <= len(args) <= len(parameters):
        wanted = ", ".join(parameter.name for parameter in parameters) or "no arguments"
        raise Refused(f"expected {wanted}, got {len(args)} arguments")
    return tuple(parameter.read(arg) for parameter, arg in zip(parameters, args, strict=False))


def is_pressed(arg: Arg) -> bool:
    """Whether a trigger fires: by T, I, or any number but zero. Raises Refused for what is no press."""
    if arg is IMPULSE or isinstance(arg, bool):
        return arg is not False
    if isinstance(arg, int | float):
        return _finite("the press", arg) != 0
    raise Refused(f"expected a press (no argument, T, I or a number), got {_shown(arg)}")


def _refuse_long(name: str, arg: Arg) -> None:
    if isinstance(arg, str) and len(arg) > MAX_TEXT:
        raise Refused(f"expected {name} to have at most {MAX_TEXT} characters, got {len(arg)}")


def _finite(name: str, arg: Arg) -> float:
    if isinstance(arg, bool) or not isinstance(arg, int | float) or not math.isfinite(arg):
        raise Refused(f"expected {name} to be a number, got {_shown(arg)}")
    return arg


def _shown(arg: Arg) -> str:
    if isinstance(arg, str):
        return f'"{arg[:60]}"'
    if isinstance(arg, float):
        return f"{arg:g}"
    return f"a blob of {len(arg)} bytes" if isinstance(arg, bytes) else str(arg)[:60]


def _or(choices: Sequence[str | float]) -> str:
    return " or ".join(as_text(choice) for choice in choices)


def as_text(choice: str | float) -> str:
    """As it is written in sentences and tables; an empty string, so that it is seen."""
    return (choice or '""') if isinstance(choice, str) else f"{choice:g}"

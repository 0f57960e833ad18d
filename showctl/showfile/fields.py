"""The types of single values in show files. Each says in a few words what it expects."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    PlainValidator,
    Strict,
    StringConstraints,
    ValidationError,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from showctl.model.meter import Meter, parse_meter
from showctl.model.position import Position, parse_position
from showctl.model.tempo import parse_tempo
from showctl.model.units import MAX_DB, SILENCE_DB

Item = TypeVar("Item")
Many = Annotated[tuple[Item, ...], Strict(False)]


class Table(BaseModel):
    """The base of all tables: no unknown keys, nothing converted, nothing infinite."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, allow_inf_nan=False, use_attribute_docstrings=True
    )


def fault(expected: str = "", hint: str = "", text: str = "") -> PydanticCustomError:
    """What a validator raises; `parse` makes a Problem of it."""
    return PydanticCustomError("fault", "{expected}{text}", {"expected": expected, "hint": hint, "text": text})


def fault_of(error: ValueError) -> PydanticCustomError:
    """The sentence of a parser in `showctl.model`, in the words of a problem."""
    return fault(text=str(error).replace(", got ", ", found "))


@dataclass(frozen=True, slots=True)
class Expect:
    """What a value should be, in words; for numbers also its range."""

    words: str
    low: float | None = None
    high: float | None = None

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:  # noqa: ANN401
        return core_schema.no_info_wrap_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        bounds = {"minimum": self.low, "maximum": self.high}
        return handler(schema) | {name: bound for name, bound in bounds.items() if bound is not None}

    def _checked(self, value: object, inner: core_schema.ValidatorFunctionWrapHandler) -> object:
        try:
            checked = inner(value)
        except ValidationError:
            raise fault(self._expected) from None
        if self.low is not None and self.high is not None and not self.low <= checked <= self.high:
            raise fault(self._expected)
        return checked

    @property
    def _expected(self) -> str:
        return self.words if self.low is None else f"{self.words} from {self.low:g} to {self.high:g}"


def form_of(value: object) -> str:
    """Which form of a value is meant, so that only the faults of that form are told."""
    return "<list>" if isinstance(value, list) else "<table>" if isinstance(value, dict) else "<value>"


def forms(expected: str) -> Discriminator:
    """Chooses among types tagged as `form_of` says; a form that is not among them is answered with `expected`."""
    return Discriminator(
        form_of,
        custom_error_type="fault",
        custom_error_message="{expected}",
        custom_error_context={"expected": expected, "hint": "", "text": ""},
    )


# ── numbers and words ──

Text = Annotated[str, Expect("a text in quotes")]
Flag = Annotated[bool, Expect("true or false")]
Name = Annotated[str, StringConstraints(min_length=1), Expect("a name in quotes")]
File = Annotated[str, StringConstraints(min_length=1), Expect("the path of a file, in quotes")]
Colour = Annotated[str, StringConstraints(pattern=r"^#[0-9a-fA-F]{6}$"), Expect('a colour such as "#40a0e0"')]
Channel = Annotated[int, Expect("an output channel", 1, 1024)]
Port = Annotated[int, Expect("a port", 1, 65535)]
OpenPort = Annotated[int, Expect("a port (0 is any free one)", 0, 65535)]
Gain = Annotated[float, Expect("a level in dB", SILENCE_DB, MAX_DB)]
Pan = Annotated[float, Expect("a place from left to right", -1, 1)]
CountIn = Annotated[int, Expect("a number of bars", 0, 16)]
Passes = Annotated[int, Expect("a number of passes", 1, 999)]


def _level(value: object) -> float:
    if value == "off" and isinstance(value, str):
        return SILENCE_DB
    number = not isinstance(value, bool) and isinstance(value, int | float)
    if not number or not SILENCE_DB <= value <= MAX_DB:  # type: ignore[operator]
        raise fault(f'a level from {SILENCE_DB:g} to {MAX_DB:g} dB or "off"')
    return float(value)  # type: ignore[arg-type]


Level = Annotated[
    float,
    PlainValidator(_level),
    WithJsonSchema({"anyOf": [{"type": "number", "minimum": SILENCE_DB, "maximum": MAX_DB}, {"const": "off"}]}),
]

# ── musical values ──


@dataclass(frozen=True, slots=True)
class Written:
    """A position, and how it was written."""

    position: Position
    text: str


def _small(value: object) -> bool:
    """Whether it may be a number that people write."""
    return not isinstance(value, bool) and isinstance(value, int | float) and abs(value) < 10**9


def _position(value: object) -> Written:
    if isinstance(value, float) and math.isfinite(value):
        raise fault("a position", hint=f'write it in quotes: "{value}"')
    if not isinstance(value, str) and not (isinstance(value, int) and _small(value)):
        raise fault('a position such as 17, "17.3", "Chorus - 1 bar" or "1:02.5"')
    try:
        return Written(parse_position(value), f'"{value}"' if isinstance(value, str) else str(value))
    except ValueError as error:
        raise fault_of(error) from None


def _bpm(value: object) -> float:
    if not isinstance(value, str) and not _small(value):
        raise fault('a tempo such as 120, "♩. = 80" or "1/8 = 200"')
    try:
        return parse_tempo(value)  # type: ignore[arg-type]
    except ValueError as error:
        raise fault_of(error) from None


def _meter(value: object) -> Meter:
    if not isinstance(value, str):
        raise fault('a meter such as "4/4" or "7/8"')
    try:
        return parse_meter(value)
    except ValueError as error:
        raise fault_of(error) from None


def _file_seconds(value: object) -> float:
    """Seconds into a file, of `"0:01.83"` or a number."""
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 3600:
        return float(value)
    text = value if isinstance(value, str) else ""
    minutes, _, seconds = text.partition(":")
    if minutes.isdecimal() and seconds.replace(".", "", 1).isdecimal() and len(text) <= 16 and float(seconds) < 60:
        return int(minutes) * 60 + float(seconds)
    raise fault('a time in the files such as "0:01.83"')


Place = Annotated[Written, PlainValidator(_position), WithJsonSchema({"type": ["integer", "string"], "minimum": 1})]
Bpm = Annotated[
    float, PlainValidator(_bpm), WithJsonSchema({"type": ["number", "string"], "minimum": 1, "maximum": 1000})
]
MeterText = Annotated[Meter, PlainValidator(_meter), WithJsonSchema({"type": "string", "examples": ["4/4", "7/8"]})]
FileTime = Annotated[float, PlainValidator(_file_seconds), WithJsonSchema({"type": ["string", "number"], "minimum": 0})]

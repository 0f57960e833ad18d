"""The table of what is told: every address that is only sent, its arguments, what it says, and its topic.

What is told of a state comes on the state's own address, which is in the table of methods. `showctl.osc.telling` makes
the messages.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal, cast

from showctl.model.show import Show


@dataclass(frozen=True, slots=True)
class Field:
    """One argument of a message: its OSC type, what it is, its unit where it has one, and all that it can be if few."""

    tag: Literal["i", "f", "s"]
    name: str
    unit: str = ""
    choices: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One row. `address` may hold <n> or <bus>; in the table, `/meter/<bus>` stands for a bus of one channel."""

    address: str
    topic: str  # empty for an answer
    does: str
    fields: tuple[Field, ...] = ()

    @property
    def tags(self) -> str:
        return "".join(field.tag for field in self.fields)


UNITS = {"bpm": "quarter notes per minute", "seconds": "s", "left": "s", "peak": "dBFS"}
"""By the first word of a field's name, for floats."""


def _row(address: str, topic: str, does: str, arguments: str = "") -> Outgoing:
    """`arguments` as in the contract: "i bar, f bpm"; "s state=on|off" can be one of these only."""
    fields = (_field(*argument.split(" ", 1)) for argument in arguments.split(", ") if argument)
    return Outgoing(address, topic, does, tuple(fields))


def _field(tag: str, said: str) -> Field:
    name, limited, words = said.partition("=")
    unit = UNITS.get(name.partition(" ")[0], "") if tag == "f" else ""
    choices = tuple(int(word) if tag == "i" else word for word in words.split("|")) if limited else ()
    return Field(cast("Literal['i', 'f', 's']", tag), name, unit, choices)


OUTGOING: tuple[Outgoing, ...] = (
    _row("/beat", "beat", "each pulse as it sounds; accent 2 is the downbeat, 1 a group",
         "i bar, i beat, i beats in the bar, f bpm, i accent=0|1|2, i denominator"),
    _row("/section", "section", "the section that starts", "s name, i index, i bars"),
    _row("/next", "section", "the section that comes, each bar", "s section, f seconds until"),
    _row("/jump", "section", "where a pending jump or vamp exit goes; empty if there is none",
         "s section, f seconds until"),
    _row("/vamp", "section", "each pass of a vamp; of 0 is endless", "i pass, i of"),
    _row("/song", "song", "the song that is armed or was started", "s title, i place, i places"),
    _row("/song/next_up", "song", "what follows", "s title, i place"),
    _row("/song/notes", "song", "the song's notes and those of its place", "s notes"),
    _row("/section/notes", "song", "the section's notes", "s notes"),
    _row("/setlist/<n>", "song", "a place of tonight's order",
         "s title, s id, s colour, f seconds, s state=current|next|skipped|"),
    _row("/sections/<n>", "song", "a section of the song", "s name, s colour, i bars, s start"),
    _row("/transport", "transport", "what the show does",
         "s state=stopped|armed|countin|playing|vamping|paused|fading"),
    _row("/countin", "transport", "the count-in", "i beats left"),
    _row("/led/playing", "led", "a lamp: something sounds", "i on=0|1"),
    _row("/led/vamp", "led", "a lamp: a vamp is played", "i on=0|1"),
    _row("/led/section/<n>", "led", "a lamp: the section is played", "i on=0|1"),
    _row("/position", "position", "where the song is, ten times a second",
         "s bar.beat, f seconds, f left in song, f left in section, f left in set"),
    _row("/text/song", "text", "title of the song", "s text"),
    _row("/text/next_song", "text", "title of what follows", "s text"),
    _row("/text/section", "text", "name of the section", "s text"),
    _row("/text/next_section", "text", "name of the next section", "s text"),
    _row("/text/barbeat", "text", "bar.beat", "s text"),
    _row("/text/left", "text", "time left in the song", "s text"),
    _row("/text/set_left", "text", "time left in the set", "s text"),
    _row("/text/clock", "text", "the time of day", "s text"),
    _row("/text/status", "text", "what the service does, or what is wrong", "s text"),
    _row("/cue/standby", "cue", "a cue that comes", "s name, s target, f seconds until"),
    _row("/cue", "cue", "a cue as it fires", "s name, s target"),
    _row("/meter/<bus>", "meter", "peak of each channel", "f peak"),
    _row("/health", "health", "how the machine does, once a second", "i xruns, f load, s text"),
    _row("/synced", "", "the end of the whole state", "i messages"),
    _row("/pong", "", "the arguments of the ping"),
    _row("/error", "", "what was refused, and why", "s address, s reason"),
    _row("/ack", "", "what became of a /cmd", "s id, s answer=ok|duplicate|error, s text"),
    _row("/welcome", "", "the role that /hello got", "s role=nothing|view|mix|control|admin"),
)  # fmt: skip


def outgoing(show: Show) -> dict[str, Outgoing]:
    """Every concrete address of this show under which anything is told; answers to one client are not."""
    return {address: row for each in OUTGOING if each.topic for address, row in _expanded(show, each)}


def _expanded(show: Show, row: Outgoing) -> Iterator[tuple[str, Outgoing]]:
    if "<bus>" in row.address:
        for bus in show.buses:
            yield row.address.replace("<bus>", bus.slug), replace(row, fields=row.fields * len(bus.channels))
    elif "<n>" in row.address:
        sections = max((len(song.sections) for song in show.songs.values()), default=0)
        for n in range(1, 1 + (len(show.entries) if row.address.startswith("/setlist") else sections)):
            yield row.address.replace("<n>", str(n)), row
    else:
        yield row.address, row

"""The shape of a `song.toml`, and what it has in common with `show.toml`. Docstrings become the JSON Schema's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, Tag, WithJsonSchema

from showctl.model.show import Occasion, Pulse, Then
from showctl.showfile.fields import (
    Bpm,
    Colour,
    CountIn,
    Expect,
    File,
    FileTime,
    Flag,
    Gain,
    Many,
    MeterText,
    Name,
    Pan,
    Passes,
    Place,
    Table,
    Text,
    fault,
    forms,
)

# ── click, cues, guides ──


class CustomClick(Table):
    """A click made of sound files: `accent`, `beat` or both, and `subdivision` if wanted."""

    accent: File | None = None
    """The sound of an accented beat; without it the beat's."""
    beat: File | None = None
    """The sound of a beat; without it the accent's, softer."""
    subdivision: File | None = None
    """The sound of the clicks between pulses; without it the beat's, softer."""


BuiltInClick = Literal["woodblock", "beep", "cowbell", "hihat", "tick"]


class ClickSource(Table):
    """The metronome that performers hear."""

    sound: Annotated[
        Annotated[BuiltInClick, Tag("<value>")] | Annotated[CustomClick, Tag("<table>")],
        forms('the name of a click sound, or a table such as { accent = "a.wav", beat = "b.wav" }'),
    ] = "woodblock"
    """A built-in sound, or a table of sound files."""
    count_in: CountIn = 1
    """How many bars are counted in when a song is started from rest."""
    subdivision: Annotated[int, Expect("a number of clicks per pulse", 1, 4)] = 1
    """Clicks per pulse."""


CueValue = Annotated[
    int | float | str | bool,
    Expect("a number, a text, true or false"),
    WithJsonSchema({"type": ["number", "string", "boolean"]}),
]


def _fire(value: object) -> object:
    if isinstance(value, float):
        raise fault("a cue number", hint=f'write it in quotes: "{value}"')
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**9 else value


class CueSource(Table):
    """What another machine must do at a place of the song, or on an occasion."""

    to: Name
    """The target: one of [targets] in show.toml."""
    at: Place | None = None
    """The position. Relative to a section it belongs to each entry into it."""
    on: Occasion | None = None
    """An occasion instead of a position."""
    fire: Annotated[Name, BeforeValidator(_fire), WithJsonSchema({"type": ["string", "integer"]})] | None = None
    """A cue number; the target's profile makes the machine's own message of it."""
    osc: Many[CueValue] | None = None
    """A message written out: the address, then its arguments."""
    name: Name | None = None
    """What operators read; without it the target and the cue number."""
    every_pass: Flag = True
    """In a vamp: on every pass, or (false) on the first only."""
    late: Literal["send", "skip"] = "send"
    """What happens where the entry it is counted back from was decided too late."""


class GuideSource(Table):
    """A spoken cue for performers."""

    at: Place
    """Where it starts. Relative to a section it belongs to each entry into it."""
    file: File
    """The sound file, relative to the song's folder."""
    name: Name | None = None
    """What it is called; without it the file's name."""


# ── time ──


class TempoMarkSource(Table):
    """A tempo from a place on."""

    at: Place
    """A bar or beat."""
    bpm: Bpm
    """Quarter notes a minute, or a text such as "♩. = 80"."""
    ramp: Flag = False
    """Reached gradually from the mark before."""


class MeterMarkSource(Table):
    """A meter from a bar on."""

    at: Place
    """A bar."""
    meter: MeterText
    """Such as "7/8"."""
    accents: Text | None = None
    """The groups of a bar, such as "2+2+3"."""


class VampSource(Table):
    """How a section repeats."""

    exit: Literal["section", "bar", "beat"] = "section"
    """Where it goes on once it is let go: at the section's end, the next bar or the next beat."""
    times: Passes | None = None
    """How many passes at most; without it, until it is let go."""


def _vamp(value: object) -> object:
    if isinstance(value, bool):
        return {} if value else None
    if isinstance(value, int):
        return {"times": value}
    if isinstance(value, dict):
        return value
    raise fault('true, a number of passes, or a table such as { exit = "bar", times = 4 }')


class SectionSource(Table):
    """A named stretch of the song, from its bar to the next section."""

    at: Place
    """The bar it starts on."""
    name: Name
    """Its name; names may repeat."""
    vamp: Annotated[
        VampSource | None,
        BeforeValidator(_vamp),
        WithJsonSchema(
            {
                "anyOf": [
                    {"type": "boolean"},
                    {"type": "integer", "minimum": 1, "maximum": 999},
                    {
                        "type": "object",
                        "additionalProperties": False,
                        "properties": {
                            "exit": {"enum": ["section", "bar", "beat"]},
                            "times": {"type": "integer", "minimum": 1, "maximum": 999},
                        },
                    },
                ]
            }
        ),
    ] = None
    """It repeats: true (until let go, at its end), a number of passes, or a table."""
    colour: Colour = ""
    """Such as "#40a0e0", for tablets."""
    notes: Text = ""
    """What the stage page shows."""
    ascii: Name | None = None
    """The name for machines that read ASCII only, where the automatic one will not do."""


def _row(value: object) -> object:
    match value:
        case [at, name]:
            return {"at": at, "name": name}
        case [at, name, "vamp"]:
            return {"at": at, "name": name, "vamp": True}
        case [at, name, vamp]:
            return {"at": at, "name": name, "vamp": vamp}
    raise fault('a section such as [17, "Chorus"] or [17, "Chorus", "vamp"]')


SectionRow = Annotated[
    SectionSource,
    BeforeValidator(_row),
    WithJsonSchema(
        {"type": "array", "minItems": 2, "maxItems": 3, "items": {"type": ["integer", "string", "boolean"]}}
    ),
    Tag("<list>"),
]

# ── stems ──


class StemOptions(Table):
    """About one stem."""

    as_: Literal["stem", "click", "guide"] | None = Field(default=None, alias="as")
    """"click" or "guide": a bought click or guide, kept from the audience; "stem": music, whatever its name says."""
    gain: Gain = 0.0
    """Its own level in dB."""
    pan: Pan | None = None
    """-1 is left, 1 is right."""
    group: Name | None = None
    """The group it belongs to; groups are sources too."""
    at: Place | None = None
    """Where the file's first frame sits, when not the common downbeat."""
    ascii: Name | None = None
    """The name for addresses, where the automatic one will not do."""


class StemFile(StemOptions):
    """A stem of a hand-made list."""

    name: Name
    """Its name."""
    file: File
    """The sound file, relative to the song's folder."""


class SetupSource(Table):
    """The song for another line-up."""

    mute: Many[Name] = ()
    """Stems and groups that are silent."""
    gain: dict[str, Gain] = {}
    """Levels of stems and groups in dB, instead of their own."""


# ── the song ──

_TEMPO = 'a tempo such as 120, "♩. = 80" or a list of marks { at = 1, bpm = 120 }'
_METER = 'a meter such as "7/8" or a list of marks { at = 1, meter = "7/8" }'


class SongSource(Table):
    """A song: its time, its stems, and what happens in it."""

    title: Text | None = None
    """The title; without it the folder's name."""
    ascii: Name | None = None
    """The title for machines that read ASCII only, where the automatic one will not do."""
    colour: Colour = ""
    """Such as "#e04040", for tablets."""
    notes: Text = ""
    """What the stage page shows."""
    downbeat: FileTime = 0.0
    """Where bar 1 lies in the files; what comes before is a pickup over the count-in."""
    end: Place | None = None
    """The first bar no longer played; without it the end of the longest stem, rounded up to a bar."""
    tail: Annotated[float, Expect("a number of seconds", 0, 120)] = 0.0
    """How many seconds the stems ring on over the next song."""
    then: Then = "arm"
    """What follows: the next entry is armed, nothing is, or it continues without a gap."""
    pulse: Pulse = "auto"
    """What clicks: every beat, every accent group, or (auto) the group in 6/8, 9/8 and 12/8 and elsewhere the beat."""
    tempo: Annotated[
        Annotated[Bpm, Tag("<value>")] | Annotated[Many[TempoMarkSource], Tag("<list>")], forms(_TEMPO)
    ] = ()
    """One tempo, or a list of marks."""
    meter: Annotated[
        Annotated[MeterText, Tag("<value>")] | Annotated[Many[MeterMarkSource], Tag("<list>")], forms(_METER)
    ] = ()
    """One meter, or a list of marks; without it 4/4."""
    sections: Many[
        Annotated[
            SectionRow | Annotated[SectionSource, Tag("<table>")],
            forms('a section such as { at = 17, name = "Chorus" } or [17, "Chorus"]'),
        ]
    ] = ()
    """The named stretches, in order."""
    stems: Annotated[
        Annotated[dict[str, StemOptions], Tag("<table>")] | Annotated[Many[StemFile], Tag("<list>")],
        forms("[stems.<name>] about found files, or a list of [[stems]] with name and file"),
    ] = {}
    """About files found in stems/, by name; or a hand-made list with name and file."""
    setups: dict[str, SetupSource] = {}
    """The song for other line-ups, by name."""
    click: ClickSource = ClickSource()
    """The click of this song, where it differs from the show's."""
    guide: Many[GuideSource] = ()
    """Spoken cues for performers."""
    cues: Many[CueSource] = ()
    """What other machines must do."""

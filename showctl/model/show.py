"""The compiled show: every name resolved, every position a frame, every medium measured.

It is made by `showctl.showfile` and is the same bytes in every process (`msgspec`), known by its hash.
Indices of entries and sections count from 1, device channels and media columns from 0.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from showctl.model.units import SongFrame

Then = Literal["arm", "stop", "continue"]
Boundary = Literal["now", "beat", "bar", "section", "end"]
Occasion = Literal["arm", "start", "pause", "resume", "stop", "end", "panic"]
Pulse = Literal["auto", "beat", "group"]
AmountUnit = Literal["bar", "beat", "seconds"]


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The base of what crosses processes: immutable, typed, encoded by msgspec."""


# ── media ──


class Medium(Record, frozen=True):
    """One prepared file of interleaved float32 in the cache: `frames` × `columns`, whose first frame is `origin`."""

    key: str
    frames: int
    columns: int
    origin: SongFrame = SongFrame(0)


class Stem(Record, frozen=True):
    """One stem of a song: `channels` columns of the song's medium from `first` on."""

    name: str
    slug: str
    first: int
    channels: int
    gain_db: float = 0.0
    pan: float | None = None
    group: str = ""  # slug
    role: Literal["stem", "click", "guide"] = "stem"


# ── time of a song ──


class TempoPoint(Record, frozen=True):
    """A tempo mark `quarter_num / quarter_den` quarter notes after bar 1, in quarter notes per minute."""

    quarter: tuple[int, int]
    bpm: float
    ramp: bool = False


class MeterPoint(Record, frozen=True):
    """A meter from `bar` on; `groups` are its accent groups in beats."""

    bar: int
    beats: int
    unit: int
    groups: tuple[int, ...]


class Vamp(Record, frozen=True):
    """A section repeats until it is let go at `exit`, or after `times` passes (0: endless)."""

    exit: Literal["section", "bar", "beat"] = "section"
    times: int = 0


class Section(Record, frozen=True):
    """A stretch of a song from `start` up to `end`, beginning on `bar` and `bars` long."""

    name: str
    slug: str
    index: int
    bar: int
    bars: int
    start: SongFrame
    end: SongFrame
    colour: str = ""
    notes: str = ""
    vamp: Vamp | None = None
    ascii: str = ""  # the name for readers of ASCII, where the automatic one will not do


class BeforeEntry(Record, frozen=True):
    """Counted back from each entry into a section: `amount` units before it."""

    section: int
    amount: float
    unit: AmountUnit


When = SongFrame | BeforeEntry
"""A frame of the timeline, or a stretch before a section's entry."""


class OscCall(Record, frozen=True):
    """A message written out by hand in the show file."""

    address: str
    args: tuple[int | float | str | bool, ...] = ()


class Cue(Record, frozen=True):
    """What `target` must do `at` a place of the song or `on` an occasion; either is set."""

    name: str
    target: str
    action: str | OscCall  # a desk's cue number, made into its own message by the target's profile
    at: int | BeforeEntry | None = None
    on: Occasion | None = None
    every_pass: bool = True
    late: Literal["send", "skip"] = "send"


class Guide(Record, frozen=True):
    """A spoken cue: `voice` starts `at` a place of the song, in performers' buses only."""

    voice: Medium
    at: int | BeforeEntry
    name: str = ""


class ClickSettings(Record, frozen=True):
    """What the click starts from; live changes lie in the plan's mix."""

    sound: str = "woodblock"  # a built-in name, or "custom"
    custom: dict[str, Medium] = {}  # accent, beat, subdivision
    count_in: int = 1
    subdivision: int = 1


class Setup(Record, frozen=True):
    """A song for another line-up."""

    name: str
    mute: tuple[str, ...] = ()  # slugs of stems and groups
    gains_db: dict[str, float] = {}


class Song(Record, frozen=True):
    """One song: its time, its media, and what happens in it. Frame 0 is bar 1."""

    id: str
    title: str
    tempo: tuple[TempoPoint, ...]
    meters: tuple[MeterPoint, ...]
    end: SongFrame
    sections: tuple[Section, ...]
    stems: tuple[Stem, ...] = ()
    medium: Medium | None = None
    pulse: Pulse = "auto"
    then: Then = "arm"
    tail_frames: int = 0
    click: ClickSettings = ClickSettings()
    guides: tuple[Guide, ...] = ()
    cues: tuple[Cue, ...] = ()
    setups: tuple[Setup, ...] = ()
    colour: str = ""
    notes: str = ""
    ascii: str = ""  # the title for readers of ASCII, where the automatic one will not do

    @property
    def first(self) -> SongFrame:
        """Where its sound begins: 0, or the start of the pickup."""
        return min(SongFrame(0), self.medium.origin) if self.medium else SongFrame(0)


# ── the show ──


class Entry(Record, frozen=True):
    """One place of tonight's setlist, `index` from 1 in the file's order."""

    index: int
    song: str
    then: Then
    count_in: int
    setup: str = ""
    notes: str = ""


class Bus(Record, frozen=True):
    """A named output mix on device `channels` (from 0). `mix` None: every stem, and click and guide unless audience."""

    slug: str
    name: str
    channels: tuple[int, ...]
    audience: bool = False
    mix: dict[str, float] | None = None  # dB; at most SILENCE_DB is "off"
    limit_db: float = -1.0
    duck_db: float = -12.0


class Target(Record, frozen=True):
    """Another machine: where it listens, its dialect, and how early it wants to hear."""

    slug: str
    name: str
    profile: str
    host: str = ""
    port: int = 0
    latency_ms: float = 0.0
    feed: tuple[str, ...] = ()
    options: dict[str, str | int | float | bool] = {}


class Client(Record, frozen=True):
    """A tablet that is told everything without subscribing.

    `host` is an address, a host name, or (with no dot in it) the name under which the device advertises itself;
    port 0 is the one that it advertises.
    """

    slug: str
    host: str
    port: int
    feed: tuple[str, ...] = ("all",)


PRIVATE_RANGES = (
    "127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "169.254.0.0/16",
    "::1/128", "fc00::/7", "fe80::/10",
)  # fmt: skip
"""Who controls where nothing is said: this machine and private addresses (RFC 1918, 3927, 4193, 4291)."""


class Access(Record, frozen=True):
    """Who may do what, as address ranges; the narrowest wins."""

    admin: tuple[str, ...] = ()
    control: tuple[str, ...] = PRIVATE_RANGES
    view: tuple[str, ...] = ()
    mix: dict[str, tuple[str, ...]] = {}
    passcode: str = ""


class Audio(Record, frozen=True):
    device: str = "auto"
    fallback: tuple[str, ...] = ()
    sample_rate: int = 48000
    block_size: int = 128


class Transport(Record, frozen=True):
    go_guard_seconds: float = 0.5
    fade_seconds: float = 4.0


class Ports(Record, frozen=True):
    osc: int = 8000
    web: int = 8080
    prefix: str = ""
    bare: bool = True


class Show(Record, frozen=True):
    """Everything that is fixed tonight. `hash` names it in every record that builds on it."""

    title: str
    songs: dict[str, Song]
    entries: tuple[Entry, ...]
    buses: tuple[Bus, ...]
    audio: Audio = Audio()
    transport: Transport = Transport()
    ports: Ports = Ports()
    access: Access = Access()
    targets: tuple[Target, ...] = ()
    clients: tuple[Client, ...] = ()
    cues: tuple[Cue, ...] = ()  # for every song: occasions only
    click: ClickSettings = ClickSettings()

    def entry(self, index: int) -> Entry:
        """Raises IndexError outside 1 … len(entries)."""
        if index < 1:
            raise IndexError(index)
        return self.entries[index - 1]

    def song_of(self, index: int) -> Song:
        return self.songs[self.entry(index).song]

    @property
    def outputs(self) -> int:
        """How many device channels the buses need."""
        return max((channel + 1 for bus in self.buses for channel in bus.channels), default=0)


def encode_show(show: Show) -> bytes:
    """The same bytes for the same show, in every process and run."""
    return msgspec.msgpack.encode(show, order="deterministic")


def decode_show(data: bytes) -> Show:
    """Raises msgspec.DecodeError for bytes that are no show."""
    return msgspec.msgpack.decode(data, type=Show)

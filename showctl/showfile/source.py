"""The shape of a `show.toml`. Docstrings become the JSON Schema's."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import StringConstraints, Tag

from showctl.model.show import Then
from showctl.model.units import SILENCE_DB
from showctl.showfile.fields import (
    Channel,
    CountIn,
    Expect,
    Flag,
    Level,
    Many,
    Name,
    OpenPort,
    Port,
    Table,
    Text,
    forms,
)
from showctl.showfile.song_source import ClickSource, CueSource

FeedWord = Literal[
    "all", "beat", "section", "song", "transport", "position", "text", "cue", "mix", "meter", "health", "led",
    "timetag", "utf8", "prefix", "refresh", "stay", "mirror",
]  # fmt: skip
ProfileName = Literal[
    "eos", "ma3", "hog4", "magicq", "qlab", "resolume", "millumin", "qlcplus", "x32", "companion", "osc", "midi"
]
Host = Annotated[
    str,
    StringConstraints(pattern=r"^[A-Za-z0-9_.:%-]{1,253}$"),
    Expect('a host such as "192.168.1.20" or "desk.local", without http://'),
]
ClientHost = Annotated[
    str,
    StringConstraints(pattern=r"^[^\x00-\x1f/]{1,253}$"),
    Expect('an address such as "192.168.1.31", or the name of a tablet that advertises itself such as "iPad"'),
]
Prefix = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9_-]*$"), Expect('a prefix such as "foh": letters, digits, - and _')
]


class EntryTable(Table):
    """One place of the setlist."""

    song: Name
    """The song's id: its folder in songs/."""
    setup: Name | None = None
    """One of the song's [setups]."""
    then: Then | None = None
    """What follows, instead of what the song says."""
    count_in: CountIn | None = None
    """Bars of count-in, instead of what the click says."""
    notes: Text = ""
    """Notes for tonight."""


class AudioSource(Table):
    """The sound device."""

    device: Name = "auto"
    """"auto", "virtual" (no hardware), or part of a name from `showctl devices`."""
    fallback: Many[Name] = ()
    """Devices to try when it is lost."""
    sample_rate: Annotated[int, Expect("a sample rate in Hz", 8000, 192000)] = 48000
    """Frames a second."""
    block_size: Annotated[int, Expect("a number of frames", 16, 8192)] = 128
    """Frames in a block."""


class BusSource(Table):
    """A named output mix."""

    channels: Many[Channel]
    """The device's outputs, counted from 1."""
    audience: Flag = False
    """The public hears it: click, guide and ltc can never reach it."""
    mix: dict[str, Level] | None = None
    """Sources and their levels in dB or "off". Without it every stem and, unless audience, click and guide at 0 dB."""
    limit: Annotated[float, Expect("a level in dBFS", -40, 0)] = -1.0
    """dBFS: the safety limiter that ends the bus."""
    duck: Annotated[float, Expect("a level in dB", SILENCE_DB, 0)] = -12.0
    """dB: how far stems and guide go down under talkback."""
    ascii: Name | None = None
    """The name for addresses, where the automatic one will not do."""


class TransportSource(Table):
    """How the transport behaves."""

    go_guard: Annotated[float, Expect("a number of seconds", 0, 10)] = 0.5
    """Seconds within which a second trigger is refused."""
    fade: Annotated[float, Expect("a number of seconds", 0, 120)] = 4.0
    """Seconds a fade-out takes."""


class OscSource(Table):
    """Where OSC is listened to."""

    port: OpenPort = 8000
    """UDP and TCP on the same number."""
    prefix: Prefix = ""
    """Every address also under this word."""
    bare: Flag = True
    """Whether addresses are also heard without the prefix."""


class WebSource(Table):
    """Where the stage page is served."""

    port: OpenPort = 8080
    """TCP."""


class AccessSource(Table):
    """Who may do what, as address ranges; the narrowest wins."""

    control: Many[Name] | None = None
    """May do everything. Without it: private addresses and this machine."""
    admin: Many[Name] = ()
    """May do everything, and what changes the service itself."""
    view: Many[Name] = ()
    """May look only."""
    mix: dict[str, Many[Name]] = {}
    """May change one bus only."""
    passcode: Annotated[str, Expect("a text in quotes")] = ""
    """If set, control needs it."""


class ClientSource(Table):
    """A tablet that is told everything without subscribing."""

    host: ClientHost
    """Its address, or the name (or a part of it) under which the device advertises itself."""
    port: Port | None = None
    """The port it listens on; one that advertises itself tells it."""
    feed: Many[FeedWord] = ("all",)
    """Topics and flags, as in /subscribe."""


class TargetSource(Table):
    """Another machine that gets cues."""

    profile: ProfileName
    """Its dialect."""
    host: Host | None = None
    """Its address."""
    port: Port | None = None
    """The port it listens on; the profile knows the usual one."""
    latency_ms: Annotated[float, Expect("a number of milliseconds", -5000, 5000)] = 0.0
    """Sent this much early; negative is later."""
    feed: Many[FeedWord] = ()
    """Broadcasts it gets beside its cues."""
    ascii: Name | None = None
    """The name for addresses, where the automatic one will not do."""
    list: Annotated[int, Expect("a cue list", 1, 99999)] | None = None
    """eos, hog4: the cue list that `fire` means; 1 if not given."""
    user: Annotated[int, Expect("a user", -1, 99)] | None = None
    """eos: the user that is spoken as; 0 is the background user."""
    sequence: Annotated[int, Expect("a sequence", 1, 99999)] | None = None
    """ma3: the sequence that `fire` means; 1 if not given."""
    playback: Annotated[int, Expect("a playback", 1, 202)] | None = None
    """magicq: the playback that `fire` means; 1 if not given."""
    universe: Annotated[int, Expect("a universe", 1, 999)] | None = None
    """qlcplus: the universe; 1 if not given."""
    workspace: Name | None = None
    """qlab: the workspace's id; without it all open ones are meant."""
    passcode: Name | None = None
    """qlab: the workspace's passcode."""
    device: Name | None = None
    """midi: part of the output port's name."""
    channel: Annotated[int, Expect("a MIDI channel", 1, 16)] | None = None
    """midi: the channel; 1 if not given."""


class ShowSource(Table):
    """A show: its setlist, its output buses, and the machines around it."""

    title: Text | None = None
    """The title of the show."""
    setlist: Many[
        Annotated[
            Annotated[Name, Expect('a song\'s id in quotes, or a table such as { song = "closer" }'), Tag("<value>")]
            | Annotated[EntryTable, Tag("<table>")],
            forms('a song\'s id in quotes, or a table such as { song = "closer" }'),
        ]
    ] = ()
    """The songs of tonight, in order; a song may appear twice."""
    audio: AudioSource = AudioSource()
    buses: dict[str, BusSource] = {}
    """The output mixes, by name."""
    click: ClickSource = ClickSource()
    """The click of every song that does not say otherwise."""
    transport: TransportSource = TransportSource()
    osc: OscSource = OscSource()
    web: WebSource = WebSource()
    access: AccessSource = AccessSource()
    clients: dict[str, ClientSource] = {}
    """Tablets that are told without subscribing, by name."""
    targets: dict[str, TargetSource] = {}
    """The machines that get cues, by name."""
    cues: Many[CueSource] = ()
    """What other machines must do on an occasion, in every song."""

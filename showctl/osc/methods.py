"""The table of methods: every address that can be sent, what it takes, what it does, and the state it shows.

Dispatch, feedback, the whole state on `/sync` and the documentation all read this one table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, cast

from showctl.errors import Refused
from showctl.model import jumps, levels, setlist, transport
from showctl.model.levels import MixCommand
from showctl.model.mix import ClickMix, Mix
from showctl.model.show import Show
from showctl.model.units import MAX_DB, SILENCE_DB
from showctl.model.view import Change, View
from showctl.osc.arguments import Parameter, Value, integer, is_pressed, name_or_index, number, read_all, switch, text
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


Role: TypeAlias = Literal["nothing", "view", "mix", "control", "admin"]
"""What a sender may do at the most: each may do what those before it may."""

Command: TypeAlias = OnPlan | OnMix | OnClient


@dataclass(frozen=True, slots=True)
class Method:
    """One row. A trigger is pressed; what has `shows` is a state, fed back on its own address."""

    address: str  # may hold <bus>, <source>, <n>
    does: str
    make: Callable[[Captures, Values], Command]
    takes: tuple[Parameter, ...] = ()
    shows: Callable[[View, Captures], Values] | None = None
    unit: str = ""
    pressed: bool = False  # a trigger: fires on a press, ignores a release
    any_arguments: bool = False
    role: Role = "control"
    """Who may use it, at the least."""

    def bind(self, captures: Captures, args: tuple[Arg, ...]) -> Command | None:
        """The command, or None for the release of a trigger. Raises Refused for arguments that do not fit."""
        if self.any_arguments:
            return self.make(captures, cast("Values", args))
        if self.pressed and (not self.takes or not args or not isinstance(args[0], str)):
            # What a trigger may take besides a press is a word, or a whole number that is not a button's 1.0.
            if not is_pressed(args[:1]):
                return None
            if not self.takes or not args or isinstance(args[0], bool | float):
                return self.make(captures, ())
        return self.make(captures, read_all(self.takes, args))


@dataclass(frozen=True, slots=True)
class Place:
    """A method at a concrete address of this show."""

    method: Method
    captures: Captures = field(default_factory=dict)


# ── rows ──


def _press(address: str, does: str, run: PlanCommand, *takes: Parameter) -> Method:
    return Method(address, does, lambda _c, _v: OnPlan(run), takes, pressed=True)


def _transport(command: str, does: str) -> Method:
    return _press(command, does, lambda view: transport.act(view, command))


def _call(
    address: str, does: str, make: Callable[..., PlanCommand], *takes: Parameter, pressed: bool = False
) -> Method:
    return Method(address, does, lambda _c, values: OnPlan(make(*values)), takes, pressed=pressed)


def _mix_switch(
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


def _click_value(address: str, does: str, takes: Parameter, name: str, get: Callable[[View], Value]) -> Method:
    return Method(
        address,
        does,
        lambda _, values: OnMix(levels.set_click(**{name: values[0]})),
        (takes,),
        lambda view, _: (get(view),),
    )


def _click(view: View) -> ClickMix:
    return levels.click_settings(view.score.show, view.plan.mix_at(view.horizon))


def _set_rate(values: Values) -> MixCommand:
    rate = levels.CLICK_RATES.get(float(values[0]))
    if rate is None:
        raise Refused(f"expected a click rate of 0.5, 1 or 2, got {values[0]}")
    return levels.set_click(rate=rate)


def _level(view: View, captures: Captures) -> float:
    show, mix = view.score.show, view.plan.mix_at(view.horizon)
    return levels.read_db(show, mix, levels.bus_named(show, captures["bus"]), captures["source"])


QUANTISED = ("now", "beat", "bar", "section")
"""When a jump is made."""

TRANSPORT = (
    _transport("/go", "starts what is armed, resumes, leaves a vamp"),
    _transport("/play", "starts what is armed, resumes"),
    _transport("/pause", "pauses; a count-in is called off"),
    _transport("/playpause", "toggles, for pedals"),
    _transport("/stop", "stops; the song is armed at its start"),
    _transport("/panic", "silence everywhere, nothing armed"),
    _press("/fade/out", "fades, then stops", lambda v: transport.fade_out(v, v.score.show.transport.fade_seconds)),
    _call("/fade", "fades over so many seconds, then stops",
          lambda seconds: lambda view: transport.fade_out(view, seconds),
          number("seconds", 0.0, transport.LONGEST_FADE_SECONDS)),
    _call("/locate", "moves the armed or paused position; playing, jumps now",
          lambda position: lambda view: jumps.locate(view, position), text("position")),
)  # fmt: skip

SONGS = (
    _call("/song/select", "arms a song; while one sounds, only chooses what follows",
          lambda wanted: lambda view: setlist.select(view, wanted), name_or_index("song")),
    Method("/song/<n>/select", "arms a place of the setlist; while a song sounds, only chooses what follows",
           lambda captures, _: OnPlan(lambda view: setlist.select(view, int(captures["n"]))),
           pressed=True),
    _press("/song/next", "selects the next song", lambda view: setlist.select_neighbour(view, 1)),
    _press("/song/previous", "selects the song before", lambda view: setlist.select_neighbour(view, -1)),
    _call("/song/jump", "goes to a song, by default when this one ends",
          lambda wanted, when="end": lambda view: jumps.jump_to_song(view, setlist.entry_named(view, wanted), when),
          name_or_index("song"), text("when", choices=(*QUANTISED, "end"), optional=True)),
    _call("/setlist/move", "moves a place of tonight's order to another",
          lambda place, to: lambda view: setlist.move(view, place, to), integer("from", 1, 999), integer("to", 1, 999)),
    _call("/setlist/skip", "leaves a place of tonight's order out, or not",
          lambda place, on: lambda view: setlist.skip(view, place, on), integer("place", 1, 999), switch()),
    _press("/setlist/reset", "the show file's order again", setlist.reset),
)  # fmt: skip

SECTIONS = (
    _call("/section/jump", "jumps to a section, by default at the next bar",
          lambda wanted, when="bar": lambda view: jumps.jump_to_section(view, wanted, when),
          name_or_index("section"), text("when", choices=QUANTISED, optional=True)),
    Method("/section/<n>/jump", "jumps to a section",
           lambda captures, values: OnPlan(
               lambda view: jumps.jump_to_section(view, int(captures["n"]), cast("jumps.When", (*values, "bar")[0]))),
           (text("when", choices=QUANTISED, optional=True),), pressed=True),
    _call("/section/next", "jumps to the next section",
          lambda when="bar": lambda view: jumps.jump_to_neighbour(view, 1, when),
          text("when", choices=QUANTISED, optional=True), pressed=True),
    _call("/section/previous", "jumps to the section before",
          lambda when="bar": lambda view: jumps.jump_to_neighbour(view, -1, when),
          text("when", choices=QUANTISED, optional=True), pressed=True),
    _call("/jump/bars", "jumps so many bars, at the bar", lambda bars: lambda view: jumps.jump_by(view, bars, "bar"),
          integer("bars", -9999, 9999)),
    _call("/jump/beats", "jumps so many beats, at the beat",
          lambda beats: lambda view: jumps.jump_by(view, beats, "beat"), integer("beats", -9999, 9999)),
    _press("/jump/cancel", "forgets a pending jump or vamp exit", jumps.cancel),
    _call("/vamp/start", "repeats the section being played, so many times or until let go",
          lambda times=0: lambda view: jumps.vamp_start(view, times), integer("times", 1, 999, optional=True),
          pressed=True),
    _call("/vamp/exit", "lets the vamp go", lambda when=None: lambda view: jumps.vamp_exit(view, when),
          text("when", choices=("beat", "bar", "section"), optional=True), pressed=True),
    _call("/loop", "repeats from one position to another until let go",
          lambda low, high: lambda view: jumps.loop(view, low, high), text("from"), text("to")),
)  # fmt: skip

CLICK = (
    *_mix_switch("/click/enabled", "the click is heard", lambda mix, _: mix.click.enabled,
                 lambda _, on: levels.set_click(enabled=on)),
    *_mix_switch("/click/only", "stems are silent everywhere, for rehearsal", lambda mix, _: mix.click.only,
                 lambda _, on: levels.set_click(only=on)),
    *_mix_switch("/countin/click_only", "the click falls silent when the song starts",
                 lambda mix, _: mix.click.count_in_only, lambda _, on: levels.set_click(count_in_only=on)),
    _click_value("/click/subdivision", "clicks per pulse", integer("clicks", 1, 4), "subdivision",
                 lambda view: _click(view).subdivision or 1),
    _click_value("/click/sound", "the click's sound", text("sound", choices=levels.CLICK_SOUNDS), "sound",
                 lambda view: _click(view).sound or ""),
    Method("/click/rate", "half, normal or double click", lambda _, values: OnMix(_set_rate(values)),
           (number("rate", 0.5, 2.0),), lambda view, _: (float(_click(view).factor),)),
    # No feedback on this address: outgoing, `/countin` counts the beats that are left.
    Method("/countin", "bars of count-in", lambda _, values: OnMix(levels.set_click(count_in=values[0])),
           (integer("bars", 0, 16),)),
)  # fmt: skip

METRONOME = (
    Method("/metronome", "a free click while no song sounds",
           lambda _, values: OnPlan(lambda view: transport.metronome(view, bool(values[0]))), (switch(),),
           lambda view, _: (int(transport.metronome_ticks(view)),)),
    _press("/metronome/toggle", "a free click: the other way",
           lambda view: transport.metronome(view, not transport.metronome_ticks(view))),
    Method("/tempo", "the free metronome's tempo",
           lambda _, values: OnPlan(lambda view: transport.tempo(view, float(values[0]))),
           (number("bpm", transport.MIN_METRONOME_BPM, transport.MAX_METRONOME_BPM),),
           lambda view, _: (view.night.metronome_bpm,), unit="quarter notes per minute"),
    _press("/tempo/tap", "the free metronome's tempo, tapped", transport.tap),
)  # fmt: skip

BUSES = (
    Method("/bus/<bus>/<source>/db", "a level",
           lambda c, values: OnMix(levels.set_db(c["bus"], c["source"], float(values[0]))),
           (number("level", SILENCE_DB, MAX_DB),), lambda view, c: (_level(view, c),), unit="dB"),
    Method("/bus/<bus>/<source>/fader", "the same level as a fader position",
           lambda c, values: OnMix(levels.set_db(c["bus"], c["source"], levels.fader_to_db(float(values[0])))),
           (number("position", 0.0, 1.0),), lambda view, c: (levels.db_to_fader(_level(view, c)),)),
    *_mix_switch("/bus/<bus>/<source>/mute", "silences a source in a bus",
                 lambda mix, c: c["source"] in mix.bus(c["bus"]).muted,
                 lambda c, on: levels.set_muted(c["bus"], c["source"], on)),
    *_mix_switch("/bus/<bus>/<source>/solo", "leaves only the soloed sources in a bus",
                 lambda mix, c: c["source"] in mix.bus(c["bus"]).soloed,
                 lambda c, on: levels.set_soloed(c["bus"], c["source"], on)),
    *_mix_switch("/bus/<bus>/mono", "the bus in mono", lambda mix, c: mix.bus(c["bus"]).mono,
                 lambda c, on: levels.set_bus_switch(c["bus"], "mono", on)),
    *_mix_switch("/bus/<bus>/dim", "the bus 20 dB down", lambda mix, c: mix.bus(c["bus"]).dim,
                 lambda c, on: levels.set_bus_switch(c["bus"], "dim", on)),
    *_mix_switch("/mute/all", "silences every bus", lambda mix, _: mix.mute_all,
                 lambda _, on: levels.set_switch("mute_all", on)),
)  # fmt: skip


def _converse(address: str, does: str, what: ClientCommand, role: Role = "view") -> Method:
    return Method(address, does, lambda _, values: OnClient(what, values), any_arguments=True, role=role)


CLIENTS = (
    _converse("/subscribe", "tells this client what happens, on its own port or another; all topics but meter",
              "subscribe"),
    _converse("/unsubscribe", "tells it no more", "unsubscribe"),
    _converse("/sync", "sends the whole state, ending with /synced", "sync"),
    _converse("/ping", "answers /pong with the same", "ping"),
    _converse("/cmd", "does the command in its arguments once, however often this arrives; always answers /ack", "cmd",
              role="nothing"),
    Method("/hello", "signs in with the show's passcode, where it has one; answers /welcome with the role",
           lambda _, values: OnClient("hello", values), (text("passcode"),), role="nothing"),
)  # fmt: skip

METHODS: tuple[Method, ...] = (*TRANSPORT, *SONGS, *SECTIONS, *CLICK, *METRONOME, *BUSES, *CLIENTS)


# ── the addresses of one show ──


def places(show: Show) -> dict[str, Place]:
    """Every concrete address of this show."""
    return {
        address: Place(method, captures) for method in METHODS for address, captures in _expanded(show, method.address)
    }


def _expanded(show: Show, template: str) -> Iterator[tuple[str, dict[str, str]]]:
    if "<bus>" in template:
        for bus in show.buses:
            names = (*levels.sources(show, bus), "master") if "<source>" in template else ("",)
            for source in names:
                if source != "master" or "/solo" not in template:  # soloing the sum of all would mean nothing
                    address = template.replace("<bus>", bus.slug).replace("<source>", source)
                    yield address, {"bus": bus.slug, "source": source}
    elif "<n>" in template:
        sections = max((len(song.sections) for song in show.songs.values()), default=0)
        for n in range(1, 1 + (len(show.entries) if template.startswith("/song") else sections)):
            yield template.replace("<n>", str(n)), {"n": str(n)}
    else:
        yield template, {}


def read_state(view: View, place: Place) -> Values:
    """What a state address shows now; empty for a method that shows nothing."""
    return place.method.shows(view, place.captures) if place.method.shows else ()

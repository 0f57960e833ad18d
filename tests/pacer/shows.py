"""A small show at 240 quarters a minute, so that a bar lasts a second, and the log of a night of commands."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from showctl.errors import Refused
from showctl.model import jumps, setlist, transport
from showctl.model.night import Night
from showctl.model.plan import Committed, Edit, Plan, commit, entry_of
from showctl.model.score import Score
from showctl.model.show import (
    BeforeEntry,
    Cue,
    Entry,
    MeterPoint,
    OscCall,
    Section,
    Show,
    Song,
    Target,
    TempoPoint,
    Vamp,
)
from showctl.model.units import Frame, SongFrame
from showctl.model.view import Change, View

RATE = 48_000
BAR = RATE
BEAT = RATE // 4

LIGHTS = Target("lights", "lights", "eos", "127.0.0.1", 9001, latency_ms=15.0, feed=("section",))
VIDEO = Target("video", "Video", "osc", "127.0.0.1", 9002, latency_ms=-20.0)


def section(index: int, name: str, bar: int, bars: int, *, vamp: Vamp | None = None, notes: str = "") -> Section:
    start, end = SongFrame((bar - 1) * BAR), SongFrame((bar - 1 + bars) * BAR)
    return Section(name, name.lower(), index, bar, bars, start, end, colour="#102030", notes=notes, vamp=vamp)


def song(name: str, sections: tuple[Section, ...], **more: object) -> Song:
    bars = sections[-1].bar + sections[-1].bars - 1
    return Song(
        id=name.lower(),
        title=name,
        tempo=(TempoPoint((0, 1), 240.0),),
        meters=(MeterPoint(1, 4, 4, (4,)),),
        end=SongFrame(bars * BAR),
        sections=sections,
        **more,  # type: ignore[arg-type]
    )


WASH = Cue("Wash", "lights", "12", at=BeforeEntry(3, 1.0, "beat"))
COLUMN = Cue("Column", "video", OscCall("/composition/columns/3/connect", (1,)), at=BAR)
STAGE = Cue("Stage", "lights", "2/0.5", on="stop")

OPENER = song(
    "Öpener",
    (
        section(1, "Intro", 1, 2, notes="quiet"),
        section(2, "Solo", 3, 1, vamp=Vamp("bar", 3)),
        section(3, "Refrain", 4, 2),
    ),
    cues=(WASH, COLUMN),
    notes="capo 2",
)
CLOSER = song("Closer", (section(1, "Verse", 1, 1), section(2, "Out", 2, 1, vamp=Vamp("section"))), colour="#e04040")

SHOW = Show(
    title="Rooftop",
    songs={"opener": OPENER, "closer": CLOSER},
    entries=(
        Entry(1, "opener", "continue", 1),
        Entry(2, "closer", "arm", 0, notes="slow"),
        Entry(3, "opener", "arm", 0),
    ),
    buses=(),
    targets=(LIGHTS, VIDEO),
    cues=(STAGE,),
)

SCORE = Score(SHOW)
NIGHT = Night.of(SHOW)
EMPTY = Plan(0, SCORE.hash, RATE)

MARGIN = 480
"""How far ahead of what is rendered a command is decided, in frames."""

Command = Callable[[View], Change | None]

COMMANDS: dict[str, Command] = {
    "arm": lambda view: setlist.select(view, 1),
    "go": lambda view: transport.act(view, "/go"),
    "stop": lambda view: transport.act(view, "/stop"),
    "pause": lambda view: transport.act(view, "/playpause"),
    "panic": lambda view: transport.act(view, "/panic"),
    "fade": lambda view: transport.fade_out(view, 1.0),
    "refrain": lambda view: jumps.jump_to_section(view, 3, "bar"),
    "back": lambda view: jumps.jump_to_neighbour(view, -1, "beat"),
    "now": lambda view: jumps.jump_to_section(view, 1, "now"),
    "cancel": jumps.cancel,
    "vamp": jumps.vamp_start,
    "exit": jumps.vamp_exit,
    "next": lambda view: setlist.select_neighbour(view, 1),
    "closer": lambda view: jumps.jump_to_song(view, 2, "bar"),
    "click": lambda view: transport.metronome(view, True),
}


@dataclass(frozen=True)
class Played:
    """A night: what was committed, and the plans that it made, the empty one first."""

    log: tuple[Committed, ...]
    plans: tuple[Plan, ...]
    night: Night


def played(commands: Iterable[tuple[Frame, str]]) -> Played:
    """The commands, each committed at its frame; one that is refused there changes nothing."""
    log, plans, night = list[Committed](), [EMPTY], NIGHT
    for head, name in commands:
        horizon = Frame(head + MARGIN)
        night = night.seen(entry_of(plans[-1].span_at(horizon)))
        try:
            change = COMMANDS[name](View(SCORE, plans[-1], night, horizon))
        except Refused:
            continue
        night = change.night if change and change.night else night
        if change and change.spans:
            edit = Edit(name, 1, plans[-1].version, change.at, change.spans, fade=change.fade)
            log.append(Committed(plans[-1].version + 1, head, edit))
            plans.append(commit(plans[-1], edit, head))
    return Played(tuple(log), tuple(plans), night)

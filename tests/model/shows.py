"""Compiled shows built by hand, and a stage to play them on: commands, commits and events without time or sound.

At 120 bpm and 48 kHz a beat is 24,000 frames and a bar of 4/4 is 96,000.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from showctl.errors import Refused
from showctl.model.events import events, replayed_events
from showctl.model.happenings import Event
from showctl.model.meter import Meter, parse_meter
from showctl.model.night import Night
from showctl.model.plan import Committed, Edit, Plan, Span, State, commit, entry_of, state_at
from showctl.model.score import Score, song_map
from showctl.model.show import (
    BeforeEntry,
    Bus,
    ClickSettings,
    Cue,
    Entry,
    Guide,
    Medium,
    MeterPoint,
    Section,
    Show,
    Song,
    Stem,
    TempoPoint,
    Then,
    Vamp,
)
from showctl.model.units import Frame, SongFrame
from showctl.model.view import Change, Resident, View, all_resident

RATE = 48000
BEAT = 24000
BAR = 4 * BEAT

Row = tuple[int, str] | tuple[int, str, Vamp]
"""A section as bar, name and perhaps a vamp."""

Command = Callable[[View], Change | None]


def bar(number: int) -> SongFrame:
    """The start of a bar of 4/4 at 120 bpm."""
    return SongFrame((number - 1) * BAR)


def meter_point(number: int, text: str, accents: str | None = None) -> MeterPoint:
    meter: Meter = parse_meter(text, accents)
    return MeterPoint(number, meter.beats, meter.unit, meter.groups)


FOUR_FOUR = (meter_point(1, "4/4"),)
STEADY = (TempoPoint((0, 1), 120.0),)


def song(
    name: str,
    rows: Sequence[Row],
    bars: int,
    *,
    tempo: tuple[TempoPoint, ...] = STEADY,
    meters: tuple[MeterPoint, ...] = FOUR_FOUR,
    pickup: int = 0,
    end: int | None = None,
    cues: tuple[Cue, ...] = (),
    guides: tuple[Guide, ...] = (),
    stems: tuple[Stem, ...] = (),
    click: ClickSettings | None = None,
) -> Song:
    """A song of `bars` bars, or up to frame `end`, with a medium that begins `pickup` frames before bar 1."""
    bare = Song(name, name.title(), tempo, meters, SongFrame(0), ())
    grid = song_map(bare, RATE)
    last = SongFrame(grid.frame_at(bars + 1) if end is None else end)
    edges = [*(row[0] for row in rows), bars + 1]
    sections = tuple(
        Section(
            name=row[1],
            slug=row[1].lower(),
            index=number,
            bar=row[0],
            bars=edges[number] - row[0],
            start=grid.frame_at(row[0]),
            end=min(last, grid.frame_at(edges[number])),
            vamp=row[2] if len(row) == 3 else None,
        )
        for number, row in enumerate(rows, 1)
    )
    return Song(
        name,
        name.title(),
        tempo,
        meters,
        end=last,
        sections=sections,
        stems=stems,
        medium=Medium(name, last + pickup, 1, SongFrame(-pickup)),
        click=click or ClickSettings(),
        cues=cues,
        guides=guides,
    )


def show(*entries: tuple[Song, Then] | tuple[Song, Then, int], cues: tuple[Cue, ...] = ()) -> Show:
    """The songs in the order of the setlist, each with what comes then and its bars of count-in (1)."""
    return Show(
        title="Test",
        songs={entry[0].id: entry[0] for entry in entries},
        entries=tuple(
            Entry(index, entry[0].id, entry[1], entry[2] if len(entry) == 3 else 1)
            for index, entry in enumerate(entries, 1)
        ),
        buses=(
            Bus("house", "House", (0, 1), audience=True),
            Bus("drums", "Drums", (2, 3), mix={"click": 0.0, "stems": -9.0}),
        ),
        cues=cues,
    )


def cue(name: str, at: int | BeforeEntry, *, every_pass: bool = True, skip_late: bool = False) -> Cue:
    return Cue(name, "lights", "1", at=at, every_pass=every_pass, late="skip" if skip_late else "send")


def guide(name: str, at: int | BeforeEntry) -> Guide:
    return Guide(Medium(name, RATE, 1), at, name)


# ── songs that have a bit of everything ──

INTRO, VERSE, CHORUS = (1, "Intro"), (5, "Verse"), (9, "Chorus")


def plain(name: str = "plain", **more: object) -> Song:
    """Intro 1-4, Verse 5-8, Chorus 9-12."""
    return song(name, [INTRO, VERSE, CHORUS], 12, **more)  # type: ignore[arg-type]


def vamping(name: str = "vamping", vamp: Vamp | None = None, **more: object) -> Song:
    """Intro 1-2, a vamp Solo 3-4, Chorus 5-6."""
    rows: list[Row] = [(1, "Intro"), (3, "Solo", vamp or Vamp()), (5, "Chorus")]
    return song(name, rows, 6, **more)  # type: ignore[arg-type]


def repeating(name: str = "repeating") -> Song:
    """Verse 1-2, Chorus 3-4, Verse 5-6, Chorus 7-8."""
    return song(name, [(1, "Verse"), (3, "Chorus"), (5, "Verse"), (7, "Chorus")], 8)


def two_vamps(name: str = "two-vamps") -> Song:
    """A vamp of four passes 1-2, an endless one 3-4 left at the beat, a Tag 5-6, and an endless vamp 7-8 to the end."""
    rows: list[Row] = [(1, "Four", Vamp(times=4)), (3, "Open", Vamp("beat")), (5, "Tag"), (7, "Out", Vamp("bar"))]
    return song(name, rows, 8)


def odd(name: str = "odd") -> Song:
    """4/4 at 97 bpm, from bar 3 on 7/8 that speeds up to 150 bpm at bar 9; a pickup of half a second."""
    tempo = (TempoPoint((0, 1), 97.0), TempoPoint((8, 1), 97.0), TempoPoint((29, 1), 150.0, ramp=True))
    meters = (meter_point(1, "4/4"), meter_point(3, "7/8", "2+2+3"))
    rows: list[Row] = [(1, "Head"), (3, "Seven", Vamp("bar", times=2)), (9, "Coda")]
    return song(
        name,
        rows,
        10,
        tempo=tempo,
        meters=meters,
        pickup=RATE // 2,
        cues=(
            cue("count", -RATE // 4),
            cue("seven", BeforeEntry(2, 2, "beat")),
            cue("coda", BeforeEntry(3, 1, "bar"), skip_late=True),
            cue("each", 420_000),
            cue("once", 430_000, every_pass=False),
        ),
        guides=(guide("coda", BeforeEntry(3, 1, "bar")), guide("head", BeforeEntry(1, 1, "bar"))),
    )


def short(name: str = "short") -> Song:
    """Less than a bar long."""
    return song(name, [(1, "Hit")], 1, end=60_000, cues=(cue("hit", BeforeEntry(1, 250, "seconds")),))


def everything() -> Show:
    """Chains that continue, arm and stop, all kinds of vamp, a pickup, and a song that comes twice."""
    first = plain(
        "first",
        cues=(
            cue("verse", BeforeEntry(2, 1, "beat")),
            cue("chorus", BeforeEntry(3, 1, "bar")),
            cue("bar 6", bar(6)),
            Cue("end", "lights", "9", on="end"),
        ),
        guides=(guide("chorus", BeforeEntry(3, 2, "bar")), guide("bar 2", bar(2))),
    )
    return show(
        (first, "continue"),
        (vamping(), "arm"),
        (odd(), "continue", 0),
        (short(), "continue"),
        (two_vamps(), "stop", 2),
        (repeating(), "arm"),
        (first, "arm"),
        cues=tuple(Cue(on, "lights", "1", on=on) for on in ("arm", "start", "pause", "resume", "stop", "end", "panic")),
    )


# ── a stage ──


class Stage:
    """Plays a show by itself: `now` is the first frame not rendered, and commands are decided `margin` frames ahead."""

    def __init__(self, of: Show, margin: int = 0) -> None:
        self.score = Score(of)
        self.first = Plan(1, self.score.hash, RATE)
        self.plan = self.first
        self.night = Night.of(of)
        self.now = Frame(0)
        self.margin = margin
        self.resident: Resident = all_resident
        self.log: list[Committed] = []
        self.told: list[Event] = []
        self._told_until = Frame(0)

    @property
    def view(self) -> View:
        horizon = Frame(self.now + self.margin)
        self.night = self.night.seen(entry_of(self.plan.span_at(horizon)))
        return View(self.score, self.plan, self.night, horizon, self.resident)

    @property
    def state(self) -> State:
        return state_at(self.plan, Frame(self.now + self.margin))

    @property
    def span(self) -> Span:
        return self.plan.span_at(Frame(self.now + self.margin))

    @property
    def future(self) -> tuple[Span, ...]:
        """The spans from now on."""
        return self.plan.spans[self.plan.index_at(Frame(self.now + self.margin)) :]

    def go_to(self, frame: int) -> None:
        """Lets time pass, telling what happens."""
        self.now = Frame(frame)
        if frame > self._told_until:
            self.told += events(self.score, self.plan, self._told_until, self.now)
            self._told_until = self.now

    def do(self, command: Command, at: int | None = None) -> Change | None:
        """Decides and commits a command, at session frame `at` if one is given. Raises Refused."""
        if at is not None:
            self.go_to(at)
        change = command(self.view)
        if change:
            self.night = change.night or self.night
            if change.spans:
                self._commit(change)
        return change

    def refusal(self, command: Command, at: int | None = None) -> str:
        """The sentence that a command is refused with; empty if it is not."""
        try:
            self.do(command, at)
        except Refused as exc:
            return str(exc)
        return ""

    def _commit(self, change: Change) -> None:
        version = self.plan.version
        edit = Edit(f"e{version}", 1, version, change.at, change.spans, fade=change.fade)
        self.plan = commit(self.plan, edit, self.now)
        self.log.append(Committed(self.plan.version, self.now, edit))

    def replayed(self, until: int) -> list[Event]:
        """The events of the night, read offline from its log."""
        return replayed_events(self.score, self.first, tuple(self.log), Frame(until))

"""Shows to make layouts of: one with odd names, one larger than any tour."""

from __future__ import annotations

from showctl.model.names import slug
from showctl.model.show import (
    Bus,
    Cue,
    Entry,
    MeterPoint,
    Ports,
    Section,
    Show,
    Song,
    Stem,
    Target,
    TempoPoint,
)
from showctl.model.units import SongFrame

BAR = 96_000

ODD_NAMES = (
    "Für Elise & Söhne",
    '"Quoted" <b>bold</b>',
    "夜に駆ける",
    "Rock 'n' Roll 🎸🔥",
    "]]> end",
    "a\\b ${x} #{1+1} @{this} ^play",
)


def sections(count: int, names: tuple[str, ...] = ("Intro", "Verse", "Chorus")) -> tuple[Section, ...]:
    return tuple(
        Section(
            name=names[number % len(names)],
            slug=slug(names[number % len(names)]),
            index=number + 1,
            bar=4 * number + 1,
            bars=4,
            start=SongFrame(4 * number * BAR),
            end=SongFrame(4 * (number + 1) * BAR),
            colour="#40a0e0" if number % 2 else "",
        )
        for number in range(count)
    )


def song(song_id: str, title: str, parts: tuple[Section, ...], stems: int = 3, cues: tuple[Cue, ...] = ()) -> Song:
    return Song(
        id=song_id,
        title=title,
        tempo=(TempoPoint((0, 1), 120.0),),
        meters=(MeterPoint(1, 4, 4, (4,)),),
        end=SongFrame(parts[-1].end),
        sections=parts,
        stems=tuple(Stem(f"Stem {n}", f"stem-{n}", n, 1, group="band") for n in range(stems)),
        colour="#e04040",
        cues=cues,
    )


def show(title: str, songs: tuple[Song, ...], buses: int, targets: tuple[Target, ...] = (), **more: object) -> Show:
    return Show(
        title=title,
        songs={each.id: each for each in songs},
        entries=tuple(Entry(place, each.id, "arm", 1) for place, each in enumerate(songs, 1)),
        buses=tuple(
            Bus(slug(name := f"Büs {n}"), name, (2 * n, 2 * n + 1), audience=n == 0) for n in range(buses)
        ),
        targets=targets,
        **more,  # type: ignore[arg-type]
    )  # fmt: skip


LIGHTS = Target("lights", "Lights & <Fog>", "eos", "127.0.0.1", 9001)

ODD = show(
    "Öpen „Air“ & <Friends> ]]>",
    tuple(
        song(f"song-{n}", name, sections(5, ODD_NAMES), cues=(Cue(name, "lights", "1", at=0),))
        for n, name in enumerate(ODD_NAMES)
    ),
    buses=2,
    targets=(LIGHTS,),
)

BIG = show(
    "The Long Tour",
    tuple(
        song(f"song-{n}", f"Song number {n} of the night", sections(40), 24, (Cue(f"Cue {n}", "lights", f"{n}", at=0),))
        for n in range(60)
    ),
    buses=16,
    targets=tuple(Target(f"target-{n}", f"Target {n}", "osc", "127.0.0.1", 9100 + n) for n in range(12)),
)

EMPTY = show("Nothing yet", (), buses=1)

PREFIXED = show("Behind", (song("one", "One", sections(2)),), buses=1, ports=Ports(prefix="foh", bare=False))

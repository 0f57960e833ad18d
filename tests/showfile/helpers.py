"""A show written out in a test, loaded without decoding a sound: `prepare` answers with the facts the test gives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from showctl.errors import MediaError
from showctl.media.prepare import PreparedSong, StemColumns
from showctl.model.show import Show, Song
from showctl.model.units import SongFrame
from showctl.showfile.compile import Compiled, compile_show
from showctl.showfile.folder import Listing
from showctl.showfile.media import StemToPrepare, plan_media, prepare_media
from showctl.showfile.songs import plan_show

RATE = 48000

SHOW = """\
title = "Rooftop"
setlist = ["closer"]
[buses.house]
channels = [1, 2]
audience = true
[buses.drums]
channels = [3, 4]
[targets.lights]
profile = "eos"
host = "192.168.1.20"
"""

SONG = """\
title = "Closer"
tempo = 120
end = 65
sections = [[1, "Intro"], [17, "Chorus"], [33, "Verse"], [49, "Chorus"]]
"""


@dataclass(frozen=True)
class Sound:
    """What decoding a file would tell."""

    channels: int = 2
    seconds: float = 128.0
    fault: str = ""


def fake_prepare(sounds: Mapping[str, Sound]) -> Callable[[Sequence[StemToPrepare], int], PreparedSong]:
    """A `prepare` that knows the facts of each file by its path relative to the show, and decodes nothing."""

    def prepare(stems: Sequence[StemToPrepare], rate: int) -> PreparedSong:
        known = [sounds.get(stem.path.as_posix(), Sound()) for stem in stems]
        for stem, sound in zip(stems, known, strict=True):
            if sound.fault:
                raise MediaError(f"{stem.path}: {sound.fault}")
        firsts = [sum(sound.channels for sound in known[:index]) for index in range(len(known))]
        columns = tuple(
            StemColumns(stem.slug, first, sound.channels, round(sound.seconds * rate), stem.offset, rate)
            for stem, sound, first in zip(stems, known, firsts, strict=True)
        )
        origin = min(column.offset for column in columns)
        end = max(column.offset + column.frames for column in columns)
        key = "+".join(f"{stem.path.as_posix()}@{stem.offset}" for stem in stems)
        return PreparedSong("", key, rate, end - origin, SongFrame(origin), columns)

    return prepare


def load(
    show: str | bytes = SHOW,
    song: str | bytes = SONG,
    sounds: Mapping[str, Sound] | None = None,
    more: Mapping[str, str] | None = None,
) -> Compiled:
    """A show with one song, "closer"; `sounds` are the other files of the folder, `more` other texts."""
    sounds = {"songs/closer/stems/bass.wav": Sound()} if sounds is None else sounds
    written = {"show.toml": show, "songs/closer/song.toml": song, **(more or {})}
    texts = {file: text if isinstance(text, bytes) else dedent(text).encode() for file, text in written.items()}
    plan = plan_show(texts, Listing.of([*texts, *sounds]))
    requests, misplaced = plan_media(plan)
    facts, unusable = prepare_media(requests, plan.source.audio.sample_rate, Path(), fake_prepare(sounds))
    return compile_show(plan, facts, (*misplaced, *unusable))


def sentences(compiled: Compiled) -> list[str]:
    return [problem.sentence for problem in compiled.problems]


def good(compiled: Compiled) -> Show:
    """The show, without a single problem."""
    assert sentences(compiled) == []
    assert compiled.show is not None
    return compiled.show


def good_song(song: str = SONG, sounds: Mapping[str, Sound] | None = None, show: str = SHOW) -> Song:
    return good(load(show, song, sounds)).songs["closer"]

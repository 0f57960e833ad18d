"""What a show needs decoded: each song's stems on their places, each spoken cue and click sound by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from showctl.errors import MediaError
from showctl.model.units import SongFrame
from showctl.showfile.places import frame_of
from showctl.showfile.problems import Problem, Severity
from showctl.showfile.report import Report
from showctl.showfile.songs import ShowPlan, SongPlan
from showctl.showfile.stems import StemPlan

MAX_OFFSET_SECONDS = 4 * 3600

MAX_VOICE_SECONDS = 600.0
MAX_VOICE_CHANNELS = 2
"""What a spoken cue or a click sound may have, as `showctl.media.voices` wants it."""


@dataclass(frozen=True, slots=True)
class StemToPrepare:
    """A stem's file, whose first frame (at the session rate) lies on song frame `offset`."""

    slug: str
    path: Path
    offset: SongFrame


class PreparedStem(Protocol):
    """Where a stem lies: columns `first` to `first + channels`, `frames` of them from song frame `offset` on."""

    @property
    def slug(self) -> str: ...
    @property
    def first(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def offset(self) -> SongFrame: ...


class Prepared(Protocol):
    """The facts of a medium in the cache, as `showctl.media.prepare.PreparedSong` has them."""

    @property
    def key(self) -> str: ...
    @property
    def rate(self) -> int: ...
    @property
    def frames(self) -> int: ...
    @property
    def channels(self) -> int: ...
    @property
    def origin(self) -> SongFrame: ...
    @property
    def columns(self) -> Sequence[PreparedStem]: ...
    @property
    def warnings(self) -> Sequence[str]: ...


Prepare = Callable[[Sequence[StemToPrepare], int], Prepared]
"""Decodes stems at a sample rate; raises `MediaError`, whose sentence begins with the path of the file at fault."""

Facts = Mapping[str, Prepared]
"""What was prepared, by subject."""


@dataclass(frozen=True, slots=True)
class Part:
    """One sound file (relative to the show) on its place, and the file and line that speak of it."""

    slug: str
    file: str
    offset: SongFrame
    spoken_of: tuple[str, int]


@dataclass(frozen=True, slots=True)
class MediaRequest:
    """What becomes one medium. `subject` names it: a song's folder in songs/, or a sound file."""

    subject: str
    parts: tuple[Part, ...]


def plan_media(plan: ShowPlan) -> tuple[tuple[MediaRequest, ...], tuple[Problem, ...]]:
    """What has to be prepared for a show, and the problems of placing it."""
    requests: dict[str, MediaRequest] = {}
    problems: list[Problem] = []
    for song in plan.songs.values():
        report = song.report()
        parts = tuple(_song_parts(report, song))
        problems.extend(report.problems)
        if parts:
            requests[song.folder] = MediaRequest(song.folder, parts)
    for voice in _voices(plan):
        requests.setdefault(voice.subject, voice)
    return tuple(requests.values()), tuple(problems)


def _song_parts(report: Report, song: SongPlan) -> Iterator[Part]:
    for stem in song.stems:
        offset = stem_offset(report, stem, song)
        if offset is not None:
            spoken_of = (song.file, song.lines.line(stem.path)) if stem.path else (stem.file, 0)
            yield Part(stem.slug, stem.file, offset, spoken_of)


def stem_offset(report: Report, stem: StemPlan, song: SongPlan) -> SongFrame | None:
    """The song frame of the first frame of a stem's file; None after reporting why there is none."""
    rate = song.time.grid.rate
    if stem.options.at is None:
        return SongFrame(-round(song.source.downbeat * rate))
    path = (*stem.path, "at")
    offset = frame_of(report, path, stem.options.at, song.time, None)
    if offset is not None and abs(offset) > MAX_OFFSET_SECONDS * rate:
        report.error(path, expected="a place within four hours of bar 1", found=stem.options.at.text)
        return None
    return offset


def _voices(plan: ShowPlan) -> Iterator[MediaRequest]:
    """Spoken cues and click sounds; their first frame is frame 0."""
    for report, sounds in (
        (plan.report(), plan.sounds),
        *((song.report(), song.sounds) for song in plan.songs.values()),
    ):
        for path, file in sounds.items():
            yield MediaRequest(file, (Part("voice", file, SongFrame(0), (report.file, report.lines.line(path))),))


# ── preparing, and what goes wrong with it ──


def prepare_media(
    requests: Iterable[MediaRequest], rate: int, root: Path, prepare: Prepare
) -> tuple[dict[str, Prepared], tuple[Problem, ...]]:
    """Prepares what can be; the rest are problems. A song is prepared without the stems that cannot be used.

    Raises `MediaError` where none of the files is at fault: the cache cannot be written.
    """
    facts: dict[str, Prepared] = {}
    problems: list[Problem] = []
    for request in requests:
        prepared, found = _prepared(request, rate, root, prepare)
        problems.extend(found)
        if prepared:
            facts[request.subject] = prepared
            problems.extend(_problem(request, root, text, "warning")[0] for text in prepared.warnings)
    return facts, tuple(problems)


def _prepared(request: MediaRequest, rate: int, root: Path, prepare: Prepare) -> tuple[Prepared | None, list[Problem]]:
    problems: list[Problem] = []
    while request.parts:
        try:
            return prepare(
                [StemToPrepare(part.slug, root / part.file, part.offset) for part in request.parts], rate
            ), problems
        except MediaError as error:
            problem, guilty = _problem(request, root, str(error), "error")
            if guilty is None:
                raise
            problems.append(problem)
            request = replace(request, parts=tuple(part for part in request.parts if part != guilty))
    return None, problems


def _problem(request: MediaRequest, root: Path, text: str, severity: Severity) -> tuple[Problem, Part | None]:
    """The problem that a sentence about a file tells, and the part it is about. The path in it becomes relative."""
    guilty = next((part for part in request.parts if text.startswith(f"{root / part.file}: ")), None)
    file, line = (guilty or request.parts[0]).spoken_of
    if guilty:
        text = text.removeprefix(f"{root / guilty.file}: ")
        text = text if file == guilty.file else f"{guilty.file}: {text}"
    return Problem(file, line, severity, text), guilty

"""`showctl bounce`: songs as they would be played tonight, or a night as it was, rendered to files."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import msgspec
from rich.console import Console
from rich.progress import Progress

from showctl.cli.shows import cache, load, tell_problems
from showctl.cli.usage import WrongUsage
from showctl.engine.bank import Bank, media_of
from showctl.engine.bounce import Excerpt, bounce
from showctl.engine.bounce import Progress as OnFrame
from showctl.errors import ShowctlError
from showctl.model.events import events, replayed_events
from showctl.model.happenings import Event
from showctl.model.itinerary import BAR_ONE
from showctl.model.names import slug
from showctl.model.night import Night
from showctl.model.plan import Committed, Cued, Edit, Plan, Rest, commit, entry_of, replay
from showctl.model.score import Score
from showctl.model.show import Entry, Show
from showctl.model.transport import act
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.shared.nightlog import read_night

EVENTS_FILE = "events.jsonl"
RING_SECONDS = 0.5
"""What is rendered after the end: the last click rings, and what is cut is faded."""


def run(options: argparse.Namespace) -> int:
    """Raises `ShowctlError`, and `WrongUsage` for a song that is not in the setlist."""
    if options.plan and options.songs:
        raise WrongUsage("expected songs or --plan, got both: a night is rendered as a whole")
    prepared = cache()
    loaded = load(options.show, prepared)
    if not tell_problems(loaded.problems, sys.stderr):
        return 1
    show = loaded.usable()
    if options.plan:
        _bounce_night(show, options.plan, options.output, prepared.directory)
    else:
        _bounce_songs(straight(show), options.songs, options.output, prepared.directory)
    return 0


# ── songs ──


def straight(show: Show) -> Show:
    """The show with every song played by itself, from its start to its end: nobody is there to let a vamp go."""
    songs = {
        key: msgspec.structs.replace(
            song,
            sections=tuple(
                msgspec.structs.replace(section, vamp=section.vamp if section.vamp and section.vamp.times else None)
                for section in song.sections
            ),
        )
        for key, song in show.songs.items()
    }
    entries = tuple(msgspec.structs.replace(entry, then="stop") for entry in show.entries)
    return msgspec.structs.replace(show, songs=songs, entries=entries)


def start_plan(score: Score, entry: int) -> Plan:
    """GO on an armed entry, at session frame 0."""
    night = Night.of(score.show).seen(entry)
    armed = Plan(1, score.hash, score.rate, (Rest(Frame(-1), "arm", Cued(entry, BAR_ONE)),))
    change = act(View(score, armed, night, Frame(0)), "/go")
    return commit(armed, Edit("bounce", 0, armed.version, Frame(0), change.spans if change else None), Frame(0))


def _bounce_songs(show: Show, names: Sequence[str], output: Path, cache_folder: Path) -> None:
    score = Score(show)
    chosen = [_entry_of(show, name) for name in names] if names else list(show.entries)
    folders = _folders(output, chosen)
    for folder in folders:
        _make(folder)
    for entry, folder in zip(chosen, folders, strict=True):
        plan = start_plan(score, entry.index)
        song = score.song(entry.index)
        until = Frame(plan.spans[-1].start + song.tail_frames + round(RING_SECONDS * score.rate))
        bank = Bank(score.rate)
        bank.load(cache_folder, media_of(song))
        with _progress(song.title, until) as progress:
            bounce(score, Excerpt(plan, until), bank, folder, progress)
        _write_events(folder, score, events(score, plan, Frame(0), until))


def _entry_of(show: Show, name: str) -> Entry:
    """The first entry of that song, by its id or title."""
    for entry in show.entries:
        if slug(name) in {slug(entry.song), slug(show.songs[entry.song].title)}:
            return entry
    there = ", ".join(dict.fromkeys(entry.song for entry in show.entries))
    raise WrongUsage(f"expected a song of the setlist ({there}), got {name}")


def _folders(output: Path, entries: Sequence[Entry]) -> list[Path]:
    """The folder itself for one song, else one in it for each: "closer", and "closer-2" where it comes again."""
    if len(entries) == 1:
        return [output]
    songs = [entry.song for entry in entries]
    numbers = [songs[: place + 1].count(song) for place, song in enumerate(songs)]
    return [output / (f"{song}-{number}" if number > 1 else song) for song, number in zip(songs, numbers, strict=True)]


# ── a night ──


def _bounce_night(show: Show, path: Path, output: Path, cache_folder: Path) -> None:
    recording, score = read_night(path), Score(show)
    _make(output)
    if recording.plan.show != score.hash:
        sys.stderr.write("showctl: the show has changed since that night: it is rendered as the show is now\n")
    _refuse_what_is_gone(show, recording.plan, recording.log)
    bank = Bank(score.rate)
    for entry in show.entries:
        bank.load(cache_folder, media_of(score.song(entry.index)))
    until = _end_of_night(score, recording.plan, recording.log)
    with _progress(show.title, until) as progress:
        bounce(score, Excerpt(recording.plan, until, log=recording.log), bank, output, progress)
    _write_events(output, score, replayed_events(score, recording.plan, recording.log, until))


def _refuse_what_is_gone(show: Show, plan: Plan, log: tuple[Committed, ...]) -> None:
    """Raises `ShowctlError` for a night that plays more songs than the show still has."""
    spans = (*plan.spans, *(span for line in log for span in line.edit.spans or ()))
    last = max(map(entry_of, spans), default=0)
    if last > len(show.entries):
        raise ShowctlError(
            f"that night plays entry {last} of the setlist, which has {len(show.entries)} now:"
            " render it with the show as it was then"
        )


def _end_of_night(score: Score, plan: Plan, log: tuple[Committed, ...]) -> Frame:
    """Where it falls silent for good; a vamp that nobody left is rendered up to the last command."""
    last = replay(plan, log)
    silent_from = last.spans[-1].start if isinstance(last.spans[-1], Rest) else Frame(0)
    end = max(silent_from, log[-1].head if log else Frame(0))
    tail = max((song.tail_frames for song in score.show.songs.values()), default=0)
    return Frame(end + tail + round(RING_SECONDS * score.rate))


# ── files ──


def _make(folder: Path) -> None:
    """Before anything is rendered. Raises `ShowctlError` where there can be no folder to write to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as exc:
        in_the_way = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
        raise ShowctlError(f"expected a folder at {in_the_way}, found a file: choose another place with -o") from exc
    except OSError as exc:
        why = f"cannot make the folder {folder} ({exc.strerror})"
        raise ShowctlError(f"{why}: make the one above it writable, or choose another place with -o") from exc
    if not os.access(folder, os.W_OK | os.X_OK):
        what = f"expected a folder that you may write to, found {folder} to be none"
        raise ShowctlError(f"{what}: change its permissions, or choose another with -o")


def _write_events(folder: Path, score: Score, found: Sequence[Event]) -> None:
    path = folder / EVENTS_FILE
    try:
        with path.open("wb") as file:
            file.writelines(msgspec.json.encode(event_row(event, score.rate)) + b"\n" for event in found)
    except OSError as exc:
        remedy = "free space there, move away what is there, or choose another folder with -o"
        raise ShowctlError(f"cannot write {path} ({exc.strerror}): {remedy}") from exc


def event_row(event: Event, rate: int) -> dict[str, object]:
    """Frame and seconds first, then what it is and its fields; `until` is how long before what it announces, in s."""
    fields: dict[str, object] = msgspec.to_builtins(event)
    if "seconds" in fields:
        fields["until"] = fields.pop("seconds")
    return {"frame": event.frame, "seconds": round(event.frame / rate, 6), **fields}


@contextmanager
def _progress(title: str, until: Frame) -> Iterator[OnFrame]:
    if not sys.stderr.isatty():
        sys.stderr.write(f"rendering {title}\n")
        yield lambda _: None
        return
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(f"rendering {title}", total=float(until))
        yield lambda frame: bar.update(task, completed=float(frame))

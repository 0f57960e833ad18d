"""A show and its songs before their sounds were opened: who plays what when, as far as the texts tell."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from showctl.model.names import slug
from showctl.showfile.folder import SHOW_FILE, Listing, resolve_file, song_file
from showctl.showfile.locate import LineIndex
from showctl.showfile.parse import Parsed, parse
from showctl.showfile.problems import KeyPath, Problem, did_you_mean, shown
from showctl.showfile.report import Named, Report, check_slugs
from showctl.showfile.song_source import ClickSource, CustomClick, SongSource
from showctl.showfile.source import EntryTable, ShowSource
from showctl.showfile.stems import StemPlan, check_setups, song_stems
from showctl.showfile.timeline import TimeLine, time_line


@dataclass(frozen=True, slots=True)
class SongPlan:
    """A song with its time and its stems. `sounds` are the files of guides and clicks, by where they are written."""

    id: str
    folder: str
    source: SongSource
    lines: LineIndex
    damaged: frozenset[str]
    time: TimeLine
    stems: tuple[StemPlan, ...]
    sounds: Mapping[KeyPath, str]

    @property
    def file(self) -> str:
        return song_file(self.folder)

    def report(self) -> Report:
        """A fresh one for this file."""
        return Report(self.file, self.lines, self.damaged)


@dataclass(frozen=True, slots=True)
class EntryPlan:
    """One place of the setlist, and the song it means if there is one."""

    source: EntryTable
    song: str
    path: KeyPath


@dataclass(frozen=True, slots=True)
class ShowPlan:
    """A show as its texts tell it. `songs` are those of the setlist by id, `sources` the slugs of the stems and
    groups of all songs in the folder, played tonight or not."""

    source: ShowSource
    lines: LineIndex
    damaged: frozenset[str]
    entries: tuple[EntryPlan, ...]
    songs: Mapping[str, SongPlan]
    sources: frozenset[str]
    sounds: Mapping[KeyPath, str]
    problems: tuple[Problem, ...]

    def report(self) -> Report:
        """A fresh one for `show.toml`."""
        return Report(SHOW_FILE, self.lines, self.damaged)


def plan_show(texts: Mapping[str, bytes], listing: Listing) -> ShowPlan:
    """Reads all texts of a show: names relative to it and their contents."""
    parsed = parse(SHOW_FILE, texts[SHOW_FILE], ShowSource) if SHOW_FILE in texts else _no_show_file(listing)
    source = parsed.source or ShowSource()
    damaged = parsed.damaged if parsed.source else frozenset(ShowSource.model_fields)
    report = Report(SHOW_FILE, parsed.lines, damaged, list(parsed.problems))
    folders = {folder: song_file(folder) for folder in listing.song_folders if song_file(folder) in texts}
    songs = {folder: parse(file, texts[file], SongSource) for folder, file in folders.items()}
    entries = _entries(report, source, listing)
    wanted = dict.fromkeys(entry.song for entry in entries) if parsed.source else dict.fromkeys(songs)
    plans, problems = _song_plans(songs, wanted, source.audio.sample_rate, listing)
    _check_unused(report, songs, wanted)
    sounds = click_sounds(report, source.click, "", listing)
    _check_ids(report, entries, plans)
    return ShowPlan(
        source=source,
        lines=parsed.lines,
        damaged=damaged,
        entries=entries,
        songs=plans,
        sources=_all_sources(songs, listing),
        sounds=sounds,
        problems=(*report.problems, *problems),
    )


def _no_show_file(listing: Listing) -> Parsed[ShowSource]:
    names = [file for file in listing.files if "/" not in file]
    hint = did_you_mean(SHOW_FILE, names) or "a show is a folder with a show.toml and songs/<id>/song.toml"
    return Parsed(SHOW_FILE, None, (Problem(SHOW_FILE, 0, "error", "the file does not exist", hint=hint),))


# ── setlist ──


def _entries(report: Report, source: ShowSource, listing: Listing) -> tuple[EntryPlan, ...]:
    if not source.setlist and "setlist" not in report.damaged:
        report.error(
            ("setlist",), "the setlist is empty", hint='write setlist = ["opener", "closer"], the folders in songs/'
        )
    return tuple(
        EntryPlan(entry, _folder_of(report, ("setlist", index), entry.song, listing), ("setlist", index))
        for index, item in enumerate(source.setlist)
        for entry in (item if isinstance(item, EntryTable) else EntryTable(song=item),)
    )


def _folder_of(report: Report, path: KeyPath, name: str, listing: Listing) -> str:
    """The folder of a song, by its very name or the same in addresses; empty after reporting that there is none."""
    folders = listing.song_folders
    if name in folders:
        return name
    alike = [folder for folder in folders if slug(folder) == slug(name)]
    if not alike:
        begun = any(file.startswith(f"songs/{name}/") for file in listing.files)
        hint = (
            f"write {song_file(name)}" if begun else did_you_mean(name, folders) or f"its folder would be songs/{name}/"
        )
        report.error(path, expected="a song in songs/ with a song.toml", found=shown(name), hint=hint)
    return next(iter(alike), "")


def _check_unused(report: Report, songs: Iterable[str], wanted: Iterable[str]) -> None:
    if "setlist" not in report.damaged:
        report.problems.extend(
            Problem(song_file(folder), 0, "warning", "this song is not in the setlist")
            for folder in set(songs) - set(wanted)
        )


def _check_ids(report: Report, entries: Iterable[EntryPlan], plans: Mapping[str, SongPlan]) -> None:
    first: dict[str, KeyPath] = {}
    for entry in entries:
        if entry.song in plans:
            first.setdefault(entry.song, entry.path)
    check_slugs(report, "songs", [Named(folder, plans[folder].source.ascii, path) for folder, path in first.items()])


# ── songs ──


def _song_plans(
    songs: Mapping[str, Parsed[SongSource]], wanted: Iterable[str], rate: int, listing: Listing
) -> tuple[dict[str, SongPlan], list[Problem]]:
    plans: dict[str, SongPlan] = {}
    problems: list[Problem] = []
    for folder in wanted:
        if (parsed := songs.get(folder)) is None:
            continue
        report = Report(parsed.file, parsed.lines, parsed.damaged, list(parsed.problems))
        if parsed.source:
            plans[folder] = _song_plan(report, folder, parsed.source, rate, listing)
        problems.extend(report.problems)
    return plans, problems


def _song_plan(report: Report, folder: str, source: SongSource, rate: int, listing: Listing) -> SongPlan:
    stems = song_stems(report, source, f"songs/{folder}", listing)
    check_setups(report, source.setups, stems)
    return SongPlan(
        id=slug(folder) or slug(source.ascii or ""),
        folder=folder,
        source=source,
        lines=report.lines,
        damaged=report.damaged,
        time=time_line(report, source, rate),
        stems=stems,
        sounds={
            **click_sounds(report, source.click, f"songs/{folder}", listing),
            **_guide_sounds(report, source, f"songs/{folder}", listing),
        },
    )


def _all_sources(songs: Mapping[str, Parsed[SongSource]], listing: Listing) -> frozenset[str]:
    stems = [
        stem
        for folder, parsed in songs.items()
        if parsed.source
        for stem in song_stems(Report(parsed.file), parsed.source, f"songs/{folder}", listing)
    ]
    return frozenset(name for stem in stems for name in (stem.slug, stem.group) if name)


# ── sounds beside the stems ──


def click_sounds(report: Report, click: ClickSource, folder: str, listing: Listing) -> dict[KeyPath, str]:
    """The files of a click of one's own, by the path of their key."""
    if not isinstance(click.sound, CustomClick):
        return {}
    if not (click.sound.accent or click.sound.beat) and "click" not in report.damaged:
        report.error(("click", "sound"), expected="a sound file for accent, beat or both", found="neither")
    written = {"accent": click.sound.accent, "beat": click.sound.beat, "subdivision": click.sound.subdivision}
    files: dict[KeyPath, str] = {("click", "sound", key): file for key, file in written.items() if file is not None}
    return _resolved(report, files, folder, listing)


def _guide_sounds(report: Report, source: SongSource, folder: str, listing: Listing) -> dict[KeyPath, str]:
    files: dict[KeyPath, str] = {("guide", index, "file"): guide.file for index, guide in enumerate(source.guide)}
    return _resolved(report, files, folder, listing)


def _resolved(report: Report, files: Mapping[KeyPath, str], folder: str, listing: Listing) -> dict[KeyPath, str]:
    found = {path: resolve_file(report, path, file, folder, listing) for path, file in files.items()}
    return {path: file for path, file in found.items() if file is not None}

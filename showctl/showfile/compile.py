"""A show's plan and the facts of its media, put together to the compiled show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from showctl.model.names import slug
from showctl.model.show import (
    Audio,
    Bus,
    ClickSettings,
    Entry,
    Medium,
    Section,
    Setup,
    Show,
    Song,
    Stem,
    Transport,
    Vamp,
)
from showctl.model.units import SongFrame
from showctl.showfile.happenings import SongPlace, Targets, compile_cues, compile_guides
from showctl.showfile.media import MAX_VOICE_CHANNELS, MAX_VOICE_SECONDS, Facts, Prepared
from showctl.showfile.network import compile_access, compile_clients, compile_ports, compile_targets, targets_of
from showctl.showfile.places import SongEnd, end_after, written_end
from showctl.showfile.problems import KeyPath, Problem, did_you_mean, in_order, shown
from showctl.showfile.report import Report
from showctl.showfile.routing import Heard, check_widths, compile_buses
from showctl.showfile.song_source import ClickSource, VampSource
from showctl.showfile.songs import EntryPlan, ShowPlan, SongPlan
from showctl.showfile.timeline import SectionStart


@dataclass(frozen=True, slots=True)
class Compiled:
    """`show` is None where one of the `problems` is an error."""

    show: Show | None
    problems: tuple[Problem, ...]


def compile_show(plan: ShowPlan, facts: Facts, found: tuple[Problem, ...] = ()) -> Compiled:
    """The show of a plan. `found` are the problems met on the way, of placing and preparing its media."""
    report = plan.report()
    problems = [*plan.problems, *found]
    stems = [stem for song in plan.songs.values() for stem in song.stems]
    buses = compile_buses(report, plan.source.buses, plan.sources, stems)
    targets = targets_of(report, plan.source.targets)
    click = _click(plan.source.click, ClickSettings(), _voices(report, plan.sounds, facts))
    songs: dict[str, Song] = {}
    for song in plan.songs.values():
        its_report = song.report()
        songs[song.id] = _song(its_report, song, facts, click, targets)
        check_widths(its_report, _heard(song, facts), buses)
        problems.extend(its_report.problems)
    show = _show(report, plan, songs, buses, click)
    ordered = in_order((*problems, *report.problems))
    return Compiled(None if any(problem.severity == "error" for problem in ordered) else show, ordered)


def _show(
    report: Report,
    plan: ShowPlan,
    songs: Mapping[str, Song],
    buses: tuple[Bus, ...],
    click: ClickSettings,
) -> Show:
    source = plan.source
    if source.title is None and "title" not in report.damaged:
        report.warning((), "the show has no title", hint='write title = "…" above the first [header]')
    return Show(
        title=source.title or "Show",
        songs=dict(songs),
        entries=tuple(_entry(report, index, entry, plan, songs) for index, entry in enumerate(plan.entries, 1)),
        buses=buses,
        audio=Audio(**source.audio.model_dump()),
        transport=Transport(go_guard_seconds=source.transport.go_guard, fade_seconds=source.transport.fade),
        ports=compile_ports(report, source.osc, source.web),
        access=compile_access(report, source.access, source.buses),
        targets=compile_targets(report, source.targets),
        clients=compile_clients(report, source.clients),
        cues=compile_cues(report, source.cues, targets_of(report, source.targets), None),
        click=click,
    )


def _entry(report: Report, index: int, entry: EntryPlan, plan: ShowPlan, songs: Mapping[str, Song]) -> Entry:
    source = entry.source
    song = plan.songs.get(entry.song)
    compiled = songs.get(song.id) if song else None
    return Entry(
        index=index,
        song=compiled.id if compiled else "",
        then=source.then or (compiled.then if compiled else "arm"),
        count_in=source.count_in if source.count_in is not None else (compiled.click.count_in if compiled else 0),
        setup=_setup(report, entry, song) if source.setup and song else "",
        notes=source.notes,
    )


def _setup(report: Report, entry: EntryPlan, song: SongPlan) -> str:
    """The name of the setup as the song writes it."""
    wanted = entry.source.setup or ""
    names = [name for name in song.source.setups if name == wanted or slug(name) == slug(wanted)]
    if not names and "setups" not in song.damaged:
        hint = did_you_mean(wanted, song.source.setups) or f"add [setups.{slug(wanted)}] to {song.file}"
        path = (*entry.path, "setup")
        report.error(path, expected=f"a setup of the song {shown(song.folder)}", found=shown(wanted), hint=hint)
    return next(iter(names), "")


# ── a song ──


def _song(report: Report, plan: SongPlan, facts: Facts, click: ClickSettings, targets: Targets) -> Song:
    source, time = plan.source, plan.time
    prepared = facts.get(plan.folder)
    end = _end(report, plan, prepared)
    place = SongPlace(time, end)
    voices = _voices(report, plan.sounds, facts)
    return Song(
        id=plan.id,
        title=source.title if source.title is not None else plan.folder,
        tempo=time.tempo,
        meters=time.meters,
        end=end.frame,
        sections=_sections(report, plan, end),
        stems=_stems(report, plan, prepared, end),
        medium=_medium(prepared) if prepared else None,
        pulse=source.pulse,
        then=source.then,
        tail_frames=round(source.tail * time.grid.rate),
        click=_click(source.click, click, voices),
        guides=compile_guides(report, source.guide, voices, place),
        cues=compile_cues(report, source.cues, targets, place),
        setups=tuple(_compiled_setup(name, setup.mute, setup.gain) for name, setup in source.setups.items()),
        colour=source.colour,
        notes=source.notes,
        ascii=source.ascii or "",
    )


def _compiled_setup(name: str, mute: tuple[str, ...], gains: Mapping[str, float]) -> Setup:
    return Setup(name, tuple(map(slug, mute)), {slug(key): gain for key, gain in gains.items()})


def _end(report: Report, plan: SongPlan, prepared: Prepared | None) -> SongEnd:
    source = plan.source
    written = written_end(report, source.end, plan.time) if source.end else None
    if written:
        return written
    unknown = SongEnd(plan.time.grid.frame_at(2), 2, certain=False)
    if prepared is None or source.end or "end" in report.damaged:
        if not (source.end or plan.stems or report.damaged & {"end", "stems"}):
            report.error(
                (), "a song without stems has no end of its own", hint="write the first bar no longer played: end = 65"
            )
        return unknown
    last = max(SongFrame(stem.offset + stem.frames) for stem in prepared.columns)
    return end_after(plan.time, last)


def _sections(report: Report, plan: SongPlan, end: SongEnd) -> tuple[Section, ...]:
    starts = plan.time.sections
    for start in starts:
        if end.certain and start.bar >= end.bar:
            path: KeyPath = ("sections", start.index, "at")
            report.error(path, expected=f"a bar from 1 to {end.bar - 1}", found=start.source.at.text)
    bars = [*(start.bar for start in starts), end.bar]
    frames = [*(plan.time.grid.frame_at(start.bar) for start in starts), end.frame]
    return tuple(
        _section(number, start, bar_span, frame_span)
        for number, (start, bar_span, frame_span) in enumerate(
            zip(starts, pairwise(bars), pairwise(frames), strict=True), 1
        )
    )


def _section(number: int, start: SectionStart, bars: tuple[int, int], frames: tuple[SongFrame, SongFrame]) -> Section:
    source = start.source
    return Section(
        name=source.name,
        slug=start.slug,
        index=number,
        bar=bars[0],
        bars=bars[1] - bars[0],
        start=frames[0],
        end=frames[1],
        colour=source.colour,
        notes=source.notes,
        vamp=_vamp(source.vamp) if source.vamp else None,
        ascii=source.ascii or "",
    )


def _vamp(source: VampSource) -> Vamp:
    return Vamp(exit=source.exit, times=source.times or 0)


# ── media ──


def _heard(plan: SongPlan, facts: Facts) -> list[Heard]:
    prepared = facts.get(plan.folder)
    widths = {column.slug: column.channels for column in prepared.columns} if prepared else {}
    return [Heard(stem, widths[stem.slug]) for stem in plan.stems if stem.slug in widths]


def _stems(report: Report, plan: SongPlan, prepared: Prepared | None, end: SongEnd) -> tuple[Stem, ...]:
    columns = {column.slug: column for column in prepared.columns} if prepared else {}
    for stem in plan.stems:
        if stem.slug in columns and end.certain and columns[stem.slug].offset >= end.frame:
            report.warning(stem.path, f"the stem {shown(stem.name)} starts after the song's end (bar {end.bar})")
    return tuple(
        Stem(
            name=stem.name,
            slug=stem.slug,
            first=columns[stem.slug].first,
            channels=columns[stem.slug].channels,
            gain_db=stem.options.gain,
            pan=stem.options.pan,
            group=stem.group,
            role=stem.role,
        )
        for stem in plan.stems
        if stem.slug in columns
    )


def _medium(prepared: Prepared) -> Medium:
    return Medium(key=prepared.key, frames=prepared.frames, columns=prepared.channels, origin=prepared.origin)


def _voices(report: Report, sounds: Mapping[KeyPath, str], facts: Facts) -> dict[KeyPath, Medium]:
    """The media of spoken cues and click sounds, by where the file is written."""
    voices = {path: facts[file] for path, file in sounds.items() if file in facts}
    for path, voice in voices.items():
        if voice.channels > MAX_VOICE_CHANNELS:
            report.error(path, expected="a mono or stereo file", found=f"{voice.channels} channels")
        if voice.frames > MAX_VOICE_SECONDS * voice.rate:
            report.error(
                path,
                expected=f"at most {MAX_VOICE_SECONDS / 60:g} minutes",
                found=f"{voice.frames / voice.rate / 60:.1f}",
            )
    return {path: _medium(voice) for path, voice in voices.items()}


def _click(source: ClickSource, inherited: ClickSettings, media: Mapping[KeyPath, Medium]) -> ClickSettings:
    """What `source` says over what is `inherited`. Of a click of one's own, only the sounds that are given."""
    said = source.model_fields_set
    sound = source.sound if isinstance(source.sound, str) else "custom"
    named = {key: media.get(("click", "sound", key)) for key in ("accent", "beat", "subdivision")}
    custom = {key: medium for key, medium in named.items() if medium}
    return ClickSettings(
        sound=sound if "sound" in said else inherited.sound,
        custom=custom if "sound" in said else inherited.custom,
        count_in=source.count_in if "count_in" in said else inherited.count_in,
        subdivision=source.subdivision if "subdivision" in said else inherited.subdivision,
    )

"""Cues for other machines and spoken cues for performers, compiled."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from showctl.model.names import slug
from showctl.model.show import Cue, Guide, Medium, OscCall
from showctl.showfile.places import SongEnd, when
from showctl.showfile.problems import KeyPath, did_you_mean, shown
from showctl.showfile.profiles import PROFILES
from showctl.showfile.report import Report
from showctl.showfile.song_source import CueSource, GuideSource
from showctl.showfile.timeline import TimeLine

INT32 = range(-(1 << 31), 1 << 31)
_ADDRESS = re.compile(r"(/[!-~]+)+")
_PATTERN_RUNES = re.compile(r"[ #*,?\[\]{}]")


@dataclass(frozen=True, slots=True)
class KnownTarget:
    """What a cue needs to know of its target."""

    slug: str
    profile: str


@dataclass(frozen=True, slots=True)
class Targets:
    """The targets by the slugs they may be called, their full names, and whether some were too faulty to be read."""

    known: Mapping[str, KnownTarget]
    names: Collection[str]
    damaged: bool


@dataclass(frozen=True, slots=True)
class SongPlace:
    """What positions of a song are looked up in."""

    time: TimeLine
    end: SongEnd


def compile_cues(
    report: Report, sources: Sequence[CueSource], targets: Targets, song: SongPlace | None
) -> tuple[Cue, ...]:
    """The cues of a song, or (without one) those of the show, which know occasions only."""
    cues = (_cue(report, ("cues", index), source, targets, song) for index, source in enumerate(sources))
    return tuple(cue for cue in cues if cue)


def _cue(report: Report, path: KeyPath, source: CueSource, targets: Targets, song: SongPlace | None) -> Cue | None:
    before = len(report.problems)
    _check_target(report, path, source, targets)
    _check_moment(report, path, source, song)
    _check_action(report, path, source)
    at = when(report, (*path, "at"), source.at, song.time, song.end) if source.at and song else None
    action = source.fire or _osc_call(report, (*path, "osc"), source.osc or ())
    target = targets.known.get(slug(source.to))
    if len(report.problems) > before or action is None or target is None or (at is None and source.on is None):
        return None
    return Cue(
        name=source.name or _default_name(source),
        target=target.slug,
        action=action,
        at=at,
        on=source.on,
        every_pass=source.every_pass,
        late=source.late,
    )


def _default_name(source: CueSource) -> str:
    return f"{source.to} {source.fire or (source.osc or ('',))[0]}"


def _check_target(report: Report, path: KeyPath, source: CueSource, targets: Targets) -> None:
    target = targets.known.get(slug(source.to))
    if target is None and not targets.damaged:
        hint = did_you_mean(source.to, targets.names) or "add it to show.toml as [targets.<name>]"
        report.error((*path, "to"), expected="one of the show's targets", found=shown(source.to), hint=hint)
    if target is None:
        return
    if source.fire and not PROFILES[target.profile].fires:
        hint = 'write the message out: osc = ["/address", 1]'
        report.error((*path, "fire"), f'a target of profile "{target.profile}" has no cue numbers', hint=hint)
    if source.osc is not None and not PROFILES[target.profile].network:
        report.error(
            (*path, "osc"), f'a target of profile "{target.profile}" does not speak OSC', hint='write fire = "…"'
        )


def _check_moment(report: Report, path: KeyPath, source: CueSource, song: SongPlace | None) -> None:
    if source.at and not song:
        text = "a cue of every song has no position"
        report.error((*path, "at"), text, hint='write on = "start" or another occasion, or put it into a song.toml')
    elif "cues" in report.damaged:
        return
    elif source.at and source.on:
        report.error((*path, "on"), 'a cue has either "at" or "on", this has both')
    elif not source.at and not source.on:
        hint = 'write at = "Chorus" or on = "start"' if song else 'write on = "start"'
        report.error(path, 'this cue lacks the key "at" or "on"' if song else 'this cue lacks the key "on"', hint=hint)


def _check_action(report: Report, path: KeyPath, source: CueSource) -> None:
    if source.osc == ():
        report.error((*path, "osc"), expected='an address and arguments such as ["/address", 1]', found="an empty list")
    elif source.fire and source.osc:
        report.error((*path, "osc"), 'a cue has either "fire" or "osc", this has both')
    elif not source.fire and source.osc is None and "cues" not in report.damaged:
        report.error(path, 'this cue lacks the key "fire" or "osc"', hint='write fire = "12" or osc = ["/address", 1]')


def _osc_call(report: Report, path: KeyPath, message: Sequence[int | float | str | bool]) -> OscCall | None:
    if not message:
        return None
    address, *arguments = message
    if not isinstance(address, str) or not _ADDRESS.fullmatch(address) or _PATTERN_RUNES.search(address):
        report.error(
            (*path, 0), expected='an OSC address such as "/composition/columns/3/connect"', found=shown(address)
        )
        return None
    for index, argument in enumerate(arguments, 1):
        if isinstance(argument, int) and argument not in INT32:
            report.error((*path, index), expected="a whole number of 32 bits", found=shown(argument))
    return OscCall(address, tuple(arguments))


# ── guides ──


def compile_guides(
    report: Report, sources: Sequence[GuideSource], voices: Mapping[KeyPath, Medium], song: SongPlace
) -> tuple[Guide, ...]:
    """The spoken cues whose place is good and whose voice could be decoded."""
    return tuple(_guides(report, sources, voices, song))


def _guides(
    report: Report, sources: Sequence[GuideSource], voices: Mapping[KeyPath, Medium], song: SongPlace
) -> Iterator[Guide]:
    for index, source in enumerate(sources):
        at = when(report, ("guide", index, "at"), source.at, song.time, song.end)
        voice = voices.get(("guide", index, "file"))
        if at is not None and voice:
            yield Guide(voice, at, source.name or posixpath.splitext(posixpath.basename(source.file))[0])

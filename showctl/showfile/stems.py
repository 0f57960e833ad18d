"""Which stems a song has: every audio file in stems/, or a list made by hand."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from showctl.model.names import slug
from showctl.showfile.folder import AUDIO_SUFFIXES, OTHER_AUDIO_SUFFIXES, Listing, resolve_file
from showctl.showfile.problems import KeyPath, did_you_mean, shown
from showctl.showfile.report import Named, Report, check_slugs
from showctl.showfile.song_source import SetupSource, SongSource, StemFile, StemOptions

RESERVED = {"click", "guide", "ltc", "stems", "master"}
"""Sources of every bus; no stem or group may be called so."""

_SPEAKS_OF_TIME = re.compile(
    r"click|guide|metronome|cues?(-?track)?\d*(-|$)|(^|-)count(s|in|off|down|-in|-off)?\d*(-|$)"
)


@dataclass(frozen=True, slots=True)
class StemPlan:
    """A stem before its file was opened. `file` is relative to the show, `path` where the song file speaks of it:
    nowhere for a file that was just found."""

    name: str
    slug: str
    file: str
    path: KeyPath
    options: StemOptions

    @property
    def role(self) -> Literal["stem", "click", "guide"]:
        return self.options.as_ or "stem"

    @property
    def group(self) -> str:
        return slug(self.options.group or "")


def song_stems(report: Report, source: SongSource, folder: str, listing: Listing) -> tuple[StemPlan, ...]:
    """The stems of the song in `folder` (relative to the show), with what is wrong about them reported."""
    if isinstance(source.stems, Mapping):
        stems = tuple(_found_stems(report, source.stems, f"{folder}/stems", listing))
    else:
        stems = tuple(_listed_stems(report, source.stems, folder, listing))
    check_slugs(report, "stems", [Named(stem.name, stem.options.ascii, stem.path) for stem in stems])
    for stem in stems:
        _check_role(report, stem)
        _check_group(report, stem, {other.slug for other in stems})
    return stems


# ── where stems come from ──


def _found_stems(
    report: Report, options: Mapping[str, StemOptions], folder: str, listing: Listing
) -> Iterator[StemPlan]:
    if listing.leads_outside(folder):
        report.error((), expected="a folder stems/ inside the show's folder", found="a link")
    files = [file for file in listing.directly_in(folder) if _suffix(file) in AUDIO_SUFFIXES]
    names = [_name_of(file) for file in files]
    chosen = {name: _options_for(name, names, options) for name in names}
    for name, file in zip(names, files, strict=True):
        key = chosen[name]
        path: KeyPath = ("stems", key) if key else ()
        yield _stem(name, listing.files[file], path, options[key] if key else StemOptions())
    for key in options.keys() - set(chosen.values()):
        hint = did_you_mean(key, names) or f"put the file in {folder}/"
        report.error(("stems", key), f"[stems.{_as_key(key)}] is about no audio file in stems/", hint=hint)
    for file in listing.directly_in(folder):
        if _suffix(file) in OTHER_AUDIO_SUFFIXES:
            report.warning((), f"{shown(posixpath.basename(file))} in stems/ is not read", hint="convert it to WAV")


def _options_for(name: str, names: Sequence[str], options: Mapping[str, StemOptions]) -> str | None:
    """The key of the table about a found file: its very name, or the same name in addresses."""
    free = [key for key in options if key not in names and slug(key) == slug(name)]
    return name if name in options else next(iter(free), None)


def _listed_stems(report: Report, listed: Sequence[StemFile], folder: str, listing: Listing) -> Iterator[StemPlan]:
    for index, stem in enumerate(listed):
        file = resolve_file(report, ("stems", index, "file"), stem.file, folder, listing)
        if file:
            yield _stem(stem.name, file, ("stems", index), stem)


def _stem(name: str, file: str, path: KeyPath, options: StemOptions) -> StemPlan:
    return StemPlan(name, slug(options.ascii or name), file, path, options)


def _suffix(file: str) -> str:
    return posixpath.splitext(file)[1].lower()


def _name_of(file: str) -> str:
    return posixpath.splitext(posixpath.basename(file))[0]


def _as_key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else f'"{name}"'


# ── what a stem may be ──


def _check_role(report: Report, stem: StemPlan) -> None:
    if stem.options.as_ is None and "stems" not in report.damaged and _SPEAKS_OF_TIME.search(slug(stem.name)):
        text = f"the stem {shown(stem.name)} is a click or a guide by its name"
        listed = isinstance(stem.options, StemFile)
        where = "" if listed else f" under [stems.{_as_key(stem.name)}]"
        report.error(stem.path, text, hint=f'write as = "click", as = "guide" or (it is music) as = "stem"{where}')
    elif stem.slug in RESERVED and stem.slug != stem.options.as_:
        text = f"no stem can be called {shown(stem.name)}: every bus has a source of that name"
        report.error(stem.path, text, hint='rename it, or give it another name with ascii = "…"')


def _check_group(report: Report, stem: StemPlan, stems: set[str]) -> None:
    if stem.options.group is None:
        return
    path, written = (*stem.path, "group"), shown(stem.options.group)
    if not stem.group:
        report.error(path, expected="a group with a letter or digit in its name", found=written)
    elif stem.group in RESERVED:
        report.error(path, f"no group can be called {written}: every bus has a source of that name")
    elif stem.group in stems:
        report.error(path, f"no group can be called {written}: a stem of this song has that name")
    elif stem.role != "stem":
        report.error(path, f'a stem with as = "{stem.role}" belongs to that source, not to the group {written}')


# ── setups ──


def check_setups(report: Report, setups: Mapping[str, SetupSource], stems: Sequence[StemPlan]) -> None:
    """Reports setups that speak of stems or groups the song does not have."""
    check_slugs(report, "setups", [Named(name, None, ("setups", name)) for name in setups])
    if "stems" in report.damaged:
        return
    known = {stem.slug for stem in stems} | {stem.group for stem in stems if stem.group}
    for name, setup in setups.items():
        muted: dict[KeyPath, str] = {("setups", name, "mute", index): word for index, word in enumerate(setup.mute)}
        levels: dict[KeyPath, str] = {("setups", name, "gain", word): word for word in setup.gain}
        for path, word in (muted | levels).items():
            if slug(word) not in known:
                hint = did_you_mean(word, known)
                report.error(path, expected="a stem or group of this song", found=shown(word), hint=hint)

"""What lies in a show's folder: the texts of its show files and the names of all others."""

from __future__ import annotations

import os
import posixpath
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from showctl.errors import ShowFileError
from showctl.showfile.problems import KeyPath, did_you_mean, shown
from showctl.showfile.report import Report

SHOW_FILE = "show.toml"
_SONG_FILE = re.compile(r"songs/([^/]+)/song\.toml")

AUDIO_SUFFIXES = {
    ".wav", ".wave", ".bwf", ".rf64", ".aif", ".aiff", ".aifc", ".flac", ".ogg", ".oga", ".opus", ".mp3",
}  # fmt: skip
"""Files in stems/ that are stems by themselves."""

OTHER_AUDIO_SUFFIXES = {".m4a", ".aac", ".wma", ".caf", ".alac", ".ape", ".wv", ".mka"}
"""Audio that is not read; worth a warning where a stem was meant."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The files of a show, as paths with `/` relative to it; `outside` are links to what lies elsewhere.

    Names are compared in Unicode's composed form: a Mac may list "ü" as two characters.
    """

    files: Mapping[str, str]
    outside: frozenset[str] = frozenset()

    @classmethod
    def of(cls, files: Iterable[str], outside: Iterable[str] = ()) -> Listing:
        return cls({_composed(file): file for file in files}, frozenset(map(_composed, outside)))

    def find(self, file: str) -> str | None:
        """The file as the system names it."""
        return self.files.get(_composed(file))

    def leads_outside(self, file: str) -> bool:
        parts = _composed(file).split("/")
        return any("/".join(parts[:depth]) in self.outside for depth in range(1, len(parts) + 1))

    def directly_in(self, folder: str) -> list[str]:
        """The files of a folder, without those of its subfolders, by name."""
        found = (file for file in self.files if posixpath.dirname(file) == _composed(folder))
        return sorted(found, key=lambda file: (file.casefold(), file))

    @property
    def song_folders(self) -> list[str]:
        """The names of the folders in songs/ that hold a song.toml."""
        matches = (_SONG_FILE.fullmatch(file) for file in self.files)
        return sorted(match[1] for match in matches if match)


def song_file(folder: str) -> str:
    return f"songs/{folder}/song.toml"


def _composed(path: str) -> str:
    return unicodedata.normalize("NFC", path)


# ── paths in show files ──


def resolve_file(report: Report, path: KeyPath, written: str, folder: str, listing: Listing) -> str | None:
    """The listed file that `written` means, seen from `folder` (relative to the show); None after reporting why not."""
    if "\\" in written:
        report.error(path, expected="a path with / between folders", found=shown(written))
        return None
    if written.startswith(("/", "~")) or re.match(r"[A-Za-z]:", written):
        report.error(path, expected="a path relative to this file's folder", found=shown(written))
        return None
    file = posixpath.normpath(posixpath.join(folder, written))
    if file == ".." or file.startswith("../") or listing.leads_outside(file):
        report.error(path, expected="a file inside the show's folder", found=shown(written))
        return None
    if listing.find(file) is None:
        hint = did_you_mean(written, _relative_names(folder, listing)) or f"put it there: {file}"
        report.error(path, f"the file {shown(written)} does not exist", hint=hint)
        return None
    return listing.find(file)


def _relative_names(folder: str, listing: Listing) -> Iterator[str]:
    near = (file for file in listing.files if not file.endswith(".toml"))
    return (posixpath.relpath(file, folder or ".") for file in near)


# ── the edge ──


@dataclass(frozen=True, slots=True)
class ShowFolder:
    """A show as it lies on disk: `texts` holds the contents of its TOML files, undecoded."""

    texts: Mapping[str, bytes]
    listing: Listing


def read_folder(root: Path) -> ShowFolder:
    """Reads the show files under `root` and lists the rest; hidden files do not count.

    Raises `ShowFileError` where there is no such folder, or a show file cannot be read.
    """
    if not root.is_dir():
        found = "a file: give the folder it lies in" if root.is_file() else "nothing of that name"
        raise ShowFileError((f"{root}: expected the folder of a show, found {found}",))
    names, links = _walk(root)
    listing = Listing.of(names, links)
    wanted = [SHOW_FILE, *map(song_file, listing.song_folders)]
    try:
        texts = {file: (root / actual).read_bytes() for file in wanted if (actual := listing.find(file))}
    except OSError as error:
        raise ShowFileError((f"{error.filename}: cannot be read: {error.strerror}",)) from error
    return ShowFolder(texts, listing)


def _walk(root: Path) -> tuple[list[str], list[str]]:
    """All files, and the links that lead out of the folder or to folders."""
    files, outside = [], []
    inside = _real(root)
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in (*folders, *names):
            place = Path(folder, name)
            relative = place.relative_to(root).as_posix()
            if place.is_symlink() and (name in folders or not _real(place).is_relative_to(inside)):
                outside.append(relative)
            elif name not in folders and not name.startswith("."):
                files.append(relative)
    return files, outside


def _real(path: Path) -> Path:
    """As `resolve`, which raises on a link that leads to itself."""
    return Path(os.path.realpath(path))

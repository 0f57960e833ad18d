"""What a flawless show file asks for and nobody would get: cues no desk understands, settings not yet obeyed."""

from __future__ import annotations

from collections.abc import Iterator

from showctl.cues.profiles import CueError, cue_message
from showctl.model.show import Access, Cue, Show
from showctl.showfile.folder import SHOW_FILE, song_file
from showctl.showfile.network import PRIVATE_RANGES
from showctl.showfile.problems import Problem


def unheard(show: Show) -> Iterator[Problem]:
    """Warnings all of them: none keeps the show from starting."""
    yield from (Problem(SHOW_FILE, 0, "warning", text) for text in _without_effect(show))
    yield from _unsayable(show)


def _without_effect(show: Show) -> Iterator[str]:
    if show.access != Access(control=PRIVATE_RANGES):
        yield "[access] is not obeyed in this version: whoever reaches the port may do everything"


def _unsayable(show: Show) -> Iterator[Problem]:
    """The pacer would find out only when the cue fires."""
    targets = {target.slug: target for target in show.targets}
    for file, cue in _cues(show):
        try:
            cue_message(targets[cue.target], cue.action)
        except CueError as exc:
            yield Problem(file, 0, "warning", f'the cue "{cue.name}" will not be sent: {exc}')


def _cues(show: Show) -> Iterator[tuple[str, Cue]]:
    """Each with the file it stands in."""
    yield from ((SHOW_FILE, cue) for cue in show.cues)
    for song in show.songs.values():
        yield from ((song_file(song.id), cue) for cue in song.cues)

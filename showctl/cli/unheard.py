"""What a flawless show file asks for and nobody would get: cues that no desk understands."""

from __future__ import annotations

from collections.abc import Iterator

from showctl.cues.profiles import CueError, cue_message
from showctl.model.show import Cue, Show
from showctl.showfile.folder import SHOW_FILE, song_file
from showctl.showfile.problems import Problem


def unheard(show: Show) -> Iterator[Problem]:
    """Warnings all of them: none keeps the show from starting. The pacer would find out only when the cue fires."""
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

"""A process of its own that prepares a song: `prepare_child.py MODE CACHE RATE STEM…`.

It prints one line, as JSON. Modes: `plain` prints the prepared song; `wait` says "halfway" after some blocks and
then waits for a line; `limited` may write no file over 1 MB; `memory` prints the most anonymous memory it had.
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from showctl.errors import MediaError
from showctl.media.cache import Cache
from showctl.media.prepare import PreparedSong, StemSource, prepare_song
from showctl.model.units import SongFrame


def anonymous_bytes() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith("Anonymous:"))


def say(what: object) -> None:
    print(json.dumps(what), flush=True)


class Watch:
    """A progress callback that stops once in the middle, or watches the memory."""

    def __init__(self, mode: str) -> None:
        self.mode = mode
        self.most_bytes = 0

    def __call__(self, slug: str, done: int, expected: int) -> None:
        assert slug
        if self.mode == "memory":
            self.most_bytes = max(self.most_bytes, anonymous_bytes())
        if self.mode == "wait" and 2 * done > expected:
            self.mode = "plain"
            say("halfway")
            sys.stdin.readline()


def main(mode: str, directory: str, rate: str, *paths: str) -> None:
    if mode == "limited":
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))  # Python ignores SIGXFSZ: EFBIG
    stems = [StemSource(f"stem-{n}", Path(path), SongFrame(0)) for n, path in enumerate(paths)]
    watch = Watch(mode)
    try:
        song: PreparedSong = prepare_song(stems, int(rate), Cache(Path(directory)), watch)
    except MediaError as exc:
        say({"error": str(exc)})
        return
    say({"path": song.path, "bytes": song.size_bytes, "anonymous": watch.most_bytes})


if __name__ == "__main__":
    main(*sys.argv[1:])

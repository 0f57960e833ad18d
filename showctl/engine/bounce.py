"""The plan rendered to files, through the renderer and limiter of the sound card: one WAV for each bus.

Blocks are as long as nothing is decided. An edit "as soon as possible" was resolved to the first frame of the block
that committed it, which the log keeps as `head`; a block begins at each of these, so a night comes out as it was.

Files are 32-bit float: what was rendered, without rounding, dither or clipping, to be compared sample by sample.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from showctl.engine.bank import Bank
from showctl.engine.devices import FileDevice
from showctl.engine.gains import buses_that_fit
from showctl.engine.limiter import Limiter
from showctl.engine.renderer import Renderer
from showctl.errors import ShowctlError
from showctl.model.plan import CannotCommitError, Committed, Plan
from showctl.model.score import Score
from showctl.model.show import Bus
from showctl.model.units import Frame

BLOCK_FRAMES = 16384
"""Large enough that neither the interpreter nor the files count."""

BEGINNING = Frame(0)

Progress = Callable[[Frame], None]


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Session frames `since` up to `until` of `plan`, as the edits in `log` changed it."""

    plan: Plan
    until: Frame
    since: Frame = BEGINNING
    log: tuple[Committed, ...] = ()


def bounce(
    score: Score, wanted: Excerpt, bank: Bank, folder: Path, progress: Progress | None = None
) -> dict[str, Path]:
    """Render `wanted` to `folder`/<bus>.wav.

    Returns the files by the slugs of their buses. Raises ShowctlError for a log that does not fit the plan, and for
    files that cannot be written.
    """
    show, outputs = score.show, score.show.outputs
    buses = buses_that_fit(show, outputs)
    renderer, limiter = Renderer(score, wanted.plan, bank, outputs), Limiter(buses, outputs, score.rate)
    session, waiting = wanted.since, list(wanted.log)

    def fill(out: NDArray[np.float32], _host_ns: int, _ahead_seconds: float, _underflow: bool) -> None:
        nonlocal session
        while waiting and waiting[0].head <= session:
            _recommit(renderer, waiting.pop(0))
        renderer.render(session, out)
        limiter.apply(out)
        session = Frame(session + len(out))
        if progress:
            progress(session)

    files = {bus.slug: folder / f"{bus.slug}.wav" for bus in buses}
    try:
        with ExitStack() as stack:
            folder.mkdir(parents=True, exist_ok=True)
            opened = [(bus, stack.enter_context(_wav(files[bus.slug], bus, score.rate))) for bus in buses]
            FileDevice(outputs, score.rate, _sizes(wanted), lambda out: _write(opened, out)).play(fill)
    except (OSError, soundfile.SoundFileError) as exc:
        raise ShowctlError(_unwritable(folder, files.values())) from exc
    return files


def _unwritable(folder: Path, files: Iterable[Path]) -> str:
    """libsndfile says only that the system refused; the system itself says why, if it does so again."""
    for path in files:
        try:
            path.open("ab").close()
        except OSError as exc:
            return f"cannot write {path} ({exc.strerror}): move away what is there, or choose another folder with -o"
    why = "no space is left, or the disk fails"
    return f"cannot write all of the audio to {folder} ({why}): free space there, or choose another folder with -o"


def _recommit(renderer: Renderer, line: Committed) -> None:
    try:
        renderer.commit(line.edit, line.head)
    except CannotCommitError as exc:
        raise ShowctlError(
            f"expected a log that fits its plan: edit {line.edit.id} (version {line.version}) is {exc.reason}"
        ) from exc


def _sizes(wanted: Excerpt) -> Iterator[int]:
    """Block sizes that end at the head of each edit, and at the end."""
    session = wanted.since
    heads = sorted(line.head for line in wanted.log if wanted.since < line.head < wanted.until)
    for end in (*heads, wanted.until):
        while session < end:
            size = min(BLOCK_FRAMES, end - session)
            yield size
            session = Frame(session + size)


def _wav(path: Path, bus: Bus, rate: int) -> soundfile.SoundFile:
    return soundfile.SoundFile(path, "w", rate, len(bus.channels), "FLOAT", format="WAV")


def _write(opened: list[tuple[Bus, soundfile.SoundFile]], out: NDArray[np.float32]) -> None:
    for bus, file in opened:
        file.write(out[:, bus.channels])

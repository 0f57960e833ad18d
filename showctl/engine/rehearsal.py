"""A short show that nobody hears, before the first block that somebody does.

Whatever runs for the first time in a process is slow: the interpreter has yet to adapt its code, numpy to look up its
loops, the processor to map the pages. Left to the first GO of the night, that costs milliseconds in the callback.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np

from showctl.engine.bank import Bank
from showctl.engine.gains import buses_that_fit
from showctl.engine.limiter import Limiter
from showctl.engine.renderer import Renderer
from showctl.model.mix import BusMix, Mix
from showctl.model.plan import CountIn, Cued, Edit, Plan, Play, Rest
from showctl.model.score import Score
from showctl.model.units import Frame, SongFrame

ROUNDS = 3
BLOCKS = 12
"""After each edit; enough for a level's ramp to end and to play on steadily."""


def rehearse(score: Score, bank: Bank) -> None:
    """Play every kind of edit through a renderer of its own; media that are not in `bank` are silent."""
    show, block_frames = score.show, score.show.audio.block_size
    plan = Plan(1, score.hash, score.rate)
    renderer = Renderer(score, plan, bank, show.outputs)
    limiter = Limiter(buses_that_fit(show, show.outputs), show.outputs, score.rate)
    out, head = np.zeros((block_frames, show.outputs), np.float32), Frame(0)
    for part in _edits(score):
        edit = msgspec.structs.replace(part, base=renderer.plan.version)
        renderer.prepare(edit)
        renderer.offer(edit)
        for _ in range(BLOCKS):
            renderer.render(head, out)
            limiter.apply(out)
            head = Frame(head + block_frames)
        renderer.read_ahead()


def _edits(score: Score) -> Iterator[Edit]:
    """GO, a jump, a level, a pause, going on, a stop; of the first song."""
    if not score.show.entries:
        return
    now, start, middle = Frame(0), SongFrame(0), SongFrame(score.song(1).end // 2)
    bar = score.count_in(1, start, 1).length
    for number in range(ROUNDS):
        yield Edit("go", 0, 0, spans=(CountIn(now, 1, start, 1, bar), Play(Frame(bar), 1, start, "start")))
        yield Edit("jump", 0, 0, spans=(Play(now, 1, middle, "jump"),))
        yield Edit("level", 0, 0, mix=_quieter(score, number + 1))
        yield Edit("pause", 0, 0, spans=(Rest(now, "pause", Cued(1, middle, paused=True)),))
        yield Edit("resume", 0, 0, spans=(Play(now, 1, middle, "resume"),))
        yield Edit("stop", 0, 0, spans=(Rest(now, "stop", Cued(1, start)),))


def _quieter(score: Score, level_db: float) -> Mix:
    return Mix({bus.slug: BusMix({"master": -level_db}) for bus in score.show.buses})

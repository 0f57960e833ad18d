"""What runs in the callback: clock, renderer, limiter, and the records that tell of each block.

Nothing in it waits, logs or raises; what has to be written slowly is left in queues for the helper.
"""

from __future__ import annotations

import time
import traceback
from collections import deque

import numpy as np
from numpy.typing import NDArray

from showctl.engine.clock import SessionClock
from showctl.engine.limiter import Limiter
from showctl.engine.renderer import Renderer
from showctl.model.units import Frame
from showctl.shared.clock import Anchor, ClockRecord, ClockWriter

FAILED = 1
"""Flag of a ClockRecord: the block is silent because rendering it failed."""

LIMITED = 2
"""Flag of a ClockRecord: a limiter is turning a bus down."""

NOT_FINITE = 4
"""Flag of a ClockRecord: in some block a bus was made silent because a sample was no number."""


class Playing:
    """Fills the blocks of one opening of a device. `anchors` and `faults` wait to be collected."""

    def __init__(self, clock: SessionClock, renderer: Renderer, limiter: Limiter, writer: ClockWriter) -> None:
        self.anchors: deque[Anchor] = deque()
        self.faults: deque[str] = deque(maxlen=16)
        self.failed_blocks = 0
        self._clock = clock
        self._renderer = renderer
        self._limiter = limiter
        self._write_clock = writer.write
        self._blocks = 0

    def fill(self, out: NDArray[np.float32], host_ns: int, ahead_seconds: float, underflow: bool) -> None:
        """Write the next block; as a device calls it."""
        tick = self._clock.tick(host_ns, ahead_seconds, len(out), underflow)
        if tick.anchor:
            self.anchors.append(tick.anchor)
        try:
            self._renderer.render(tick.session, out)
            self._limiter.apply(out)
            failed = 0
        except Exception:
            out[:] = 0.0
            failed = FAILED
            self._note_fault()
        self._blocks += 1
        frames = len(out)
        self._write_clock(
            ClockRecord(
                self._clock.epoch,
                self._blocks,
                tick.session,
                tick.sounds_ns,
                tick.rate,
                frames,
                Frame(tick.session + frames),
                self._clock.xruns,
                (time.perf_counter_ns() - host_ns) * tick.rate / (frames * 1e9),
                failed | (LIMITED if self._limiter.active else 0) | (NOT_FINITE if self._limiter.nonfinite else 0),
            )
        )

    def taken_peaks(self) -> list[float]:
        """The largest absolute sample of each output since the last call."""
        return [float(peak) for peak in self._limiter.taken_peaks()]

    def _note_fault(self) -> None:
        """Keep the text of the first ones: the same fault in every block is one fault."""
        self.failed_blocks += 1
        if self.failed_blocks <= 16:
            self.faults.append(traceback.format_exc())

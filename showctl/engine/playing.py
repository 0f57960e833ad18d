"""What runs in the callback: clock, renderer, limiter, and the record that tells how far it has come.

Nothing in it waits, logs or raises; what has to be written slowly is left in queues for the helper. Between two
blocks the caches go to others, so what costs is how much there is to do, not how often it was done before.
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
from showctl.shared.clock import PUBLISH_SECONDS, Anchor, ClockRecord, ClockWriter

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
        self._flags = 0
        self._plan = renderer.plan
        self._untold_frames = 0
        self._tell_frames = round(PUBLISH_SECONDS * clock.nominal_rate)

    def fill(self, out: NDArray[np.float32], host_ns: int, ahead_seconds: float, underflow: bool) -> None:
        """Write the next block; as a device calls it."""
        renderer, limiter = self._renderer, self._limiter
        frames = len(out)
        anchor = self._clock.tick(host_ns, ahead_seconds, frames, underflow)
        flags = 0
        try:
            renderer.render(self._clock.session, out)
            limiter.apply(out)
        except Exception:
            out[:] = 0.0
            flags = FAILED
            self._note_fault()
        self._blocks += 1
        self._untold_frames += frames
        if limiter.active or limiter.nonfinite:
            flags |= (LIMITED if limiter.active else 0) | (NOT_FINITE if limiter.nonfinite else 0)
        if anchor:
            self.anchors.append(anchor)
        due = self._untold_frames + frames > self._tell_frames  # the next block would come later than that
        if due or anchor or flags != self._flags or renderer.plan is not self._plan:
            self._tell(frames, flags, host_ns)

    def _tell(self, frames: int, flags: int, host_ns: int) -> None:
        """Publish this block, and so those up to the next one that is published."""
        clock = self._clock
        self._untold_frames, self._flags, self._plan = 0, flags, self._renderer.plan
        self._write_clock(
            ClockRecord(
                clock.epoch,
                self._blocks,
                clock.session,
                clock.sounds_ns,
                clock.rate,
                frames,
                Frame(clock.session + frames),
                clock.xruns,
                (time.perf_counter_ns() - host_ns) * clock.rate / (frames * 1e9),
                flags,
                clock.lead_frames,
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

"""The session's clock: which session frame a block begins with, and when that frame sounds.

A delay-locked loop of second order (F. Adriaensen, "Using a DLL to filter time", 2005) filters the times at which
blocks sound. Lateness of a callback is noise, on one side and with a long tail; lateness that *stays* means that
the device has lost frames. Then the session skips forward by as much, so that it stays on its clock, and an anchor
says so. Pure: time comes in as an argument.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import pi, sqrt

from showctl.model.units import Frame, HostNs
from showctl.shared.clock import PUBLISH_SECONDS, Anchor, ClockRecord, frame_at, head_at

BANDWIDTH_HZ = 0.1
LOCKING_SECONDS = 0.5
"""So long the first blocks are only used to find the line: it then is the earliest of them."""

CONFIRM_BLOCKS = 3
"""Late by the same whole blocks so many times, and those are lost. Who catches up is less late each time."""

CONFIRM_SECONDS = 0.5
"""Any other lateness may be a busy machine, so it must last longer."""

OUTLIER_NS = 1e6
MAX_DRIFT = 0.0015
"""Devices may run ±1000 ppm off; a little more is for the loop to swing."""

MAX_AHEAD_SECONDS = 1.0

SQRT_2 = sqrt(2)

BEGINNING = Frame(0)


@dataclass(slots=True)
class SessionClock:
    """The clock of one opening of a device. `last` is where the engine before left the session line, if there was one.

    `xruns` counts the blocks at which a device reported a loss or showed one, over the whole night: it goes on from
    `last`.
    """

    nominal_rate: int
    epoch: int
    last: ClockRecord | Anchor | None = None
    whole_blocks: bool = False
    """The device can lose nothing but whole blocks."""
    xruns: int = field(default=0, init=False)
    session: Frame = BEGINNING
    """The first session frame of the newest block."""
    _device_frame: int = 0
    _offset: int = 0
    _base_ns: int = -1
    _due_ns: float = 0.0  # after `_base_ns`, when the next block is expected to sound
    _frame_ns: float = 0.0
    _ahead_ns: float = 0.0
    _sounds_ns: float = 0.0  # after `_base_ns`, when the newest block sounds
    _gains: tuple[int, float, float] = (0, 0.0, 0.0)
    _late_ns: list[float] = field(default_factory=list)
    _locked_frame: float = field(init=False)
    _least_frame_ns: float = field(init=False)
    _most_frame_ns: float = field(init=False)

    def __post_init__(self) -> None:
        self._locked_frame = LOCKING_SECONDS * self.nominal_rate
        self._least_frame_ns = (1 - MAX_DRIFT) * 1e9 / self.nominal_rate
        self._most_frame_ns = (1 + MAX_DRIFT) * 1e9 / self.nominal_rate
        if isinstance(self.last, ClockRecord):
            self.xruns = self.last.xruns

    def tick(self, host_ns: int, ahead_seconds: float, frames: int, underflow: bool) -> Anchor | None:
        """The block of `frames` whose callback was entered at `host_ns`, to sound `ahead_seconds` later.

        Returns an anchor where a new line begins. Called for every block: what is not asked for is not worked out.
        """
        if 0.0 <= ahead_seconds <= MAX_AHEAD_SECONDS:  # NaN is not
            self._ahead_ns = ahead_seconds * 1e9
        anchor = self._begin(host_ns) if self._base_ns < 0 else None
        error_ns = host_ns + self._ahead_ns - self._base_ns - self._due_ns
        if underflow or not -OUTLIER_NS <= error_ns <= OUTLIER_NS or self._device_frame < self._locked_frame:
            anchor = self._corrected(error_ns, frames, underflow) or anchor
        else:
            if self._late_ns:
                self._late_ns.clear()
            self._filter(error_ns, frames)
        self.session = Frame(self._device_frame + self._offset)
        self._sounds_ns = self._due_ns
        self._device_frame += frames
        self._due_ns += frames * self._frame_ns
        return anchor

    @property
    def sounds_ns(self) -> HostNs:
        """When the newest block sounds."""
        return HostNs(self._base_ns + round(self._sounds_ns))

    @property
    def rate(self) -> float:
        """Frames of the device per second of host time."""
        return 1e9 / self._frame_ns

    @property
    def lead_frames(self) -> int:
        """How long before it sounds a block is begun."""
        return round(self._ahead_ns / self._frame_ns)

    def _begin(self, host_ns: int) -> Anchor:
        self._base_ns = sounds_ns = round(host_ns + self._ahead_ns)
        self._frame_ns = 1e9 / self.nominal_rate
        if self.last:
            self._offset = max(frame_at(HostNs(sounds_ns), self.last), _reached(self.last, HostNs(host_ns)))
        return self._anchor()

    def _anchor(self) -> Anchor:
        session, sounds_ns = Frame(self._device_frame + self._offset), HostNs(self._base_ns + round(self._due_ns))
        return Anchor(self.epoch, session, self._device_frame, sounds_ns, 1e9 / self._frame_ns)

    def _corrected(self, error_ns: float, frames: int, underflow: bool) -> Anchor | None:
        """Bring the line nearer to what was observed, or over to where the device is now."""
        lost_ns = 0.0
        if -OUTLIER_NS <= error_ns <= OUTLIER_NS:
            self._late_ns.clear()
            self._filter(error_ns, frames)
        else:
            self._late_ns.append(error_ns)
            lost_ns = self._lost_ns(frames * self._frame_ns, underflow)
        locking = self._device_frame < self._locked_frame
        if error_ns < 0 and -error_ns < 0.6 * frames * self._frame_ns and (locking or error_ns < -OUTLIER_NS):
            self._due_ns += error_ns  # the line was drawn through callbacks that were late
        self.xruns += underflow or lost_ns > 0
        return self._step(lost_ns) if lost_ns or underflow else None

    def _filter(self, error_ns: float, frames: int) -> None:
        known_frames, phase, pace = self._gains
        if frames != known_frames:
            phase, pace = self._new_gains(frames)
        self._due_ns += phase * error_ns
        frame_ns = self._frame_ns + pace * error_ns
        if self._least_frame_ns < frame_ns < self._most_frame_ns:
            self._frame_ns = frame_ns

    def _new_gains(self, frames: int) -> tuple[float, float]:
        """What share of an error moves the line, and its slope. Kept once the bandwidth is at its narrowest."""
        seconds = self._device_frame / self.nominal_rate
        settled = seconds > 1 / BANDWIDTH_HZ
        bandwidth_hz = BANDWIDTH_HZ if settled else 1 / max(seconds, 1.0)
        omega = min(2 * pi * bandwidth_hz * frames / self.nominal_rate, 0.5)
        phase, pace = SQRT_2 * omega, omega * omega / frames
        self._gains = (frames if settled else 0, phase, pace)
        return phase, pace

    def _lost_ns(self, block_ns: float, underflow: bool) -> float:
        """How far the device is off its line for good; 0 while that cannot be told.

        The least late is the nearest to the truth, also where all are too early: no callback is early by chance.
        """
        recent_ns = self._late_ns[-CONFIRM_BLOCKS:]
        least_ns = min(recent_ns)
        blocks = round(least_ns / block_ns)
        off = abs(least_ns / block_ns - blocks)
        stays = len(recent_ns) == CONFIRM_BLOCKS and recent_ns[-1] > recent_ns[0] - 0.5 * block_ns
        if (stays and blocks != 0 and off < 0.25) or (underflow and blocks > 0 and off < 0.4):
            return blocks * block_ns
        lasting = len(self._late_ns) * block_ns >= CONFIRM_SECONDS * 1e9
        if lasting and self.whole_blocks:
            self._due_ns += min(self._late_ns)  # it lost nothing, but sounds later than it did
        return min(self._late_ns) if lasting and not self.whole_blocks else 0.0

    def _step(self, lost_ns: float) -> Anchor:
        """Go over to the line `lost_ns` later; the session goes on where it should be, not where it was left."""
        if lost_ns:
            self._late_ns.clear()
        self._due_ns += lost_ns
        self._offset += round(lost_ns / self._frame_ns)
        return self._anchor()


def _reached(last: ClockRecord | Anchor, host_ns: HostNs) -> Frame:
    """What was rendered by `host_ns`: by an engine that ended, at most what it had no time to tell."""
    if isinstance(last, Anchor):
        return last.session_frame
    untold = round(PUBLISH_SECONDS * last.rate) + last.block_frames
    return min(head_at(host_ns, last), Frame(last.head + untold))

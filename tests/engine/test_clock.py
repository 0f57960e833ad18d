"""The clock in virtual time: a device with its own rate, callbacks that come late, and blocks that get lost."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import pytest

from showctl.engine.clock import SessionClock
from showctl.model.units import Frame, HostNs
from showctl.shared.clock import PUBLISH_SECONDS, Anchor, ClockRecord, frame_at

RATE = 48000
START_NS = 7_000_000_000_000
AHEAD = 0.0053


@dataclass(frozen=True)
class Tick:
    """What a clock says of a block."""

    session: Frame
    sounds_ns: HostNs
    rate: float
    anchor: Anchor | None


def ticked(clock: SessionClock, host_ns: int, ahead_seconds: float, frames: int, *, underflow: bool) -> Tick:
    anchor = clock.tick(host_ns, ahead_seconds, frames, underflow)
    return Tick(clock.session, clock.sounds_ns, clock.rate, anchor)


@dataclass(frozen=True)
class Heard:
    """What the clock said of a block, and when it really sounded."""

    tick: Tick
    true_ns: float

    def session_error_frames(self, ppm: float, first: Heard) -> float:
        """Against a session that runs on without a gap at the device's true rate."""
        expected = first.tick.session + (self.true_ns - first.true_ns) * RATE * (1 + ppm * 1e-6) / 1e9
        return self.tick.session - expected


@dataclass(frozen=True)
class Simulation:
    """A device that is `ppm` too fast; before block n it loses `lost[n]` blocks, and says so if `told`."""

    clock: SessionClock
    frames: int = 128
    ppm: float = 0.0
    jitter_ms: float = 0.08
    stalls_ms: dict[int, float] | None = None
    lost: Mapping[int, float] | None = None
    told: bool = True

    def run(self, seconds: float) -> Iterator[Heard]:
        noise = random.Random(1)
        block_ns = self.frames / (RATE * (1 + self.ppm * 1e-6)) * 1e9
        cycle, entered_ns = 0.0, 0.0
        for block in range(int(seconds * RATE / self.frames)):
            lost = (self.lost or {}).get(block, 0)
            cycle += lost
            late_ns = noise.expovariate(1 / self.jitter_ms) * 1e6 + (self.stalls_ms or {}).get(block, 0.0) * 1e6
            cycle_ns = START_NS + cycle * block_ns
            entered_ns = max(entered_ns + 20_000, cycle_ns + min(late_ns, 4e6 + late_ns % 1e6))
            tick = ticked(self.clock, round(entered_ns), AHEAD, self.frames, underflow=self.told and lost > 0)
            yield Heard(tick, cycle_ns + AHEAD * 1e9)
            cycle += 1


def anchors(heard: list[Heard]) -> list[Anchor]:
    return [h.tick.anchor for h in heard if h.tick.anchor]


@pytest.mark.parametrize("ppm", [-1000.0, 37.0, 1000.0])
def test_half_an_hour_of_drift_jitter_and_losses_stays_within_a_millisecond(ppm: float) -> None:
    lost = {2_500: 1, 12_500: 3, 12_600: 1, 50_000: 2, 100_000: 10}
    stalls = dict.fromkeys(range(1_250, 168_000, 2_493), 5.0)
    simulation = Simulation(SessionClock(RATE, 1), frames=512, ppm=ppm, stalls_ms=stalls, lost=lost)
    heard = list(simulation.run(1800))
    settled = heard[1_000:]
    assert max(abs(h.session_error_frames(ppm, heard[0])) for h in heard) < 48
    assert max(abs(h.tick.sounds_ns - h.true_ns) for h in settled) < 1e6
    assert abs(heard[-1].tick.rate / (RATE * (1 + ppm * 1e-6)) - 1) < 50e-6
    offsets = [anchor.session_frame - anchor.device_frame for anchor in anchors(heard)]
    assert [later - earlier for earlier, later in pairwise(offsets)] == [512, 1_536, 512, 1_024, 5_120]


def test_the_first_block_is_anchored_at_the_start_of_the_session() -> None:
    tick = ticked(SessionClock(RATE, 3), START_NS, AHEAD, 128, underflow=False)
    assert tick == Tick(
        Frame(0),
        HostNs(START_NS + 5_300_000),
        pytest.approx(48000.0),  # type: ignore[arg-type]
        Anchor(3, Frame(0), 0, HostNs(START_NS + 5_300_000), pytest.approx(48000.0)),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("late_ms", [2.0, 5.0, 12.0])
def test_a_lone_late_callback_that_catches_up_is_no_loss(late_ms: float) -> None:
    heard = list(Simulation(SessionClock(RATE, 1), stalls_ms={3_000: late_ms}).run(20))
    assert [a.device_frame for a in anchors(heard)] == [0]


@pytest.mark.parametrize("blocks", [1, 2, 7, 400])
@pytest.mark.parametrize("frames", [64, 128, 1024])
def test_lost_blocks_make_one_anchor_of_their_size_at_once(blocks: int, frames: int) -> None:
    heard = list(Simulation(SessionClock(RATE, 1), frames=frames, lost={2_000: blocks}).run(2_500 * frames / RATE))
    _, anchor = anchors(heard)
    assert (anchor.device_frame, anchor.session_frame) == (2_000 * frames, (2_000 + blocks) * frames)


@pytest.mark.parametrize("blocks", [1, 5])
def test_lost_blocks_that_nobody_reported_are_found_after_three(blocks: int) -> None:
    heard = list(Simulation(SessionClock(RATE, 1), lost={2_000: blocks}, told=False).run(10))
    _, anchor = anchors(heard)
    assert anchor.session_frame - anchor.device_frame == blocks * 128
    assert anchor.device_frame == 2_002 * 128


def test_a_part_of_a_block_that_stays_lost_is_found_within_a_second() -> None:
    heard = list(Simulation(SessionClock(RATE, 1), frames=512, lost={400: 0.5}, told=False).run(10))
    _, anchor = anchors(heard)
    assert abs(anchor.session_frame - anchor.device_frame - 256) < 12
    assert anchor.device_frame < 400 * 512 + RATE


def test_a_device_that_loses_only_whole_blocks_and_sounds_later_has_lost_nothing() -> None:
    clock = SessionClock(RATE, 1, whole_blocks=True)
    heard = list(Simulation(clock, frames=512, lost={400: 0.5}, told=False).run(10))
    assert len(anchors(heard)) == 1
    assert abs(heard[-1].tick.sounds_ns - heard[-1].true_ns) < 1e6


def test_a_machine_that_is_late_for_a_while_loses_nothing() -> None:
    stalls = {block: 1.5 + block % 3 for block in range(2_000, 2_150)}
    heard = list(Simulation(SessionClock(RATE, 1), stalls_ms=stalls).run(10))
    assert len(anchors(heard)) == 1


def test_an_underflow_without_a_loss_is_told_by_an_anchor_on_the_same_line() -> None:
    clock = SessionClock(RATE, 1)
    heard = list(Simulation(clock, lost={2_000: 0}).run(4))
    anchor = clock.tick(round(heard[-1].true_ns - AHEAD * 1e9 + 128e9 / RATE), AHEAD, 128, underflow=True)
    assert anchor
    assert (clock.xruns, len(anchors(heard)), anchor.session_frame - anchor.device_frame) == (1, 1, 0)


def test_a_loss_taken_for_too_large_is_taken_back() -> None:
    """The callback that tells of one lost block is itself a block late."""
    heard = list(Simulation(SessionClock(RATE, 1), lost={2_000: 1}, stalls_ms={2_000: 2.6}).run(10))
    offsets = [anchor.session_frame - anchor.device_frame for anchor in anchors(heard)]
    assert offsets == [0, 256, 128]


@pytest.mark.parametrize("nonsense", [float("nan"), -3.0, 1e9])
def test_an_implausible_latency_is_replaced_by_the_last_good_one(nonsense: float) -> None:
    clock = SessionClock(RATE, 1)
    clock.tick(START_NS, AHEAD, 128, underflow=False)
    tick = ticked(clock, START_NS + 2_666_667, nonsense, 128, underflow=False)
    assert abs(tick.sounds_ns - (START_NS + 2_666_667 + 5_300_000)) < 1_000


def test_a_restarted_engine_goes_on_where_the_session_is_by_then() -> None:
    last = ClockRecord(4, 900, Frame(1_000_000), HostNs(START_NS), 47_985.0, 128, Frame(1_000_128), 2, 0.1, 0)
    tick = ticked(SessionClock(RATE, 5, last), START_NS + 400_000_000, AHEAD, 128, underflow=False)
    assert tick.session == frame_at(HostNs(START_NS + 405_300_000), last) == 1_000_000 + round(0.4053 * 47_985.0)
    assert tick.anchor
    assert replace(tick.anchor, host_ns=HostNs(0)) == Anchor(
        5,
        tick.session,
        0,
        HostNs(0),
        pytest.approx(48000.0),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize("told", [True, False])
def test_a_loss_is_one_xrun_whether_it_was_reported_or_found(told: bool) -> None:
    clock = SessionClock(RATE, 1)
    list(Simulation(clock, lost={1_500: 1, 2_500: 3}, told=told).run(10))
    assert clock.xruns == 2


def test_xruns_are_counted_on_by_a_restarted_engine() -> None:
    last = ClockRecord(4, 900, Frame(1_000_000), HostNs(START_NS), 48_000.0, 128, Frame(1_000_128), 2, 0.1, 0)
    clock = SessionClock(RATE, 5, last)
    clock.tick(START_NS, AHEAD, 128, underflow=False)
    clock.tick(START_NS + 2_666_667, AHEAD, 128, underflow=True)
    assert clock.xruns == 3


def test_a_restarted_engine_never_goes_back_behind_what_was_rendered() -> None:
    last = ClockRecord(4, 900, Frame(1_000_000), HostNs(START_NS), 48_000.0, 128, Frame(1_000_128), 2, 0.1, 0)
    assert ticked(SessionClock(RATE, 5, last), START_NS - 10**9, 0.0, 128, underflow=False).session == 1_000_128


def test_a_restarted_engine_leaves_out_what_the_one_before_may_have_rendered_untold() -> None:
    """It ended some time after its last word, and its frames sounded half a second after they were rendered."""
    last = ClockRecord(4, 9, Frame(90_000), HostNs(START_NS), 48_000.0, 128, Frame(90_128), 2, 0.1, 0, 24_000)
    begun_ns = START_NS - 500_000_000
    untold = round(PUBLISH_SECONDS * RATE) + 128
    for passed_ns, reached in ((0, 90_128), (4_000_000, 90_128 + 192), (400_000_000, 90_128 + untold)):
        clock = SessionClock(RATE, 5, last)
        clock.tick(begun_ns + passed_ns, 0.0, 128, underflow=False)
        assert clock.session == reached

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from showctl.model.units import Frame, HostNs
from showctl.shared.clock import (
    Anchor,
    AnchorLogReader,
    AnchorLogWriter,
    ClockReader,
    ClockRecord,
    ClockWriter,
    frame_at,
    host_ns_at,
)

CLOCK = ClockRecord(
    epoch=2,
    block=7,
    session_frame=Frame(96_000),
    host_ns=HostNs(5_000_000_000),
    rate=48_000.0,
    block_frames=128,
    head=Frame(96_128),
    xruns=3,
    load=0.25,
    flags=5,
)
ANCHORS = tuple(Anchor(epoch, Frame(1000 * epoch), 10 * epoch, HostNs(2**62 + epoch), 47_985.25) for epoch in range(5))


def test_every_field_of_the_clock_comes_back(tmp_path: Path) -> None:
    writer = ClockWriter(tmp_path / "clock")
    reader = ClockReader(tmp_path / "clock")
    before = reader.read()
    writer.write(CLOCK)
    assert (before, reader.read()) == (None, CLOCK)


def test_frames_sound_along_the_line_through_the_clock() -> None:
    frames = [Frame(n) for n in (96_000, 96_128, 144_000, 48_000, 0)]
    sounding = [5_000_000_000, 5_002_666_667, 6_000_000_000, 4_000_000_000, 3_000_000_000]
    assert [host_ns_at(frame, CLOCK) for frame in frames] == sounding
    assert [frame_at(HostNs(ns), CLOCK) for ns in sounding] == frames


@given(
    frame=st.integers(-(2**33), 2**33),
    start=st.integers(0, 2**33),
    host_ns=st.integers(0, 2**62),
    rate=st.floats(8_000.0, 192_000.0),
)
def test_a_frame_survives_the_way_to_host_time_and_back(frame: int, start: int, host_ns: int, rate: float) -> None:
    anchor = Anchor(1, Frame(start), 0, HostNs(host_ns), rate)
    assert frame_at(host_ns_at(Frame(frame), anchor), anchor) == frame


def test_anchors_are_read_while_the_log_grows(tmp_path: Path) -> None:
    reader = AnchorLogReader(tmp_path / "anchors")
    polled = [reader.poll()]
    writer = AnchorLogWriter(tmp_path / "anchors")
    writer.append(ANCHORS[0])
    polled.append(reader.poll())
    writer.append(ANCHORS[1])
    writer.append(ANCHORS[2])
    polled += [reader.poll(), reader.poll()]
    assert polled == [(), ANCHORS[:1], ANCHORS[1:3], ()]
    assert AnchorLogReader(tmp_path / "anchors").poll() == ANCHORS[:3]


def test_the_next_engine_appends_to_the_log(tmp_path: Path) -> None:
    for anchor in ANCHORS:
        AnchorLogWriter(tmp_path / "anchors").append(anchor)
    assert AnchorLogReader(tmp_path / "anchors").poll() == ANCHORS


def test_a_row_torn_anywhere_by_a_crash_is_unseen_and_then_replaced(tmp_path: Path) -> None:
    for kept_bytes in range(48):
        path = tmp_path / f"{kept_bytes}"
        writer = AnchorLogWriter(path)
        writer.append(ANCHORS[0])
        writer.append(ANCHORS[1])
        path.write_bytes(path.read_bytes()[: 48 + kept_bytes])
        reader = AnchorLogReader(path)
        assert reader.poll() == ANCHORS[:1]
        AnchorLogWriter(path).append(ANCHORS[2])
        assert reader.poll() == (ANCHORS[2],)


def test_a_damaged_row_ends_what_is_read(tmp_path: Path) -> None:
    writer = AnchorLogWriter(tmp_path / "anchors")
    for anchor in ANCHORS:
        writer.append(anchor)
    rows = bytearray((tmp_path / "anchors").read_bytes())
    rows[2 * 48 + 20] ^= 1
    (tmp_path / "anchors").write_bytes(rows)
    assert AnchorLogReader(tmp_path / "anchors").poll() == ANCHORS[:2]


def test_an_anchor_converts_like_a_clock() -> None:
    anchor = replace(ANCHORS[1], session_frame=CLOCK.session_frame, host_ns=CLOCK.host_ns, rate=CLOCK.rate)
    assert host_ns_at(Frame(99_000), anchor) == host_ns_at(Frame(99_000), CLOCK)

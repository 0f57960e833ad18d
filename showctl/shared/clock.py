"""The clock: what the engine publishes of its blocks, and the anchors that tie the session line to its devices."""

from __future__ import annotations

import struct
import zlib
from dataclasses import astuple, dataclass
from pathlib import Path

import msgspec

from showctl.errors import RuntimeFilesError
from showctl.model.units import Frame, HostNs
from showctl.shared.records import NumberReader, NumberWriter

PUBLISH_SECONDS = 0.008
"""A clock is written about this often, at once where it would surprise: at an anchor, a commit, other flags."""


class ClockRecord(msgspec.Struct, frozen=True, gc=False):
    """One block as the engine rendered it, every few milliseconds. A Struct: the audio callback makes it."""

    epoch: int
    """Which opening of a device; one more after each."""
    block: int
    """Blocks since the device was opened; it standing still is what the watchdog sees."""
    session_frame: Frame
    """The first frame of the block."""
    host_ns: HostNs
    """When that frame sounds."""
    rate: float
    """Frames per second, measured; above 0."""
    block_frames: int
    head: Frame
    """The session frame up to which was rendered when this was written; by now it is `head_at`."""
    xruns: int
    load: float
    """The share of the block's time that rendering it took, 0 to 1."""
    flags: int
    """Bits that the engine defines."""
    lead_frames: int = 0
    """How long before it sounds a block is begun."""


@dataclass(frozen=True, slots=True)
class Anchor:
    """From `session_frame` on, the session runs on this device line; `rate` in frames per second."""

    epoch: int
    session_frame: Frame
    device_frame: int
    host_ns: HostNs
    rate: float


def host_ns_at(frame: Frame, clock: ClockRecord | Anchor) -> HostNs:
    """When `frame` sounds, on the straight line through `clock`."""
    return HostNs(clock.host_ns + round((frame - clock.session_frame) * 1e9 / clock.rate))


def frame_at(host_ns: HostNs, clock: ClockRecord | Anchor) -> Frame:
    """The frame that sounds nearest to `host_ns`, on the straight line through `clock`."""
    return Frame(clock.session_frame + round((host_ns - clock.host_ns) * clock.rate / 1e9))


def head_at(host_ns: HostNs, clock: ClockRecord) -> Frame:
    """The session frame up to which is rendered at `host_ns`, if blocks go on as in `clock`."""
    begun = frame_at(host_ns, clock) + clock.lead_frames
    return max(clock.head, Frame(begun + clock.block_frames))


_CLOCK_FIELDS = "qqqqdqqqdqq"


class ClockWriter:
    """Publishes the clock from the audio callback."""

    def __init__(self, path: Path) -> None:
        self._numbers = NumberWriter(path, _CLOCK_FIELDS)

    def write(self, clock: ClockRecord) -> None:
        """Make `clock` the newest point."""
        self._numbers.write(msgspec.structs.astuple(clock))


class ClockReader:
    """Reads the newest published point. Raises `RuntimeFilesError` if there is no such file."""

    def __init__(self, path: Path) -> None:
        self._numbers = NumberReader(path, _CLOCK_FIELDS)

    def read(self) -> ClockRecord | None:
        """The newest point; None before the first block."""
        numbers = self._numbers.read()
        return None if numbers is None else ClockRecord(*numbers)


_ANCHOR = struct.Struct("=qqqqd")
_CRC = struct.Struct("=q")
_ROW_BYTES = _ANCHOR.size + _CRC.size


class AnchorLogWriter:
    """Appends anchors to the file at `path`, after those of the engines before. Not for the audio callback.

    A row is the five fields (int64, the rate float64) and the int64 of their crc32. A row torn by a crash is
    overwritten by the next one.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = len(AnchorLogReader(path).poll())

    def append(self, anchor: Anchor) -> None:
        """Add one row. Raises `RuntimeFilesError` if it cannot be written; the log is then as before."""
        try:
            self._path.touch(mode=0o600)
            with self._path.open("r+b") as file:
                file.seek(self._rows * _ROW_BYTES)
                file.write(_encode(anchor))
        except OSError as exc:
            raise RuntimeFilesError(f"cannot write {self._path} ({exc.strerror}): free space there") from exc
        self._rows += 1


class AnchorLogReader:
    """Reads the log at `path` while it grows, or after a crash. No file means no anchors."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows = 0

    def poll(self) -> tuple[Anchor, ...]:
        """The anchors since the last poll; all of them at first."""
        try:
            with self._path.open("rb") as file:
                file.seek(self._rows * _ROW_BYTES)
                anchors = _decode(file.read())
        except FileNotFoundError:
            return ()
        self._rows += len(anchors)
        return anchors


def _encode(anchor: Anchor) -> bytes:
    fields = _ANCHOR.pack(*astuple(anchor))
    return fields + _CRC.pack(zlib.crc32(fields))


def _decode(rows: bytes) -> tuple[Anchor, ...]:
    """The anchors up to the first row that is incomplete or does not verify."""
    anchors = []
    for start in range(0, len(rows), _ROW_BYTES):
        fields = rows[start : start + _ANCHOR.size]
        if rows[start + _ANCHOR.size : start + _ROW_BYTES] != _CRC.pack(zlib.crc32(fields)):
            break
        anchors.append(Anchor(*_ANCHOR.unpack(fields)))
    return tuple(anchors)

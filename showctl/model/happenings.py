"""The things that happen in a show, as records. Frames are session frames, entries count from 1."""

from __future__ import annotations

from showctl.model.plan import State
from showctl.model.show import Cue, Record
from showctl.model.units import Frame


class Beat(Record, frozen=True, tag="beat"):
    """A pulse. `bpm` in quarters; `accent` 2 downbeat, 1 group, 0 other; count-in bars are …, -1, 0."""

    frame: Frame
    entry: int
    bar: int
    beat: int
    beats: int
    bpm: float
    accent: int
    unit: int


class CountDown(Record, frozen=True, tag="countdown"):
    """A pulse of the count-in, with how many are left, itself included."""

    frame: Frame
    entry: int
    left: int


class SectionStart(Record, frozen=True, tag="section"):
    frame: Frame
    entry: int
    index: int
    name: str
    bars: int


class SectionCued(Record, frozen=True, tag="cued"):
    """The next start lies in another section now than what sounded or was armed before; index 0 for none.

    Not a start: what it names is silent yet.
    """

    frame: Frame
    entry: int
    index: int
    name: str
    bars: int


class Upcoming(Record, frozen=True, tag="next"):
    """Told each bar: which section comes next, and in how many seconds."""

    frame: Frame
    entry: int
    index: int
    name: str
    seconds: float


class Pass(Record, frozen=True, tag="vamp"):
    """Pass `number` of a vamp begins, `of` so many (0: until let go)."""

    frame: Frame
    entry: int
    number: int
    of: int


class SongChange(Record, frozen=True, tag="song"):
    """Entry `entry` is armed or started; 0 when nothing is armed any more."""

    frame: Frame
    entry: int


class StateChange(Record, frozen=True, tag="transport"):
    frame: Frame
    state: State


class CueFire(Record, frozen=True, tag="cue"):
    """A cue goes out; `late` where its place had passed when it was decided. Entry 0: a cue of the whole show."""

    frame: Frame
    entry: int
    cue: Cue
    late: bool = False


class CueStandby(Record, frozen=True, tag="standby"):
    frame: Frame
    entry: int
    cue: Cue
    seconds: float


Event = (
    Beat | CountDown | SectionStart | SectionCued | Upcoming | Pass | SongChange | StateChange | CueFire | CueStandby
)

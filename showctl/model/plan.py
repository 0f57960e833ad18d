"""The plan: the schedule of what sounds when, on the session line, and the edits that change it.

Spans follow each other without a gap; each lasts until the next one's start, the last for ever. Every reader finds
the whole future here, so the show plays on if nobody ever writes again. A span knows where the song is at each
session frame, and nothing else converts between the two lines.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import msgspec

from showctl.model.mix import Mix
from showctl.model.show import Record
from showctl.model.units import Frame, SongFrame

State = Literal["stopped", "armed", "countin", "playing", "vamping", "paused", "fading"]

Why = Literal["arm", "start", "pause", "resume", "stop", "end", "panic", "jump", "exit", "vamp", "segue", "on"]
"""What began a span: `end` is a song run out, `exit` a vamp let go, `vamp` a loop entered, `on` plain going on."""

KEEP_SECONDS = 60
"""How much of the past the plan keeps, for tails that still ring and readers that come late."""

KEEP_EDITS = 16
"""So many are known by id, the newest: more than are ever on their way at once."""


class Cycle(Record, frozen=True):
    """What repeats: song frames `low` up to `high`, `times` passes (0: until let go), left at `exit`."""

    low: SongFrame
    high: SongFrame
    times: int = 0
    exit: Literal["section", "bar", "beat"] = "section"


class Cued(Record, frozen=True):
    """Where the next GO starts: `entry` at song frame `at`; a paused vamp keeps its cycle and the passes begun."""

    entry: int
    at: SongFrame
    paused: bool = False
    cycle: Cycle | None = None
    passes: int = 1


class Metronome(Record, frozen=True):
    """The free metronome: quarter `bpm`, in 4/4, whose beat 0 lay on session frame `beat_zero` (fractional)."""

    bpm: float
    beat_zero: float


class Rest(Record, frozen=True, tag="rest"):
    """Nothing sounds, save a free metronome. `hush` silences even voices that were ringing."""

    start: Frame
    why: Why = "stop"
    cued: Cued | None = None
    metronome: Metronome | None = None
    hush: bool = False
    decided: Frame = Frame(0)


class CountIn(Record, frozen=True, tag="countin"):
    """`bars` are counted in the time of song frame `at`, ending where the span ends, `length` frames after its start.

    The span is longer than the count where the song's pickup is.
    """

    start: Frame
    entry: int
    at: SongFrame
    bars: int
    length: int
    why: Why = "start"
    decided: Frame = Frame(0)

    def song_at(self, session: Frame) -> SongFrame:
        return SongFrame(self.at - self.length + session - self.start)

    def session_at(self, song: SongFrame) -> Frame:
        return Frame(self.start + self.length + song - self.at)


class Play(Record, frozen=True, tag="play"):
    """The entry's song from `at` on, frame by frame."""

    start: Frame
    entry: int
    at: SongFrame
    why: Why = "on"
    decided: Frame = Frame(0)

    def song_at(self, session: Frame) -> SongFrame:
        return SongFrame(self.at + session - self.start)

    def session_at(self, song: SongFrame) -> Frame:
        return Frame(self.start + song - self.at)


class Loop(Record, frozen=True, tag="loop"):
    """The cycle again and again, from `at` within it. Its pass number is arithmetic."""

    start: Frame
    entry: int
    at: SongFrame
    cycle: Cycle
    passes: int = 1  # the number of the pass it starts in
    why: Why = "vamp"
    decided: Frame = Frame(0)

    @property
    def period(self) -> int:
        return self.cycle.high - self.cycle.low

    @property
    def first_seam(self) -> Frame:
        """Where it first returns to `low`."""
        return Frame(self.start + self.cycle.high - self.at)

    def song_at(self, session: Frame) -> SongFrame:
        return SongFrame(self.cycle.low + (self.at - self.cycle.low + session - self.start) % self.period)

    def pass_at(self, session: Frame) -> int:
        return self.passes + (self.at - self.cycle.low + session - self.start) // self.period

    def session_at(self, song: SongFrame, after: Frame) -> Frame:
        """The first session frame from `after` on at which `song` (within the cycle) sounds."""
        first = self.start + song - self.at
        return Frame(first + max(0, -(-(after - first) // self.period)) * self.period)


Span = Rest | CountIn | Play | Loop
Sounding = Play | Loop

_NOTHING = Rest(Frame(0))


class Fade(Record, frozen=True):
    """Everything falls to silence over session frames `start` up to `end`.

    Where the transport left it before its end, at `cut`, only what then still rings goes on falling.
    """

    start: Frame
    end: Frame
    cut: Frame | None = None

    @property
    def until(self) -> Frame:
        """Where the transport ceases to be fading."""
        return self.end if self.cut is None else self.cut


class MixMark(Record, frozen=True):
    """`mix` holds from session frame `at` on."""

    at: Frame
    mix: Mix


class Plan(Record, frozen=True):
    """One committed version. `spans` and `mixes` ascend; the first of each holds for all that came before.

    `edits` are the ids of those that made it what it is, the newest last.
    """

    version: int
    show: str  # hash of the compiled show
    rate: int
    spans: tuple[Span, ...] = (Rest(Frame(0), "stop"),)
    mixes: tuple[MixMark, ...] = (MixMark(Frame(0), Mix()),)
    fade: Fade | None = None
    edits: tuple[str, ...] = ()

    def index_at(self, session: Frame) -> int:
        return max(0, bisect_right(self.spans, session, key=lambda span: span.start) - 1)

    def span_at(self, session: Frame) -> Span:
        return self.spans[self.index_at(session)]

    def end_of(self, index: int) -> Frame | None:
        """Where span `index` ends; None for the last."""
        return self.spans[index + 1].start if index + 1 < len(self.spans) else None

    def mix_at(self, session: Frame) -> Mix:
        return self.mixes[max(0, bisect_right(self.mixes, session, key=lambda mark: mark.at) - 1)].mix

    def fading_at(self, session: Frame) -> bool:
        return self.fade is not None and self.fade.start <= session < self.fade.until


def state_at(plan: Plan, session: Frame) -> State:
    """The transport's state at a session frame, as PRODUCT's state table names it."""
    span = plan.span_at(session)
    match span:
        case Rest(cued=cued):
            return "stopped" if cued is None else "paused" if cued.paused else "armed"
        case _ if plan.fading_at(session):
            return "fading"
        case CountIn():
            return "countin"
        case Loop():
            return "vamping"
        case _:
            return "playing"


def entry_of(span: Span) -> int:
    """The setlist entry a span is about; 0 where nothing is armed."""
    if isinstance(span, Rest):
        return span.cued.entry if span.cued else 0
    return span.entry


def place_at(span: Span, session: Frame) -> tuple[int, SongFrame] | None:
    """Entry and song frame that sound at a session frame, or will at the next start; None where nothing is armed."""
    match span:
        case Play() | Loop():
            return span.entry, span.song_at(session)
        case CountIn():
            return span.entry, span.at
        case Rest(cued=cued):
            return (cued.entry, cued.at) if cued else None


def boundaries(plan: Plan, since: Frame, until: Frame) -> Iterator[tuple[Span, Span]]:
    """Each span that starts at session frames `since` up to `until`, with the one before it.

    Before the session there was nothing.
    """
    for index in range(plan.index_at(since), len(plan.spans)):
        span = plan.spans[index]
        if span.start >= until:
            return
        if index and since <= span.start:
            yield plan.spans[index - 1], span
        elif since <= span.start == 0 and span != _NOTHING:
            yield _NOTHING, span


def spans_within(plan: Plan, since: Frame, until: Frame) -> Iterator[tuple[Span, Frame | None]]:
    """Each span that touches session frames `since` up to `until`, with its end."""
    for index in range(plan.index_at(since), len(plan.spans)):
        if plan.spans[index].start >= until:
            return
        yield plan.spans[index], plan.end_of(index)


# ── edits ──


class Edit(Record, frozen=True):
    """A change to plan version `base`, committed whole or refused whole.

    `at` is an exact session frame, or None for the first frame of the block that commits it. Starts in `spans`, and
    `fade`, count from there. None leaves spans, mix or fade as they are; new spans replace all from the first one's
    start on, and cut short a fade that would go on beyond it. The mix holds from the commit on, whatever `at`: a level
    that is set together with a jump does not wait for the bar line, and none that follows has to be set on two mixes.

    `onto` is the edit that made version `base`, for it may not be committed yet: a version that another one made has
    the same number, and is not what this was decided on.
    """

    id: str
    lease: int
    base: int
    at: Frame | None = None
    spans: tuple[Span, ...] | None = None
    mix: Mix | None = None
    fade: Fade | None = None
    by: str = ""  # the command, for the log
    onto: str = ""  # empty where it was none


class Verdict(Record, frozen=True):
    """The answer to edit `id`: committed as `version` at session frame `at`, or refused with a reason."""

    id: str
    version: int
    at: Frame
    refused: Literal["", "stale", "late", "lease", "not ready"] = ""


class CannotCommitError(Exception):
    """The edit is refused; `reason` is one of Verdict.refused."""

    def __init__(self, reason: Literal["stale", "late", "lease", "not ready"]) -> None:
        super().__init__(reason)
        self.reason = reason


def commit(plan: Plan, edit: Edit, head: Frame) -> Plan:
    """The plan after `edit`, where `head` is the first frame not yet rendered.

    Raises CannotCommitError: `stale` if the edit was made for another version, `late` if it reaches into the past.
    """
    if edit.base != plan.version or (edit.onto and edit.onto not in plan.edits[-1:]):
        raise CannotCommitError("stale")
    at = head if edit.at is None else edit.at
    if at < head:
        raise CannotCommitError("late")
    return Plan(
        version=plan.version + 1,
        show=plan.show,
        rate=plan.rate,
        spans=_recent(_spliced(plan.spans, edit.spans, at, head), Frame(head - KEEP_SECONDS * plan.rate)),
        mixes=_marked(plan.mixes, edit.mix, head),
        fade=_faded(plan.fade, edit, at),
        edits=(*plan.edits, edit.id)[-KEEP_EDITS:],
    )


def _spliced(old: tuple[Span, ...], new: tuple[Span, ...] | None, at: Frame, head: Frame) -> tuple[Span, ...]:
    if not new:
        return old
    shifted = tuple(msgspec.structs.replace(span, start=Frame(span.start + at), decided=head) for span in new)
    kept = tuple(span for span in old if span.start < shifted[0].start)
    return kept + shifted[1 if kept and goes_on(kept[-1], shifted[0]) else 0 :]


def goes_on(span: Span, following: Span) -> bool:
    """Whether `following` only repeats what `span` does anyway; then what was decided stays decided."""
    match span, following:
        case Play(), Play():
            return span.entry == following.entry and span.song_at(following.start) == following.at
        case Loop(), Loop():
            same = span.entry == following.entry and span.cycle == following.cycle
            place = (span.song_at(following.start), span.pass_at(following.start))
            return same and place == (following.at, following.passes)
        case _:
            return False


def _recent(spans: tuple[Span, ...], since: Frame) -> tuple[Span, ...]:
    gone = sum(1 for _, following in pairwise(spans) if following.start <= since)
    return spans[gone:]


def _marked(old: tuple[MixMark, ...], mix: Mix | None, head: Frame) -> tuple[MixMark, ...]:
    """The one that held until now, and the new one."""
    if mix is None:
        return old
    return (*(mark for mark in old[-1:] if mark.at < head), MixMark(head, mix))


def _faded(old: Fade | None, edit: Edit, at: Frame) -> Fade | None:
    if edit.fade:
        return Fade(Frame(edit.fade.start + at), Frame(edit.fade.end + at))
    cut = Frame(at + edit.spans[0].start) if edit.spans else None
    if old is None or cut is None or cut >= old.until:
        return old
    return msgspec.structs.replace(old, cut=cut) if cut > old.start else None


class Committed(Record, frozen=True):
    """A line of the log: an edit as it was committed, and the session frame it was resolved to."""

    version: int
    head: Frame
    edit: Edit


def replay(plan: Plan, log: tuple[Committed, ...]) -> Plan:
    """The plan after all of `log`. Raises CannotCommitError if the log does not fit the plan."""
    for line in log:
        plan = commit(plan, line.edit, line.head)
    return plan

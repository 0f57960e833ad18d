"""The plan laid out in straight pieces: passes of a loop unrolled, and the entries into sections found.

Sound, beats and cues are all read from these, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from showctl.model.plan import CountIn, Loop, Plan, Play, Rest, Span
from showctl.model.position import Amount
from showctl.model.score import Score
from showctl.model.show import BeforeEntry, Section
from showctl.model.units import Frame, SongFrame


@dataclass(frozen=True, slots=True)
class Stretch:
    """Session frames `start` up to `end` (None: for ever) in which the song runs straight on from `at`."""

    index: int  # of the span in the plan
    span: Play | Loop
    start: Frame
    end: Frame | None
    at: SongFrame
    passes: int  # 1 where nothing has repeated yet
    seam: bool  # it begins where the loop returned

    @property
    def entry(self) -> int:
        return self.span.entry

    def session_at(self, song: SongFrame) -> Frame:
        return Frame(self.start + song - self.at)

    def song_at(self, session: Frame) -> SongFrame:
        return SongFrame(self.at + session - self.start)

    def until(self, session: Frame) -> SongFrame:
        """The song frame up to which it runs before `session`."""
        return self.song_at(session if self.end is None else min(session, self.end))


def stretches(plan: Plan, since: Frame, until: Frame) -> Iterator[Stretch]:
    """All stretches that touch session frames `since` up to `until`, whole, in order."""
    for index in range(plan.index_at(since), len(plan.spans)):
        span = plan.spans[index]
        if span.start >= until:
            return
        if isinstance(span, Play):
            yield Stretch(index, span, span.start, plan.end_of(index), span.at, 1, seam=False)
        elif isinstance(span, Loop):
            yield from _passes(plan, index, span, since, until)


def _passes(plan: Plan, index: int, span: Loop, since: Frame, until: Frame) -> Iterator[Stretch]:
    end = plan.end_of(index)
    stop = until if end is None else min(until, end)
    number = max(0, span.pass_at(max(since, span.start)) - span.passes)
    while True:
        seam = Frame(span.first_seam + number * span.period)
        start = span.start if number == 0 else Frame(seam - span.period)
        if start >= stop:
            return
        at = span.at if number == 0 else span.cycle.low
        last = seam if end is None else min(seam, end)
        yield Stretch(index, span, start, last, at, span.passes + number, seam=number > 0)
        number += 1


@dataclass(frozen=True, slots=True)
class SectionEntry:
    """The plan enters `section` of a setlist entry's song at session frame `frame`, decided at `decided`."""

    frame: Frame
    entry: int
    section: Section
    stretch: Stretch
    decided: Frame


def section_entries(score: Score, plan: Plan, since: Frame, until: Frame) -> Iterator[SectionEntry]:
    """Entries into sections at session frames `since` up to `until`; a pass that repeats is none."""
    for stretch in stretches(plan, since, until):
        for section in score.song(stretch.entry).sections:
            frame = stretch.session_at(section.start)
            inside = section.start >= stretch.at and (stretch.end is None or frame < stretch.end)
            repeats = stretch.seam and section.start == stretch.at
            if inside and since <= frame < until and not repeats:
                yield SectionEntry(frame, stretch.entry, section, stretch, stretch.span.decided)


def frame_before(score: Score, plan: Plan, entered: SectionEntry, before: BeforeEntry) -> Frame | None:
    """The session frame that lies `before` an entry, counted in the music that sounds up to it; None after silence."""
    amount = Amount(-Fraction(before.amount).limit_denominator(1_000_000), before.unit)
    if entered.frame > entered.stretch.start:
        return _back(score, entered.stretch.entry, entered.section.start, amount, entered.frame)
    preceding = _preceding(plan, entered)
    match preceding:
        case Play() | Loop():
            left_at = SongFrame(preceding.song_at(Frame(entered.frame - 1)) + 1)
            return _back(score, preceding.entry, left_at, amount, entered.frame)
        case CountIn(bars=bars) if bars:
            return _back_in_count(score, preceding, before, entered.frame)
        case _:
            return None


def _back(score: Score, entry: int, song: SongFrame, amount: Amount, session: Frame) -> Frame:
    return Frame(session + score.map(entry).moved(song, amount) - song)


def _back_in_count(score: Score, count: CountIn, before: BeforeEntry, session: Frame) -> Frame:
    song_map = score.map(count.entry)
    bar = song_map.count_in(count.at, 1).length
    beats = song_map.meter_at(song_map.bar_beat_at(count.at)[0]).beats
    frames = {"bar": float(bar), "beat": bar / beats, "seconds": float(score.rate)}[before.unit]
    return Frame(session - round(before.amount * frames))


def _preceding(plan: Plan, entered: SectionEntry) -> Span:
    if entered.stretch.seam:
        return entered.stretch.span
    index = entered.stretch.index
    return plan.spans[index - 1] if index else Rest(Frame(0))

"""The plan laid out in straight pieces: passes of a loop unrolled, and the entries into sections found.

Sound, beats and cues are all read from these, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from showctl.model.plan import Loop, Plan, Play
from showctl.model.score import Score
from showctl.model.show import Section
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
        low = max(stretch.at + stretch.seam, stretch.song_at(since))
        for section in score.sections_between(stretch.entry, SongFrame(low), stretch.until(until)):
            frame = stretch.session_at(section.start)
            yield SectionEntry(frame, stretch.entry, section, stretch, stretch.span.decided)

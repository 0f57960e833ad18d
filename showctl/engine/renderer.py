"""The renderer: from the committed plan and the media in reach to samples. It knows no device and reads no clock.

It is asked for session frames only, for any block, in any sizes and with gaps; what it returns depends on the plan
and the frames alone. The sound card, the virtual device and the bounce use the same one.

Where nothing changes a block is one slice and one matrix product ("steady"); all else goes through `_mix`.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from showctl.engine.bank import Bank
from showctl.engine.levels import Levels, Weight
from showctl.engine.regions import Region, blended, edges, fade_frames, heard_at, regions
from showctl.engine.voices import Voice, VoiceReader
from showctl.model.mix import Mix
from showctl.model.plan import CannotCommitError, Committed, CountIn, Edit, Plan, Rest, Verdict, commit
from showctl.model.score import Score
from showctl.model.units import Frame

Block = NDArray[np.float32]

LOOK_AHEAD_SECONDS = 0.5
"""How far the plan is read at a time."""

SOON_SPANS = 3
"""How many spans ahead everything is worked out before an edit is committed."""

_EMPTY = Frame(0)


@dataclass(frozen=True, slots=True, eq=False)
class _Steady:
    """From session frame `since` up to `until`, `fill` writes a block; `row` is the medium's row at frame 0."""

    since: Frame
    until: Frame
    rows: Block | None
    row: int
    fill: Callable[[Block, Block], object]


def _silent(_rows: Block, out: Block) -> None:
    out[:] = 0.0


@dataclass(frozen=True, slots=True, eq=False)
class _Ahead:
    """What `plan` makes sound in session frames `since` up to `until`."""

    plan: Plan
    since: Frame
    until: Frame
    regions: tuple[Region, ...]
    voices: tuple[Voice, ...]


_UNSTEADY = _Steady(_EMPTY, _EMPTY, None, 0, _silent)


class Renderer:
    """Renders `plan` for a device with `outputs` channels. `committed` and `verdicts` grow, for others to collect."""

    def __init__(self, score: Score, plan: Plan, bank: Bank, outputs: int) -> None:
        self.plan = plan
        self.levels = Levels(score, plan, outputs)
        self.verdicts: deque[Verdict] = deque()
        self.committed: deque[Committed] = deque()
        self.score = score
        self._bank = bank
        self._fade = fade_frames(plan.rate)
        self._horizon = round(plan.rate * LOOK_AHEAD_SECONDS)
        self._voices = VoiceReader(score, bank)
        self._offers: deque[Edit] = deque()
        self._coming_mix: Mix | None = None
        self._head: Frame | None = None
        self._known: tuple[Frame, Frame] = (_EMPTY, _EMPTY)
        self._regions: tuple[Region, ...] = ()
        self._leaving: tuple[tuple[Region, ...], Frame] | None = None
        self._coming: deque[Voice] = deque()
        self._ringing: list[Voice] = []
        self._steady = _UNSTEADY
        self._ahead = _Ahead(plan, _EMPTY, _EMPTY, (), ())

    @property
    def head(self) -> Frame:
        """The first session frame not yet rendered."""
        return self._head or _EMPTY

    # ── edits ──

    def offer(self, edit: Edit) -> None:
        """Have `edit` committed or refused at the start of the next block. May be called by another thread."""
        self._offers.append(edit)

    def prepare(self, edit: Edit) -> None:
        """Work out ahead, in another thread, what `edit` will need at once: levels and clicks."""
        plan = self.plan
        index = plan.index_at(self.head)
        spans = (*plan.spans[index : index + SOON_SPANS], *(edit.spans or ())[:SOON_SPANS])
        self._coming_mix = edit.mix or self._coming_mix  # of the edit before, which may not be committed yet
        mixes = [mark.mix for mark in plan.mixes] + ([self._coming_mix] if self._coming_mix else [])
        for entry in dict.fromkeys(span.entry for span in spans if not isinstance(span, Rest)):
            for mix in mixes:
                self._prepare(entry, mix)
        for count in (span for span in edit.spans or () if isinstance(span, CountIn)):
            for mix in mixes:
                self._voices.clicks.counted(count, mix.click)

    def prepare_more(self) -> bool:
        """The same for one entry that comes later, when there is nothing else to do; whether there was one."""
        mix = self.plan.mixes[-1].mix
        entries = dict.fromkeys(span.entry for span in self.plan.spans if not isinstance(span, Rest))
        return any(self._prepare(entry, mix) for entry in entries)

    def _prepare(self, entry: int, mix: Mix) -> bool:
        if not self.levels.prepare(entry, mix):
            return False
        self._voices.clicks.prepare(entry, mix.click)
        return True

    def read_ahead(self) -> None:
        """Read the plan further, in another thread, so that no block has to, where it is not known far enough."""
        plan, head, known = self.plan, self.head, self._known[1]
        waiting = self._ahead.plan is plan and self._ahead.until > known
        if not waiting and known - head <= self._horizon // 2:
            self._ahead = self._read(plan, head, Frame(head + 2 * self._horizon))

    def commit(self, edit: Edit, head: Frame) -> None:
        """Commit `edit`, where `head` is the first frame not yet rendered. Raises CannotCommitError."""
        plan = commit(self.plan, edit, head)
        self._adopt(plan, head)

    def _commit_offers(self, head: Frame) -> None:
        while self._offers:
            edit = self._offers.popleft()
            try:
                self.commit(edit, head)
            except CannotCommitError as exc:
                self.verdicts.append(Verdict(edit.id, self.plan.version, head, exc.reason))
            else:
                self.committed.append(Committed(self.plan.version, head, edit))
                self.verdicts.append(Verdict(edit.id, self.plan.version, head if edit.at is None else edit.at))

    def _adopt(self, plan: Plan, head: Frame) -> None:
        """Go over to another plan. What it would cut where nobody decided an edge fades over."""
        old, self.plan = self.plan, plan
        self.levels.adopt(plan, head)
        self._steady = _UNSTEADY
        if (plan.spans, plan.fade) != (old.spans, old.fade):
            self._ringing = [self._voices.under(plan, voice) for voice in self._ringing]
            self._adopt_regions(old, head)
        elif any(mark.mix.click != old.mixes[-1].mix.click for mark in (*plan.mixes, *old.mixes)):
            self._look_ahead(head, Frame(head + self._fade))

    def _adopt_regions(self, old: Plan, head: Frame) -> None:
        soon = Frame(head + self._fade)
        known = self._known[0] <= head and soon <= self._known[1]
        before = self._regions if known else regions(self.score, old, head, soon)
        self._leaving = None
        self._look_ahead(head, soon)  # no further: a block that commits has enough to do
        if heard_at(before, head) != heard_at(self._regions, head):
            self._leaving = (before, head)
            self._regions = blended(before, self._regions, head, self._fade)

    # ── blocks ──

    def render(self, session: Frame, out: Block) -> None:
        """Write session frames from `session` on over `out`, float32 [frames, outputs]."""
        frames = len(out)
        until = Frame(session + frames)
        if self._offers:
            self._commit_offers(session)
        steady = self._steady
        if session == self._head and steady.since <= session and until <= steady.until:
            rows = steady.rows
            if rows is None:
                out[:] = 0.0
            else:
                row = session + steady.row
                steady.fill(rows[row : row + frames], out)
        else:
            self._render_changing(session, until, out)
        self._head = until

    def _render_changing(self, session: Frame, until: Frame, out: Block) -> None:
        if session != self._head:
            self._jump_to(session)
        if until > self._known[1]:
            self._look_ahead(session, until, self._horizon)
        out[:] = 0.0
        weights = self.levels.weights(session, until)
        for region in self._regions:
            if region.start < until and region.end > session:
                self._add_region(region, session, until, weights, out)
        self._add_voices(session, until, weights, out)
        self._steady = self._find_steady(until)

    def _jump_to(self, session: Frame) -> None:
        """Go on at a frame other than the next one as if everything in between had been played."""
        earliest = Frame(session - self._voices.longest)
        missed = self._voices.starts(self.plan, earliest, session)
        begun = {(voice.start, voice.source) for voice in missed}
        others = [v for v in self._ringing if v.start < session and (v.start, v.source) not in begun]
        self._ringing = others + missed
        self._known = (session, session)

    def _look_ahead(self, session: Frame, until: Frame, further: int = 0) -> None:
        """Know what sounds from `session` up to `until`, and beyond: as was read ahead, or `further` frames."""
        ahead = self._ahead
        if ahead.plan is not self.plan or session < ahead.since or ahead.until < until:
            ahead = self._read(self.plan, session, Frame(until + further))
        self._regions = ahead.regions
        if self._leaving and session < self._leaving[1] + self._fade:
            before, at = self._leaving
            self._regions = blended(before, ahead.regions, at, self._fade)
        self._coming = deque(voice for voice in ahead.voices if voice.start >= session)
        self._known = (session, ahead.until)

    def _read(self, plan: Plan, since: Frame, until: Frame) -> _Ahead:
        found = regions(self.score, plan, since, until)
        return _Ahead(plan, since, until, found, tuple(self._voices.starts(plan, since, until)))

    def _find_steady(self, since: Frame) -> _Steady:
        """From `since` on until anything changes; empty while something does."""
        sounding = [region for region in self._regions if region.start <= since < region.end]
        begins = since >= self._known[1] or (self._coming and self._coming[0].start == since)
        calm = self.levels.settled(since) and not self._ringing and not begins and len(sounding) <= 1
        until = min((edge for edge in self._edges() if edge > since), default=since)
        if not calm or any(region.gains(since, until) is not None for region in sounding):
            return _UNSTEADY
        if not sounding:
            return _Steady(since, until, None, 0, _silent)
        region = sounding[0]
        rows, origin = self._medium(region)
        if rows is None:
            return _Steady(since, until, None, 0, _silent)
        gains = self.levels.song(region.entry, self.levels.mix_at(since))
        return _Steady(since, until, rows, -region.offset - origin, gains.filler)

    def _edges(self) -> Iterable[Frame]:
        yield self._known[1]
        yield from edges(self._regions)
        yield from self.levels.edges()
        if self._coming:
            yield self._coming[0].start

    def _medium(self, region: Region) -> tuple[Block | None, int]:
        """The audio of a region's song, [frames, columns], and the song frame of its first row."""
        medium = self.score.song(region.entry).medium
        return (self._bank.media.get(medium.key), medium.origin) if medium else (None, 0)

    def _add_region(self, region: Region, session: Frame, until: Frame, weights: list[Weight], out: Block) -> None:
        first, last = max(session, region.start), min(until, region.end)
        rows, origin = self._medium(region)
        if rows is None:
            return
        row = first - region.offset - origin
        heard = _faded(rows[row : row + last - first], region.gains(first, last))
        part = slice(first - session, last - session)
        for weight in weights:
            self.levels.song(region.entry, weight.mix).add(weight.apply(heard, part), out[part])

    def _add_voices(self, session: Frame, until: Frame, weights: list[Weight], out: Block) -> None:
        while self._coming and self._coming[0].start < until:
            self._ringing.append(self._coming.popleft())
        for voice in self._ringing:
            self._add_voice(voice, session, until, weights, out)
        self._ringing = [voice for voice in self._ringing if voice.end > until]

    def _add_voice(self, voice: Voice, session: Frame, until: Frame, weights: list[Weight], out: Block) -> None:
        first, last = max(session, voice.start), min(until, voice.end)
        if first >= last:
            return
        heard = _faded(voice.samples[first - voice.start : last - voice.start], voice.gains(first, last))
        part = slice(first - session, last - session)
        for weight in weights:
            matrix = self.levels.voice(voice.source, heard.shape[1], weight.mix)
            out[part, self.levels.performers] += weight.apply(heard, part) @ matrix


def _faded(rows: Block, gains: Block | None) -> Block:
    return rows if gains is None else rows * gains[:, np.newaxis]

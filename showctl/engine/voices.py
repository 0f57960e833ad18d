"""One-shot voices: clicks and guides that start on exact frames and ring on whatever becomes of the plan."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from showctl.engine.bank import Bank, Samples
from showctl.engine.clicks import ClickReader
from showctl.engine.gains import VoiceSource
from showctl.engine.regions import Floats, Slope, combined, fade_frames, falls_under
from showctl.model.cueing import guide_starts
from showctl.model.plan import Fade, Plan, Play, Rest, Span, boundaries
from showctl.model.plan import Loop as LoopSpan
from showctl.model.score import Score
from showctl.model.show import BeforeEntry, Guide
from showctl.model.units import Frame

_RUNS_ON = ("end", "segue", "on", "vamp")
"""Boundaries that are no break: the music goes on, or is over by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """`samples`, [frames, channels], from session frame `start` on; `ending` and `fade` are what stops it early."""

    start: Frame
    samples: Samples
    source: VoiceSource
    entry: int
    guide: Guide | None = None
    ending: Slope | None = None
    fade: Fade | None = None

    @property
    def end(self) -> Frame:
        """The first frame at which it is silent for good."""
        ends = [self.start + len(self.samples)]
        ends += [self.ending.end] if self.ending else []
        ends += [self.fade.end] if self.fade else []
        return Frame(min(ends))

    def gains(self, since: Frame, until: Frame) -> Floats | None:
        """The factor of each session frame, float32; None where all are 1."""
        return combined((self.ending,) if self.ending else (), self.fade, since, until)


class VoiceReader:
    """Finds the voices that a plan starts, and what becomes of them under another one."""

    def __init__(self, score: Score, bank: Bank) -> None:
        self.clicks = ClickReader(score)
        self.longest = bank.longest_voice(score.show)
        self._score = score
        self._bank = bank

    def starts(self, plan: Plan, since: Frame, until: Frame) -> list[Voice]:
        """The voices that start at session frames `since` up to `until`, in order."""
        found = (*self._clicks(plan, since, until), *self._guides(plan, since, until))
        return sorted((self.under(plan, voice) for voice in found), key=lambda voice: voice.start)

    def under(self, plan: Plan, voice: Voice) -> Voice:
        """The same voice, ending as `plan` has it."""
        ending = _ending(self._score, plan, voice)
        fade = falls_under(plan.fade, voice.start, Frame(voice.start + len(voice.samples)))
        return Voice(voice.start, voice.samples, voice.source, voice.entry, voice.guide, ending, fade)

    def _clicks(self, plan: Plan, since: Frame, until: Frame) -> Iterator[Voice]:
        for click in self.clicks.starts(plan, since, until):
            settings = self._score.song(click.entry).click if click.entry else self._score.show.click
            samples = self._bank.click(click.sound, click.kind, settings)
            if samples is not None:
                yield Voice(click.frame, samples, "click", click.entry)

    def _guides(self, plan: Plan, since: Frame, until: Frame) -> Iterator[Voice]:
        for frame, entry, guide in guide_starts(self._score, plan, since, until):
            samples = self._bank.media.get(guide.voice.key)
            if samples is not None:
                yield Voice(frame, samples, "guide", entry, guide)


def _ending(score: Score, plan: Plan, voice: Voice) -> Slope | None:
    """A click rings out unless there is to be silence; a guide stops speaking where the music breaks off."""
    fade = fade_frames(plan.rate)
    last = Frame(voice.start + len(voice.samples))
    for before, span in boundaries(plan, Frame(voice.start + 1), last):
        if isinstance(span, Rest) and span.hush:
            return Slope(span.start, Frame(span.start + fade), rising=False)
        if voice.guide and _breaks_off(before, span) and not _announced(score, voice, span):
            return Slope(span.start, Frame(span.start + 2 * fade), rising=False)
    return None


def _breaks_off(before: Span, span: Span) -> bool:
    match before, span:
        case Play() | LoopSpan(), Play() | LoopSpan():
            contiguous = before.entry == span.entry and _reached(before, span) == span.at
            return not contiguous and span.why not in _RUNS_ON
        case Play() | LoopSpan(), Rest():
            return span.why not in _RUNS_ON
        case _, Rest():
            return span.why != "arm"
        case _:
            return False


def _reached(before: Play | LoopSpan, span: Play | LoopSpan) -> int:
    """The song frame up to which `before` has played where `span` starts."""
    return before.song_at(Frame(span.start - 1)) + 1


def _announced(score: Score, voice: Voice, span: Span) -> bool:
    """Whether the guide was counted back from just this entry: "Chorus… 2, 3, 4" may reach into the chorus."""
    if voice.guide is None or not isinstance(voice.guide.at, BeforeEntry) or not isinstance(span, Play | LoopSpan):
        return False
    section = next((s for s in score.song(voice.entry).sections if s.index == voice.guide.at.section), None)
    return section is not None and span.entry == voice.entry and span.at == section.start

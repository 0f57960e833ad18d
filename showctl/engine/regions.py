"""What media sounds when: the plan read as regions of media with their fades. Pure lookups, nothing kept.

A jump's crossfade *ends* on the boundary, so that the downbeat is at full level; decided too late for that, it
follows. Where the song simply goes on there is no fade at all. Both slopes of a crossfade are sin² and cos², which
add up to 1: audio that is the same on both sides passes unchanged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, reduce

import numpy as np
from numpy.typing import NDArray

from showctl.model.plan import CountIn, Fade, Loop, Plan, Play, Rest, Span
from showctl.model.score import Score
from showctl.model.stretches import stretches
from showctl.model.units import Frame, SongFrame

Floats = NDArray[np.float32]

FADE_SECONDS = 0.010

_CUTTING = ("pause", "stop", "panic")
"""What ends even the tail of a song that had run out."""


def fade_frames(rate: int) -> int:
    """The length of every fade that only hides an edge."""
    return round(rate * FADE_SECONDS)


@dataclass(frozen=True, slots=True)
class Slope:
    """A rise from silence, or a fall to it, over session frames `start` up to `end`."""

    start: Frame
    end: Frame
    rising: bool

    def gains(self, since: Frame, until: Frame) -> Floats:
        """The factor of each session frame from `since` up to `until`, float32."""
        table = _sine_squared(self.end - self.start)
        risen = table[np.clip(np.arange(since - self.start, until - self.start), 0, len(table) - 1)]
        return risen if self.rising else 1 - risen

    def touches(self, since: Frame, until: Frame) -> bool:
        """Whether it makes any difference there."""
        return since < self.end if self.rising else until > self.start


@lru_cache(maxsize=8)
def _sine_squared(length: int) -> Floats:
    """0 at its first frame, 1 at frame `length`, the last of the table."""
    table: Floats = (np.sin(np.pi / 2 * np.arange(length + 1) / length) ** 2).astype(np.float32)
    return table


@dataclass(frozen=True, slots=True)
class Region:
    """Session frames `start` up to `end` in which the entry's medium sounds from song frame `song` on."""

    entry: int
    start: Frame
    end: Frame
    song: SongFrame
    fade_in: Slope | None = None
    fade_out: Slope | None = None
    blend: Slope | None = None
    """How it enters or leaves where a change of plan would have cut it."""
    fade: Fade | None = None
    """The fade of everything that it is under."""

    @property
    def slopes(self) -> tuple[Slope, ...]:
        return tuple(slope for slope in (self.fade_in, self.fade_out, self.blend) if slope)

    @property
    def offset(self) -> int:
        """Session frame minus song frame: with the entry, what is heard."""
        return self.start - self.song

    def gains(self, since: Frame, until: Frame) -> Floats | None:
        """The factor of each session frame, float32; None where all are 1."""
        return combined(self.slopes, self.fade, since, until)


def combined(slopes: tuple[Slope, ...], fade: Fade | None, since: Frame, until: Frame) -> Floats | None:
    """The product of all that makes a difference from `since` up to `until`, float32; None for nothing."""
    factors = [slope.gains(since, until) for slope in slopes if slope.touches(since, until)]
    if fade and until > fade.start:
        factors.append(fade_gains(fade, since, until))
    return reduce(np.multiply, factors) if factors else None


def fade_gains(fade: Fade, since: Frame, until: Frame) -> Floats:
    """The factor of each session frame: 1 before the fade, 0 from its end on, float32.

    A cube: like a fader with the usual taper pulled down evenly. Equal steps in dB would drop too fast at first and
    end in a long inaudible rest; it is half as loud after a fifth of the time and reaches silence without an edge.
    """
    left = (fade.end - np.arange(since, until)) / max(1, fade.end - fade.start)
    return (np.clip(left, 0, 1) ** 3).astype(np.float32)


def regions(score: Score, plan: Plan, since: Frame, until: Frame) -> tuple[Region, ...]:
    """All regions that sound in session frames `since` up to `until`, whole, ordered by where their music begins."""
    fade = fade_frames(plan.rate)
    songs = score.show.songs.values()
    behind = fade + max((song.tail_frames for song in songs), default=0)
    ahead = fade + max((-song.first for song in songs), default=0)
    pieces = _pieces(plan, Frame(since - behind), Frame(until + ahead))
    found = (_region(score, plan, piece, fade) for piece in pieces)
    return tuple(region for region in found if region.start < min(until, region.end) and region.end > since)


def heard_at(found: tuple[Region, ...], frame: Frame) -> dict[tuple[int, int], float]:
    """What goes on sounding at a session frame: (entry, session minus song frame) and its factor.

    What begins just there has an edge that was decided.
    """
    heard: dict[tuple[int, int], float] = {}
    for region in found:
        if region.start < frame < region.end:
            gains = region.gains(frame, Frame(frame + 1))
            heard[region.entry, region.offset] = 1.0 if gains is None else float(gains[0])
    return {what: round(gain, 3) for what, gain in heard.items() if gain > 0.0005}


def blended(old: tuple[Region, ...], new: tuple[Region, ...], at: Frame, fade: int) -> tuple[Region, ...]:
    """Both: `old` leaves and `new` enters within `fade` frames from `at` on, unless it begins there or later."""
    over = Frame(at + fade)
    leaving = (
        replace(region, end=min(region.end, over), blend=Slope(at, over, rising=False))
        for region in old
        if region.start < over and region.end > at
    )
    entering = (replace(region, blend=Slope(at, over, rising=True)) if region.start < at else region for region in new)
    return (*leaving, *entering)


# ── the plan as pieces without an edge inside ──


@dataclass(frozen=True, slots=True)
class _Piece:
    """A stretch of music without an edge; `before` and `after` are the spans around it, None at the plan's ends.

    `index` is the plan's index of its last span.
    """

    entry: int
    start: Frame
    end: Frame | None
    at: SongFrame
    decided: Frame
    index: int
    before: Span | None
    after: Span | None
    after_decided: Frame
    seam_in: bool = False
    seam_out: bool = False

    def song_at(self, session: Frame) -> SongFrame:
        return SongFrame(self.at + session - self.start)


def _pieces(plan: Plan, since: Frame, until: Frame) -> Iterator[_Piece]:
    """Pieces that touch the window, joined where the music goes on."""
    joined: _Piece | None = None
    for piece in sorted((*_played(plan, since, until), *_pickups(plan, since, until)), key=lambda p: p.start):
        if joined and _goes_on(joined, piece):
            joined = replace(
                joined,
                end=piece.end,
                index=piece.index,
                after=piece.after,
                after_decided=piece.after_decided,
                seam_out=piece.seam_out,
            )
        else:
            if joined:
                yield joined
            joined = piece
    if joined:
        yield joined


def _goes_on(piece: _Piece, following: _Piece) -> bool:
    same = piece.entry == following.entry and piece.end == following.start
    return same and piece.song_at(following.start) == following.at


def _played(plan: Plan, since: Frame, until: Frame) -> Iterator[_Piece]:
    for stretch in stretches(plan, since, until):
        after = _span(plan, stretch.index + 1)
        seam_out = stretch.end is not None and (after is None or stretch.end < after.start)
        yield _Piece(
            entry=stretch.entry,
            start=stretch.start,
            end=stretch.end,
            at=stretch.at,
            decided=stretch.span.decided,
            index=stretch.index,
            before=stretch.span if stretch.seam else _span(plan, stretch.index - 1),
            after=stretch.span if seam_out else after,
            after_decided=stretch.span.decided if seam_out or after is None else after.decided,
            seam_in=stretch.seam,
            seam_out=seam_out,
        )


def _pickups(plan: Plan, since: Frame, until: Frame) -> Iterator[_Piece]:
    """Count-ins before bar 1, over which the song's pickup sounds: the same line as the song that follows."""
    for index in range(plan.index_at(since), len(plan.spans)):
        span, after = plan.spans[index], _span(plan, index + 1)
        if isinstance(span, CountIn) and span.at == 0 and span.start < until:
            at, end = span.song_at(span.start), after.start if after else None
            before, decided = _span(plan, index - 1), after.decided if after else span.decided
            yield _Piece(span.entry, span.start, end, at, span.decided, index, before, after, decided)


def _span(plan: Plan, index: int) -> Span | None:
    return plan.spans[index] if 0 <= index < len(plan.spans) else None


# ── edges ──


def _region(score: Score, plan: Plan, piece: _Piece, fade: int) -> Region:
    """The piece with its edges, cut to where there is audio; empty if there is none."""
    medium = score.song(piece.entry).medium
    if medium is None:
        return Region(piece.entry, piece.start, piece.start, piece.at)
    start, fade_in = _entered(piece, medium.origin, fade)
    end, fade_out = _left(score, plan, piece, fade)
    first = Frame(piece.start + medium.origin - piece.at)
    last = Frame(first + medium.frames)
    start, end = max(start, first), last if end is None else min(end, last)
    falling = falls_under(plan.fade, piece.start, end)
    end = min(end, falling.end) if falling else end
    return Region(piece.entry, start, end, piece.song_at(start), fade_in, fade_out, fade=falling)


def _entered(piece: _Piece, origin: SongFrame, fade: int) -> tuple[Frame, Slope | None]:
    """Where the piece begins to sound, and how."""
    if piece.before is None or piece.at <= origin:
        return piece.start, None
    if piece.at == 0 and not piece.seam_in and isinstance(piece.before, Play | Loop):
        return _picked_up(piece, origin, fade)
    early = piece.start - piece.decided >= fade
    start = Frame(piece.start - fade) if early else piece.start
    return start, Slope(start, Frame(start + fade), rising=True)


def _picked_up(piece: _Piece, origin: SongFrame, fade: int) -> tuple[Frame, Slope | None]:
    """A pickup over the end of what sounded before, or as much of it as was decided in time."""
    whole = Frame(piece.start + origin)
    if piece.decided <= whole:
        return whole, None
    start = min(piece.decided, piece.start)
    return start, Slope(start, Frame(start + fade), rising=True)


def _left(score: Score, plan: Plan, piece: _Piece, fade: int) -> tuple[Frame | None, Slope | None]:
    """Where the piece has stopped to sound, and how; None: when its medium ends."""
    if piece.end is None or piece.after is None:
        return piece.end, None
    if _ran_out(score, piece, piece.end):
        return _rung(score, plan, piece, piece.end, fade)
    late = piece.end - piece.after_decided < fade
    end = Frame(piece.end + fade) if late or isinstance(piece.after, Rest | CountIn) else piece.end
    return end, Slope(Frame(end - fade), end, rising=False)


def _ran_out(score: Score, piece: _Piece, end: Frame) -> bool:
    """Whether the song was over, rather than left."""
    if piece.seam_out or piece.after is None:
        return False
    over = piece.song_at(end) >= score.song(piece.entry).end
    return piece.after.why in ("end", "segue") or (over and isinstance(piece.after, Play | Loop))


def _rung(score: Score, plan: Plan, piece: _Piece, end: Frame, fade: int) -> tuple[Frame, Slope]:
    """The tail of a song, unless it is stopped while it rings."""
    last = Frame(end + max(fade, score.song(piece.entry).tail_frames) - fade)
    stops = (
        span.start
        for span in plan.spans[piece.index + 1 :]
        if isinstance(span, Rest) and (span.hush or span.why in _CUTTING)
    )
    last = min(last, next(stops, last))
    return Frame(last + fade), Slope(last, Frame(last + fade), rising=False)


def falls_under(fade: Fade | None, start: Frame, end: Frame) -> Fade | None:
    """The fade, for what began before it was over and sounded in it: that never comes back."""
    return fade if fade and start < fade.until and end > fade.start else None


def edges(found: tuple[Region, ...]) -> list[Frame]:
    """Every session frame at which something begins, ends or changes, ascending."""
    ends = (frame for region in found for frame in (region.start, region.end))
    slopes = (frame for region in found for slope in region.slopes for frame in (slope.start, slope.end))
    fades = (region.fade.start for region in found if region.fade)
    return sorted({*ends, *slopes, *fades})

"""How much is left: of the section, the song and the set, if nobody does anything.

A vamp without end counts as if it were left after the pass that is being played; one still to come counts once.
"""

from __future__ import annotations

from functools import lru_cache

from showctl.model.night import Night
from showctl.model.plan import CountIn, Cued, Loop, Plan, Play, Rest, entry_of, place_at
from showctl.model.score import Score
from showctl.model.units import Frame, SongFrame

SONGS_KEPT = 1024


def next_up(score: Score, night: Night, entry: int) -> int:
    """The entry that follows `entry` by itself or by choice; 0 for none."""
    if not entry:
        return 0
    chosen = night.next_up
    if chosen and chosen.after == entry:
        return chosen.entry
    return 0 if score.entry(entry).then == "stop" else night.step(entry, 1) or 0


def run_frames(score: Score, entry: int, at: SongFrame) -> int:
    """Frames from `at` to the end of the song, through its vamps."""
    song = score.song(entry)
    repeats = [
        (section.vamp.times - 1) * (section.end - section.start)
        for section in song.sections
        if section.vamp and section.vamp.times and section.end > at
    ]
    return max(0, song.end - at) + sum(repeats)


@lru_cache(SONGS_KEPT)
def song_frames(score: Score, entry: int) -> int:
    """The length of the whole song, its pickup too; what is left of a set asks for that of each song."""
    return run_frames(score, entry, score.song(entry).first)


def left_in_song(score: Score, plan: Plan, frame: Frame) -> int:
    """Frames up to where the song ends by itself or is left by a pending jump; in a count-in, from its start."""
    index = plan.index_at(frame)
    match plan.spans[index]:
        case Rest(cued=cued):
            return _left_when_cued(score, cued) if cued else 0
        case CountIn() as count:
            return _song_end(score, plan, index, frame) - (plan.end_of(index) or count.session_at(count.at))
        case _:
            return _song_end(score, plan, index, frame) - frame


def _left_when_cued(score: Score, cued: Cued) -> int:
    if not cued.cycle:
        return run_frames(score, cued.entry, cued.at)
    period = cued.cycle.high - cued.cycle.low
    passes = max(0, cued.cycle.times - cued.passes)
    return cued.cycle.high - cued.at + passes * period + run_frames(score, cued.entry, cued.cycle.high)


def _song_end(score: Score, plan: Plan, index: int, frame: Frame) -> Frame:
    """The session frame at which the entry of span `index` is over."""
    entry = entry_of(plan.spans[index])
    for later in range(index, len(plan.spans) - 1):
        following = plan.spans[later + 1]
        if isinstance(following, Rest) or entry_of(following) != entry:
            return following.start
    last = plan.spans[-1]
    if isinstance(last, Loop):
        return Frame(_pass_end(last, frame) + run_frames(score, entry, last.cycle.high))
    return last.session_at(score.song(entry).end) if isinstance(last, Play) else last.start


def _pass_end(loop: Loop, frame: Frame) -> Frame:
    """Where the pass that is played at `frame`, or else its first, comes to its seam."""
    return Frame(loop.first_seam + (loop.pass_at(max(frame, loop.start)) - loop.passes) * loop.period)


def left_in_section(score: Score, plan: Plan, frame: Frame) -> int:
    """Frames up to where the section is left; from its start on where it has not begun; 0 outside of any."""
    index = plan.index_at(frame)
    span = plan.spans[index]
    place = playhead(plan, frame)
    section = score.section_at(*place) if place else None
    if place is None or section is None:
        return 0
    to_go = section.end - place[1]
    if not isinstance(span, Play | Loop):
        return to_go
    stop = plan.end_of(index)
    if isinstance(span, Loop) and section.end >= span.cycle.high:
        return (_pass_end(span, frame) if stop is None else stop) - frame
    return to_go if stop is None else min(to_go, stop - frame)


def playhead(plan: Plan, frame: Frame) -> tuple[int, SongFrame] | None:
    """As `place_at`, of the whole plan."""
    return place_at(plan.span_at(frame), frame)


def left_after(score: Score, night: Night, entry: int) -> int:
    """Frames of all songs after `entry` in tonight's order, those skipped left out; of all songs before the first."""
    chosen = night.next_up
    here = entry or night.last
    following = chosen.entry if chosen and entry and chosen.after == entry else night.step(here, 1)
    frames = 0
    while following:
        frames += song_frames(score, following)
        following = night.step(following, 1)
    return frames

"""Where the song is, as it is told: bar and beat, seconds, and what is left."""

from __future__ import annotations

from showctl.model.night import Night
from showctl.model.plan import CountIn, Plan
from showctl.model.score import Score
from showctl.model.songmap import Pulses
from showctl.model.units import Frame
from showctl.osc.remaining import left_after, left_in_section, left_in_song, playhead
from showctl.osc.teller import Told, say


def position(score: Score, plan: Plan, night: Night, frame: Frame) -> Told:
    """Where the song is at session frame `frame`, or will start: bar.beat, seconds from bar 1, and what is left.

    In a vamp without end that is the time to the end if it were left after this pass. With nothing armed: "0.0".
    """
    place = playhead(plan, frame)
    in_song = left_in_song(score, plan, frame)
    in_set = in_song + left_after(score, night, place[0] if place else 0)
    frames = (_song_frame(plan, frame), in_song, left_in_section(score, plan, frame), in_set)
    return say("position", "/position", bar_beat(score, plan, frame), *(count / score.rate for count in frames))


def _song_frame(plan: Plan, frame: Frame) -> int:
    """Below 0 in a count-in."""
    span = plan.span_at(frame)
    place = playhead(plan, frame)
    return span.song_at(frame) if isinstance(span, CountIn) else place[1] if place else 0


def bar_beat(score: Score, plan: Plan, frame: Frame) -> str:
    span = plan.span_at(frame)
    if isinstance(span, CountIn):
        pulses, row = counting(score, span, frame)
        return f"{pulses.bar[row]}.{pulses.beat[row]}" if len(pulses.frame) else "0.0"
    place = playhead(plan, frame)
    if place is None:
        return "0.0"
    bar, beat = score.map(place[0]).bar_beat_at(place[1])
    return f"{bar}.{int(beat)}"


def counting(score: Score, count: CountIn, frame: Frame) -> tuple[Pulses, int]:
    """The pulses of a count-in, and the row of the latest at `frame`; of the first before it."""
    pulses = score.count_in(count.entry, count.at, count.bars).pulses
    relative = count.song_at(frame) - count.at
    return pulses, max(0, int(pulses.frame.searchsorted(relative, side="right")) - 1)

"""Jumps, vamps and loops: what is played from a boundary on. One jump is pending at most."""

from __future__ import annotations

from typing import Literal

import msgspec

from showctl.errors import Refused
from showctl.model.boundaries import When, boundary, pass_over, pending, pending_turn, ready_at, sounding_at
from showctl.model.itinerary import BAR_ONE, BEGINNING, cut_at, cycle_of, itinerary, onward
from showctl.model.names import slug
from showctl.model.night import NextUp, Night
from showctl.model.plan import CountIn, Cued, Cycle, Loop, Play, Rest, Span, Why
from showctl.model.position import Amount, parse_position
from showctl.model.show import Section
from showctl.model.units import Frame, SongFrame
from showctl.model.view import Change, View, at_rest, rewritten

__all__ = [
    "When",
    "arm",
    "boundary",
    "cancel",
    "choose_next",
    "jump",
    "jump_by",
    "jump_to_neighbour",
    "jump_to_section",
    "jump_to_song",
    "locate",
    "loop",
    "pending",
    "place",
    "reordered",
    "select_song",
    "vamp_exit",
    "vamp_start",
]

# ── jumps ──


def jump(view: View, target: Cued, when: When, why: Why = "jump") -> Change | None:
    """To `target` at the next `when` that leaves time to read it; at rest and in a count-in it moves the start."""
    _must_not_fade(view)
    sounding = view.sounding
    if sounding is None:
        return _start_moved(view, view.span, target)
    if when == "now":
        return Change(itinerary(view.score, view.night, target, why))
    return _turned(view, _next(view, sounding, when, ready_at(view, target)), target, why)


def _next(view: View, sounding: Play | Loop, when: When, since: Frame) -> Frame:
    """The first boundary from session frame `since` on; the end of the song is its last."""
    return boundary(view, sounding_at(view, sounding, since), when, since)


def _turned(view: View, at: Frame, target: Cued, why: Why) -> Change | None:
    """What is to come up to session frame `at`, and `target` from there on."""
    before = cut_at(onward(view.score, view.night, view.plan, view.horizon), at)
    return rewritten(view, (*before, *itinerary(view.score, view.night, target, why, at)))


def _must_not_fade(view: View) -> None:
    if view.state == "fading":
        raise Refused("the music is fading out: wait until it is silent, or /stop first")


def _start_moved(view: View, span: Span, target: Cued) -> Change | None:
    if isinstance(span, CountIn):
        return _start_moved_in_count(view, span, target)
    armed = span.cued if isinstance(span, Rest) and span.cued and span.cued.entry == target.entry else None
    moved = msgspec.structs.replace(target, paused=armed is not None and armed.paused)
    rest = at_rest(view, Rest(BEGINNING, "on" if armed else "arm", moved))
    return None if moved == armed else Change((rest,), view.soon)


def _start_moved_in_count(view: View, span: CountIn, target: Cued) -> Change | None:
    """The count ends when it would have; what is left of it is in the time of the new start."""
    end = Frame(span.start + span.length)
    if (span.entry, span.at) != (target.entry, target.at):
        length = end - view.horizon
        span = CountIn(view.horizon, target.entry, target.at, span.bars, length, span.why)
    return rewritten(view, (span, *itinerary(view.score, view.night, target, "start", end)))


def locate(view: View, position: str) -> Change | None:
    """Moves an armed or paused start; playing, jumps now. Raises Refused for a place that the song does not have."""
    entry = view.entry or view.night.step(0, 1)
    if not entry:
        raise Refused("every song of the setlist is skipped: /song/select one")
    return jump(view, Cued(entry, place(view, entry, position)), "now")


def place(view: View, entry: int, position: str) -> SongFrame:
    """The song frame of a position as people write it. Raises Refused."""
    song = view.score.song(entry)
    try:
        frame = view.score.map(entry).resolve(parse_position(position), song.sections)
    except ValueError as exc:
        raise Refused(str(exc)) from exc
    return _within_song(view, entry, frame, f'"{position}"')


def _within_song(view: View, entry: int, frame: SongFrame, said: str) -> SongFrame:
    song = view.score.song(entry)
    if not song.first <= frame < song.end:
        last_bar = view.score.map(entry).last_bar
        raise Refused(f"{said} lies outside {song.title}, which has bars 1 to {last_bar}")
    return frame


def jump_by(view: View, amount: int, unit: Literal["bar", "beat"]) -> Change | None:
    """So many bars or beats from the boundary of that kind at which it is made; at rest, from the start."""
    entry = _armed_entry(view)
    _must_not_fade(view)

    def counted(here: SongFrame) -> Cued:
        there = view.score.map(entry).moved(here, Amount(amount, unit))
        return Cued(entry, _within_song(view, entry, there, f"{amount:+} {unit}s"))

    sounding = view.sounding
    if sounding is None:
        return jump(view, counted(_start(view)), unit)
    first = counted(_come_to(view, sounding, _next(view, sounding, unit, view.horizon)))
    at = _next(view, sounding, unit, ready_at(view, first))
    return _turned(view, at, counted(_come_to(view, sounding, at)), "jump")


def _come_to(view: View, sounding: Play | Loop, at: Frame) -> SongFrame:
    """The place that the music comes to at `at`: from the last bar of a vamp, the one behind it."""
    before = max(view.horizon, Frame(at - 1))
    return SongFrame(sounding_at(view, sounding, before).song_at(before) + at - before)


def _start(view: View) -> SongFrame:
    span = view.span
    if isinstance(span, CountIn):
        return span.at
    return span.cued.at if isinstance(span, Rest) and span.cued else BAR_ONE


def cancel(view: View) -> Change | None:
    """Forgets a pending jump or vamp exit, and a song that was to be gone to at the end."""
    chosen = view.night.next_up
    song = chosen is not None and chosen.play and chosen.after == view.entry
    if not song and pending_turn(view.plan, view.horizon) is None:
        return None
    _must_not_fade(view)
    night = msgspec.structs.replace(view.night, next_up=None) if song else None
    if isinstance(view.span, Rest):
        return Change(night=night)
    return rewritten(view, onward(view.score, night or view.night, view.plan, view.horizon), night)


# ── sections ──


def jump_to_section(view: View, wanted: str | int, when: When = "bar") -> Change | None:
    """By name (the next one after the playhead where it repeats) or by index from 1."""
    return _to(view, _section_named(view, wanted) if isinstance(wanted, str) else _section(view, wanted), when)


def jump_to_neighbour(view: View, step: Literal[1, -1], when: When = "bar") -> Change | None:
    """The section after or before the current one, or that of a jump already pending: pressed twice, it goes two on."""
    index = _current_section(view) + step
    if not 1 <= index <= len(_sections(view)):
        raise Refused(f"there is no section {'after' if step == 1 else 'before'} this one")
    return _to(view, _section(view, index), when)


def _to(view: View, section: Section, when: When) -> Change | None:
    return jump(view, Cued(view.entry, section.start), when)


def _section(view: View, index: int) -> Section:
    sections = _sections(view)
    if not 1 <= index <= len(sections):
        raise Refused(f"expected a section from 1 to {len(sections)}, got {index}")
    return sections[index - 1]


def _sections(view: View) -> tuple[Section, ...]:
    return view.score.song(_armed_entry(view)).sections


def _armed_entry(view: View) -> int:
    """The entry that is armed, paused or sounding."""
    if view.state == "stopped":
        raise Refused("nothing is armed: /song/select a song first")
    return view.entry


def _section_named(view: View, name: str) -> Section:
    wanted, _, occurrence = name.partition("#")
    named = [section for section in _sections(view) if section.slug == slug(wanted)]
    if not named:
        known = ", ".join(section.name for section in _sections(view))
        raise Refused(f'no section is called "{name}": {view.score.song(view.entry).title} has {known}')
    if occurrence:
        if not (occurrence.isdecimal() and 1 <= int(occurrence) <= len(named)):
            raise Refused(f'expected "{wanted}#1" to "{wanted}#{len(named)}", got "{name}"')
        return named[int(occurrence) - 1]
    here = _playhead(view)
    return next((section for section in named if section.start > here), named[0])


def _playhead(view: View) -> SongFrame:
    return view.sounding.song_at(view.horizon) if view.sounding else _start(view)


def _current_section(view: View) -> int:
    """The index of the section at the playhead, or of a pending jump's target; 0 before the first."""
    coming = pending(view.plan, view.horizon)
    here = coming.at if coming and coming.entry == view.entry else _playhead(view)
    return max((section.index for section in _sections(view) if section.start <= here), default=0)


# ── songs ──


def jump_to_song(view: View, entry: int, when: When | Literal["end"] = "end") -> Change | None:
    """Into another song, by default when this one ends, without a gap; at rest it is armed."""
    if isinstance(view.span, Rest):
        return arm(view, entry)
    if when == "end":
        return choose_next(view, NextUp(entry, view.entry, play=True))
    return jump(view, Cued(entry, BAR_ONE), when)


def select_song(view: View, entry: int) -> Change | None:
    """Arms it; while a song sounds, only chooses what follows."""
    if isinstance(view.span, Rest):
        return arm(view, entry)
    return choose_next(view, NextUp(entry, view.entry))


def arm(view: View, entry: int) -> Change | None:
    """Ready at bar 1."""
    cued = Cued(entry, BAR_ONE)
    if isinstance(view.span, Rest) and view.span.cued == cued:
        return None
    return Change((at_rest(view, Rest(BEGINNING, "arm", cued)),), view.soon)


def choose_next(view: View, chosen: NextUp) -> Change | None:
    now = view.night.next_up
    if now and (now.entry, now.after, now.play) == (chosen.entry, chosen.after, chosen.play):
        return None
    chosen = msgspec.structs.replace(chosen, chosen=view.horizon)
    return reordered(view, msgspec.structs.replace(view.night, next_up=chosen, last=view.entry))


def reordered(view: View, night: Night) -> Change | None:
    """The same music with another order after it: what is pending stays pending."""
    if night == view.night:
        return None
    future = _future(view, night)
    return rewritten(view, future, night) if future else Change(night=night)


def _future(view: View, night: Night) -> tuple[Span, ...]:
    if isinstance(view.span, Rest):
        return ()
    if view.state == "fading":
        return _faded_into(view, night)
    turn = pending_turn(view.plan, view.horizon)
    if turn is None:
        return onward(view.score, night, view.plan, view.horizon)
    planned = view.plan.spans[view.plan.index_at(view.horizon) :]
    at = turn.span.start
    return (*cut_at(planned, at), *itinerary(view.score, night, turn.target, turn.why, at))


def _faded_into(view: View, night: Night) -> tuple[Span, ...]:
    """After a fade the chosen song is armed."""
    *planned, rest = view.plan.spans[view.plan.index_at(view.horizon) :]
    if isinstance(rest, Rest) and night.next_up:
        rest = msgspec.structs.replace(rest, cued=Cued(night.next_up.entry, BAR_ONE))
    return (*planned, rest)


# ── vamps and loops ──


def vamp_exit(view: View, when: Literal["section", "bar", "beat"] | None = None) -> Change | None:
    """Lets the vamp go at its own exit or at `when` (`section`: when its pass is over), and plays on behind it."""
    _must_not_fade(view)
    span = view.sounding
    if not isinstance(span, Loop):
        raise Refused(f"no vamp is being played: the transport is {view.state}")
    when = when or span.cycle.exit
    behind = Cued(span.entry, span.cycle.high)
    since = ready_at(view, behind)
    at = pass_over(span, since) if when == "section" else boundary(view, span, when, since)
    return _turned(view, at, behind, "exit")


def vamp_start(view: View, times: int = 0) -> Change | None:
    """The section being played repeats, `times` passes with this one (0: until let go)."""
    _must_not_fade(view)
    span = view.sounding
    if span is None:
        raise Refused(f"nothing is being played that could repeat: the transport is {view.state}")
    here = span.song_at(view.horizon)
    if isinstance(span, Loop):
        passes = span.pass_at(view.horizon)
        cycle = msgspec.structs.replace(span.cycle, times=times and passes - 1 + times)
    else:
        section = view.score.section_at(span.entry, here)
        if section is None:
            raise Refused("no section is being played that could repeat")
        cycle, passes = msgspec.structs.replace(cycle_of(section), times=times), 1
    cued = Cued(span.entry, here, cycle=cycle, passes=passes)
    return rewritten(view, itinerary(view.score, view.night, cued, "vamp", view.horizon))


def loop(view: View, low: str, high: str) -> Change | None:
    """Repeats from one position to another until let go. Behind it already, it goes back at the next bar."""
    entry = _armed_entry(view)
    _must_not_fade(view)
    cycle = _cycle_between(view, entry, low, high)
    span = view.sounding
    if span is None:
        return _start_moved(view, view.span, Cued(entry, cycle.low, cycle=cycle))
    here = span.song_at(view.horizon)
    if here >= cycle.high:
        return jump(view, Cued(entry, cycle.low, cycle=cycle), "bar")
    if here >= cycle.low:
        inside = Cued(entry, here, cycle=cycle)
        return rewritten(view, itinerary(view.score, view.night, inside, "vamp", view.horizon))
    if isinstance(span, Loop):
        raise Refused("a vamp is being played: let it go first")
    return _turned(view, span.session_at(cycle.low), Cued(entry, cycle.low, cycle=cycle), "jump")


def _cycle_between(view: View, entry: int, low: str, high: str) -> Cycle:
    song_map, song = view.score.map(entry), view.score.song(entry)
    start = place(view, entry, low)
    try:
        end = song_map.resolve(parse_position(high), song.sections)
    except ValueError as exc:
        raise Refused(str(exc)) from exc
    if not start + view.plan.rate // 10 <= end <= song.end:
        raise Refused(f'expected a loop that ends after it starts, and within the song, got "{low}" to "{high}"')
    return Cycle(start, end)

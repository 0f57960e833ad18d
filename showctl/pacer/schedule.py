"""What is due when, on the session line: pure, with no clock and no socket.

All in frames: a message is sent as its `send_frame` sounds, so that a clock that steps needs no new schedule.
What the plan says is kept as one list, spliced where a version follows another: each version speaks from the frame
that it was committed at. What lay ahead of that frame and was sent already is not sent again, and what the new
version has there besides is sent at once.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from showctl.cues.profiles import CueError, cue_message
from showctl.model.events import events
from showctl.model.happenings import CueFire, Event, SectionCued, SectionStart, SongChange, StateChange
from showctl.model.night import Night
from showctl.model.plan import KEEP_SECONDS, Plan
from showctl.model.score import Score
from showctl.model.show import OscCall, Target
from showctl.model.units import Frame, HostNs
from showctl.osc.codec import Message, OscEncodeError, encode
from showctl.osc.lamps import lamps, tell_lamps
from showctl.osc.plain import under_prefix
from showctl.osc.position import position
from showctl.osc.teller import Told
from showctl.osc.telling import tell
from showctl.pacer.audience import Choir, Group, Listener, choirs
from showctl.shared.clock import ClockRecord, host_ns_at

TICKS_PER_SECOND = 10
"""How often the position is told while it moves."""

LATE_SECONDS = 1.0
"""What is later than this is not sent any more, except the newest of each state."""


_MEMO = 512


@dataclass(frozen=True, slots=True)
class Tick:
    """The position at a frame, as it is told."""

    frame: Frame
    told: Told


@dataclass(frozen=True, slots=True)
class Switched:
    """Lamps that went on or out at a frame."""

    frame: Frame
    told: tuple[Told, ...]


Happening = Event | Tick | Switched

STATES: tuple[type | tuple[type, ...], ...] = (StateChange, SongChange, (SectionStart, SectionCued), Switched)
"""What says the same thing anew each time, so that the last word is enough: events of one state stand together."""


@dataclass(frozen=True, slots=True)
class Due:
    """One packet for all `listeners`, who are of one voice: the OSC message `payload` about what happens at `frame`."""

    send_frame: Frame
    frame: Frame
    payload: bytes
    listeners: tuple[Listener, ...]
    version: int
    happening: Happening

    def host_ns(self, clock: ClockRecord) -> HostNs:
        """When it is to leave."""
        return host_ns_at(self.send_frame, clock)

    def sounds_ns(self, clock: ClockRecord) -> HostNs:
        """What a bundle is stamped with: when it sounds, less what the listeners need."""
        return host_ns_at(Frame(self.frame - self.listeners[0].early_frames), clock)


@dataclass(slots=True)
class _Progress:
    """Of a group of listeners, all told `lead` frames early: what they had. Below `begun` is none of their business."""

    lead: int
    begun: Frame
    done: Frame
    had: set[Happening] = field(default_factory=set)


class Schedule:
    """Holds plan, night and audience, and knows what was done. `since`: up to there all was sent by one before."""

    def __init__(self, score: Score, plan: Plan, night: Night, listeners: tuple[Listener, ...], since: Frame) -> None:
        self.score = score
        self.plan = plan
        self.night = night
        self.complaints: list[str] = []
        """Sentences about cues that cannot be sent, each once."""
        self._listeners = listeners
        self._groups = choirs(listeners)
        self._progress = {group: _Progress(group[0], since, since) for group in self._groups}
        self._lines: list[tuple[int, Happening]] = []
        self._until = Frame(since + min(self._leads()))
        self._seam = since
        self._payloads: dict[tuple[Happening, bool, str], tuple[tuple[str, str, bytes], ...]] = {}
        self._cues: dict[tuple[str, str | OscCall], tuple[bytes, ...]] = {}

    # ── what changes ──

    def adopt(self, plan: Plan, seam: Frame) -> None:
        """`plan` speaks from frame `seam` on; up to there, the one before."""
        self._extend(seam)
        self._rewind(seam)
        self._seam = seam
        self.plan = plan

    def reload(self, score: Score) -> None:
        """Another show, under the plan that is adopted next."""
        self.score = score
        self._payloads.clear()
        self._cues.clear()

    def remember(self, night: Night) -> None:
        """`night` holds for what is not yet sent."""
        for fired in night.fired:
            if fired not in self.night.fired and fired.frame < self._until:
                self._lines.insert(self._index(Frame(fired.frame + 1)), (self.plan.version, fired))
        self.night = night
        self._payloads.clear()

    def admit(self, listeners: tuple[Listener, ...], now: Frame) -> None:
        """These listen. Whoever is told otherwise than all others so far has missed all before `now`."""
        if _want_position(listeners) and not _want_position(self._listeners):
            self._rewind(max(now, self._seam))
        self._listeners = listeners
        self._groups = choirs(listeners)
        self._progress = {group: self._progress.get(group) or self._begun(group, now) for group in self._groups}

    def _begun(self, group: Group, now: Frame) -> _Progress:
        """Where a new group begins. A target that only wants its cues earlier or later goes on from what it had."""
        lead, slug = group
        before = next((known for (_, target), known in self._progress.items() if slug and target == slug), None)
        begun = Frame(before.done + before.lead - lead if before else now - max(0, lead))
        return _Progress(lead, begun, begun)

    def _leads(self) -> tuple[int, ...]:
        """Of all groups; 0 too, so that there is one."""
        return 0, *(progress.lead for progress in self._progress.values())

    # ── what is due ──

    def due(self, now: Frame, until: Frame, late_frames: int) -> list[Due]:
        """All that is to be sent before frame `until` sounds and was not done, in order; `late_frames` is too late.

        Of what leaves together, cues go first: a light should not wait for a crowd to be told the beat.
        """
        self._forget(Frame(now - late_frames))
        self._extend(Frame(until + max(self._leads())))
        newest = self._newest_states(now)
        found = [
            ((send_frame, not group[1], index), due)
            for group, progress in self._progress.items()
            for send_frame, index in self._open(progress, until)
            if send_frame >= now - late_frames or self._lines[index][1] in newest
            for due in self._for_listeners(group, send_frame, *self._lines[index], now)
        ]
        return [due for _, due in sorted(found, key=lambda row: row[0])]

    def done(self, until: Frame) -> None:
        """All that was due up to and with frame `until` is done with: sent, or not wanted by anybody."""
        for progress in self._progress.values():
            progress.had.update(self._lines[index][1] for _, index in self._open(progress, Frame(until + 1)))
            progress.done = max(progress.done, until)

    def _open(self, progress: _Progress, until: Frame) -> Iterator[tuple[Frame, int]]:
        """Send frame and index of the lines to be sent before `until` that these listeners did not have."""
        for index in range(self._index(Frame(progress.begun + progress.lead)), len(self._lines)):
            happening = self._lines[index][1]
            send_frame = Frame(happening.frame - progress.lead)
            if send_frame >= until:
                return
            if send_frame > progress.begun and happening not in progress.had:
                yield send_frame, index

    def _newest_states(self, now: Frame) -> set[Happening]:
        """The last of each kind before `now`: sent however late it is."""
        passed = [happening for _, happening in self._lines if happening.frame <= now]
        newest = (next((each for each in reversed(passed) if isinstance(each, kind)), None) for kind in STATES)
        return {happening for happening in newest if happening}

    def _for_listeners(
        self, group: Group, send_frame: Frame, version: int, happening: Happening, now: Frame
    ) -> Iterator[Due]:
        if isinstance(happening, Tick) and send_frame < now - self.score.rate // TICKS_PER_SECOND:
            return
        if isinstance(happening, CueFire) and self._withheld(happening):
            return
        for choir in self._groups[group]:
            for payload, listeners in self._packets(happening, choir):
                yield Due(send_frame, happening.frame, payload, listeners, version, happening)

    def _withheld(self, fire: CueFire) -> bool:
        """Whether a cue is not sent tonight; then nobody is told that it was. What is fired by hand goes out."""
        held = self.night.cues_held and fire not in self.night.fired
        return held or fire.cue.target in self.night.targets_off

    # ── the list of happenings ──

    def _index(self, frame: Frame) -> int:
        return bisect_left(self._lines, frame, key=lambda line: line[1].frame)

    def _extend(self, until: Frame) -> None:
        if until > self._until:
            since = Frame(max(self._until, until - KEEP_SECONDS * self.score.rate))
            happening = events(self.score, self.plan, since, until)
            fired = (each for each in self.night.fired if since <= each.frame < until)
            found: list[Happening] = [*happening, *self._switched(happening), *fired]
            if _want_position(self._listeners):
                found += self._ticks(since, until)
            found.sort(key=lambda happening: happening.frame)
            self._lines += [(self.plan.version, happening) for happening in found]
            self._until = until

    def _rewind(self, frame: Frame) -> None:
        """From `frame` on, all is to be worked out anew."""
        del self._lines[self._index(frame) :]
        self._until = min(self._until, frame)

    def _ticks(self, since: Frame, until: Frame) -> Iterator[Tick]:
        """The positions that differ from the one before."""
        step = self.score.rate // TICKS_PER_SECOND
        first = -(-since // step) * step
        before = position(self.score, self.plan, self.night, Frame(first - step)) if first < until else None
        for frame in range(first, until, step):
            told = position(self.score, self.plan, self.night, Frame(frame))
            if told != before:
                yield Tick(Frame(frame), told)
            before = told

    def _switched(self, happening: Iterable[Event]) -> Iterator[Switched]:
        """The lamps, wherever state or section may have changed."""
        for frame in sorted({event.frame for event in happening if isinstance(event, STATES)}):
            before, now = (lamps(self.score, self.plan, Frame(frame - back)) for back in (1, 0))
            if before != now:
                yield Switched(frame, tuple(tell_lamps(now, 0, before)))

    def _forget(self, too_late: Frame) -> None:
        """Drops what nobody can have any more."""
        done = min((progress.done for progress in self._progress.values()), default=self._until)
        gone = self._index(Frame(min(done, too_late) + min(self._leads())))
        for progress in self._progress.values():
            progress.had.difference_update(happening for _, happening in self._lines[:gone])
        del self._lines[:gone]

    # ── packets ──

    def _packets(self, happening: Happening, choir: Choir) -> Iterator[tuple[bytes, tuple[Listener, ...]]]:
        target = choir.first.cues_of
        if target is None:
            for topic, address, packet in self._told(happening, choir.first):
                if listeners := choir.wanting(topic, address):
                    yield packet, listeners
        elif isinstance(happening, CueFire) and happening.cue.target == target.slug:
            yield from ((packet, choir.listeners) for packet in self._cue(target, happening.cue.action))

    def _told(self, happening: Happening, listener: Listener) -> tuple[tuple[str, str, bytes], ...]:
        """Topic, address and packet of each message, encoded once for all who hear it in the same words."""
        key = (happening, listener.utf8, listener.prefix)
        if key not in self._payloads:
            if len(self._payloads) >= _MEMO:
                self._payloads.clear()
            told = self._tell(happening, listener.utf8)
            self._payloads[key] = tuple(
                (each.topic, each.message.address, encode(under_prefix(each.message, listener.prefix))) for each in told
            )
        return self._payloads[key]

    def _tell(self, happening: Happening, utf8: bool) -> tuple[Told, ...]:
        match happening:
            case Tick():
                return (happening.told,)
            case Switched():
                return happening.told
            case _:
                return tell(happening, self.score, self.night, utf8=utf8)

    def _cue(self, target: Target, action: str | OscCall) -> tuple[bytes, ...]:
        """In the target's words; nothing, and a complaint, where it cannot be said."""
        key = (target.slug, action)
        if key not in self._cues:
            try:
                call = cue_message(target, action)
                self._cues[key] = (encode(Message(call.address, call.args)),)
            except (CueError, OscEncodeError) as exc:
                self._cues[key] = ()
                self.complaints.append(str(exc))
        return self._cues[key]


def _want_position(listeners: tuple[Listener, ...]) -> bool:
    return any(listener.wants("position", "/position") for listener in listeners)


def seam_between(old: Plan, new: Plan, now: Frame) -> Frame:
    """The frame from which `new` speaks: where its first new span was decided.

    Where it has none, only something yet to come was taken away, and `now` will do.
    """
    known = set(old.spans)
    decided = [span.decided for span in new.spans if span not in known]
    return min(decided, default=now)

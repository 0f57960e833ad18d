"""Tonight: the setlist as it is played, what was chosen to follow, whom the stage is told. The file stays as it is."""

from __future__ import annotations

import msgspec

from showctl.model.happenings import CueFire
from showctl.model.show import Record, Show
from showctl.model.units import Frame


class NextUp(Record, frozen=True):
    """What was chosen at session frame `chosen` to follow entry `after`: armed at its end, or played without a gap."""

    entry: int
    after: int
    play: bool = False
    chosen: Frame = Frame(0)


class Night(Record, frozen=True):
    """`order` holds entry indices as they will be played; people see and say places in it, from 1."""

    order: tuple[int, ...]
    skipped: frozenset[int] = frozenset()
    next_up: NextUp | None = None
    last: int = 0  # the entry that was armed or sounding last; 0 before the first
    last_go: Frame | None = None  # when a GO was last obeyed
    metronome_bpm: float = 120.0
    taps: tuple[Frame, ...] = ()  # session frames of the latest taps of that tempo
    locked: bool = False  # nothing may cut or move what sounds
    targets_off: frozenset[str] = frozenset()  # slugs of targets that are told nothing
    latency_ms: dict[str, float] = {}  # of targets, by slug, where it is not the show file's
    cues_held: bool = False
    fired: tuple[CueFire, ...] = ()  # the latest cues that were sent by hand

    @classmethod
    def of(cls, show: Show) -> Night:
        return cls(tuple(entry.index for entry in show.entries))

    def seen(self, entry: int) -> Night:
        """The night once `entry` is armed or sounds: what was chosen to follow the one before is used up."""
        return self if entry in {0, self.last} else msgspec.structs.replace(self, last=entry, next_up=None)

    def unchosen(self) -> Night | None:
        """The night without what was chosen to follow; None where nothing was."""
        return None if self.next_up is None else msgspec.structs.replace(self, next_up=None)

    def place_of(self, entry: int) -> int:
        """From 1; 0 for no entry."""
        return self.order.index(entry) + 1 if entry else 0

    def entry_at(self, place: int) -> int | None:
        """The entry at a place of tonight's order, from 1."""
        return self.order[place - 1] if 1 <= place <= len(self.order) else None

    def step(self, entry: int, step: int) -> int | None:
        """The next entry (step 1) or the one before (-1) that is not skipped; the first one from no entry."""
        place = self.place_of(entry) + step
        while (found := self.entry_at(place)) is not None and found in self.skipped:
            place += step
        return found

    def moved(self, place: int, to: int) -> Night:
        """Raises IndexError for a place that is not in the list."""
        if not (1 <= place <= len(self.order) and 1 <= to <= len(self.order)):
            raise IndexError
        order = list(self.order)
        order.insert(to - 1, order.pop(place - 1))
        return msgspec.structs.replace(self, order=tuple(order))

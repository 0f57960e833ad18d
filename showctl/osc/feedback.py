"""Which state addresses changed between two views of the show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from showctl.model.mix import Mix
from showctl.model.view import View
from showctl.osc.methods import Place, State, read_state, state_at


def state_changes(before: View, after: View, states: Mapping[str, Place]) -> Iterator[State]:
    """Each address that shows something else now, with what it shows."""
    touched = _touched_buses(before.plan.mixes[-1].mix, after.plan.mixes[-1].mix)
    for address, place in states.items():
        if place.captures.get("bus") in touched:
            state = state_at(after, address, place)
            if state.values != read_state(before, place):
                yield state


def _touched_buses(old: Mix, new: Mix) -> set[str | None]:
    """The buses of which anything changed, and None for what belongs to no bus."""
    return {None} | {bus for bus in old.buses.keys() | new.buses.keys() if old.buses.get(bus) != new.buses.get(bus)}

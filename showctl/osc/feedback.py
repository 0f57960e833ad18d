"""Which state addresses changed between two views of the show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from showctl.model.mix import Mix
from showctl.model.view import View
from showctl.osc.methods import Place, Values, read_state


def state_changes(before: View, after: View, states: Mapping[str, Place]) -> Iterator[tuple[str, Values]]:
    """Each address that shows something else now, with what it shows."""
    touched = _touched_buses(before.plan.mixes[-1].mix, after.plan.mixes[-1].mix)
    for address, place in states.items():
        if place.captures.get("bus") in touched:
            values = read_state(after, place)
            if values != read_state(before, place):
                yield address, values


def _touched_buses(old: Mix, new: Mix) -> set[str | None]:
    """The buses of which anything changed, and None for what belongs to no bus."""
    return {None} | {bus for bus in old.buses.keys() | new.buses.keys() if old.buses.get(bus) != new.buses.get(bus)}

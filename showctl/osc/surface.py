"""The surface of one show: from a message to the commands it means, or to a sentence why not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from showctl.errors import Refused
from showctl.model.show import Show
from showctl.osc.codec import Bundle, Message
from showctl.osc.methods import Command, Place, places
from showctl.osc.patterns import AddressSpace, OscPatternError, is_pattern


@dataclass(frozen=True, slots=True)
class Bound:
    """A command, and the address it was meant for; several of them where a pattern was sent."""

    address: str
    place: Place
    command: Command
    sent: Message


class Surface:
    """Every address of a show. Patterns reach states only: no pattern may press a button."""

    def __init__(self, show: Show) -> None:
        self.places = places(show)
        self.states = {address: place for address, place in self.places.items() if place.method.shows}
        self._space = AddressSpace(tuple(self.places))

    def bind(self, message: Message) -> tuple[Bound, ...]:
        """The commands of one message; none for the release of a trigger. Raises Refused."""
        return tuple(bound for address in self._addresses(message.address) for bound in self._bound(address, message))

    def _bound(self, address: str, message: Message) -> Iterator[Bound]:
        place = self.places[address]
        command = place.method.bind(place.captures, message.args)
        if command is not None:
            yield Bound(address, place, command, message)

    def _addresses(self, wanted: str) -> tuple[str, ...]:
        if wanted in self.places:
            return (wanted,)
        if not is_pattern(wanted):
            raise Refused(f"there is no such address{self._hint(wanted)}")
        try:
            found = self._space.match(wanted)
        except OscPatternError as exc:
            raise Refused(str(exc)) from exc
        if not found:
            raise Refused("no address matches")
        trigger = next((address for address in found if address not in self.states), None)
        if trigger:
            raise Refused(f"a pattern reaches states only, and {trigger} is a trigger")
        return found

    def _hint(self, wanted: str) -> str:
        near = get_close_matches(wanted, self.places, n=1)
        return f": did you mean {near[0]}?" if near else ""


def messages_of(packet: Message | Bundle) -> Iterator[Message]:
    """All messages of a packet, in order."""
    if isinstance(packet, Message):
        yield packet
    else:
        for element in packet.elements:
            yield from messages_of(element)

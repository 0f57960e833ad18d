"""The surface of one show: from a message to the commands it means, or to a sentence why not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass

from showctl.errors import Refused
from showctl.model.mix import SPECIAL_SOURCES
from showctl.model.show import Ports, Show
from showctl.osc.codec import Bundle, Message
from showctl.osc.hints import Hints
from showctl.osc.methods import Command, Place, places
from showctl.osc.outgoing import outgoing
from showctl.osc.patterns import AddressSpace, OscPatternError, is_pattern


@dataclass(frozen=True, slots=True)
class Bound:
    """A command, and the address it was meant for; several of them where a pattern was sent."""

    address: str
    place: Place
    command: Command
    sent: Message


class Surface:
    """Every address of a show. Patterns reach states only: no pattern may press a button.

    Inside the service an address is the bare one; with a prefix it is heard as `/<prefix>/…` too, or only so.
    """

    def __init__(self, show: Show) -> None:
        self.places = places(show)
        self.states = {address: place for address, place in self.places.items() if place.method.shows}
        self._heard = _heard(show.ports, self.places)
        self._space = AddressSpace(tuple(self._heard))
        self._hints = Hints(tuple(self._heard))
        self._prefix = show.ports.prefix
        self._told = outgoing(show).keys()
        self._audience = {bus.slug: bus.name for bus in show.buses if bus.audience}

    def bind(self, message: Message) -> tuple[Bound, ...]:
        """The commands of one message; none for the release of a trigger. Raises Refused."""
        return tuple(bound for address in self.addresses(message) for bound in self.bound(address, message))

    def bound(self, address: str, message: Message) -> Iterator[Bound]:
        """The command of a message meant for the bare `address`. Raises Refused for arguments that do not fit."""
        place = self.places[address]
        command = place.method.bind(place.captures, message.args)
        if command is not None:
            yield Bound(address, place, command, message)

    def bare(self, address: str) -> str:
        """The bare form of an address that is heard; empty for any other."""
        return self._heard.get(address, "")

    def addresses(self, message: Message) -> tuple[str, ...]:
        """The bare addresses that a message is for. Raises Refused where there is none, or a pattern of triggers."""
        wanted = message.address
        if wanted in self._heard:
            return (self._heard[wanted],)
        if not is_pattern(wanted):
            raise Refused(self._why_not(wanted))
        try:
            found = tuple(dict.fromkeys(self._heard[address] for address in self._space.match(wanted)))
        except OscPatternError as exc:
            raise Refused(str(exc)) from exc
        if not found:
            raise Refused("no address matches")
        trigger = next((address for address in found if address not in self.states), None)
        if trigger:
            raise Refused(f"a pattern reaches states only, and {trigger} is a trigger")
        return found

    def _why_not(self, wanted: str) -> str:
        """Why there is no such address, as far as it can be guessed."""
        bare = wanted.removeprefix(f"/{self._prefix}") if self._prefix else wanted
        if bare in self._told:
            return "that is told, and takes nothing: are the ports of sender and receiver swapped?"
        match bare.split("/"):
            case ["", "bus", bus, source, *_] if bus in self._audience and source in SPECIAL_SOURCES:
                return f"{self._audience[bus]} is a bus of the audience, which {source} can never reach"
        near = self._hints.nearest(wanted)
        return "there is no such address" + (f": did you mean {near}?" if near else "")

    def states_of(self, message: Message) -> tuple[str, ...]:
        """The bare addresses of the states that a message is for, if it is for any."""
        if message.address not in self._heard and not is_pattern(message.address):
            return ()  # what may have been meant is of no interest here, and takes longer to find
        with suppress(Refused):
            return tuple(address for address in self.addresses(message) if address in self.states)
        return ()


def _heard(ports: Ports, addresses: Iterable[str]) -> dict[str, str]:
    """Every address as it may be sent, and the bare one that it means."""
    addresses = tuple(addresses)
    prefixed = {f"/{ports.prefix}{address}": address for address in addresses} if ports.prefix else {}
    return prefixed | {address: address for address in addresses} if ports.bare else prefixed


def messages_of(packet: Message | Bundle) -> Iterator[Message]:
    """All messages of a packet, in order."""
    if isinstance(packet, Message):
        yield packet
    else:
        for element in packet.elements:
            yield from messages_of(element)

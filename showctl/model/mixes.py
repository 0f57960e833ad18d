"""Mixes that are kept by name: the levels of all buses, over the songs and over the night.

Of the click, the talkback and `/mute/all` they know nothing: who loads a mix wants levels, and no surprise.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from showctl.errors import Refused
from showctl.model.levels import sources
from showctl.model.mix import BusMix, Mix
from showctl.model.names import slug
from showctl.model.show import Bus, Record, Show

MOST_MIXES = 64

Levels = dict[str, BusMix]
"""The live changes of each bus, by its slug."""


class Mixes(Record, frozen=True):
    """What is kept, by the slug of its name."""

    named: dict[str, Levels] = {}


MixesCommand = Callable[[Show, Mix, Mixes], tuple[Mix, Mixes]]


def save(name: str) -> MixesCommand:
    """Keeps the levels that hold now. Raises Refused for a name without letters, and for too many."""

    def command(_: Show, mix: Mix, mixes: Mixes) -> tuple[Mix, Mixes]:
        if not slug(name):
            raise Refused(f'expected a name with letters or digits, got "{name}"')
        named = mixes.named | {slug(name): mix.buses}
        if len(named) > MOST_MIXES:
            raise Refused(f"{MOST_MIXES} mixes are kept already: save over one of {_known(mixes)}")
        return mix, Mixes(named)

    return command


def load(name: str) -> MixesCommand:
    """Makes the levels hold that were kept. Raises Refused for a name that is not known."""

    def command(show: Show, mix: Mix, mixes: Mixes) -> tuple[Mix, Mixes]:
        if slug(name) not in mixes.named:
            raise Refused(f'no mix is called "{name}": there are {_known(mixes) or "none yet"}')
        return msgspec.structs.replace(mix, buses=fitting(show, mixes.named[slug(name)])), mixes

    return command


def revert(_: Show, mix: Mix, mixes: Mixes) -> tuple[Mix, Mixes]:
    """The show file's levels."""
    return msgspec.structs.replace(mix, buses={}), mixes


def _known(mixes: Mixes) -> str:
    return ", ".join(sorted(mixes.named))


def fitting(show: Show, levels: Levels) -> Levels:
    """As much of it as this show has: buses and sources may have been renamed since."""
    return {bus.slug: _fitting_bus(show, bus, levels[bus.slug]) for bus in show.buses if bus.slug in levels}


def _fitting_bus(show: Show, bus: Bus, live: BusMix) -> BusMix:
    known = {*sources(show, bus), "master"}
    return msgspec.structs.replace(
        live,
        levels_db={source: level for source, level in live.levels_db.items() if source in known},
        muted=live.muted & known,
        soloed=live.soloed & known,
    )

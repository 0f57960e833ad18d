"""Tonight's bill: what is going to be played and where it is heard, in lines for whoever starts the service."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from showctl.model.show import Bus, Show


def bill(show: Show, device: str) -> Iterator[str]:
    """The songs by their places in the setlist, and the buses by the device's outputs, both from 1."""
    songs = (f"{entry.index} {show.songs[entry.song].title}" for entry in show.entries)
    yield f"{show.title}: {', '.join(songs)}"
    yield f"outputs of {device}: {', '.join(map(_bus, show.buses))}"


def _bus(bus: Bus) -> str:
    return f"{bus.name} {_outputs(bus.channels)}" + " (audience)" * bus.audience


def _outputs(channels: Sequence[int]) -> str:
    """From 1, which is how people count them: "3", "3-4", "1+3"."""
    in_a_row = len(channels) > 1 and all(after == before + 1 for before, after in pairwise(channels))
    return f"{channels[0] + 1}-{channels[-1] + 1}" if in_a_row else "+".join(str(channel + 1) for channel in channels)

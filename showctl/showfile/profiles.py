"""The machines a show file can name: the port they usually listen on, and what else has to be said about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """`port` 0: there is no usual one. `network` False: reached by MIDI, not by host and port."""

    port: int = 0
    options: tuple[str, ...] = ()
    network: bool = True
    fires: bool = True  # whether a bare cue number means something to it


PROFILES = {
    "eos": Profile(8000, ("list", "user")),
    "ma3": Profile(8000, ("sequence",)),
    "hog4": Profile(0, ("list",)),
    "magicq": Profile(8000, ("playback",)),
    "qlab": Profile(53000, ("workspace", "passcode")),
    "resolume": Profile(7000),
    "millumin": Profile(5000),
    "qlcplus": Profile(7700, ("universe",)),
    "x32": Profile(10023),
    "companion": Profile(12321),
    "osc": Profile(fires=False),
    "midi": Profile(0, ("device", "channel"), network=False),
}
"""Ports as the makers' manuals give them; Eos and grandMA3 take what is set up there, usually 8000."""

"""The table of methods: every address that can be sent, what it takes, what it does, and the state it shows.

Dispatch, feedback, the whole state on `/sync` and the documentation all read this one table.
"""

from __future__ import annotations

from collections.abc import Iterator

from showctl.model import levels
from showctl.model.show import Show
from showctl.model.view import View
from showctl.osc.arguments import text
from showctl.osc.method import (
    Captures,
    ClientCommand,
    Command,
    Method,
    OnClient,
    OnMix,
    OnMixes,
    OnPlan,
    Place,
    Role,
    State,
    Values,
)
from showctl.osc.methods_cues import CUES, TARGETS
from showctl.osc.methods_mix import BUSES, CLICK, MIXES
from showctl.osc.methods_transport import METRONOME, SECTIONS, SONGS, TRANSPORT

__all__ = [
    "METHODS",
    "Captures",
    "ClientCommand",
    "Command",
    "Method",
    "OnClient",
    "OnMix",
    "OnMixes",
    "OnPlan",
    "Place",
    "Role",
    "State",
    "Values",
    "places",
    "read_state",
    "state_at",
]


def _converse(address: str, does: str, what: ClientCommand, role: Role = "view") -> Method:
    return Method(address, does, lambda _, values: OnClient(what, values), any_arguments=True, role=role)


CLIENTS = (
    _converse("/subscribe", "tells this client what happens, on its own port or another; all topics but meter",
              "subscribe"),
    _converse("/unsubscribe", "tells it no more", "unsubscribe"),
    _converse("/sync", "sends the whole state, ending with /synced", "sync"),
    _converse("/ping", "answers /pong with the same", "ping"),
    _converse("/cmd", "does the command in its arguments once, however often this arrives; always answers /ack", "cmd",
              role="nothing"),
    Method("/hello", "signs in with the show's passcode, where it has one; answers /welcome with the role",
           lambda _, values: OnClient("hello", values), (text("passcode"),), role="nothing"),
)  # fmt: skip

METHODS: tuple[Method, ...] = (
    *TRANSPORT,
    *SONGS,
    *SECTIONS,
    *CLICK,
    *METRONOME,
    *BUSES,
    *MIXES,
    *TARGETS,
    *CUES,
    *CLIENTS,
)


# ── the addresses of one show ──


def places(show: Show) -> dict[str, Place]:
    """Every concrete address of this show."""
    return {
        address: Place(method, captures) for method in METHODS for address, captures in _expanded(show, method.address)
    }


def _expanded(show: Show, template: str) -> Iterator[tuple[str, dict[str, str]]]:
    if "<bus>" in template:
        for bus in show.buses:
            names = (*levels.sources(show, bus), "master") if "<source>" in template else ("",)
            for source in names:
                if source != "master" or "/solo" not in template:  # soloing the sum of all would mean nothing
                    address = template.replace("<bus>", bus.slug).replace("<source>", source)
                    yield address, {"bus": bus.slug, "source": source}
    elif "<t>" in template:
        for target in show.targets:
            yield template.replace("<t>", target.slug), {"t": target.slug}
    elif "<n>" in template:
        sections = max((len(song.sections) for song in show.songs.values()), default=0)
        for n in range(1, 1 + (len(show.entries) if template.startswith("/song") else sections)):
            yield template.replace("<n>", str(n)), {"n": str(n)}
    else:
        yield template, {}


def read_state(view: View, place: Place) -> Values:
    """What a state address shows now; empty for a method that shows nothing."""
    return place.method.shows(view, place.captures) if place.method.shows else ()


def state_at(view: View, address: str, place: Place) -> State:
    """The state at an address, as it is told."""
    return State(address, place.method.topic, read_state(view, place))

"""What is asked of the conductor, and what became of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from showctl.conductor.books import Page
from showctl.errors import Refused
from showctl.model.plan import Edit
from showctl.osc.methods import OnMix, OnMixes
from showctl.osc.surface import Bound

log = logging.getLogger(__name__)

OWN_ERROR = "an error of showctl itself: see its log"


@dataclass(frozen=True, slots=True)
class Request:
    """Commands of one packet, done together or not at all; `done` hears "" or why not, and at what address."""

    commands: tuple[Bound, ...]
    done: Callable[[str, str], None]
    by: str = ""

    @property
    def only_levels(self) -> bool:
        return all(isinstance(bound.command, OnMix) for bound in self.commands)

    @property
    def waits_for_levels(self) -> bool:
        """Whether it keeps levels or brings them back: not before it is certain what holds."""
        return any(isinstance(bound.command, OnMixes) for bound in self.commands)

    def answer(self, refused: Refused | None) -> None:
        """Whatever goes wrong in telling it: what was decided is decided, and others wait."""
        try:
            self.done(str(refused or ""), refused.about if refused else "")
        except Exception:
            log.exception("the result of %s could not be told", [bound.address for bound in self.commands])


Requests = tuple[Request, ...]
"""Some that are done together."""


@dataclass(slots=True, eq=False)
class Sent:
    """Requests whose edit is on its way, and with them those that ask for what it does anyway."""

    requests: Requests
    edit: Edit
    before: Page
    """What holds again if it is refused."""

    @property
    def only_levels(self) -> bool:
        return self.requests[0].only_levels  # or it is the only one


def commands_of(requests: Requests) -> tuple[Bound, ...]:
    """All commands, in order."""
    return tuple(bound for request in requests for bound in request.commands)


def reason(exc: Exception, requests: Requests) -> Refused:
    """What is told of requests that could not be decided."""
    if isinstance(exc, Refused):
        return exc
    log.error("commands could not be decided: %s", [bound.address for bound in commands_of(requests)], exc_info=exc)
    return Refused(OWN_ERROR)

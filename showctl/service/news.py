"""What is told again when it changes, though no event says so: lists, labels, meters. Looked at ten times a second."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import zip_longest

from showctl.model.night import Night
from showctl.model.plan import entry_of
from showctl.model.view import View
from showctl.osc.labels import beat_label, labels, rests
from showctl.osc.outlet import Outlet
from showctl.osc.state import lists, whole_state
from showctl.osc.teller import Told
from showctl.service.meters import Meters
from showctl.shared.clients import Client
from showctl.shared.host import host_ns


class News:
    """Knows what was told last, for each of the two ways to write it."""

    def __init__(self, outlet: Outlet, meters: Meters, trouble: Callable[[], str]) -> None:
        self._outlet = outlet
        self._meters = meters
        self._trouble = trouble
        self._told: dict[tuple[str, bool], tuple[Told, ...]] = {}
        self._lists_of: dict[bool, tuple[tuple[Night, int], tuple[Told, ...]]] = {}

    async def tell(self, view: View) -> None:
        """To everybody what has changed since the last time."""
        await self._tell_changes("song", lambda utf8: self._lists(view, utf8))
        await self._tell_changes("text", lambda utf8: self._labels(view, utf8))
        if self._outlet.wanted("meter"):
            await self._outlet.tell(self._meters.told(host_ns()))

    async def _tell_changes(self, topic: str, look: Callable[[bool], tuple[Told, ...]]) -> None:
        """What nobody has listened to yet is told whole: it may have changed since that client was sent the state."""
        for utf8 in (False, True):
            before = self._told.pop((topic, utf8), ())
            if utf8 in self._outlet.wanted(topic):
                now = self._told[topic, utf8] = look(utf8)
                await self._outlet.tell(_changed(before, now), utf8=utf8)

    def _lists(self, view: View, utf8: bool) -> tuple[Told, ...]:
        """To make them all takes half a millisecond; they change with the night and the entry alone."""
        about = view.night, entry_of(view.span)
        known = self._lists_of.get(utf8)
        if known is None or known[0] != about:
            known = self._lists_of[utf8] = about, lists(view.score, *about, utf8=utf8)
        return known[1]

    def _labels(self, view: View, utf8: bool) -> tuple[Told, ...]:
        """That of the beat only at rest: else the pulses tell it."""
        told = labels(view, time.strftime("%H:%M:%S"), self._trouble(), utf8=utf8)
        return (*told, beat_label(view)) if rests(view) else told

    def whole(self, view: View, client: Client | None) -> tuple[Told, ...]:
        """All that follows from a view as this client wants it; without a client, all there is."""
        told = self.everything(view, utf8=client is not None and "utf8" in client.flags)
        return tuple(each for each in told if client is None or client.wants(each.topic, each.message.address))

    def everything(self, view: View, *, utf8: bool) -> tuple[Told, ...]:
        """All that follows from a view."""
        clock = time.strftime("%H:%M:%S")
        return (*whole_state(view, utf8=utf8), *labels(view, clock, self._trouble(), utf8=utf8), beat_label(view))


def _changed(before: tuple[Told, ...], now: tuple[Told, ...]) -> list[Told]:
    """The rows that say something else now. Most are the very same as before."""
    pairs = zip_longest(now, before[: len(now)])
    return [each for each, old in pairs if each is not old and each != old]

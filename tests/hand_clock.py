"""Host time that a test moves: what lasts 0.3 s or 30 s there, lasts as long as the test wants."""

from __future__ import annotations

import pytest

from showctl.model.units import HostNs
from showctl.shared.host import host_ns

READERS = ("showctl.osc.server", "showctl.osc.outlet", "showctl.service.control", "showctl.service.feedback")
"""The modules of control that look at it."""


class HandClock:
    def __init__(self) -> None:
        self._now = host_ns()

    def __call__(self) -> HostNs:
        return self._now

    def pass_seconds(self, seconds: float) -> None:
        self._now = HostNs(self._now + round(seconds * 1e9))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> HandClock:
    clock = HandClock()
    for module in READERS:
        monkeypatch.setattr(f"{module}.host_ns", clock)
    return clock

from __future__ import annotations

from pathlib import Path

import pytest

from showctl.engine.helper import meters_writer
from showctl.model.show import Bus, Show
from showctl.model.units import HostNs
from showctl.service.meters import STALE_NS, Meters
from showctl.shared.rundir import RuntimeDirectory

SHOW = Show("Test", {}, (), (Bus("house", "House", (0, 1), audience=True), Bus("drums", "Drums", (3,))))


def rows(meters: Meters, now: int) -> list[tuple[object, ...]]:
    return [(told.topic, told.message.address, *told.message.args) for told in meters.told(HostNs(now))]


def test_each_bus_shows_the_peaks_of_its_channels_in_dbfs(tmp_path: Path) -> None:
    directory = RuntimeDirectory(tmp_path)
    meters = Meters(directory, SHOW)
    silence = [("meter", "/meter/house", -90.0, -90.0), ("meter", "/meter/drums", -90.0)]
    assert rows(meters, 0) == silence  # no engine yet
    meters_writer(directory, SHOW.outputs).write((1.0, 0.5, 1.0, 0.0))
    assert rows(meters, 1) == [
        ("meter", "/meter/house", 0.0, pytest.approx(-6.0206, abs=1e-4)),
        ("meter", "/meter/drums", -90.0),
    ]
    assert rows(meters, 1 + STALE_NS) == silence  # the engine has stopped

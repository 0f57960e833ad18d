from __future__ import annotations

import os
from pathlib import Path

from showctl.shared.health import Health, Heartbeat, HeartbeatReader, ProcessHealth, Sign, health_reader, health_writer
from showctl.shared.rundir import RuntimeDirectory


def test_a_beat_tells_who_and_how_often(tmp_path: Path) -> None:
    directory = RuntimeDirectory(tmp_path)
    reader = HeartbeatReader(directory, "pacer")
    assert reader.read() is None
    heart = Heartbeat(directory, "pacer")
    heart.beat()
    first = reader.read()
    heart.beat()
    second = reader.read()
    assert first
    assert second
    assert (first.pid, first.count, second) == (os.getpid(), 1, Sign(os.getpid(), second.host_ns, 2))
    assert second.host_ns > first.host_ns


def test_the_board_tells_who_lives(tmp_path: Path) -> None:
    directory = RuntimeDirectory(tmp_path)
    health = Health((ProcessHealth("engine", 11), ProcessHealth("control", 12, restarts=3)), "Scarlett", "Scarlett")
    health_writer(directory).write(health)
    assert health_reader(directory).read() == health
    assert (health.pid("control"), health.pid("pacer")) == (12, 0)

from __future__ import annotations

import json
from pathlib import Path

import pytest

from showctl.model.units import Frame, HostNs
from showctl.pacer import journal as module
from showctl.pacer.journal import Journal, Sent, Trouble

LINE = Sent(HostNs(1_000), HostNs(1_100), Frame(48_000), 3, "/beat", 2)


def test_lines_are_written_when_there_is_time(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal")
    journal.note(LINE)
    journal.note(Trouble("10.0.0.1:9000: Network is unreachable", 4))
    unwritten = not (tmp_path / "journal").exists()
    journal.flush()
    journal.flush()
    assert unwritten
    assert [json.loads(line) for line in (tmp_path / "journal").read_text().splitlines()] == [
        {"due_ns": 1000, "sent_ns": 1100, "frame": 48000, "version": 3, "what": "/beat", "to": 2},
        {"trouble": "10.0.0.1:9000: Network is unreachable", "count": 4},
    ]


def test_it_never_takes_more_than_two_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 1_000)
    journal = Journal(tmp_path / "journal")
    for _ in range(100):
        journal.note(LINE)
        journal.flush()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["journal", "journal.1"]
    assert all(path.stat().st_size <= 1_000 for path in tmp_path.iterdir())


def test_a_place_that_cannot_be_written_costs_nothing_but_the_lines(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "gone" / "journal")
    journal.note(LINE)
    journal.flush()
    assert not (tmp_path / "gone").exists()

"""A loader process beside a service that is only its files."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from showctl.loader.wanted import ENTRY_SECONDS
from showctl.media.prepare import AUDIO_FILE
from showctl.model.night import Night
from showctl.model.plan import Cued, Plan, Play, Rest
from showctl.model.show import encode_show
from showctl.model.units import Frame, SongFrame
from showctl.shared.bell import Ringer
from showctl.shared.boards import create_boards, plan_writer
from showctl.shared.clock import ClockWriter
from showctl.shared.health import HeartbeatReader
from showctl.shared.residency import Residency, residency_reader, residency_writer
from showctl.shared.rundir import RuntimeDirectory, claim_directory
from showctl.shared.service import Service, write_service, write_show
from tests.loader.test_wanted import RATE, score_of, song

DEADLINE_SECONDS = 20


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[RuntimeDirectory]:
    """A service with one song of a hundred seconds, its first section after forty; armed at the start."""
    score, runtime = score_of(song("a", 40)), RuntimeDirectory(tmp_path / "run")
    (tmp_path / "cache" / "a").mkdir(parents=True)
    (tmp_path / "cache" / "a" / AUDIO_FILE).write_bytes(bytes(100 * RATE * 2 * 4))
    with claim_directory(runtime):
        write_show(runtime, score.hash, encode_show(score.show))
        write_service(runtime, Service(score.hash, str(tmp_path), str(tmp_path / "cache"), "", 8000))
        create_boards(
            runtime,
            Plan(1, score.hash, RATE, (Rest(Frame(0), "arm", Cued(1, SongFrame(0))),)),
            Night.of(score.show),
        )
        ClockWriter(runtime.clock)
        residency_writer(runtime).write(Residency(RATE))
        yield runtime


@pytest.fixture
def loader(directory: RuntimeDirectory) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "showctl.loader", str(directory.path)]
    with subprocess.Popen(command, stdin=subprocess.PIPE) as process:
        yield process
        process.kill()


def await_ranges(directory: RuntimeDirectory, *ranges: tuple[int, int]) -> None:
    reader, deadline = residency_reader(directory), time.monotonic() + DEADLINE_SECONDS
    while (residency := reader.read()) is None or residency.ranges.get("a") != ranges:
        assert time.monotonic() < deadline, residency
        time.sleep(0.005)


def test_it_tells_what_is_in_memory_and_shows_signs_of_life(
    directory: RuntimeDirectory, loader: subprocess.Popen[bytes]
) -> None:
    await_ranges(directory, (0, ENTRY_SECONDS + 1), (40, 40 + ENTRY_SECONDS + 1))
    sign = HeartbeatReader(directory, "loader").read()
    assert sign
    assert sign.pid == loader.pid


@pytest.mark.usefixtures("loader")
def test_after_a_commit_it_reads_what_the_plan_now_leads_to(directory: RuntimeDirectory) -> None:
    first = ((0, ENTRY_SECONDS + 1), (40, 40 + ENTRY_SECONDS + 1))
    await_ranges(directory, *first)
    spans = (Rest(Frame(0)), Play(Frame(60 * RATE), 1, SongFrame(80 * RATE)))
    plan = Plan(2, "", RATE, spans)
    plan_writer(directory).write(plan)
    with Ringer(directory.bell("loader")) as loader_bell:
        loader_bell.ring()
    await_ranges(directory, *first, (80, 80 + ENTRY_SECONDS + 1))


def test_it_ends_when_whoever_started_it_is_gone(directory: RuntimeDirectory, loader: subprocess.Popen[bytes]) -> None:
    await_ranges(directory, (0, ENTRY_SECONDS + 1), (40, 40 + ENTRY_SECONDS + 1))
    assert loader.stdin
    loader.stdin.close()
    assert loader.wait(timeout=DEADLINE_SECONDS) == 0

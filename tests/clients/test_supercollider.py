"""The SuperCollider script, run by sclang against the running service: what it knows of each beat, and when."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from showctl_client import Client

from tests.clients.serving import HOST, serving

SCRIPT = Path(__file__).parents[2] / "clients/supercollider/stay_in_beat.scd"

LISTENING = """
~onBeat = {{ |time, bar, beat, bpm, accent|
    var ahead = time - Main.elapsedTime;
    "told %.% % %".format(bar, beat, ahead, (Date.getDate.rawSeconds + ahead).asStringPrec(17)).postln;
    SystemClock.schedAbs(time + 0.01, {{
        "clock %.% %".format(bar, beat, ~clock.beats - (0.01 * ~clock.tempo)).postln;
        nil
    }});
}};
"{script}".load;
"""

TOLD = re.compile(r"told (?P<beat>[-\d]+\.\d+) (?P<ahead>\S+) (?P<at>\S+)")
CLOCK = re.compile(r"clock (?P<beat>[-\d]+\.\d+) (?P<beats>\S+)")


@dataclass
class Heard:
    """Of each beat: how long ahead it was known, when it sounds by the wall clock, and where `~clock` was then."""

    ahead: dict[str, float]
    at: dict[str, float]
    clock: list[tuple[str, float]]


class Sclang:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.heard = Heard({}, {}, [])

    def line(self) -> str:
        assert self._process.stdout
        line = self._process.stdout.readline()
        assert line, "sclang has ended"
        return line.strip()

    def hear_until(self, beat: str) -> None:
        """Until this beat has sounded."""
        while beat not in dict(self.heard.clock):
            line = self.line()
            assert "ERROR" not in line
            if told := TOLD.match(line):
                self.heard.ahead[told["beat"]], self.heard.at[told["beat"]] = float(told["ahead"]), float(told["at"])
            elif clock := CLOCK.match(line):
                self.heard.clock.append((clock["beat"], float(clock["beats"])))


@contextmanager
def sclang(folder: Path, port: int) -> Iterator[Sclang]:
    """With the script running, and subscribed."""
    (folder / "listening.scd").write_text(LISTENING.format(script=SCRIPT))
    environ = os.environ | {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "HOME": str(folder)}
    command = ["sclang", str(folder / "listening.scd"), HOST, str(port)]
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environ
    ) as process:
        try:
            running = Sclang(process)
            while running.line() != f"beats from {HOST}:{port}":
                pass
            yield running
        finally:
            process.kill()


def test_each_beat_is_known_ahead_and_falls_on_its_click(tmp_path: Path) -> None:
    with serving(tmp_path) as service, sclang(tmp_path, service.port) as running, Client(HOST, service.port) as show:
        show.command("/song/select", "tune")
        show.command("/go")
        running.hear_until("3.1")
        clicks, heard = service.clicks(range(1, 4)), running.heard
        show.command("/jump/bars", -2)  # at the next bar line: by the time bundles for that are sent, it is decided
        running.hear_until("3.4")
        assert {beat: heard.at[beat] for beat in clicks} == pytest.approx(clicks, abs=0.005)
        assert min(heard.ahead[beat] for beat in clicks) > 0
        running.hear_until("4.1")
    # The clock counts quarter notes, on the beat, and only forward where the music jumps back.
    beats = [at for _, at in heard.clock]
    assert [round(at, 2) % 1 for at in beats] == [0] * len(beats)
    assert {round(later - earlier) for earlier, later in pairwise(beats)} <= {1, 2}
    assert [round(at - beats[0]) for at in beats[:16]] == list(range(16))
    assert [beat for beat, _ in heard.clock[4:16]] == list(clicks)

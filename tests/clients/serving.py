"""`showctl serve` on the virtual device, for clients to speak to: a song of clicks alone, and when each sounds."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from showctl.model.events import events
from showctl.model.happenings import Beat
from showctl.model.score import Score
from showctl.model.units import Frame
from showctl.shared.boards import plan_reader
from showctl.shared.clock import ClockReader, host_ns_at
from showctl.shared.host import host_ns
from showctl.shared.rundir import RuntimeDirectory
from showctl.shared.service import read_show

SHOW = """
title = "Clicks"
setlist = ["tune"]
[buses.house]
channels = [1, 2]
audience = true
[buses.drums]
channels = [3, 4]
[click]
count_in = 1
"""

SONG = """
title = "Tune"
tempo = 240
end = 41
sections = [[1, "Intro"], [5, "Verse"], [13, "Chorus"]]
"""

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Serving:
    """A service that is ready."""

    port: int
    directory: RuntimeDirectory

    def clicks(self, bars: range) -> dict[str, float]:
        """When each beat of these bars sounds, by the wall clock, as plan and clock have it now: "1.1" and so on."""
        plan, clock = plan_reader(self.directory).read(), ClockReader(self.directory.clock).read()
        assert plan
        assert clock
        score = Score(read_show(self.directory, plan.show))
        found = events(score, plan, plan.spans[0].start, Frame(clock.head + 60 * plan.rate))
        beats = (event for event in found if isinstance(event, Beat) and event.bar in bars)
        wall = _wall_ns_at_host_zero()
        return {f"{beat.bar}.{beat.beat}": (host_ns_at(beat.frame, clock) + wall) / 1e9 for beat in beats}


def _wall_ns_at_host_zero() -> int:
    """What turns host time into wall time: of some readings, the one that was interrupted least."""
    readings = ((before := host_ns(), time.time_ns(), host_ns()) for _ in range(9))
    before, wall, after = min(readings, key=lambda reading: reading[2] - reading[0])
    return wall - (before + after) // 2


@contextmanager
def serving(folder: Path, *, more: str = "", song: str = SONG) -> Iterator[Serving]:
    """The service of a small show of one song, in `folder/show`; `more` is added to its show.toml."""
    (folder / "show/songs/tune").mkdir(parents=True)
    (folder / "show/show.toml").write_text(SHOW + more)
    (folder / "show/songs/tune/song.toml").write_text(song)
    environ = os.environ | {"SHOWCTL_CACHE": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
    command = [sys.executable, "-m", "showctl", "serve", str(folder / "show"), "--device", "virtual",
               "--osc-port", "0", "--web-port", "0", "--no-zeroconf", "--bind", HOST,
               "--state", str(folder / "run")]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line.startswith("ready "), f"expected the ready line, got {line!r}"
            facts = dict(word.split("=", 1) for word in line.split()[1:] if "=" in word)
            yield Serving(int(facts["osc"].rpartition(":")[2]), RuntimeDirectory(folder / "run"))
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(10) == 0

"""One short song in which everything happens that is told, and what `showctl bounce` says of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

SONG = """
title = "Tune"
notes = "capo 2"
tempo = [{ at = 1, bpm = 240 }, { at = 3, bpm = 300, ramp = true }]
meter = [{ at = 1, meter = "4/4" }, { at = 3, meter = "7/8", accents = "2+2+3" }, { at = 4, meter = "6/8" }]
end = 6
sections = [
    { at = 1, name = "Intro" },
    { at = 2, name = "Solo", vamp = 2, notes = "all sing" },
    { at = 3, name = "Chorus" },
]
[[cues]]
at = "Chorus"
to = "lights"
osc = ["/wash", 1, 0.5, "warm"]
name = "Wash"
"""

LIGHTS = """
[targets.lights]
profile = "osc"
host = "127.0.0.1"
port = {port}
feed = ["beat", "section"]
"""


def bounced_beats(folder: Path) -> list[tuple[float, tuple[int | float, ...]]]:
    """Seconds and arguments of each `/beat` of the show in `folder/show`, rendered offline."""
    out = folder / "bounced"
    command = [sys.executable, "-m", "showctl", "bounce", str(folder / "show"), "tune", "-o", str(out)]
    subprocess.run(command, check=True, env=os.environ | {"SHOWCTL_CACHE": str(folder / "cache")})
    rows = [json.loads(line) for line in (out / "events.jsonl").read_text().splitlines()]
    names = ("bar", "beat", "beats", "bpm", "accent", "unit")
    return [(row["seconds"], tuple(row[name] for name in names)) for row in rows if row["type"] == "beat"]

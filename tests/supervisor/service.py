"""A service of stand-ins, as `showctl serve` runs the real one: `python -m tests.supervisor.service FOLDER`."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import msgspec

from showctl.errors import ShowctlError
from showctl.model.show import Audio, Bus, Entry, MeterPoint, Show, Song, TempoPoint
from showctl.model.units import SongFrame
from showctl.shared.rundir import RuntimeDirectory
from showctl.supervisor.child import Programs
from showctl.supervisor.options import Options
from showctl.supervisor.serve import serve

SHOW = Show(
    title="Rooftop",
    songs={
        "closer": Song(
            id="closer",
            title="Closer",
            tempo=(TempoPoint((0, 1), 120.0),),
            meters=(MeterPoint(1, 4, 4, (4,)),),
            end=SongFrame(48000 * 8),
            sections=(),
        )
    },
    entries=(Entry(1, "closer", "arm", 1),),
    buses=(Bus("house", "house", (0, 1), audience=True), Bus("drums", "drums", (2, 3))),
)

STAND_IN = (sys.executable, str(Path(__file__).with_name("stand_in.py")))


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--device", default="virtual")
    parser.add_argument("--fallback", action="append", default=[])
    parser.add_argument("--allow-missing", action="store_true")
    parser.add_argument("--osc-port", type=int, default=0)
    parser.add_argument("--web-port", type=int, default=0)
    parser.add_argument("--control", default="control")
    options = parser.parse_args()
    audio = Audio(device=options.device, fallback=tuple(options.fallback))
    logging.basicConfig(filename=options.folder / "service.log", level=logging.INFO)
    try:
        return serve(
            msgspec.structs.replace(SHOW, audio=audio),
            Options(
                folder=options.folder,
                cache=options.folder / "cache",
                runtime=RuntimeDirectory(options.folder / "run"),
                night_log=options.folder / "night.jsonl",
                service_log=options.folder / "service.log",
                allow_missing=options.allow_missing,
                osc_port=options.osc_port,
                web_port=options.web_port,
                bind="127.0.0.1",
                programs=Programs(
                    engine=(*STAND_IN, "engine"),
                    devices=(*STAND_IN, "devices", str(options.folder / "run")),
                    pacer=(*STAND_IN, "pacer"),
                    control=(*STAND_IN, options.control),
                    loader=(*STAND_IN, "loader"),
                ),
            ),
        )
    except ShowctlError as exc:
        sys.stderr.write(f"{exc}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())

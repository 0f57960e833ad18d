"""The engine process: it lives for one opening of a device, between the shared records and the callback.

It tells its starter in lines of JSON on standard output: `{"playing": device, …}` once blocks are asked for,
`{"fault": text}` where something went wrong but the music goes on, `{"error": sentence}` before it ends. It ends on
SIGTERM, and when its standard input does: then nobody watches over it. It never tidies up, because closing a stream
can hang where a sound server died.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import os
import queue
import signal
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from showctl.engine.bank import Bank, media_of
from showctl.engine.clock import SessionClock
from showctl.engine.devices import open_device
from showctl.engine.gains import buses_that_fit
from showctl.engine.helper import Helper, tell
from showctl.engine.limiter import Limiter
from showctl.engine.playing import Playing
from showctl.engine.priority import HELPER_PRIORITY, raise_thread
from showctl.engine.rehearsal import rehearse
from showctl.engine.renderer import Renderer
from showctl.errors import DeviceError, MediaError, RuntimeFilesError, ShowctlError
from showctl.model.score import Score
from showctl.shared.boards import plan_reader
from showctl.shared.clock import Anchor, AnchorLogReader, ClockReader, ClockRecord, ClockWriter
from showctl.shared.health import Heartbeat
from showctl.shared.nightlog import NightLog
from showctl.shared.rundir import RuntimeDirectory, open_directory
from showctl.shared.service import Service, read_service, read_show

EXIT_PROBLEM = 1
EXIT_NO_DEVICE = 3
"""The device cannot be had; another one may do."""

STANDBY_SECONDS = 0.25

SWITCH_SECONDS = 0.0002
"""How long the helper may keep the interpreter from the callback."""


class Engine:
    """Everything that can be made before the device is known."""

    def __init__(self, directory: RuntimeDirectory) -> None:
        """Raises RuntimeFilesError without a service in `directory`."""
        self.directory = directory
        self.service: Service = read_service(directory)
        self.score = Score(read_show(directory, self.service.show))
        self.bank = Bank(self.score.rate)
        for entry in self.score.show.entries:
            self.score.map(entry.index)

    def load(self, entry: int) -> None:
        """Map the media of an entry. Raises MediaError."""
        self.bank.load(Path(self.service.cache), media_of(self.score.song(entry)))

    def rehearse(self) -> None:
        """Have run everything once that the callback may run, tens of milliseconds."""
        if self.score.show.entries:
            with contextlib.suppress(MediaError):  # told when the song is wanted
                self.load(1)
        rehearse(self.score, self.bank)

    def play(self, device_name: str, *, allow_missing: bool) -> NoReturn:
        """Open the device and help its callback until the process ends. Raises DeviceError."""
        show, directory = self.score.show, self.directory
        device, outputs = open_device(
            device_name, show.outputs, self.score.rate, show.audio.block_size, allow_missing=allow_missing
        )
        plan = plan_reader(directory).read()
        if plan is None:
            raise RuntimeFilesError(f"expected a plan in {directory.plan}: start the service anew")
        renderer = Renderer(self.score, plan, self.bank, outputs)
        limiter = Limiter(buses_that_fit(show, outputs), outputs, self.score.rate)
        anchors = AnchorLogReader(directory.anchors).poll()
        epoch = anchors[-1].epoch + 1 if anchors else 1
        clock = SessionClock(self.score.rate, epoch, _last(directory, anchors), device.whole_blocks)
        playing = Playing(clock, renderer, limiter, ClockWriter(directory.clock))
        helper = Helper(directory, NightLog(Path(self.service.night_log)), self.load, renderer, playing)
        helper.make_ready(plan)
        keep_out_of_the_way()
        device.play(playing.fill)
        raise_thread(HELPER_PRIORITY)
        if not helper.await_first_block():
            raise DeviceError(f"{device.name} was opened but asks for no audio: look at its sound server")
        tell(playing=device.name, outputs=outputs, epoch=clock.epoch)
        helper.run()


def keep_out_of_the_way() -> None:
    """No pause for garbage, and the interpreter for the callback within 0.2 ms."""
    gc.collect()
    gc.freeze()
    gc.disable()
    sys.setswitchinterval(SWITCH_SECONDS)


def _last(directory: RuntimeDirectory, anchors: Sequence[Anchor]) -> ClockRecord | Anchor | None:
    """Where the engine before left the session line."""
    with contextlib.suppress(RuntimeFilesError):
        if clock := ClockReader(directory.clock).read():
            return clock
    return anchors[-1] if anchors else None


# ── the process ──


def main(arguments: Sequence[str]) -> NoReturn:
    """Runs until it is killed, or ends with one of the exit codes."""
    options = _parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor
    lines = _lines_from_starter()
    try:
        engine = Engine(open_directory(options.directory))
        engine.rehearse()
        device = _device_when_told(engine.directory, lines) if options.standby else options.device
        engine.play(device or engine.score.show.audio.device, allow_missing=options.allow_missing)
    except ShowctlError as exc:
        tell(error=str(exc))
        os._exit(EXIT_NO_DEVICE if isinstance(exc, DeviceError) else EXIT_PROBLEM)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m showctl.engine", description=__doc__)
    parser.add_argument("directory", type=Path, help="the runtime directory of the service")
    parser.add_argument("--device", help='"auto", "virtual" or a part of a name; default: as the show says')
    parser.add_argument("--allow-missing", action="store_true", help="drop buses that do not fit on the device")
    parser.add_argument("--standby", action="store_true", help='be ready, and start at a line "go DEVICE"')
    return parser


def _lines_from_starter() -> queue.SimpleQueue[str]:
    """The lines on standard input. At their end the process ends: who started it is gone."""
    lines: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        for line in sys.stdin:
            lines.put(line.strip())
        os._exit(0)

    threading.Thread(target=read, name="starter", daemon=True).start()
    return lines


def _device_when_told(directory: RuntimeDirectory, lines: queue.SimpleQueue[str]) -> str:
    """Wait for "go DEVICE", showing signs of life."""
    heartbeat = Heartbeat(directory, "standby")
    tell(standby=os.getpid())
    while True:
        heartbeat.beat()
        with contextlib.suppress(queue.Empty):
            command, _, device = lines.get(timeout=STANDBY_SECONDS).partition(" ")
            if command == "go":
                return device

"""An engine process over a runtime directory of its own, and the other side of its mailboxes."""

from __future__ import annotations

import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from showctl.model.night import Night
from showctl.model.plan import Committed, Edit, Plan, Verdict
from showctl.model.score import Score
from showctl.model.show import Show, encode_show
from showctl.shared.bell import Bell, Ringer
from showctl.shared.boards import create_boards, edit_writer, plan_reader, verdict_reader
from showctl.shared.clock import ClockReader, ClockRecord
from showctl.shared.rundir import Lease, RuntimeDirectory
from showctl.shared.service import Service, write_service, write_show
from tests.engine.shows import Audio

SECONDS = 20.0
"""How long anything is waited for before the test fails."""


class Stage:
    """A service without processes: the files that the supervisor makes, and control's end of the mailboxes."""

    def __init__(self, folder: Path, made: Show, plan: Plan, media: Mapping[str, Audio]) -> None:
        self.score = Score(made)
        self.directory = RuntimeDirectory(folder / "run")
        self.log_path = folder / "night.jsonl"
        self.directory.path.mkdir()
        (self.directory.path / "lock").touch()
        for key, audio in media.items():
            (folder / "cache" / key).mkdir(parents=True)
            (folder / "cache" / key / "audio.f32").write_bytes(audio.tobytes())
        service = Service(self.score.hash, str(folder), str(folder / "cache"), str(self.log_path), 0)
        write_service(self.directory, service)
        write_show(self.directory, self.score.hash, encode_show(made))
        create_boards(self.directory, plan, Night.of(made))
        self.first_plan = plan
        self.lease = Lease(self.directory.lease)
        self.number = self.lease.take()
        self._edits = edit_writer(self.directory)
        self._verdicts = verdict_reader(self.directory)
        self._plan = plan_reader(self.directory)
        self._bell = Bell.open(self.directory.bell("control"))
        self._engine = Ringer(self.directory.bell("engine"))

    @property
    def plan(self) -> Plan:
        plan = self._plan.read()
        assert plan
        return plan

    @property
    def clock(self) -> ClockRecord:
        clock = ClockReader(self.directory.clock).read()
        assert clock
        return clock

    @property
    def log(self) -> tuple[Committed, ...]:
        return tuple(msgspec.json.decode(line, type=Committed) for line in self.log_path.read_bytes().splitlines())

    def judged(self, edit: Edit) -> Verdict:
        """What the engine makes of an edit."""
        self._edits.send(edit)
        self._engine.ring()
        while True:
            assert select.select([self._bell], [], [], SECONDS)[0], "no verdict"
            self._bell.drain()
            for verdict in self._verdicts.take():
                if verdict.id == edit.id:
                    return verdict

    def pass_frame(self, frame: int) -> None:
        """Wait until the engine has rendered `frame`: it answers at once to what it must refuse."""
        while self.clock.head <= frame:
            self.judged(Edit(f"look {self.clock.head}", 0, 0))

    def close(self) -> None:
        self._bell.close()
        self._engine.close()


class Process:
    """An engine process and what it says."""

    def __init__(self, stage: Stage, arguments: Sequence[str], environ: Mapping[str, str] | None) -> None:
        command = [sys.executable, "-m", "showctl.engine", str(stage.directory.path), *arguments]
        self.popen = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environ, bufsize=0)

    def line(self) -> dict[str, Any]:
        """The next line it says."""
        assert self.popen.stdout
        assert select.select([self.popen.stdout], [], [], SECONDS)[0], "the engine says nothing"
        return msgspec.json.decode(self.popen.stdout.readline(), type=dict[str, Any])

    def say(self, line: str) -> None:
        assert self.popen.stdin
        self.popen.stdin.write(line.encode() + b"\n")

    def hang_up(self) -> int:
        """Close its standard input; its exit code."""
        assert self.popen.stdin
        self.popen.stdin.close()
        return self.popen.wait(SECONDS)


@contextmanager
def running(stage: Stage, *arguments: str, environ: Mapping[str, str] | None = None) -> Iterator[Process]:
    """An engine with these arguments, gone at the end whatever happened."""
    process = Process(stage, arguments, environ)
    try:
        yield process
    finally:
        process.popen.kill()
        process.popen.wait()
        for stream in (process.popen.stdin, process.popen.stdout):
            assert stream
            stream.close()

"""One process of the service: started in a session of its own, asked to end, killed."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from showctl.shared.handover import handed_over, inheritable
from showctl.shared.health import Role

Command = tuple[str, ...]

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
"""The linear algebra under numpy must not start threads beside the audio callback."""


def module(name: str) -> Command:
    return (sys.executable, "-m", name)


@dataclass(frozen=True, slots=True)
class Programs:
    """What is started in each role, as the beginning of a command line."""

    engine: Command = module("showctl.engine")
    devices: Command = module("showctl.engine.devices")
    pacer: Command = module("showctl.pacer")
    control: Command = module("showctl.service")
    loader: Command = module("showctl.loader")


@dataclass(frozen=True, slots=True)
class Child:
    """A process whose standard input is ours: when that ends, it knows that nobody watches it any more."""

    role: Role
    process: subprocess.Popen[bytes]
    output: Path | None = None
    """Where its standard output goes, if not to the log."""

    @classmethod
    def start(
        cls,
        role: Role,
        command: Sequence[str],
        log: Path,
        shared_socket: socket.socket | None = None,
        output: Path | None = None,
    ) -> Child:
        """Standard output (save to `output`) and errors are appended to `log`. Raises OSError."""
        with log.open("ab") as log_file, (output or log).open("wb" if output else "ab") as output_file:
            process = subprocess.Popen(
                command,
                bufsize=0,
                stdin=subprocess.PIPE,
                stdout=output_file,
                stderr=log_file,
                pass_fds=inheritable(shared_socket) if shared_socket else (),
                env=os.environ | ONE_THREAD,
                **_own_session(),
            )
        child = cls(role, process, output)
        if shared_socket:
            child.tell(handed_over(shared_socket, process.pid))
        return child

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def alive(self) -> bool:
        return self.process.poll() is None

    def tell(self, line: bytes) -> None:
        """Write to its standard input; one that is gone hears nothing."""
        if line and self.process.stdin:
            with suppress(OSError):
                self.process.stdin.write(line)

    def said(self) -> str:
        """The last line of its own output."""
        lines = self.output.read_text(encoding="utf-8", errors="replace").splitlines() if self.output else []
        return lines[-1] if lines else ""

    def ask_to_end(self) -> None:
        if sys.platform == "win32":
            self._hang_up()  # there, terminate() is a kill
        else:
            self.process.terminate()

    def kill(self) -> None:
        """It is gone when this returns, unless the kernel itself holds it."""
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=0.2)
        self._hang_up()

    def _hang_up(self) -> None:
        if self.process.stdin:
            with suppress(OSError):
                self.process.stdin.close()


if sys.platform == "win32":

    def _own_session() -> dict[str, int]:
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}

else:

    def _own_session() -> dict[str, bool]:
        return {"start_new_session": True}

"""One process of the service: started in a session of its own, asked to end, killed."""

from __future__ import annotations

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

PYTHON_MODULE = (sys.executable, "-m")

if sys.platform == "win32":
    _CREATION_FLAGS = subprocess.CREATE_NEW_PROCESS_GROUP
else:
    _CREATION_FLAGS = 0


@dataclass(frozen=True, slots=True)
class Programs:
    """What is started in each role, as the beginning of a command line."""

    engine: Command = (*PYTHON_MODULE, "showctl.engine")
    devices: Command = (*PYTHON_MODULE, "showctl.engine.devices")
    pacer: Command = (*PYTHON_MODULE, "showctl.pacer")
    control: Command = (*PYTHON_MODULE, "showctl.service")
    loader: Command = (*PYTHON_MODULE, "showctl.loader")


@dataclass(slots=True)
class Child:
    """A process whose standard input is ours: when that ends, it knows that nobody watches it any more."""

    role: Role
    process: subprocess.Popen[bytes]
    output: Path | None = None
    """Where its standard output goes, if not to the log."""
    _read_bytes: int = 0

    @classmethod
    def start(
        cls,
        role: Role,
        command: Sequence[str],
        log: Path,
        shared: Sequence[socket.socket] = (),
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
                pass_fds=inheritable(shared),
                creationflags=_CREATION_FLAGS,
                start_new_session=True,
            )
        child = cls(role, process, output)
        child.tell(handed_over(shared, process.pid))
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

    def said(self) -> list[str]:
        """The lines of its `output` since the last call."""
        if self.output is None:
            return []
        with self.output.open("rb") as file:
            file.seek(self._read_bytes)
            whole, end, _ = file.read().rpartition(b"\n")
        self._read_bytes += len(whole) + len(end)
        return whole.decode(errors="replace").splitlines()

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

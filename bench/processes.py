"""Processes that are started here, and what they cost. Each is ended in any case, on Ctrl-C too."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

GRACE_SECONDS = 3.0


@contextmanager
def process(  # noqa: PLR0913 - as Popen
    command: Sequence[str | Path],
    *,
    env: Mapping[str, str] | None = None,
    log: Path | None = None,
    output: int | None = None,
    stdin: int = subprocess.DEVNULL,
    nice: int = 0,
) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a session of its own: Ctrl-C reaches it through us. `env` is added to ours."""
    with ExitStack() as stack:
        sink = stack.enter_context(log.open("ab")) if log else subprocess.DEVNULL
        child = subprocess.Popen(
            ["nice", "-n", str(nice), *command] if nice else list(command),
            env={**os.environ, **(env or {})},
            stdin=stdin,
            stdout=sink if output is None else output,
            stderr=sink,
            start_new_session=True,
        )
        stack.callback(_end, child)
        yield child


def _end(child: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGTERM, signal.SIGKILL):
        with suppress(ProcessLookupError):
            os.killpg(child.pid, number)
        with suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
    for stream in (child.stdin, child.stdout):
        if stream:
            stream.close()


def cpu_seconds(pid: int) -> float:
    """What all threads of a process have used so far, to the nanosecond (Linux's clock of another process)."""
    return time.clock_gettime((~pid << 3) | 2)


def cpu_share(pid: int, seconds: float) -> float:
    """Percent of one core that a process uses over the next `seconds`."""
    used, since = cpu_seconds(pid), time.perf_counter()
    time.sleep(seconds)
    return 100 * (cpu_seconds(pid) - used) / (time.perf_counter() - since)


def anonymous_bytes(pid: int) -> int:
    """Memory that belongs to a process alone and to no file."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Anonymous:"))


@contextmanager
def busy_cores() -> Iterator[None]:
    """A process on each core that does nothing but compute."""
    with ExitStack() as stack:
        for _ in range(os.cpu_count() or 1):
            stack.enter_context(process([sys.executable, "-S", "-c", "while True: pass"]))
        yield

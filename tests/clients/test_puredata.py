"""The Pure Data patch, run by Pd against the running service."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from showctl_client import Client

from showctl.shared.boards import clients_reader
from tests.clients.serving import HOST, Serving, serving
from tests.supervisor.running import eventually

PATCH = Path(__file__).parents[2] / "clients/puredata/follow_beat.pd"


@contextmanager
def pd(service: Serving) -> Iterator[subprocess.Popen[str]]:
    """With the patch loaded, and subscribed. What it prints goes to stderr."""
    command = ["pd", "-nogui", "-noprefs", "-noaudio", "-nomidi", "-stderr"]
    command += ["-send", f"showctl {HOST} {service.port}", "-open", str(PATCH)]
    board = clients_reader(service.directory)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as process:
        try:
            eventually(lambda: (clients := board.read()) and clients.clients, "that the patch subscribes")
            yield process
        finally:
            process.kill()


def test_the_patch_hears_every_beat(tmp_path: Path) -> None:
    with serving(tmp_path) as service, pd(service) as process, Client(HOST, service.port) as show:
        show.command("/song/select", "tune")
        show.command("/go")
        assert process.stderr
        printed = [process.stderr.readline().strip() for _ in range(12)]
    beats = [f"beat: {bar} {beat} 4 240 {2 if beat == 1 else 0} 4" for bar in range(3) for beat in range(1, 5)]
    assert printed == beats

"""`python -m showctl.pacer RUNTIME_DIR --fd N`: started by the supervisor, with the service's UDP socket under N."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path

from showctl.errors import ShowctlError
from showctl.pacer.process import Pacer
from showctl.pacer.realtime import be_on_time
from showctl.shared.handover import taken_over
from showctl.shared.rundir import RuntimeDirectory

STDIN = 0


def main() -> int:
    """Runs until SIGTERM or the end of standard input; the exit code."""
    parser = argparse.ArgumentParser(prog="showctl.pacer", description="Tells the stage what sounds, as it sounds.")
    parser.add_argument("directory", type=Path, help="the runtime directory of the service")
    parser.add_argument("--fd", type=int, action="append", required=True, help="an inherited UDP socket; IPv4 or IPv6")
    options = parser.parse_args()
    try:
        pacer = Pacer(RuntimeDirectory(options.directory), [taken_over(number) for number in options.fd])
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: pacer.stop())
        be_on_time()
        pacer.run(_ends_with())
    except ShowctlError as exc:
        print(exc, file=sys.stderr)
        return 1
    return 0


def _ends_with() -> tuple[int, ...]:
    """Standard input, whose end is the supervisor's. Windows can wait for sockets only: there it is told to end."""
    if sys.platform == "win32":
        return ()
    try:
        os.fstat(STDIN)
    except OSError:
        return ()
    return (STDIN,)


if __name__ == "__main__":
    sys.exit(main())

"""`showctl devices` and `showctl browse`: what is there."""

from __future__ import annotations

import argparse
import sys

from rich.console import Console
from rich.table import Table

from showctl.discovery.browse import browse
from showctl.supervisor.child import Programs
from showctl.supervisor.outputs import list_devices


def run_devices(_: argparse.Namespace) -> int:
    """Raises `DeviceError` where the sound system cannot be asked."""
    rows = [
        (device.label, f"{device.outputs} outputs", f"{device.rate:g} Hz", "default" if device.default else "")
        for device in list_devices(Programs().devices)
    ]
    _tell([*rows, ("virtual", "any outputs", "any rate", "no hardware")])
    return 0


def run_browse(options: argparse.Namespace) -> int:
    found = browse(options.seconds, options.bind or "")
    _tell([(each.name, f"{each.host}:{each.port}") for each in found])
    if not found:
        sys.stderr.write(f"no showctl service answered within {options.seconds:g} s\n")
    return 0


def _tell(rows: list[tuple[str, ...]]) -> None:
    """Columns on a terminal, tabs for programs."""
    if not sys.stdout.isatty():
        sys.stdout.writelines("\t".join(row) + "\n" for row in rows)
        return
    table = Table(box=None, show_header=False)
    for row in rows:
        table.add_row(*row)
    Console().print(table)

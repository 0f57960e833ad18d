"""What the command line settles for one run of the service."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from showctl.shared.rundir import RuntimeDirectory
from showctl.supervisor.child import Programs


@dataclass(frozen=True, slots=True)
class Options:
    """None is what the show says; `bind` is the one address to use, or `interfaces` those to use; empty for all."""

    folder: Path
    cache: Path
    runtime: RuntimeDirectory
    night_log: Path
    service_log: Path
    device: str | None = None
    allow_missing: bool = False
    osc_port: int | None = None
    web_port: int | None = None
    bind: str = ""
    interfaces: tuple[str, ...] = ()
    zeroconf: bool = True
    programs: Programs = field(default_factory=Programs)

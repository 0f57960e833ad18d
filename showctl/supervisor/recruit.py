"""Who is started, and with which arguments."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable, Iterable
from functools import partial
from itertools import chain, count

from showctl.shared.clock import ClockReader
from showctl.shared.handover import OscSockets
from showctl.shared.health import HeartbeatReader, Role, health_writer
from showctl.shared.rundir import Lease
from showctl.supervisor.child import Child
from showctl.supervisor.crew import Crew
from showctl.supervisor.keeping import Kept, Pulse, Standby
from showctl.supervisor.options import Options
from showctl.supervisor.outputs import Outlets, Probe
from showctl.supervisor.sounding import Sounding

log = logging.getLogger(__name__)


def recruit(options: Options, sockets: OscSockets, outlets: Outlets, say: Callable[[str], None]) -> Crew:
    """Nobody runs yet: the first look starts them. `say` tells the user what concerns the sound."""
    directory, programs, service_log = options.runtime, options.programs, options.service_log
    lease, numbers = Lease(directory.lease), count()
    with_udp = _arguments("--fd", sockets.udp)
    with_tcp = (
        *_arguments("--tcp", sockets.tcp),
        *_arguments("--web", sockets.web),
        *_arguments("--push", sockets.push),
    )

    def engine(device: str | None) -> Child:
        role: Role = "engine" if device else "standby"
        arguments = ("--device", device) if device else ("--standby",)
        allowance = ("--allow-missing",) if options.allow_missing else ()
        output = directory.path / f"engine-{next(numbers)}.out"
        command = (*programs.engine, str(directory.path), *arguments, *allowance)
        return Child.start(role, command, service_log, output=output)

    def next_lease() -> str:
        return str(lease.take())

    def control(role: Role, *more: str) -> Child:
        command = (*programs.control, str(directory.path), *with_udp, *with_tcp, *more)
        return Child.start(role, command, service_log, sockets.all)

    def pacer() -> Child:
        return Child.start("pacer", (*programs.pacer, str(directory.path), *with_udp), service_log, sockets.udp)

    def loader() -> Child:
        return Child.start("loader", (*programs.loader, str(directory.path)), service_log)

    def kept(role: Role, start: Callable[[], Child]) -> Kept:
        return Kept(role, start, Pulse(HeartbeatReader(directory, role)), log.warning)

    controls = kept("control", lambda: control("control", "--lease", next_lease()))
    # Importing what control needs takes a second: a tablet would wait for it.
    controls.standby = Standby("the standby of control", lambda: control("standby", "--standby"), log.warning)
    controls.go = next_lease
    clock, pulse = ClockReader(directory.clock), Pulse(HeartbeatReader(directory, "engine"))
    sounding = Sounding(outlets, clock, pulse, engine, partial(Probe, programs.devices), log.info, say)
    return Crew(sounding, (controls, kept("pacer", pacer), kept("loader", loader)), health_writer(directory))


def _arguments(option: str, sockets: Iterable[socket.socket]) -> tuple[str, ...]:
    return tuple(chain.from_iterable((option, str(each.fileno())) for each in sockets))

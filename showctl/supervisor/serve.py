"""From a compiled show to an exit code: made ready, started, watched, and put away again."""

from __future__ import annotations

import ipaddress
import logging
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from showctl.discovery.interfaces import addresses, addresses_of
from showctl.errors import DeviceError, ShowctlError
from showctl.layouts.files import PUSH_PORT
from showctl.model.show import Show
from showctl.shared.handover import OscSockets
from showctl.shared.rundir import ClaimedDirectory, claim_directory
from showctl.supervisor.bill import bill
from showctl.supervisor.crew import Crew
from showctl.supervisor.layout import lay_out
from showctl.supervisor.leftovers import end_leftovers
from showctl.supervisor.options import Options
from showctl.supervisor.outputs import Outlets, fitted, outlets
from showctl.supervisor.recruit import recruit
from showctl.supervisor.sockets import bind_service

READY_SECONDS = 30.0
TOO_MANY_DEATHS = 5
"""So many before everybody has answered once mean that it will not work."""

log = logging.getLogger(__name__)


class Wishes:
    """How often somebody has asked us to end."""

    def __init__(self) -> None:
        self.count = 0

    def note(self, _signal: int, _frame: FrameType | None) -> None:
        self.count += 1

    @property
    def to_end(self) -> bool:
        return self.count > 0

    @property
    def at_once(self) -> bool:
        return self.count > 1


def serve(show: Show, options: Options) -> int:
    """Runs the service until it is asked to end; 0 then. Raises `ShowctlError` where it cannot start."""
    osc_port = show.ports.osc if options.osc_port is None else options.osc_port
    web_port = show.ports.web if options.web_port is None else options.web_port
    with (
        _signals() as wishes,
        claim_directory(options.runtime) as claimed,
        bind_service(osc_port, web_port, _bound(options), push_port=PUSH_PORT) as sockets,
    ):
        _clear(claimed)
        failure = _run(show, options, sockets, wishes)
    if failure:
        raise failure
    say(f"the night was recorded: {options.night_log} (showctl bounce --plan renders it again)")
    return 0


@contextmanager
def _signals() -> Iterator[Wishes]:
    wishes = Wishes()
    named = {name: getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGBREAK") if hasattr(signal, name)}
    before = {number: signal.signal(number, wishes.note) for number in named.values()}
    if hasattr(signal, "SIGHUP"):  # a closed window, or a cable pulled from an ssh session, is no wish to end a show
        before[signal.SIGHUP] = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        yield wishes
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _clear(claimed: ClaimedDirectory) -> None:
    if claimed.stale:
        killed = end_leftovers(claimed.directory)
        log.warning("an earlier service had died; processes of it that had to be killed: %s", killed or "none")
        claimed.clear()


def _run(show: Show, options: Options, sockets: OscSockets, wishes: Wishes) -> ShowctlError | None:
    """Returns why it could not start, so that the runtime directory is put away all the same."""
    try:
        where = outlets(options.device or show.audio.device, show.audio.fallback, options.programs.devices)
        if where.remark:
            say(where.remark)
        show = _fitted(show, options, where)
        for line in bill(show, where.device):
            say(line, logging.INFO)
        remark = lay_out(show, options, sockets.port, sockets.web_port, sockets.push_port)
        if remark:
            say(remark)
        log.info("TouchOSC Mk1 fetches its layout on port %d", sockets.push_port)
        log.info("the night is recorded in %s", options.night_log)
        _watch(recruit(options, sockets, where, say), options, sockets, wishes)
    except ShowctlError as exc:
        return exc
    return None


def _watch(crew: Crew, options: Options, sockets: OscSockets, wishes: Wishes) -> None:
    try:
        _wait_for_all(crew, options, wishes)
        if not wishes.to_end:
            _announce(crew, options, sockets)
        while not wishes.to_end:
            crew.look()
    finally:
        crew.end(lambda: wishes.at_once)


def _fitted(show: Show, options: Options, where: Outlets) -> Show:
    show, dropped = fitted(show, where.outputs, allow_missing=options.allow_missing)
    if dropped:
        names = ", ".join(bus.name for bus in dropped)
        say(f"{where.device} has {where.outputs} outputs: left out {names}")
    return show


def _wait_for_all(crew: Crew, options: Options, wishes: Wishes) -> None:
    """Raises `ShowctlError` where somebody does not come up, and for a device that nobody asked to be replaced."""
    while not crew.answering and not wishes.to_end:
        crew.look()
        sounding = crew.sounding
        if sounding.choice >= sounding.outlets.asked:
            raise DeviceError(sounding.fault or f"{sounding.wanted} cannot be opened: choose another with --device")
        if crew.now > READY_SECONDS or crew.restarts > TOO_MANY_DEATHS:
            waiting = ", ".join(crew.silent)
            raise ShowctlError(f"the service does not come up, no answer from {waiting}: see {options.service_log}")


def _announce(crew: Crew, options: Options, sockets: OscSockets) -> None:
    health, host = crew.health(), _host(options)
    places = f"osc={host}:{sockets.port} web=http://{host}:{sockets.web_port}"
    processes = " ".join(f"{role}={health.pid(role)}" for role in ("engine", "control", "pacer"))
    line = f"ready {places} {processes} device={health.device}"
    log.info(line)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _bound(options: Options) -> tuple[str, ...]:
    """The addresses to listen at; none for all of this machine's. Raises `NetworkError` for an unknown interface."""
    return addresses_of(options.interfaces) if options.interfaces else (options.bind,) if options.bind else ()


def _host(options: Options) -> str:
    """What a tablet would have to be told."""
    host = next(iter(_bound(options)), "")
    host = addresses()[0] if not host or ipaddress.ip_address(host).is_unspecified else host
    return f"[{host}]" if ":" in host else host


def say(sentence: str, level: int = logging.WARNING) -> None:
    """To the user, and to the log."""
    log.log(level, sentence)
    with suppress(OSError):  # the terminal may have gone
        sys.stderr.write(f"showctl: {sentence}\n")
        sys.stderr.flush()

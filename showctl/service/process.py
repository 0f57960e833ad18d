"""The control process: from its command line to its end.

A spare one imports everything and reads the show, then waits for a line "go LEASE" on standard input. Control ends on
SIGTERM, and when its standard input does: then its supervisor is gone.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import ipaddress
import logging
import os
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import trio

from showctl.conductor.rehearsal import rehearse
from showctl.discovery.advertise import advertised
from showctl.discovery.interfaces import addresses
from showctl.discovery.services import http_tcp, osc_tcp, osc_udp, oscjson_tcp, touchosceditor_tcp
from showctl.model.score import Score
from showctl.osc.surface import Surface
from showctl.service.control import Around, Service
from showctl.shared.handover import OscSockets, taken_over
from showctl.shared.rundir import RuntimeDirectory, open_directory
from showctl.shared.service import Service as Facts
from showctl.shared.service import read_service, read_show

DESCRIPTORS = 2048


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m showctl.service", description=__doc__)
    parser.add_argument("directory", type=Path, help="the runtime directory of the service")
    parser.add_argument("--fd", type=int, action="append", required=True, help="an inherited UDP socket")
    parser.add_argument("--tcp", type=int, action="append", default=[], help="an inherited TCP listener")
    parser.add_argument("--web", type=int, action="append", default=[], help="an inherited TCP listener for HTTP")
    parser.add_argument("--push", type=int, action="append", default=[], help="the same, for TouchOSC Mk1")
    which = parser.add_mutually_exclusive_group(required=True)
    which.add_argument("--lease", type=int, help="the right to write, as a number")
    which.add_argument("--standby", action="store_true", help='be ready, and start at a line "go LEASE"')
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s control %(levelname)s %(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the supervisor
    _come_before_other_programs()
    _make_room_for_connections()
    inherited = (options.fd, options.tcp, options.web, options.push)
    with OscSockets(*(tuple(map(taken_over, numbers)) for numbers in inherited)) as sockets:
        directory = open_directory(options.directory)
        facts = read_service(directory)
        score = Score(read_show(directory, facts.show))
        score.prepare()
        rehearse(score, Surface(score.show))
        lease = _lease_when_told() if options.standby else options.lease
        if lease is not None:
            trio.run(run, directory, facts, score, sockets, lease)


def _come_before_other_programs() -> None:
    """A GO should not wait for whatever else the machine does; without the right to it, it may."""
    with contextlib.suppress(AttributeError, OSError):
        os.nice(-10)


def _make_room_for_connections() -> None:
    """Each takes up to two descriptors; some systems allow 256 unless they are asked for more."""
    if sys.platform != "win32":
        import resource  # noqa: PLC0415 - Windows has none

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, DESCRIPTORS)
        if soft != resource.RLIM_INFINITY and soft < wanted:
            with contextlib.suppress(ValueError, OSError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def _lease_when_told() -> int | None:
    """None where the supervisor is gone."""
    command, _, lease = sys.stdin.buffer.readline().decode().strip().partition(" ")
    return int(lease) if command == "go" else None


async def run(directory: RuntimeDirectory, facts: Facts, score: Score, sockets: OscSockets, lease: int) -> None:
    """Control of the service in `directory`, until it is told to end; then what sounds fades."""
    for each in sockets.all:
        each.setblocking(False)
    around = Around(Path(facts.night_log), _own_addresses(facts), facts.zeroconf)
    service = Service(directory, score, sockets, lease, around)
    async with trio.open_nursery() as nursery:
        await nursery.start(service.serve)
        if facts.zeroconf:
            nursery.start_soon(_advertise, score.show.title, facts)
        gc.collect()
        gc.freeze()  # what is here stays: no pause to look through it again
        await _told_to_end()
        await service.fade_out()
        nursery.cancel_scope.cancel()


def _own_addresses(facts: Facts) -> Callable[[], tuple[str, ...]]:
    """How to find the addresses by which tablets reach the service, now."""
    alone = facts.bind and not ipaddress.ip_address(facts.bind).is_unspecified
    return (lambda: (facts.bind,)) if alone else partial(addresses, facts.interfaces)


async def _advertise(name: str, facts: Facts) -> None:
    osc, web = facts.osc_port, facts.web_port
    services = [osc_udp(osc), osc_tcp(osc), oscjson_tcp(web), http_tcp(web)]
    if facts.push_port:
        services.append(touchosceditor_tcp(facts.push_port))
    async with advertised(name, services, facts.bind, find=partial(addresses, facts.interfaces)):
        await trio.sleep_forever()


async def _told_to_end() -> None:
    """Until SIGTERM, or the end of standard input, which the supervisor holds open."""
    async with trio.open_nursery() as nursery:

        async def until_terminated() -> None:
            with trio.open_signal_receiver(signal.SIGTERM) as signals:
                async for _ in signals:
                    break
            nursery.cancel_scope.cancel()

        async def until_orphaned() -> None:
            await trio.to_thread.run_sync(_read_to_end, abandon_on_cancel=True)
            nursery.cancel_scope.cancel()

        nursery.start_soon(until_terminated)
        nursery.start_soon(until_orphaned)


def _read_to_end() -> None:
    """Unbuffered: a thread left in a buffered read would hold a lock that the interpreter wants when it ends."""
    while os.read(sys.stdin.fileno(), 1024):
        pass

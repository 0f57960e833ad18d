"""`showctl check` and `showctl prepare`: every problem of the files, the audio, the device and the network."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from showctl.cli.shows import cache, load, tell_problems
from showctl.discovery.interfaces import own_addresses
from showctl.errors import NetworkError, ShowctlError, ShowFileError
from showctl.model.show import Show
from showctl.osc.subscribers import is_loopback
from showctl.pacer.names import are_names, looked_up
from showctl.showfile.problems import Problem, in_order
from showctl.supervisor.child import Programs
from showctl.supervisor.outputs import fitted, outlets
from showctl.supervisor.sockets import bind_osc

LOOK_UP_SECONDS = 5.0
"""What is not found by then counts as unknown."""

WATCH_SECONDS = 0.3
"""How often `--watch` looks whether a file was saved."""


def run_check(options: argparse.Namespace) -> int:
    """Once, or with `--watch` at every save until Ctrl-C."""
    if not options.watch:
        return _check(options)
    try:
        for _ in _saves(options.show):
            sys.stdout.write(f"── {time.strftime('%H:%M:%S')}\n")
            _told_errors(lambda: _check(options))
            sys.stdout.flush()
    except KeyboardInterrupt:
        pass
    return 0


def run_prepare(options: argparse.Namespace) -> int:
    loaded = load(options.show, cache())
    fine = tell_problems(loaded.problems, sys.stderr)
    if fine:
        sys.stdout.write("prepared\n")
    return 0 if fine else 1


def _check(options: argparse.Namespace) -> int:
    loaded = load(options.show, cache())
    problems = loaded.problems
    if loaded.show:
        problems = in_order((*problems, *_machine_problems(loaded.show, options)))
    fine = tell_problems(problems, sys.stdout)
    if not problems:
        sys.stdout.write("no problems\n")
    return 0 if fine else 1


def _machine_problems(show: Show, options: argparse.Namespace) -> Iterator[Problem]:
    """What would keep `serve` from starting here and now."""
    yield from _device_problems(show, options)
    try:
        bind_osc(show.ports.osc).close()
    except NetworkError as exc:  # no error: it may be the running service itself
        yield Problem("show.toml", 0, "warning", str(exc))
    texts = (*_unknown_hosts(show), *_ourselves(show))
    yield from (Problem("show.toml", 0, "warning", text) for text in texts)


def _unknown_hosts(show: Show) -> Iterator[str]:
    """Targets that nobody on this network knows by the name they have in the file."""
    found = looked_up(are_names(target.host for target in show.targets), LOOK_UP_SECONDS)
    for target in show.targets:
        if target.host not in found and are_names([target.host]):
            yield (
                f'[targets.{target.name}] has host = "{target.host}", a name that this network does not know:'
                " it gets nothing until it does; correct the name, or write the address"
            )


def _ourselves(show: Show) -> Iterator[str]:
    """Targets and clients at this machine's own OSC port: most often, two ports that were swapped."""
    own = own_addresses()
    places = (
        *((f"[targets.{target.name}]", target.host, target.port) for target in show.targets),
        *((f"[clients.{client.slug}]", client.host, client.port) for client in show.clients),
    )
    for name, host, port in places:
        if port == show.ports.osc and (is_loopback(host) or host in own):
            yield f"{name} is showctl itself, which does not listen to itself: give it the port of the other"


def _device_problems(show: Show, options: argparse.Namespace) -> Iterator[Problem]:
    try:
        where = outlets(options.device or show.audio.device, show.audio.fallback, Programs().devices)
        fitted(show, where.outputs, allow_missing=options.allow_missing)
    except ShowctlError as exc:
        yield Problem("show.toml", 0, "error", str(exc))
    else:
        if where.remark:
            yield Problem("show.toml", 0, "warning", where.remark)


def _told_errors(check: Callable[[], int]) -> None:
    """While watching, a show that cannot even be read is one more thing to be mended."""
    try:
        check()
    except ShowFileError as exc:
        sys.stdout.write(f"{exc}\n")


def _saves(folder: Path) -> Iterator[None]:
    """Once now, and each time a file in the folder has changed."""
    before = None
    while True:
        now = {path: path.stat().st_mtime_ns for path in folder.rglob("*") if path.is_file()}
        if now != before:
            before = now
            yield
        time.sleep(WATCH_SECONDS)

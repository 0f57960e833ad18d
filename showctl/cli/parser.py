"""The table of commands and options."""

from __future__ import annotations

import argparse
import ipaddress
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from showctl import __version__

Run = Callable[[argparse.Namespace], int]


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    """With `run`, which takes them. Ends the process with code 2 and a sentence for wrong usage."""
    return _parser().parse_args(arguments)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="showctl", description="Plays the click and the backing stems of a show.")
    parser.add_argument("--version", action="version", version=f"showctl {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _serve(commands.add_parser("serve", help="run the service"))
    _check(commands.add_parser("check", help="list every problem of a show on this machine"))
    _prepare(commands.add_parser("prepare", help="decode and resample a show's audio ahead"))
    _bounce(commands.add_parser("bounce", help="render songs, or a recorded night, to WAV files"))
    _devices(commands.add_parser("devices", help="list the output devices"))
    _browse(commands.add_parser("browse", help="list the showctl services on the network"))
    _export(commands.add_parser("export", help="make a layout for a tablet from a show"))
    return parser


def _serve(parser: argparse.ArgumentParser) -> None:
    _takes_show(parser)
    _takes_device(parser)
    parser.add_argument("--osc-port", type=_port, metavar="PORT", help="UDP and TCP port for OSC; 0 is any free one")
    parser.add_argument("--web-port", type=_port, metavar="PORT", help="port of the web page; 0 is any free one")
    parser.add_argument("--no-zeroconf", dest="zeroconf", action="store_false", help="do not advertise the service")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--bind", type=_address, metavar="ADDRESS", help="use this address alone; :: is all, IPv6 too")
    interface = "use this network interface alone; may be given several times"
    where.add_argument("--interface", action="append", default=[], metavar="NAME", help=interface)
    parser.add_argument("--state", type=Path, help=argparse.SUPPRESS)  # the runtime directory, for several at once
    parser.set_defaults(run=_later("serve", "run"))


def _check(parser: argparse.ArgumentParser) -> None:
    _takes_show(parser)
    _takes_device(parser)
    parser.add_argument("--watch", action="store_true", help="again whenever a file is saved")
    parser.set_defaults(run=_later("check", "run_check"))


def _prepare(parser: argparse.ArgumentParser) -> None:
    _takes_show(parser)
    parser.set_defaults(run=_later("check", "run_prepare"))


def _bounce(parser: argparse.ArgumentParser) -> None:
    _takes_show(parser)
    parser.add_argument("songs", nargs="*", metavar="SONG", help="songs of the setlist; all of them by default")
    parser.add_argument("-o", "--output", type=Path, required=True, metavar="DIR", help="where the files go")
    parser.add_argument("--plan", type=Path, metavar="LOG", help="the recording of a night, rendered again")
    parser.set_defaults(run=_later("bounce", "run"))


def _devices(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_later("network", "run_devices"))


def _browse(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--seconds", type=_seconds, default=3.0, help="how long to wait for answers (3)")
    parser.add_argument("--bind", type=_address, metavar="ADDRESS", help="use this address alone")
    parser.set_defaults(run=_later("network", "run_browse"))


def _export(parser: argparse.ArgumentParser) -> None:
    formats = parser.add_subparsers(required=True, metavar="FORMAT", dest="format")
    _layout(formats.add_parser("touchosc", help="a layout for TouchOSC (.tosc)"))
    _layout(formats.add_parser("touchosc-mk1", help="a layout for TouchOSC Mk1 (.touchosc)"))
    _layout(formats.add_parser("open-stage-control", help="a session for Open Stage Control (.json)"))


def _layout(parser: argparse.ArgumentParser) -> None:
    _takes_show(parser)
    where = "the file, or the folder for it (by default named after the show, in this folder)"
    parser.add_argument("-o", "--output", type=Path, metavar="FILE", help=where)
    parser.add_argument("--phone", action="store_true", help="for a phone held upright instead of a tablet")
    parser.set_defaults(run=_later("export", "run"))


def _takes_show(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("show", type=Path, metavar="SHOW", help="the folder that holds show.toml")


def _takes_device(parser: argparse.ArgumentParser) -> None:
    device = 'part of a name from "showctl devices", "auto" or "virtual"'
    parser.add_argument("--device", metavar="NAME", help=device)
    parser.add_argument("--allow-missing", action="store_true", help="drop the buses that do not fit the device")


def _later(module: str, function: str) -> Run:
    """Imports what a command needs when it is run: `--help` and a typing error should not wait for numpy."""

    def run(options: argparse.Namespace) -> int:
        call: Run = getattr(import_module(f"showctl.cli.{module}"), function)
        return call(options)

    return run


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"expected a port from 0 to 65535, got {text!r}")
    return int(text)


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 60:
        raise argparse.ArgumentTypeError(f"expected seconds up to 60, got {text!r}")
    return seconds


def _address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text))
    except ValueError as exc:
        raise argparse.ArgumentTypeError(f"expected an address such as 192.168.1.10, got {text!r}") from exc

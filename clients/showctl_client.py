"""A showctl client in one file: find the service, hear what happens, send commands that surely arrive.

    from showctl_client import connect

    with connect() as show:     # the one on the network; connect("192.168.1.5:8000") is a certain one
        show.command("/song/select", "night-drive")
        show.subscribe("beat", "section")
        for address, args, at in show.messages():
            print(address, *args)

Copy it beside your program. It needs python-osc, and `discover` needs zeroconf. One socket and no threads: the
subscription is renewed while messages are read.
"""

from __future__ import annotations

import logging
import select
import socket
import time
import uuid
from collections import deque
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from pythonosc.osc_message import OscMessage, ParseError
from pythonosc.osc_message_builder import build_msg

RENEW_SECONDS = 10.0  # a subscription lasts 30 s; to ask again also brings it back when the service was restarted
RETRY_SECONDS = 3.0  # while nobody answers
REPEAT_SECONDS = 0.2  # a command, until it is acknowledged
PATIENCE_SECONDS = 5.0
LONGEST_WAIT_SECONDS = 60.0

EVENTS = {"/beat", "/next", "/cue", "/cue/standby", "/ack", "/error", "/pong", "/welcome"}  # all others are states

PORT = 8000  # unless the show says otherwise
IMMEDIATELY = 1  # the timetag that names no time
NTP_TO_UNIX = 2_208_988_800  # seconds from 1900 to 1970

Arg = int | float | str | bool | bytes

log = logging.getLogger(__name__)  # to stderr, where no logging is set up


class Refused(Exception):  # noqa: N818 - as the service calls it
    """The service said no; the text is its reason."""


class NoAnswer(Exception):  # noqa: N818
    """A command was sent again and again, and nobody acknowledged it."""


class Service(NamedTuple):
    """A service on the network."""

    name: str
    host: str
    port: int


class Heard(NamedTuple):
    """A message. It sounds at `at`, by this machine's `time.time()`: who subscribes with "timetag" hears it before."""

    address: str
    args: tuple[Any, ...]
    at: float


def discover(seconds: float = 2.0) -> list[Service]:
    """The showctl services that answer on the network within `seconds`."""
    import zeroconf  # noqa: PLC0415 - whoever types the address does without it

    kind, names = "_osc._udp.local.", set[str]()
    with zeroconf.Zeroconf() as network:
        zeroconf.ServiceBrowser(network, kind, handlers=[lambda name, **_: names.add(name)])
        time.sleep(seconds)
        infos = [network.get_service_info(kind, name, timeout=1000) for name in sorted(names)]
    return [
        Service(info.name.removesuffix(f".{kind}"), info.parsed_addresses()[0], info.port)
        for info in infos
        if info and info.port and info.parsed_addresses() and info.decoded_properties.get("app") == "showctl"
    ]


def connect(address: str = "") -> Client:
    """A client of the service at "HOST:PORT" or "HOST"; by default of the one on the network, or on this machine.

    Raises ValueError, with a sentence, for an address that is none and where there are several services.
    """
    if not address:
        found = _discovered()
        if len(found) > 1:
            listed = ", ".join(f"{each.host}:{each.port} ({each.name})" for each in found)
            raise ValueError(f"expected the address of one of these services: {listed}")
        return Client(*found[0][1:]) if found else Client()
    try:
        parts = urlsplit(f"//{address}")
        return Client(parts.hostname or "", parts.port or PORT)
    except (OSError, ValueError):
        raise ValueError(f"expected HOST:PORT of a computer that is there, got {address!r}") from None


def _discovered() -> list[Service]:
    """None where the network or this Python has no zeroconf."""
    try:
        return discover()
    except (ImportError, OSError):
        return []


class Client:
    """A conversation with one service. OSError for a host that nobody knows."""

    def __init__(self, host: str = "127.0.0.1", port: int = PORT) -> None:
        self.name = f"{host}:{port}"
        self._service: tuple[Any, ...]
        places = socket.getaddrinfo(host, port, type=socket.SOCK_DGRAM)
        family, _, _, _, self._service = min(places, key=lambda place: place[0] != socket.AF_INET)
        self._socket = socket.socket(family, socket.SOCK_DGRAM)
        self._kept = deque[Heard](maxlen=10_000)  # heard while a command waited for its answer
        self._words: tuple[str, ...] | None = None  # of the subscription
        self._asked_at = 0.0
        self._answered = False  # since we asked, by any word
        self._synced = False  # … by the whole state
        self._states: dict[str, tuple[Any, ...]] = {}

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End the conversation, and the subscription."""
        if self._words is not None:
            self.send("/unsubscribe")
        self._socket.close()

    def fileno(self) -> int:
        """So that `select` can wait for this among other things; then read `messages(0)`, and each second anyway."""
        return self._socket.fileno()

    # ── to the service ──

    def send(self, address: str, *args: Arg) -> None:
        """Send a message once; whether it arrives, nobody knows."""
        with suppress(OSError):  # no network just now
            self._socket.sendto(build_msg(address, args).dgram, self._service)

    def command(self, address: str, *args: Arg) -> None:
        """Have it done exactly once, however bad the network. Raises Refused, with the reason, or NoAnswer."""
        command_id, gives_up_at = uuid.uuid4().hex, time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < gives_up_at:
            self.send("/cmd", command_id, address, *args)
            for heard in self._receive(time.monotonic() + REPEAT_SECONDS):
                match heard.address, *heard.args:
                    case "/ack", acknowledged, _, "ok" if acknowledged == command_id:
                        return
                    case "/ack", acknowledged, _, str(reason) if acknowledged == command_id:
                        raise Refused(reason)
                    case "/error", "/cmd", str(reason):
                        raise Refused(reason)
                self._kept.append(heard)
        raise NoAnswer(f"no answer from {self.name} to {address} in {PATIENCE_SECONDS:g} s: is showctl running there?")

    def hello(self, passcode: str) -> None:
        """Sign in, where the show asks for a passcode. Raises Refused for a wrong one."""
        self.command("/hello", passcode)

    def subscribe(self, *words: str) -> None:
        """Ask to be told topics ("beat", "cue"; all when none is named), with flags ("timetag", "utf8").

        The whole state comes first, up to `/synced`. Each renewal brings it again, and then only news are passed on.
        """
        self._words = words
        self._states.clear()
        self._ask()

    def _ask(self) -> None:
        self.send("/subscribe", *self._words or ())
        self._asked_at, self._answered, self._synced = time.monotonic(), False, False

    @property
    def _due_at(self) -> float:
        """When to ask again."""
        if self._words is None:
            return float("inf")
        return self._asked_at + (RENEW_SECONDS if self._answered else RETRY_SECONDS)

    def _renew(self) -> None:
        if time.monotonic() >= self._due_at:
            if not self._answered:
                log.warning("no answer from %s: is showctl running there?", self.name)
            self._ask()

    # ── from the service ──

    def messages(self, seconds: float = float("inf")) -> Iterator[Heard]:
        """What is told, as it arrives, for so long; 0 for what is there already."""
        ends_at = time.monotonic() + seconds
        while True:
            self._renew()
            while self._kept:
                yield from self._news(self._kept.popleft())
            for heard in self._receive(min(ends_at, self._due_at)):
                yield from self._news(heard)
            if time.monotonic() >= ends_at:
                return

    def _news(self, heard: Heard) -> Iterator[Heard]:
        """The message, unless it is a state as it was, said once more by a renewal."""
        known, self._states[heard.address] = self._states.get(heard.address), heard.args
        if self._synced or heard.address in EVENTS or heard.args != known:
            yield heard
        self._synced |= heard.address == "/synced"

    def _receive(self, until: float) -> Iterator[Heard]:
        """Messages as they arrive, up to that time."""
        while select.select([self], [], [], min(max(0.0, until - time.monotonic()), LONGEST_WAIT_SECONDS))[0]:
            packet = b""
            with suppress(OSError):  # Windows says here that a packet of ours found nobody there
                packet = self._socket.recv(65536)
                self._answered = True
            yield from opened(packet)


def opened(packet: bytes) -> Iterator[Heard]:
    """The messages in a packet that was just received. What is no OSC is passed over."""
    at = time.time()
    if packet.startswith(b"#bundle\0"):
        timetag, rest = int.from_bytes(packet[8:16]), packet[16:]
        if timetag != IMMEDIATELY:
            at = (timetag / 2**32 - NTP_TO_UNIX) % 2**32  # good until 2106
        while rest:
            size = int.from_bytes(rest[:4])
            yield from _message(rest[4 : 4 + size], at)
            rest = rest[4 + size :]
    else:
        yield from _message(packet, at)


def _message(packet: bytes, at: float) -> Iterator[Heard]:
    with suppress(ParseError, UnicodeDecodeError):
        message = OscMessage(packet)
        yield Heard(message.address, tuple(message.params), at)

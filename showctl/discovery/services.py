"""What is advertised, as a table: one instance name, one row for each thing that can be spoken to."""

from __future__ import annotations

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

from zeroconf import ServiceInfo

from showctl.model.names import slug

OSC_UDP = "_osc._udp"
OSC_TCP = "_osc._tcp"
OSCJSON_TCP = "_oscjson._tcp"
HTTP_TCP = "_http._tcp"
TOUCHOSCEDITOR_TCP = "_touchosceditor._tcp"

OSC_TYPES = "ifsTFI"
"""The argument types that are understood, as OSC's own TXT record names them (NIME 2009)."""

APP = "showctl"
"""Of the TXT record: by this `browse` knows its own kind among other OSC services."""

MAX_NAME_BYTES = 63  # of a DNS label


@dataclass(frozen=True, slots=True)
class Advertised:
    """A kind of service ("_osc._udp") on a port, and its TXT record."""

    kind: str
    port: int
    txt: Mapping[str, str] = field(default_factory=dict)


def osc_udp(port: int) -> Advertised:
    return Advertised(OSC_UDP, port, {"txtvers": "1", "version": "1.1", "types": OSC_TYPES, "app": APP})


def osc_tcp(port: int) -> Advertised:
    """Of the two framings that are understood, the one that OSC 1.1 has a key for."""
    return Advertised(OSC_TCP, port, {**osc_udp(port).txt, "framing": "slip"})


def oscjson_tcp(port: int) -> Advertised:
    """OSCQuery; the proposal names no TXT record, and clients look for `_osc._udp` of the same name beside it."""
    return Advertised(OSCJSON_TCP, port, {"txtvers": "1", "app": APP})


def http_tcp(port: int) -> Advertised:
    return Advertised(HTTP_TCP, port, {"path": "/", "app": APP})


def touchosceditor_tcp(port: int) -> Advertised:
    """Where TouchOSC Mk1 fetches a layout; it lists the instance names, and reads no TXT record."""
    return Advertised(TOUCHOSCEDITOR_TCP, port)


def service_info(name: str, service: Advertised, addresses: tuple[str, ...]) -> ServiceInfo:
    """The record of a service, under a host name of our own: the machine's name belongs to its own responder."""
    kind = f"{service.kind}.local."
    host = slug(f"{name}-{socket.gethostname().split('.')[0]}")[:MAX_NAME_BYTES]
    return ServiceInfo(
        kind,
        f"{name}.{kind}",
        port=service.port,
        properties=dict(service.txt),
        server=f"{host}.local.",
        parsed_addresses=list(addresses),
    )


def instance_name(wanted: str, attempt: int) -> str:
    """The name as given, then "name-2" and so on, as much of it as DNS takes. A dot would end the label."""
    suffix = f"-{attempt}" if attempt > 1 else ""
    room = MAX_NAME_BYTES - len(suffix)
    return wanted.replace(".", " ").encode()[:room].decode(errors="ignore") + suffix

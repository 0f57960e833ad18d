"""Who else is there: the showctl services that answer on the network."""

from __future__ import annotations

import time
from dataclasses import dataclass

from zeroconf import ServiceBrowser, ServiceInfo, ServiceStateChange, Zeroconf

from showctl.discovery.interfaces import addresses
from showctl.discovery.services import APP, OSC_UDP
from showctl.errors import NetworkError

ANSWER_MS = 1000


@dataclass(frozen=True, slots=True)
class Found:
    """An instance by its name, at an address and a port."""

    name: str
    host: str
    port: int
    txt: dict[str, str]


def browse(seconds: float, bind: str = "") -> tuple[Found, ...]:
    """Those that answer within `seconds`, by name. Blocks so long. Raises `NetworkError` without multicast."""
    kind, names = f"{OSC_UDP}.local.", set[str]()

    def heard(zeroconf: Zeroconf, service_type: str, name: str, state_change: ServiceStateChange) -> None:  # noqa: ARG001 - zeroconf calls by keyword
        (names.discard if state_change is ServiceStateChange.Removed else names.add)(name)

    try:
        zeroconf = Zeroconf([bind] if bind else list(addresses()))
    except OSError as exc:
        raise NetworkError(f"cannot browse the network ({exc.strerror}): choose an address with --bind") from exc
    with zeroconf:
        ServiceBrowser(zeroconf, kind, handlers=[heard])
        time.sleep(seconds)
        infos = [zeroconf.get_service_info(kind, name, ANSWER_MS) for name in sorted(names)]
    found = (found_in(info, kind) for info in infos if info)
    return tuple(each for each in found if each.txt.get("app") == APP)


def found_in(info: ServiceInfo, kind: str) -> Found:
    txt = {key: value or "" for key, value in info.decoded_properties.items()}
    hosts = info.parsed_addresses()  # the newest first
    return Found(info.name.removesuffix(f".{kind}"), hosts[0] if hosts else "", info.port or 0, txt)

"""A capture as Wireshark's OSC dissector reads it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

from tests.judges.recording import SERVICE_PORT

NUMBERS = {"int32": int, "int64": int, "float": float, "double": float}
TEXTS = {"string", "symbol", "char"}


def dissected(file: Path) -> tuple[dict[int, list[object]], list[str]]:
    """For each client's port what it was sent, and what tshark finds wrong with any of it.

    A message is (address, types with their comma, the values that take any bytes); a bundle is (timetag, [elements]).
    """
    packets: dict[int, list[object]] = defaultdict(list)
    wrong: list[str] = []
    for frame in ET.fromstring(_pdml(file)):  # noqa: S314 - it is our own
        port = next(int(field.get("show", "")) for field in frame.iter() if field.get("name", "")[3:] == ".dstport")
        packets[port] += [_element(each) for osc in frame if osc.get("name") == "osc" for each in osc]
        wrong += [field.get("showname", "") for field in frame.iter() if _is_wrong(field.get("name", ""))]
    return packets, wrong


def _pdml(file: Path) -> bytes:
    """Over UDP the dissector is asked of a port by its heuristic alone, which is off where nobody wants it."""
    program = shutil.which("tshark")
    assert program, "tshark is missing: make setup-test installs it"
    command = [program, "-r", str(file), "--enable-heuristic", "osc_udp", "-d", f"tcp.port=={SERVICE_PORT},osc"]
    environ = os.environ | {"WIRESHARK_CONFIG_DIR": str(file.parent), "TZ": "UTC"}  # nobody's own preferences
    return subprocess.run([*command, "-T", "pdml"], check=True, env=environ, capture_output=True, timeout=60).stdout


def _is_wrong(name: str) -> bool:
    return name.startswith(("_ws.malformed", "_ws.expert", "_ws.short"))


def _element(field: ET.Element) -> object:
    if field.get("name") == "osc.message":
        header, *arguments = field
        address, types = map(_text, header)
        return address, types, [_value(each) for each in arguments if each.get("size") != "0"]
    assert field.get("name") == "osc.bundle", field.attrib
    timetag, *elements = field
    return _timetag(timetag), [_element(each) for each in elements if each.get("name") != "osc.bundle.element.size"]


def _value(field: ET.Element) -> object:
    kind = field.get("name", "").removeprefix("osc.message.")
    if kind in NUMBERS:
        return NUMBERS[kind](field.get("show", ""))
    if kind in TEXTS:
        return _text(field)
    if kind == "timetag":
        return _timetag(field)
    if kind == "rgba":
        return int(field.get("show", ""), 16)
    if kind == "midi":
        return _midi(field)
    assert kind == "blob", kind
    return _blob(field)


def _text(field: ET.Element) -> str:
    """As it is shown where it is ASCII, as OSC 1.0 has it; of what was asked for in `utf8` only the bytes are right."""
    written = bytes.fromhex(field.get("value", "")).partition(b"\0")[0]
    return field.get("show", "") if written.isascii() else written.decode()


def _timetag(field: ET.Element) -> int:
    """To the bit; what is shown is rounded to nanoseconds, and written otherwise in each version."""
    return int(field.get("value", ""), 16)


def _midi(field: ET.Element) -> bytes:
    """The two data bytes are those of a note here: what they are called depends on the status."""
    port, status, channel, note, velocity = (int(each.get("show", ""), 0) for each in field)
    return bytes([port, status << 4 | channel, note, velocity])


def _blob(field: ET.Element) -> bytes:
    """Without its padding, which the dissector counts among it."""
    size, *written = field
    return bytes.fromhex("".join(each.get("value", "") for each in written))[: int(size.get("show", ""))]

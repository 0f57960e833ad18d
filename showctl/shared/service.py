"""What is settled when a service starts: a small file that every process of it reads once."""

from __future__ import annotations

import msgspec

from showctl.errors import RuntimeFilesError
from showctl.model.show import Record, Show, decode_show
from showctl.shared.files import atomic_write
from showctl.shared.rundir import RuntimeDirectory


class Service(Record, frozen=True):
    """Paths are absolute. `bind` is the one address to use, or `interfaces` those to use; empty for all. `show` is
    the hash of the compiled show."""

    show: str
    folder: str
    cache: str
    night_log: str
    osc_port: int
    web_port: int = 0
    push_port: int = 0
    bind: str = ""
    interfaces: tuple[str, ...] = ()
    zeroconf: bool = True


def write_service(directory: RuntimeDirectory, service: Service) -> None:
    """Raises `RuntimeFilesError` if it cannot be written."""
    atomic_write(directory.service, msgspec.json.encode(service))


def read_service(directory: RuntimeDirectory) -> Service:
    """Raises `RuntimeFilesError` where no service was started in `directory`."""
    try:
        return msgspec.json.decode(directory.service.read_bytes(), type=Service)
    except (OSError, msgspec.DecodeError) as exc:
        raise RuntimeFilesError(f"expected the facts of a service in {directory.service}: start it again") from exc


def write_show(directory: RuntimeDirectory, show_hash: str, encoded: bytes) -> None:
    """Put a compiled show where all processes find it. Raises `RuntimeFilesError`."""
    directory.show(show_hash).parent.mkdir(mode=0o700, exist_ok=True)
    atomic_write(directory.show(show_hash), encoded)


def read_show(directory: RuntimeDirectory, show_hash: str) -> Show:
    """Raises `RuntimeFilesError` where there is no such show."""
    try:
        return decode_show(directory.show(show_hash).read_bytes())
    except (OSError, msgspec.DecodeError) as exc:
        raise RuntimeFilesError(f"expected a compiled show in {directory.show(show_hash)}: start again") from exc

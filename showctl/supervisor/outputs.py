"""Which device to play on, asked in a throw-away process; and which buses fit it.

A sound server that dies can hang whoever looks at it, so nobody looks who has anything else to do.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

import msgspec

from showctl.engine.devices import AUTO, VIRTUAL, DeviceFacts, choose
from showctl.errors import DeviceError
from showctl.model.show import Bus, Show
from showctl.supervisor.child import Command

PROBE_SECONDS = 10.0
"""How long a look at the devices may take, on a busy machine with a sound server that hangs."""

Devices = tuple[DeviceFacts, ...]


class Probe:
    """One look at the devices, under way in a process of its own."""

    def __init__(self, command: Command) -> None:
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,  # which holds more than any machine's list of devices, so it never blocks
            stderr=subprocess.PIPE,
            start_new_session=True,
        )

    def finished(self) -> bool:
        return self._process.poll() is not None

    def devices(self) -> Devices:
        """Waits for it. Raises `DeviceError` where nothing can be found out."""
        try:
            listed, complaint = self._process.communicate(timeout=PROBE_SECONDS)
            if self._process.returncode:
                told = complaint.decode(errors="replace").strip().splitlines()
                raise DeviceError(told[-1] if told else "the sound devices cannot be listed")
            return msgspec.json.decode(listed, type=Devices)
        except subprocess.TimeoutExpired as exc:
            raise DeviceError("the sound system does not answer: restart the sound server") from exc
        except msgspec.DecodeError as exc:
            raise DeviceError(f"the sound devices cannot be listed ({exc})") from exc
        finally:
            self.abandon()

    def abandon(self) -> None:
        """End it, whatever it waits for."""
        self._process.kill()
        for pipe in (self._process.stdout, self._process.stderr):
            if pipe:
                pipe.close()


def list_devices(command: Command) -> Devices:
    """What there is to play on. Raises `DeviceError`."""
    return Probe(command).devices()


@dataclass(frozen=True, slots=True)
class Outlets:
    """Where the sound may go, best first. `labels[0]` is what was asked for; the rest are for when it is lost."""

    labels: tuple[str, ...]
    asked: int
    """How many of these were asked for, by name or by "auto"; what follows is for a device lost in the show."""
    first: int = 0
    """Which of them to begin with."""
    outputs: int | None = None
    """Of that one; None where it has as many as anybody wants."""
    remark: str = ""
    """A sentence for the user, where it is not quite what was asked for."""

    @property
    def device(self) -> str:
        """The one to begin with."""
        return self.labels[self.first]


def outlets(wanted: str, fallback: tuple[str, ...], command: Command) -> Outlets:
    """What `wanted` ("auto", "virtual" or part of a name) stands for on this machine.

    Raises `DeviceError` with what there is if it is missing, and so is every fallback.
    """
    if wanted == VIRTUAL:
        return Outlets((VIRTUAL,), 1)
    try:
        return _outlets(list_devices(command), wanted, fallback)
    except DeviceError as exc:
        if wanted == AUTO:
            return Outlets((VIRTUAL,), 1, remark=f"{exc}; playing to the virtual device, which nobody hears")
        raise DeviceError(f"{exc} (--device virtual)") from exc


def _outlets(devices: Devices, wanted: str, fallback: tuple[str, ...]) -> Outlets:
    try:
        facts = choose(devices, wanted)
        labels = _in_order(facts.label, fallback)
        return Outlets(labels, len(labels) if wanted == AUTO else 1 + len(fallback), 0, facts.outputs)
    except DeviceError as exc:
        labels = _in_order(wanted, fallback)
        for name in fallback:
            if is_there(devices, name):
                found = _found(devices, name)
                remark = f"{exc}; playing to {found.label if found else name}"
                first, outputs = labels.index(name), found.outputs if found else None
                return Outlets(labels, 1 + len(fallback), first, outputs, remark)
        raise


def _in_order(wanted: str, fallback: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((wanted, *fallback, VIRTUAL)))


def _found(devices: Devices, wanted: str) -> DeviceFacts | None:
    try:
        return choose(devices, wanted)
    except DeviceError:
        return None


def is_there(devices: Devices, wanted: str) -> bool:
    """The virtual device always is."""
    return wanted == VIRTUAL or _found(devices, wanted) is not None


# ── what fits ──


def fitted(show: Show, outputs: int | None, *, allow_missing: bool) -> tuple[Show, tuple[Bus, ...]]:
    """The show for a device with so many outputs, and the buses that were dropped for it.

    Raises `DeviceError` if there are too few and `allow_missing` is not given, or if no bus is left.
    """
    if outputs is None or show.outputs <= outputs:
        return show, ()
    kept = tuple(bus for bus in show.buses if max(bus.channels, default=0) < outputs)
    if not allow_missing or not kept:
        remedy = "choose another with --device" + (", or --allow-missing drops the buses that do not fit" * bool(kept))
        raise DeviceError(f"the show needs {show.outputs} outputs, the device has {outputs}: {remedy}")
    slugs = {bus.slug for bus in kept}
    mixers = {slug: ranges for slug, ranges in show.access.mix.items() if slug in slugs}
    access = msgspec.structs.replace(show.access, mix=mixers)
    dropped = tuple(bus for bus in show.buses if bus.slug not in slugs)
    return msgspec.structs.replace(show, buses=kept, access=access), dropped

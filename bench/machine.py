"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("numpy", "sounddevice", "soundfile", "soxr", "trio", "JACK-Client", "supriya")
PROGRAMS = {"jackd": ("jackd", "--version"), "scsynth": ("scsynth", "-v")}


def machine() -> dict[str, str]:
    """Facts by name, for people."""
    return {
        "processor": f"{_cpu_model()}, {os.cpu_count()} cores",
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "kernel": f"{platform.system()} {platform.release()} {platform.version()}",
        "python": platform.python_version(),
        "packages": ", ".join(f"{name} {_version(name)}" for name in PACKAGES),
        "programs": ", ".join(_first_line(command) for command in PROGRAMS.values()),
        "load": load(),
    }


def load() -> str:
    """The load average over 1, 5 and 15 minutes: others on the machine disturb figures."""
    return " ".join(f"{value:.2f}" for value in os.getloadavg())


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    return next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "missing"


def _first_line(command: tuple[str, ...]) -> str:
    try:
        told = subprocess.run(command, capture_output=True, text=True, check=False, timeout=10)
    except (OSError, subprocess.TimeoutExpired):
        return f"{command[0]} missing"
    return next((line for line in (told.stdout + told.stderr).splitlines() if command[0] in line), command[0])

"""Host time: the one clock that all processes of this machine share."""

from __future__ import annotations

import time

from showctl.model.units import HostNs


def host_ns() -> HostNs:
    """Nanoseconds of `time.perf_counter_ns`, which is the system's monotonic clock and the same in every process."""
    return HostNs(time.perf_counter_ns())

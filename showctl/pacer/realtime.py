"""What the system grants to a process that must be on time. All of it may be refused; then it is as good as it gets."""

from __future__ import annotations

import contextlib
import ctypes
import gc
import os
import sys

FIFO_PRIORITY = 3
"""Above everything that is not realtime and the engine's helper, 1; below audio callbacks: JACK's clients have 5."""

_PR_SET_TIMERSLACK = 29  # linux/prctl.h


def be_on_time() -> None:
    """Timers as fine as they come, priority over what is not realtime, and no garbage collection from here on."""
    gc.collect()
    gc.freeze()
    gc.disable()
    with contextlib.suppress(OSError, AttributeError):
        _raise_priority()
        _refine_timers()


if sys.platform == "win32":

    def _raise_priority() -> None:
        high_priority_class = 0x80
        ctypes.windll.kernel32.SetPriorityClass(ctypes.windll.kernel32.GetCurrentProcess(), high_priority_class)

    def _refine_timers() -> None:
        ctypes.windll.winmm.timeBeginPeriod(1)

elif sys.platform == "linux":

    def _raise_priority() -> None:
        """Processes started from here are ordinary ones again."""
        try:
            policy = os.SCHED_FIFO | os.SCHED_RESET_ON_FORK
            os.sched_setscheduler(0, policy, os.sched_param(FIFO_PRIORITY))
        except PermissionError:
            with contextlib.suppress(PermissionError):
                os.setpriority(os.PRIO_PROCESS, 0, -10)

    def _refine_timers() -> None:
        """An ordinary process is woken up to 50 µs late to save power, unless it asks for less."""
        ctypes.CDLL(None).prctl(_PR_SET_TIMERSLACK, ctypes.c_ulong(1), 0, 0, 0)

else:

    def _raise_priority() -> None:
        os.setpriority(os.PRIO_PROCESS, 0, -10)

    def _refine_timers() -> None:
        """Nothing to ask for."""

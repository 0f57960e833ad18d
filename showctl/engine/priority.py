"""Who goes first: the callback, then the pacer, then the helper, then everybody else.

A helper that is starved while it holds the interpreter keeps the callback from it, so it is realtime too. Sound
servers give their callbacks a priority of their own; those of the others get the one here.
"""

from __future__ import annotations

import contextlib
import os
import sys

CALLBACK_PRIORITY = 5
"""What JACK gives its clients at `jackd -R`'s default of 10. The pacer has 3."""

HELPER_PRIORITY = 1


if sys.platform == "linux":

    def raise_thread(priority: int) -> None:
        """Have the calling thread go before those with less, where that is permitted; it never loses what it has."""
        with contextlib.suppress(OSError):
            if os.sched_getscheduler(0) & ~os.SCHED_RESET_ON_FORK == os.SCHED_OTHER:
                os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(priority))

else:

    def raise_thread(priority: int) -> None:
        """Nothing to ask for."""

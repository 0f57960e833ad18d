"""What all that uses python-zeroconf needs: it blocks for seconds, and there is not always a network.

Every call to it is made in a thread, none in trio's; it has threads of its own.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio
import zeroconf as dns_sd

T = TypeVar("T")

log = logging.getLogger(__name__)


async def in_thread(call: Callable[[], T]) -> T:
    """Cancelling does not wait for the call: at the end of the show nobody waits for the network."""
    return await trio.to_thread.run_sync(call, abandon_on_cancel=True)


async def kept_up(run: Callable[[], Awaitable[None]], otherwise: str, again_seconds: float) -> None:
    """Runs it until cancelled: where the network cannot be used, or not any more, again after a while.

    It may come back. `otherwise` says what that means for people; it is logged once for each reason, not all night.
    """
    said = ""
    while True:
        try:
            await run()
        except* (OSError, dns_sd.Error) as group:
            reason = str(group.exceptions[0])
            if reason != said:
                log.warning("zeroconf cannot be used (%s): %s", reason, otherwise)
            said = reason
        await trio.sleep(again_seconds)

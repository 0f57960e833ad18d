"""Desk profiles: what a cue is in the words of the machine that does it. A row per profile, and pure.

Addresses of ETC Eos: its "OSC Eos Control"; it keeps its own packets to 512 bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from showctl.errors import ShowctlError
from showctl.model.show import OscCall, Target


class CueError(ShowctlError):
    """A cue that cannot be said to its target; the sentence says why, and what to write instead."""


def cue_message(target: Target, action: str | OscCall) -> OscCall:
    """The message that makes `target` do `action`: a cue number, or a message written out. Raises CueError."""
    if isinstance(action, OscCall):
        return _written_out(target, action)
    fire = _FIRE.get(target.profile)
    if fire is None:
        text = f'[targets.{target.name}] has profile "{target.profile}", for which no cue numbers can be sent'
        raise CueError(f'{text}: write the message out, as in osc = ["/address", 1]')
    return fire(target, action)


def _written_out(target: Target, call: OscCall) -> OscCall:
    if target.profile in _NO_OSC:
        raise CueError(f'[targets.{target.name}] has profile "{target.profile}", which does not speak OSC')
    return call


_NO_OSC = frozenset({"midi"})

_EOS_CUE = re.compile(r"(?:(?P<list>\d{1,5})/)?(?P<cue>\d{1,5}(?:\.\d{1,3})?)", re.ASCII)


def _eos(target: Target, action: str) -> OscCall:
    """`12` is a cue of the target's list, or else of list 1; `2/12` one of list 2."""
    found = _EOS_CUE.fullmatch(action.strip())
    if not found:
        text = f'expected a cue such as "12", "0.5" or "2/12" (list 2) for [targets.{target.name}], got "{action}"'
        raise CueError(f"{text}: correct `fire` in the cue")
    cue_list = found["list"] or target.options.get("list", 1)
    return OscCall(f"/eos/cue/{cue_list}/{found['cue']}/fire")


_FIRE: dict[str, Callable[[Target, str], OscCall]] = {
    "eos": _eos,
}

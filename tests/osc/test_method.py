"""What a press is: the same for every trigger."""

from __future__ import annotations

import pytest

from showctl.errors import Refused
from showctl.osc.codec import IMPULSE, Arg
from showctl.osc.methods import METHODS, Method

CAPTURES = {"n": "1", "bus": "drums", "source": "click", "t": "lights"}

TRIGGERS = {method.address: method for method in METHODS if method.pressed}


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=TRIGGERS)
def test_every_trigger_fires_on_any_press_and_never_on_a_release(trigger: Method) -> None:
    presses: tuple[tuple[Arg, ...], ...] = ((), (True,), (IMPULSE,), (1,), (1.0,), (2,), (0.5,))
    assert all(trigger.bind(CAPTURES, press) for press in presses)
    releases: tuple[Arg, ...] = (False, 0, 0.0)
    assert not any(trigger.bind(CAPTURES, (release,)) for release in releases)


@pytest.mark.parametrize("trigger", TRIGGERS.values(), ids=TRIGGERS)
@pytest.mark.parametrize("arg", ["hard", float("nan"), b"1", None, (1,)])
def test_what_is_no_press_is_refused(trigger: Method, arg: Arg) -> None:
    with pytest.raises(Refused):
        trigger.bind(CAPTURES, (arg,))

"""The rehearsal of control: any show can be rehearsed, and every command of it does something."""

from __future__ import annotations

import msgspec
import pytest

from showctl.conductor import rehearsal
from showctl.conductor.decide import Decision, decide
from showctl.model.score import Score
from showctl.model.show import Ports, Show
from showctl.osc.surface import Surface
from tests.test_service import SHOW

WITHOUT_SONGS = msgspec.structs.replace(SHOW, songs={}, entries=())


PREFIXED = msgspec.structs.replace(SHOW, ports=Ports(prefix="foh", bare=False))


@pytest.mark.parametrize("show", [SHOW, WITHOUT_SONGS, PREFIXED])
def test_any_show_can_be_rehearsed(show: Show) -> None:
    rehearsal.rehearse(Score(show), Surface(show))


def test_every_command_is_decided(monkeypatch: pytest.MonkeyPatch) -> None:
    decided: list[Decision] = []

    def noted(*arguments: object) -> Decision:
        decided.append(decide(*arguments))  # type: ignore[arg-type]
        return decided[-1]

    monkeypatch.setattr(rehearsal, "decide", noted)
    rehearsal.rehearse(Score(SHOW), Surface(SHOW))
    assert len(decided) == rehearsal.ROUNDS * len(rehearsal.COMMANDS)
    assert all(decision.needs_edit for decision in decided)

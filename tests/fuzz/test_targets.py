"""The fuzzer's targets with inputs that hypothesis makes: fewer, and shrunk to what matters when one fails."""

from __future__ import annotations

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz import mutator
from tests.fuzz.targets import TARGETS, Target
from tests.fuzz.world import FORGED

_HEAD = st.integers(0, FORGED + 1).map(lambda number: bytes([number]))
_DICE = st.randoms(use_true_random=False)


def inputs(name: str) -> st.SearchStrategy[bytes]:
    raw = st.builds(bytes.__add__, _HEAD, st.binary(max_size=200))
    if name == "patterns":
        text = st.text("/bus*?[]{}!,-drumsfe1", max_size=40).map(str.encode)
        return st.builds(bytes.__add__, _HEAD, text)
    if name in {"datagrams", "streams"}:
        return raw | st.builds(lambda given, dice: mutator.mutated(given, dice, name), raw, _DICE)
    return raw


@pytest.mark.parametrize("name", TARGETS)
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_whatever_arrives_is_harmless(targets: dict[str, Target], name: str, data: st.DataObject) -> None:
    targets[name](data.draw(inputs(name)))


def test_a_mutated_packet_is_often_a_good_one() -> None:
    """Else the fuzzer would only ever look at the decoder."""
    dice = random.Random(1)
    packets = {mutator.mutated(b"", dice, "datagrams")[1:] for _ in range(200)}
    assert len(packets) > 100

"""Which device is chosen, and that each kind asks for its blocks as promised."""

from __future__ import annotations

import threading
from itertools import pairwise

import numpy as np
import pytest

from showctl.engine.devices import Block, DeviceFacts, FileDevice, VirtualDevice, choose
from showctl.errors import DeviceError


def facts(index: int, name: str, api: str = "ALSA", default: bool = False) -> DeviceFacts:
    return DeviceFacts(index, name, api, 8, 48000.0, 0.005, default)


CARDS = (facts(0, "HDMI"), facts(1, "Scarlett 18i20"), facts(2, "Scarlett 18i20", "JACK", default=True))


@pytest.mark.parametrize(("wanted", "index"), [("auto", 2), ("scarlett", 2), ("ALSA", 0), ("18i20 (alsa)", 1)])
def test_a_part_of_the_name_chooses_and_the_default_goes_first(wanted: str, index: int) -> None:
    assert choose(CARDS, wanted).index == index


def test_no_other_device_is_ever_taken_unasked() -> None:
    with pytest.raises(DeviceError, match=r'no output device fits "MOTU" \(there: HDMI \(ALSA\), Scarlett'):
        choose(CARDS, "MOTU")
    with pytest.raises(DeviceError, match=r"there: none"):
        choose((), "auto")


def test_a_virtual_device_asks_for_blocks_at_the_pace_of_the_host_clock() -> None:
    due: list[int] = []
    enough = threading.Event()

    def fill(out: Block, host_ns: int, ahead_seconds: float, underflow: bool) -> None:
        assert (out.shape, ahead_seconds, underflow) == ((480, 3), 0.01, False)
        due.append(host_ns)
        if len(due) == 10:
            enough.set()

    device = VirtualDevice(3, 48000, 480)
    device.play(fill)
    assert enough.wait(20)
    device.close()
    assert [after - before for before, after in pairwise(due[:10])] == [10_000_000] * 9


def test_a_file_device_hands_over_each_block_in_its_size() -> None:
    written: list[Block] = []

    def fill(out: Block, host_ns: int, _ahead_seconds: float, _underflow: bool) -> None:
        out[:] = host_ns

    FileDevice(2, 1000, [3, 1, 2], lambda out: written.append(out.copy())).play(fill)
    starts = [np.full((size, 2), at * 1_000_000, np.float32) for size, at in ((3, 0), (1, 3), (2, 4))]
    for block, expected in zip(written, starts, strict=True):
        np.testing.assert_array_equal(block, expected)

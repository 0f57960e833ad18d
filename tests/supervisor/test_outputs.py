from __future__ import annotations

import sys
from pathlib import Path

import pytest

from showctl.errors import DeviceError
from showctl.model.show import Access, Bus, Show
from showctl.supervisor.outputs import Outlets, fitted, outlets
from tests.supervisor.running import plug
from tests.supervisor.service import STAND_IN

HOUSE, DRUMS, SINGER = Bus("house", "house", (0, 1)), Bus("drums", "drums", (2, 3)), Bus("singer", "singer", (1, 4))


def show_with(*buses: Bus) -> Show:
    return Show("Test", {}, (), buses, access=Access(mix={bus.slug: ("192.168.1.41",) for bus in buses}))


def found(folder: Path, wanted: str, *fallback: str) -> Outlets:
    return outlets(wanted, fallback, (*STAND_IN, "devices", str(folder / "run")))


def test_a_show_that_fits_stays_as_it_is() -> None:
    show = show_with(HOUSE, DRUMS)
    assert fitted(show, 4, allow_missing=False) == (show, ())
    assert fitted(show, None, allow_missing=False) == (show, ())


def test_buses_that_do_not_fit_are_left_out_whole_with_who_may_mix_them() -> None:
    assert fitted(show_with(HOUSE, DRUMS, SINGER), 4, allow_missing=True) == (show_with(HOUSE, DRUMS), (SINGER,))
    assert fitted(show_with(HOUSE, DRUMS, SINGER), 2, allow_missing=True) == (show_with(HOUSE), (DRUMS, SINGER))


def test_a_show_of_which_nothing_would_be_left_is_refused_even_then() -> None:
    with pytest.raises(DeviceError, match=r"needs 4 outputs, the device has 1: choose another with --device$"):
        fitted(show_with(HOUSE, DRUMS), 1, allow_missing=True)


def test_auto_is_the_default_device_and_anything_after_it_is_asked_for(tmp_path: Path) -> None:
    plug(tmp_path, "Scarlett", "Headphones")
    assert found(tmp_path, "auto") == Outlets(("Scarlett (ALSA)", "virtual"), 2, 0, 8)


def test_a_named_device_is_followed_by_its_fallbacks_and_in_the_show_by_the_virtual_one(tmp_path: Path) -> None:
    plug(tmp_path, "Scarlett", "Headphones")
    assert found(tmp_path, "head", "scar") == Outlets(("Headphones (ALSA)", "scar", "virtual"), 2, 0, 8)


def test_a_missing_device_is_begun_with_its_fallback_which_is_said(tmp_path: Path) -> None:
    plug(tmp_path, "Headphones")
    began = found(tmp_path, "scarlett", "head")
    assert (began.labels, began.asked, began.first, began.outputs) == (("scarlett", "head", "virtual"), 2, 1, 8)
    assert began.remark.startswith('no output device fits "scarlett" (there: Headphones (ALSA))')
    assert began.remark.endswith("playing to Headphones (ALSA)")


def test_a_probe_that_fails_is_told_in_its_last_line() -> None:
    command = (sys.executable, "-c", "import sys; sys.exit('PortAudio cannot be used')")
    with pytest.raises(DeviceError, match=r"PortAudio cannot be used \(--device virtual\)"):
        outlets("scarlett", (), command)
    assert outlets("auto", (), command).labels == ("virtual",)


def test_the_virtual_device_needs_no_probe() -> None:
    assert outlets("virtual", (), ("no such program",)) == Outlets(("virtual",), 1)

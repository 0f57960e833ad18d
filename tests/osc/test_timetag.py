from __future__ import annotations

import struct
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st
from pythonosc.parsing import ntp

from showctl.osc.timetag import timetag_from_unix_ns, unix_ns_from_timetag

NS = 1_000_000_000
ERA_END_NS = 2_085_978_496 * NS  # 2036-02-07 06:28:16 UTC
FIRST_NS = (2**63 * NS >> 32) - 2_208_988_800 * NS
LAST_NS = FIRST_NS + (2**32 * NS) - 1


def test_the_unix_epoch_is_2208988800_seconds_after_1900() -> None:
    assert timetag_from_unix_ns(0) == 2_208_988_800 << 32
    assert unix_ns_from_timetag(2_208_988_800 << 32) == 0


def test_half_a_second_is_half_of_the_fraction() -> None:
    assert timetag_from_unix_ns(1_500_000_000) & 0xFFFFFFFF == 0x80000000


@given(st.integers(FIRST_NS, LAST_NS))
def test_every_nanosecond_from_1968_to_2104_comes_back_exactly(unix_ns: int) -> None:
    assert unix_ns_from_timetag(timetag_from_unix_ns(unix_ns)) == unix_ns


@given(st.integers(0, 2**64 - 1))
def test_a_timetag_comes_back_within_the_units_of_half_a_nanosecond(timetag: int) -> None:
    error = timetag_from_unix_ns(unix_ns_from_timetag(timetag)) - timetag
    assert abs((error + 2**63) % 2**64 - 2**63) <= 3


def test_the_era_ends_in_2036_and_time_goes_on() -> None:
    assert datetime.fromtimestamp(ERA_END_NS // NS, UTC) == datetime(2036, 2, 7, 6, 28, 16, tzinfo=UTC)
    assert timetag_from_unix_ns(ERA_END_NS - 1) >> 32 == 0xFFFFFFFF
    assert timetag_from_unix_ns(ERA_END_NS) == 0
    assert unix_ns_from_timetag(5 << 32) == ERA_END_NS + 5 * NS


def test_no_time_is_ever_stamped_as_immediately() -> None:
    assert [timetag_from_unix_ns(ERA_END_NS + ns) for ns in range(3)] == [0, 4, 9]


@given(st.integers(0, ERA_END_NS // NS - 1))
def test_whole_seconds_agree_with_python_osc(seconds: int) -> None:
    assert struct.pack(">Q", timetag_from_unix_ns(seconds * NS)) == ntp.system_time_to_ntp(seconds)

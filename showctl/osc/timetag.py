"""OSC timetags (64-bit NTP stamps) and Unix time, in integers alone.

A timetag counts units of 2^-32 s since 1900-01-01 UTC and wraps on 2036-02-07 06:28:16 UTC. As RFC 4330 has it, a
tag with its top bit set lies in the era that ends there, any other in the next: 1968-01-20 to 2104-02-26.
"""

from __future__ import annotations

IMMEDIATELY = 1
"""The timetag that means "now"; it names no time, so look for it before converting."""

_NS = 1_000_000_000
_ERA = 1 << 64
_UNIX_EPOCH_NS = 2_208_988_800 * _NS  # from 1900 to 1970, leap seconds not counted


def timetag_from_unix_ns(unix_ns: int) -> int:
    """The nearest timetag; times outside 1968 to 2104 wrap into it."""
    return ((((unix_ns + _UNIX_EPOCH_NS) << 32) + _NS // 2) // _NS) % _ERA


def unix_ns_from_timetag(timetag: int) -> int:
    """The nearest nanosecond since 1970; gives back exactly what `timetag_from_unix_ns` was given."""
    since_1900 = timetag if timetag >> 63 else timetag + _ERA
    return ((since_1900 * _NS + (1 << 31)) >> 32) - _UNIX_EPOCH_NS

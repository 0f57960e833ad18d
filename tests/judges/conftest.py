"""Where pyliblo3 has no wheels (see pyproject.toml) its tests are left out: else pytest would collect none at all."""

from __future__ import annotations

import platform
import sys

WHEELS = {("linux", "x86_64"), ("darwin", "arm64"), ("win32", "AMD64")}

has_wheel = (sys.platform, platform.machine()) in WHEELS and sys.version_info[:2] < (3, 15)
collect_ignore = [] if has_wheel else ["test_liblo.py", "test_liblo_codec.py"]

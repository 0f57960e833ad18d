from __future__ import annotations

import subprocess
import sys

import pytest

from showctl.pacer.names import Lookup, are_names


def test_addresses_are_no_names() -> None:
    assert are_names(["10.0.0.1", "::1", "desk.local", "fe80::1%eth0", "", "desk.local"]) == ("desk.local",)


def test_names_are_looked_up_in_another_process_and_those_not_found_are_missing() -> None:
    lookup = Lookup(("localhost", "no-such-host.invalid"))
    assert lookup.result() == {"localhost": "127.0.0.1"}
    assert lookup.finished()


def test_a_lookup_can_be_given_up() -> None:
    lookup = Lookup(("localhost",))
    lookup.give_up()
    assert lookup.finished()


CHILD = "import os, sys; sys.exit(os.sched_getscheduler(0) != os.SCHED_OTHER)"
PARENT = f"""
import subprocess, sys
from showctl.pacer.realtime import be_on_time
be_on_time()
sys.exit(subprocess.call([sys.executable, "-c", "{CHILD}"]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lets a process ask for realtime scheduling")
def test_what_the_pacer_starts_is_no_realtime_process() -> None:
    assert subprocess.call([sys.executable, "-c", PARENT]) == 0

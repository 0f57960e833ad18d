from __future__ import annotations

import select
import subprocess
import sys
from pathlib import Path

from showctl.shared.bell import Bell, Ringer

WAIT_FOR_RING = """
import select, sys
from pathlib import Path
from showctl.shared.bell import Bell
with Bell.open(Path(sys.argv[1])) as bell:
    print("open", flush=True)
    select.select([bell], [], [])
    print("woken", flush=True)
"""


def rang(bell: Bell) -> bool:
    return bool(select.select([bell], [], [], 0)[0])


def test_a_ring_wakes_and_drain_forgets_it(tmp_path: Path) -> None:
    with Bell.open(tmp_path / "bell") as bell, Ringer(tmp_path / "bell") as ringer:
        silent_at_first = not rang(bell)
        for _ in range(3):
            ringer.ring()
        woken = rang(bell)
        bell.drain()
        assert (silent_at_first, woken, rang(bell)) == (True, True, False)


def test_a_ring_wakes_another_process(tmp_path: Path) -> None:
    arguments = [sys.executable, "-c", WAIT_FOR_RING, str(tmp_path / "bell")]
    with (
        subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True) as waiting,
        Ringer(tmp_path / "bell") as ringer,
    ):
        assert waiting.stdout is not None
        assert waiting.stdout.readline() == "open\n"
        ringer.ring()
        assert waiting.communicate(timeout=60)[0] == "woken\n"


def test_ringing_before_the_bell_exists_and_after_it_is_gone_does_nothing(tmp_path: Path) -> None:
    with Ringer(tmp_path / "bell") as ringer:
        ringer.ring()
        with Bell.open(tmp_path / "bell") as bell:
            ringer.ring()
            assert rang(bell)
        for _ in range(3):
            ringer.ring()


def test_a_ringer_finds_the_bell_of_a_restarted_process(tmp_path: Path) -> None:
    with Ringer(tmp_path / "bell") as ringer, Bell.open(tmp_path / "bell") as first:
        ringer.ring()
        first.drain()
        with Bell.open(tmp_path / "bell") as second:
            ringer.ring()
            assert (rang(first), rang(second)) == (False, True)


def test_ringing_does_not_block_when_nobody_drains(tmp_path: Path) -> None:
    with Bell.open(tmp_path / "bell") as bell, Ringer(tmp_path / "bell") as ringer:
        for _ in range(5000):
            ringer.ring()
        assert rang(bell)


def test_a_stranger_s_large_datagram_is_a_ring_like_any_other(tmp_path: Path) -> None:
    with Bell.open(tmp_path / "bell") as bell, Ringer(tmp_path / "bell") as ringer:
        ringer.ring()
        bell.drain()
        with Bell.open(tmp_path / "stranger") as stranger:
            stranger.socket.sendto(b"x" * 9000, bell.socket.getsockname())
        woken = rang(bell)
        bell.drain()
        assert (woken, rang(bell)) == (True, False)

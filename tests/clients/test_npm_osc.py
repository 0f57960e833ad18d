"""Judged by an OSC program that nobody of showctl wrote: npm's `osc`, which Companion uses too."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.clients.serving import HOST, serving

JUDGE = Path(__file__).parent / "npm" / "judge.mjs"


def test_npm_osc_and_the_service_understand_each_other(tmp_path: Path) -> None:
    assert (JUDGE.parent / "node_modules").is_dir(), "run: make setup-test"
    with serving(tmp_path) as service:
        command = ["node", str(JUDGE), HOST, str(service.port)]
        ended = subprocess.run(command, capture_output=True, text=True, check=False)
        assert ended.returncode == 0, ended.stderr
        clicks = service.clicks(range(1, 2))
    told = json.loads(ended.stdout)
    assert told["state"][0] == ["/transport", ["s", "armed"]]
    assert told["state"][-1] == ["/synced", ["i", len(told["state"]) - 1]]
    assert told["answers"] == [
        ["/ack", ["s", "a1"], ["s", "ok"], ["s", "ok"]],
        ["/ack", ["s", "a1"], ["s", "duplicate"], ["s", "ok"]],
        ["/bus/drums/click/fader", ["f", 0.5]],
        ["/error", ["s", "/goo"], ["s", "there is no such address: did you mean /go?"]],
    ]
    assert {beat: told["beats"][beat] for beat in clicks} == pytest.approx(clicks, abs=0.005)

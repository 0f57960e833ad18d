"""Judged by an OSCQuery client that nobody of showctl wrote: npm's `oscquery`, with npm's `ws` and `osc-min`."""

from __future__ import annotations

import json
import os
from pathlib import Path

import trio

from tests.test_service import SHOW
from tests.web.serving import HERE, site

JUDGE = Path(__file__).parent / "npm" / "judge.mjs"


async def test_a_client_from_npm_finds_reads_sets_and_listens(tmp_path: Path) -> None:
    assert (JUDGE.parent / "node_modules").is_dir(), "run: make setup-test"
    async with site(tmp_path, SHOW) as there:
        environ = os.environ | {"NO_PROXY": HERE, "no_proxy": HERE}
        command = ["node", str(JUDGE), HERE, str(there.port)]
        ended = await trio.run_process(command, env=environ, capture_stdout=True, capture_stderr=True, check=False)
        assert ended.returncode == 0, ended.stderr.decode()
        found = json.loads(ended.stdout)
        osc_port, states = there.rig.address[1], there.rig.service.surface.states
    info, methods = found["hostInfo"], found["methods"]
    assert (info["name"], info["oscPort"], info["oscTransport"], info["wsPort"]) == (
        "Test",
        osc_port,
        "UDP",
        there.port,
    )
    assert info["extensions"]["LISTEN"]
    assert set(states) < set(methods)
    assert methods["/go"] == {
        "full_path": "/go",
        "description": "starts what is armed, resumes, leaves a vamp",
        "access": 2,
        "tags": ["trigger"],
        "critical": True,
        "arguments": [{"type": "I"}],
    }
    assert methods["/bus/drums/click/db"]["arguments"] == [
        {"type": "f", "range": {"min": -90, "max": 10}, "clipmode": "both", "value": 0}
    ]
    assert methods["/beat"]["access"] == 1
    assert found["heard"] == [
        ["/bus/drums/click/fader", 0.75],
        ["/bus/drums/click/fader", 0.5],
        ["/bus/drums/click/db", -10],
    ]
    assert found["level"] == -10

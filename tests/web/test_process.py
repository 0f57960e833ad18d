"""The web port of a whole service, as a user starts it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import AsyncExitStack, contextmanager
from pathlib import Path

import httpx
from trio_websocket import open_websocket_url

from showctl.discovery.interfaces import addresses
from tests.discovery.test_advertise import other
from tests.web.serving import GOING_AWAY, PINGED, Browser, rest, upgraded

SHOW = """\
title = "Rooftop"
setlist = ["opener"]
[audio]
device = "virtual"
[buses.drums]
channels = [1]
[click]
count_in = 0
"""

SONG = """\
title = "Opener"
tempo = 240
end = 100
sections = [[1, "Intro"]]
"""


@contextmanager
def serving(folder: Path, *more: str, title: str = "Rooftop") -> Iterator[dict[str, str]]:
    """`showctl serve`, unseen unless `more` says so, and the facts of its `ready` line; it must obey Ctrl-C in time."""
    show = folder / "rooftop"
    (show / "songs" / "opener").mkdir(parents=True)
    (show / "show.toml").write_text(SHOW.replace("Rooftop", title))
    (show / "songs" / "opener" / "song.toml").write_text(SONG)
    places = {"SHOWCTL_CACHE": str(folder / "cache"), "XDG_STATE_HOME": str(folder / "state")}
    command = [sys.executable, "-m", "showctl", "serve", str(show), "--osc-port", "0", "--web-port", "0",
               "--state", str(folder / "run"), *(more or ("--no-zeroconf", "--bind", "127.0.0.1"))]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | places) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            assert line.startswith("ready "), line
            yield dict(word.split("=", 1) for word in line.split()[1:])
        finally:
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0
    assert "Traceback" not in "".join(log.read_text() for log in (folder / "state").rglob("*.log"))


def http(ready: dict[str, str]) -> httpx.Client:
    return httpx.Client(base_url=ready["web"], trust_env=False, timeout=30)


def test_a_replaced_control_goes_on_answering(tmp_path: Path) -> None:
    with serving(tmp_path) as ready:
        with http(ready) as client:
            assert client.get("/api/status").json()["health"]["processes"]["control"]["restarts"] == 0
        os.kill(int(ready["control"]), signal.SIGKILL)
        with http(ready) as client:  # waits to be accepted by the next one
            assert client.get("/transport?VALUE").json() == {"VALUE": ["armed"]}
            info = client.get("/?HOST_INFO").json()
            assert f"127.0.0.1:{info['OSC_PORT']}" == ready["osc"]
            while (control := client.get("/api/status").json()["health"]["processes"]["control"])["restarts"] == 0:
                pass
            assert control["pid"] != int(ready["control"])


async def test_the_beats_of_a_song_reach_a_websocket(tmp_path: Path) -> None:
    with serving(tmp_path) as ready:
        async with open_websocket_url(ready["web"].replace("http", "ws")) as connection:
            browser = Browser(connection)
            await browser.command("LISTEN", "/beat")
            await browser.settle()
            await browser.send("/go")
            beats = [(await browser.hear())[2:4] for _ in range(5)]
    assert beats == [(1, 1), (1, 2), (1, 3), (1, 4), (2, 1)]


async def test_an_open_websocket_is_told_that_all_is_over_and_holds_nothing_up(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        with serving(tmp_path) as ready:
            stream, _ = await stack.enter_async_context(upgraded(int(ready["web"].rpartition(":")[2])))
        assert await rest(stream) == PINGED + GOING_AWAY


async def test_all_that_is_spoken_is_advertised_under_the_show_s_name(tmp_path: Path) -> None:
    title = f"Rooftop {os.getpid()}"
    txt = "app=showctl txtvers=1"
    with (
        other(title) as osc_udp,
        other(title, "_osc._tcp.local.") as osc_tcp,
        other(title, "_oscjson._tcp.local.") as oscjson,
        other(title, "_http._tcp.local.") as pages,
        serving(tmp_path, "--bind", addresses()[0], title=title) as ready,
    ):
        osc, web = ready["osc"], ready["web"].removeprefix("http://")
        assert await osc_udp.sees() == f"+ {osc} {txt} types=ifsTFI version=1.1"
        assert await osc_tcp.sees() == f"+ {osc} app=showctl framing=slip txtvers=1 types=ifsTFI version=1.1"
        assert await oscjson.sees() == f"+ {web} {txt}"
        assert await pages.sees() == f"+ {web} app=showctl path=/"


async def test_on_a_named_interface_its_address_alone_is_advertised(tmp_path: Path) -> None:
    title = f"Cellar {os.getpid()}"
    with other(title) as osc_udp, serving(tmp_path, "--interface", "lo", title=title) as ready:
        port = ready["osc"].rpartition(":")[2]
        assert (await osc_udp.sees()).split()[1] == f"127.0.0.1:{port}"

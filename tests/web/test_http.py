"""OSCQuery and the pages, asked by an HTTP client over TCP."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from showctl.layouts.files import layout_files
from showctl.model.show import Access
from showctl.shared.health import Health, ProcessHealth, health_writer
from showctl.shared.rundir import RuntimeDirectory
from tests.test_service import SHOW
from tests.web.serving import site


async def test_the_root_is_the_whole_tree(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        status, tree = await there.get("/")
        drums = tree["CONTENTS"]["bus"]["CONTENTS"]["drums"]["CONTENTS"]
        assert status == 200
        assert tree["DESCRIPTION"] == "Test"
        assert drums["stems"]["CONTENTS"]["db"]["VALUE"] == [-9.0]
        assert await there.get("/bus/drums/stems") == (200, drums["stems"])


async def test_a_value_is_that_of_now(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        tablet = await there.rig.tablet("mix")
        await tablet.send("/bus/drums/click/fader", 0.5)
        await tablet.hear_until("/bus/drums/click/db")
        assert await there.get("/bus/drums/click/db?VALUE") == (200, {"VALUE": [-10.0]})


@pytest.mark.parametrize("method", ["db", "fader"])
async def test_what_says_that_it_is_clipped_is(tmp_path: Path, method: str) -> None:
    async with site(tmp_path, SHOW) as there:
        path = f"/bus/drums/click/{method}"
        _, node = await there.get(path)
        assert node["CLIPMODE"] == ["both"]
        tablet = await there.rig.tablet("mix")
        for sent, end in ((999.0, "MAX"), (-999.0, "MIN")):
            await tablet.send(path, sent)
            await tablet.hear_until(path)  # its sender is told the true value
            assert await there.get(f"{path}?VALUE") == (200, {"VALUE": [node["RANGE"][0][end]]})


@pytest.mark.parametrize(
    ("url", "status", "body"),
    [
        ("/transport?VALUE", 200, {"VALUE": ["stopped"]}),
        ("/bus/drums/dim?TYPE", 200, {"TYPE": "T"}),
        ("/bus/drums/dim?TYPE=", 200, {"TYPE": "T"}),
        ("/bus/drums/dim/?%54YPE", 200, {"TYPE": "T"}),
        ("/bus/drums/dim?VALUE#part", 200, {"VALUE": [False]}),
        ("/beat?VALUE", 200, {}),
        ("/go?VALUE", 204, None),
        ("/go?COLOUR", 400, None),
        ("/go?VALUE&TYPE", 400, None),
        ("/nowhere", 404, None),
        ("/bus/%2e%2e/go", 404, None),
        ("/%ff", 404, None),
    ],
)
async def test_each_question_has_its_status(tmp_path: Path, url: str, status: int, body: object) -> None:
    async with site(tmp_path, SHOW) as there:
        assert await there.get(url) == (status, body)


async def test_host_info_says_where_osc_is_and_what_is_known(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        status, info = await there.get("/wherever/it/is?HOST_INFO")
        known = {name for name, known in info.pop("EXTENSIONS").items() if known}
        assert (status, info) == (
            200,
            {"NAME": "Test", "OSC_PORT": there.rig.address[1], "OSC_TRANSPORT": "UDP", "WS_PORT": there.port},
        )
        assert known == {
            *("ACCESS", "VALUE", "RANGE", "DESCRIPTION", "TAGS", "EXTENDED_TYPE", "UNIT", "CRITICAL", "CLIPMODE"),
            *("OVERLOADS", "LISTEN", "IGNORE", "PATH_CHANGED", "PATH_ADDED", "PATH_REMOVED", "PATH_RENAMED"),
        }


async def test_json_is_sent_as_such_and_not_kept(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        headers = (await there.http.get("/")).headers
        assert (headers["content-type"], headers["cache-control"]) == ("application/json", "no-store")


async def test_a_browser_at_the_root_gets_a_page_and_json_everywhere_else(tmp_path: Path) -> None:
    show = msgspec.structs.replace(SHOW, title="<Rooftop>")
    async with site(tmp_path, show) as there:
        asked = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        page = await there.http.get("/", headers=asked)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert "<h1>&lt;Rooftop&gt;</h1>" in page.text
        for url in ("/?HOST_INFO", "/api/status"):
            assert f'href="{url}"' in page.text
            assert (await there.http.get(url, headers=asked)).headers["content-type"] == "application/json"
        assert (await there.http.get("/go", headers=asked)).headers["content-type"] == "application/json"


async def test_the_status_is_what_the_show_does(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        health = Health((ProcessHealth("engine", 7, 2), ProcessHealth("pacer", 8)), "Scarlett")
        health_writer(RuntimeDirectory(tmp_path)).write(health)
        tablet = await there.rig.tablet("transport")
        await tablet.send("/song/select", 2)
        while there.rig.service.conductor.view().state != "armed":
            await tablet.settle()
        async with there.browser() as browser:
            await browser.command("LISTEN", "/beat")  # what is heard for others is no client
            await browser.settle()
            left = {"song": 24.0, "section": 8.0, "set": 24.0}
            assert await there.get("/api/status") == (
                200,
                {
                    "title": "Test",
                    "state": "armed",
                    "song": {"title": "Two", "entry": 2, "entries": 2},
                    "section": {"name": "Intro", "index": 1, "bars": 4},
                    "position": {
                        "bar_beat": "1.1",
                        "seconds": 0.0,
                        "left": left,
                    },
                    "clients": 2,
                    "health": {
                        "text": "ok (engine replaced 2 times)",
                        "xruns": 0,
                        "load": 0.1,
                        "device": "Scarlett",
                        "processes": {"engine": {"pid": 7, "restarts": 2}, "pacer": {"pid": 8, "restarts": 0}},
                    },
                },
            )


async def test_nothing_can_be_changed_by_http(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        for method in ("POST", "PUT", "DELETE", "OPTIONS"):
            assert (await there.http.request(method, "/bus/drums/dim")).status_code == 405
        head = await there.http.head("/go")
        assert (head.status_code, head.content) == (200, b"")


async def test_a_stranger_sees_nothing(tmp_path: Path) -> None:
    show = msgspec.structs.replace(SHOW, access=Access(control=("192.168.1.0/24",)))
    async with site(tmp_path, show) as there:
        for url in ("/", "/?HOST_INFO", "/api/status", "/nowhere"):
            answer = await there.http.get(url)
            assert (answer.status_code, answer.text) == (
                403,
                "127.0.0.1 may see nothing here: [access] in show.toml says who may\n",
            )


async def test_the_layouts_of_the_show_can_be_downloaded_from_its_page(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        page = await there.http.get("/", headers={"Accept": "text/html"})
        files = layout_files(SHOW)
        assert re.findall('href="/layouts/([^"]+)"', page.text) == list(files)
        for name, (media_type, body) in files.items():
            answered = await there.http.get(f"/layouts/{name}")
            assert (answered.status_code, answered.content) == (200, body)
            assert answered.headers["content-type"].split(";")[0] == media_type
            assert answered.headers["content-disposition"] == f'attachment; filename="{name}"'


async def test_a_layout_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    async with site(tmp_path, SHOW) as there:
        answered = await there.http.get("/layouts/other.tosc")
        assert answered.status_code == 404
        assert "there is no layout other.tosc: there are test.tosc, " in answered.text

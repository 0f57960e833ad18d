"""What TouchOSC Mk1 does: it lists who advertises a layout, and asks there, whatever the path."""

from __future__ import annotations

import http.client
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import msgspec
import pytest

from showctl.discovery.interfaces import addresses
from showctl.layouts.files import layout_files
from showctl.model.show import Access, Show
from tests.discovery.test_advertise import other
from tests.layouts.readers import mk1_xml, read_mk1
from tests.rig import running_service
from tests.test_service import SHOW
from tests.web.test_process import serving


@asynccontextmanager
async def mk1(path: Path, show: Show) -> AsyncIterator[httpx.AsyncClient]:
    async with running_service(path, show, web=True) as rig:
        url = f"http://127.0.0.1:{rig.sockets.push_port}"
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=10) as client:
            yield client


@pytest.mark.parametrize("path", ["/", "/index.xml", "/api/status", "/?HOST_INFO"])
async def test_whatever_is_asked_the_answer_is_the_layout_that_can_be_downloaded_unpacked(
    tmp_path: Path, path: str
) -> None:
    async with mk1(tmp_path, SHOW) as client:
        answered = await client.get(path)
    assert (answered.status_code, answered.headers["content-type"]) == (200, "application/touchosc")
    assert answered.headers["content-disposition"] == 'attachment; filename="test.touchosc"'
    assert answered.content == mk1_xml(layout_files(SHOW)["test.touchosc"][1])


async def test_who_may_see_nothing_is_given_no_layout(tmp_path: Path) -> None:
    closed = msgspec.structs.replace(SHOW, access=Access(control=("192.0.2.0/24",)))
    async with mk1(tmp_path, closed) as client:
        answered = await client.get("/")
    assert answered.status_code == 403
    assert "[access] in show.toml says who may" in answered.text


async def test_it_is_advertised_under_the_show_s_name_where_it_answers(tmp_path: Path) -> None:
    title = f"Rooftop {os.getpid()}"
    with (
        other(title, "_touchosceditor._tcp.local.") as seen,
        serving(tmp_path, "--bind", addresses()[0], title=title),
    ):
        host, _, port = (await seen.sees()).removeprefix("+ ").rpartition(":")
        connection = http.client.HTTPConnection(host, int(port), timeout=30)
        connection.request("GET", "/")
        read = read_mk1(connection.getresponse().read())
        connection.close()
    assert {"GO", title} <= set(read.texts)

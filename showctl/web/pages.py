"""What the service answers outside OSCQuery: a page for people, and its state in one piece for programs."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from showctl.shared.health import Health
from showctl.web.tree import Told


def front_page(title: str, layouts: Mapping[str, str]) -> str:
    """What runs here; `layouts` are the names of files, and what each is for."""
    name = escape(title)
    downloads = "\n".join(
        f'<li><a href="/layouts/{escape(file)}" download>{escape(what)}</a>' for file, what in layouts.items()
    )
    return f"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{name} · showctl</title>
<h1>{name}</h1>
<p>showctl runs here: it plays the click and the stems of this show, and takes OSC.</p>
<ul>
<li><a href="/?HOST_INFO">Ports and abilities</a>, as OSCQuery's HOST_INFO
<li><a href="/api/status">What the show is doing now</a>, as JSON
</ul>
<p>Layouts of this show for tablets and phones:</p>
<ul>
{downloads}
</ul>
</html>
"""


def status(title: str, told: Told, health: Health | None, clients: int) -> dict[str, object]:
    """The show's state. Places and indices count from 1, 0 is none; seconds before bar 1 are negative."""
    song, entry, entries = told["/song"]
    section, index, bars = told["/section"]
    bar_beat, seconds, in_song, in_section, in_set = told["/position"]
    left = {"song": in_song, "section": in_section, "set": in_set}
    return {
        "title": title,
        "state": told["/transport"][0],
        "song": {"title": song, "entry": entry, "entries": entries},
        "section": {"name": section, "index": index, "bars": bars},
        "position": {"bar_beat": bar_beat, "seconds": seconds, "left": left},
        "clients": clients,
        "health": _health(told, health),
    }


def _health(told: Told, health: Health | None) -> dict[str, object]:
    xruns, load, text = told["/health"]
    processes = health.processes if health else ()
    return {
        "text": text,
        "xruns": xruns,
        "load": load,
        "device": health.device if health else "",
        "processes": {process.role: {"pid": process.pid, "restarts": process.restarts} for process in processes},
    }

"""What the pages on connecting say: every message in them can be sent, and every example is a show that loads."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from showctl.cli.unheard import unheard
from showctl.cues.profiles import CueError, cue_message
from showctl.model.show import OscCall, Target
from showctl.osc.codec import Message, encode
from showctl.showfile.profiles import PROFILES
from tests.showfile.helpers import SHOW, SONG, good, load

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("lighting-desk.md", "video.md")


def example(page: str) -> tuple[str, str]:
    """The TOML in a page: what belongs into show.toml, and what into song.toml."""
    text = (DOCS / page).read_text(encoding="utf-8")
    blocks = "".join(re.findall(r"^```toml\n(.*?)^```", text, re.DOTALL | re.MULTILINE))
    tables = re.split(r"^(?=\[|feed)", blocks, flags=re.MULTILINE)
    song = [table for table in tables if "\nat = " in table]
    return "".join(table for table in tables if table not in song), "".join(song)


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_are_a_show_whose_cues_can_all_be_sent(page: str) -> None:
    in_show, in_song = example(page)
    show = good(load(SHOW[: SHOW.index("[targets")] + in_show, SONG + in_song))
    assert len(show.songs["closer"].cues) + len(show.cues) == (in_show + in_song).count("[[cues]]") > 0
    assert list(unheard(show)) == []


def messages(page: str) -> list[list[str | int | float]]:
    """Every message that a page shows in a table, as it stands in a cue."""
    rows = [line for line in (DOCS / page).read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    found = [text for row in rows for text in re.findall(r"`(?:osc = )?(\[\"/.*?\])`", row)]
    return [tomllib.loads(f"osc = {text}")["osc"] for text in found]


@pytest.mark.parametrize("page", PAGES)
def test_every_message_of_a_page_can_be_sent(page: str) -> None:
    assert len(messages(page)) > 5
    for address, *args in messages(page):
        assert encode(Message(str(address), tuple(args)))


def test_the_pages_name_the_ports_that_the_profiles_know() -> None:
    text = "".join((DOCS / page).read_text(encoding="utf-8") for page in PAGES)
    ports = dict(re.findall(r"\| `(\w+)`, (\d+) \|", text))
    assert {"eos", "ma3", "magicq", "qlcplus", "resolume", "millumin", "qlab"} == ports.keys()
    assert {name: int(port) for name, port in ports.items()} == {name: PROFILES[name].port for name in ports}


def test_eos_is_sent_what_its_page_says() -> None:
    assert '`fire = "12"` is `/eos/cue/1/12/fire`; `"2/12"` is cue 12 of list 2' in (DOCS / PAGES[0]).read_text("utf-8")
    lights = Target("lights", "Lights", "eos", "10.0.0.1", 8000)
    assert cue_message(lights, "12") == OscCall("/eos/cue/1/12/fire")
    assert cue_message(lights, "2/12") == OscCall("/eos/cue/2/12/fire")


def test_no_profile_but_that_of_eos_takes_a_cue_number() -> None:
    assert "`fire` works with the profile `eos`. All others take `osc`" in (DOCS / PAGES[0]).read_text("utf-8")
    for profile in PROFILES.keys() - {"eos"}:
        with pytest.raises(CueError):
            cue_message(Target("lights", "Lights", profile, "10.0.0.1", 8000), "12")

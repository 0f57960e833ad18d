"""The page of all addresses cannot lag behind the tables that it is written from."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from showctl.osc.methods import METHODS, Method
from showctl.osc.outgoing import OUTGOING
from showctl.osc.reference import FLAG_SAYS, SPOKEN, page, title_of
from showctl.shared.clients import FLAGS, TOPICS

PAGE = Path(__file__).parents[2] / "docs" / "osc.md"


def test_the_page_says_what_the_tables_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m showctl.osc.reference"


def test_the_module_writes_the_page(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "showctl.osc.reference", str(tmp_path / "osc.md")], check=True)
    assert (tmp_path / "osc.md").read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.address)
def test_each_method_has_a_table_to_stand_in(method: Method) -> None:
    assert title_of(method.address), "add its first word to showctl.osc.reference.TITLES"


def test_every_address_topic_and_flag_is_on_the_page() -> None:
    addresses = {method.address for method in METHODS} | {row.address for row in OUTGOING}
    assert not [name for name in addresses | TOPICS | FLAGS if f"`{name}`" not in page()]


def test_what_the_tables_leave_open_is_said_here_and_nothing_else() -> None:
    assert SPOKEN.keys() == {method.address for method in METHODS if method.any_arguments}
    assert FLAG_SAYS.keys() == FLAGS


@pytest.mark.parametrize(
    "row",
    [
        "| `/go` | press | starts what is armed, resumes, leaves a vamp |",
        "| `/bus/<bus>/<source>/db` ⇄ | `f` level -90 … 10 dB | a level |",
        "| `/vamp/exit` | press or [`s` beat · bar · section] | lets the vamp go |",
        "| `/song/select` | `s` or `i` song | arms a song; while one sounds, only chooses what follows |",
        "| `/ping` | anything | answers /pong with the same (view) |",
        "| `/vamp` | section | `i` pass, `i` of | each pass of a vamp; of 0 is endless |",
    ],
)
def test_a_row_says_what_is_taken_and_what_it_does(row: str) -> None:
    assert f"\n{row}\n" in page()

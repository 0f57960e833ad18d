from __future__ import annotations

import tomllib
from collections.abc import Iterator

from showctl.showfile.locate import index_lines
from showctl.showfile.problems import KeyPath

TEXT = """\
title = "a"            # line 1
"two words" = 1
mix = { click = 0.0,   # line 3
  "lead vox" = -3.0 }
list = [
  { at = 1 },
  # a comment between
  { at = 2, deep = { deeper = [1,
     2] } },
]
[buses.house]          # line 11
channels = [1, 2]
mix.click = 3
[[cues]]
on = "stop"
[[cues]]
on = "end"
[cues.inner]           # line 18
x = 1
[stems."click track"]
as = "click"
"""


def paths_in(data: object, path: KeyPath = ()) -> Iterator[KeyPath]:
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in items:
        yield (*path, key)
        yield from paths_in(value, (*path, key))


def test_every_key_and_item_has_its_line() -> None:
    assert index_lines(TEXT.replace("0.0,   # line 3\n ", "0.0,")).lines.keys() == set(
        paths_in(tomllib.loads(TEXT.replace("0.0,   # line 3\n ", "0.0,")))
    )


def test_lines_are_those_of_the_text() -> None:
    lines = index_lines(TEXT).lines
    assert lines["two words",] == 2
    assert lines["list", 1, "deep", "deeper", 1] == 9
    assert lines["buses", "house"] == 11
    assert lines["buses", "house", "mix", "click"] == 13
    assert lines["cues", 0] == 14
    assert lines["cues", 1, "on"] == 17
    assert lines["cues", 1, "inner", "x"] == 19
    assert lines["stems", "click track", "as"] == 21


def test_what_is_missing_is_looked_for_around() -> None:
    index = index_lines(TEXT)
    assert index.line(("cues", 1, "to")) == 16
    assert index.line(("buses", "garden", "channels")) == 11
    assert index.line(("nowhere",)) == 1


def test_items_move_up_when_one_is_taken_out() -> None:
    index = index_lines(TEXT).without(("cues", 0))
    assert index.line(("cues", 0, "on")) == 17
    assert index.line(("cues",)) == 14
    assert ("cues", 1) not in index.lines


def test_a_text_with_mistakes_is_indexed_as_far_as_it_goes() -> None:
    assert index_lines('a = 1\nb = = 2\n[x]\nc = "').lines["a",] == 1

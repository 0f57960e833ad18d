"""What the clients of one show are told when another takes its place."""

from __future__ import annotations

import json

import msgspec

from showctl.model.show import Bus, Entry, Show, Stem
from showctl.web.changes import Changes, changes
from showctl.web.tree import tree
from tests.test_service import SHOW


def show_with(**changed: object) -> Show:
    return msgspec.structs.replace(SHOW, **changed)


def commands(new: Show) -> list[tuple[str, object]]:
    frames = [json.loads(each) for each in changes(tree(SHOW), tree(new)).commands()]
    return [(frame["COMMAND"], frame["DATA"]) for frame in frames]


HOUSE, DRUMS = SHOW.buses


def test_the_same_show_changes_nothing() -> None:
    assert commands(show_with()) == []


def test_a_bus_more_is_added() -> None:
    more = (*SHOW.buses, Bus("keys", "Keys", (4, 5)))
    assert commands(show_with(buses=more)) == [
        ("PATH_ADDED", "/bus/keys"),
        ("PATH_ADDED", "/meter/keys"),
        ("PATH_CHANGED", "/"),
    ]


def test_a_bus_less_is_removed() -> None:
    assert commands(show_with(buses=(HOUSE,))) == [
        ("PATH_REMOVED", "/bus/drums"),
        ("PATH_REMOVED", "/meter/drums"),
        ("PATH_CHANGED", "/"),
    ]


def test_a_bus_under_another_name_is_renamed() -> None:
    renamed = msgspec.structs.replace(DRUMS, slug="kit", name="Kit")
    assert commands(show_with(buses=(HOUSE, renamed))) == [
        ("PATH_RENAMED", {"OLD": "/bus/drums", "NEW": "/bus/kit"}),
        ("PATH_RENAMED", {"OLD": "/meter/drums", "NEW": "/meter/kit"}),
        ("PATH_CHANGED", "/"),
    ]


def test_what_has_other_contents_is_not_taken_for_renamed() -> None:
    other = msgspec.structs.replace(DRUMS, slug="kit", name="Kit", mix=None, audience=True)
    assert commands(show_with(buses=(HOUSE, other))) == [
        ("PATH_RENAMED", {"OLD": "/meter/drums", "NEW": "/meter/kit"}),
        ("PATH_REMOVED", "/bus/drums"),
        ("PATH_ADDED", "/bus/kit"),
        ("PATH_CHANGED", "/"),
    ]


def test_a_change_in_one_place_has_the_path_above_it() -> None:
    (one, two) = SHOW.songs.values()
    more = msgspec.structs.replace(two, stems=(*two.stems, Stem("Horns", "horns", 2, 1)))
    assert commands(show_with(songs={"one": one, "two": more})) == [
        ("PATH_ADDED", "/bus/house/horns"),
        ("PATH_ADDED", "/bus/drums/horns"),
        ("PATH_CHANGED", "/bus"),
    ]


def test_changes_in_several_places_have_one_path_above_them_all() -> None:
    told = commands(show_with(entries=(*SHOW.entries, Entry(3, "one", "arm", 0))))
    assert told == [("PATH_ADDED", "/song/3"), ("PATH_ADDED", "/setlist/3"), ("PATH_CHANGED", "/")]


def test_another_title_changes_the_root() -> None:
    assert commands(show_with(title="Another")) == [("PATH_CHANGED", "/")]


def test_what_lies_below_a_renamed_path_moves_along() -> None:
    moved = Changes(renamed={"/bus/drums": "/bus/kit"})
    assert [moved.now_at(path) for path in ("/bus/drums", "/bus/drums/click/db", "/bus/drumset", "/go")] == [
        "/bus/kit",
        "/bus/kit/click/db",
        "/bus/drumset",
        "/go",
    ]

"""The rooms import in one direction only, as `showctl/__init__.py` says it in words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import showctl

PACKAGE = Path(showctl.__file__).parent

LAYERS = (
    {"__main__"},
    {"cli"},
    {"supervisor"},
    {"service"},
    {"conductor"},
    {"engine", "pacer", "loader"},
    {"osc", "discovery"},
    {"cues", "layouts"},
    {"shared"},
    {"media", "showfile"},
    {"model"},
    {"errors"},
)
"""From the top down: a room imports from its own and those below."""

ONLY_IMPORTERS = {
    "sounddevice": {"engine"},
    "soundfile": {"media", "engine"},
    "soxr": {"media"},
    "pydantic": {"showfile"},
    "tree_sitter": {"showfile"},
    "zeroconf": {"discovery"},
    "trio": {"service", "conductor", "osc", "discovery", "supervisor"},
    "pythonosc": {"osc"},
    "rich": {"cli"},
}
"""Which rooms may know a library."""


def rank(room: str) -> int:
    return next(index for index, layer in enumerate(LAYERS) if room in layer)


def room_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return parts[0]


def imports_of(path: Path) -> set[str]:
    """Dotted names of all imported modules."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} if node.module != "showctl" else {f"showctl.{alias.name}" for alias in node.names}
    return found


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py")


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_room_imports_only_from_itself_and_the_rooms_below(path: Path) -> None:
    rooms = {name.split(".")[1] for name in imports_of(path) if name.startswith("showctl.")} - {"__version__"}
    upward = {room for room in rooms if room != room_of(path) and rank(room) <= rank(room_of(path))}
    assert not upward


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_a_library_is_known_only_to_the_rooms_that_need_it(path: Path) -> None:
    libraries = {name.split(".")[0] for name in imports_of(path)}
    strangers = {name for name in libraries & set(ONLY_IMPORTERS) if room_of(path) not in ONLY_IMPORTERS[name]}
    assert not strangers


def test_the_model_knows_no_files_no_clock_and_no_network() -> None:
    forbidden = {"os", "io", "pathlib", "socket", "time", "datetime", "threading", "subprocess", "random"}
    used = {
        (path.name, name)
        for path in MODULES
        if room_of(path) in {"model", "errors"}
        for name in imports_of(path)
        if name.split(".")[0] in forbidden
    }
    assert not used

"""One TOML text to its source model, with every fault on its line.

What is faulty is taken out and the rest is read again, so that later checks still see everything else.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from showctl.showfile.fields import Table
from showctl.showfile.locate import LineIndex, first_error_line, index_lines
from showctl.showfile.problems import KeyPath, Problem, did_you_mean, in_order, listed, shown

Model = TypeVar("Model", bound=Table)

MAX_BYTES = 1 << 20
MAX_FAULTS = 200
"""After so many the rest of a file is not told: something is wrong with the whole of it."""

_LISTS_OF_TABLES = {"cues", "guide", "stems"}


@dataclass(frozen=True, slots=True)
class Parsed(Generic[Model]):
    """What could be read of a file. `source` is None where nothing could; `damaged` names the top-level keys that
    something was taken out of (or that stand where they do not belong)."""

    file: str
    source: Model | None
    problems: tuple[Problem, ...] = ()
    lines: LineIndex = field(default_factory=LineIndex)
    damaged: frozenset[str] = frozenset()


def parse(file: str, content: bytes, model: type[Model]) -> Parsed[Model]:
    """Reads a `file` (its name is for the problems) as `model`. Never raises for any content."""
    try:
        text = _decoded(content)
        data = tomllib.loads(text)
    except RecursionError:
        return _unreadable(file, 1, "lists or tables are nested too deeply")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        return _unreadable(file, line, "this is not UTF-8 text", "save the file with the encoding UTF-8")
    except tomllib.TOMLDecodeError as error:
        return _unreadable(file, *_syntax_fault(str(error), text))
    except ValueError as error:  # `int` refuses thousands of digits
        return _unreadable(file, 1, str(error))
    return _validated(file, data, index_lines(text), model)


def _decoded(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise ValueError(f"a show file has at most {MAX_BYTES >> 20} MiB, this has {len(content) >> 20}")
    return content.decode("utf-8-sig").replace("\r\n", "\n")


def _unreadable(file: str, line: int, text: str, hint: str = "") -> Parsed[Any]:
    return Parsed(file, None, (Problem(file, line, "error", text, hint=hint),))


# ── syntax ──

_SYNTAX = {
    "Invalid value": ('a value is missing or not readable after "="', 'texts stand in quotes: title = "Rooftop"'),
    "Expected '=' after a key": ('expected a line such as key = value', "comments start with #, headers are [audio]"),
    "Invalid initial character for a key": ("expected a key", 'a key with a space stands in quotes: "Lead Vox"'),
    "Unterminated string": ("a quoted text has no closing quote", ""),
    "Illegal character '\\n'": ("a quoted text has no closing quote on its line", ""),
    "Cannot overwrite a value": ("a key stands here for the second time", "each key may stand once under its header"),
    "Duplicate inline table key": ("a key stands here for the second time", "each key may stand once in { … }"),
    "Cannot declare": ("a header stands here for the second time", "put its keys under the first one"),
    "Cannot mutate immutable": ("a header or key adds to a value that is complete already", ""),
    "Cannot redefine namespace": ("a header stands here that was written as a list or value before", ""),
    "Unclosed array": ('a list is not closed', 'expected "," or "]"'),
    "Unclosed inline table": ('a table is not closed', 'expected "," or "}"; it must stand on one line'),
    "Expected newline or end of document after a statement": ("expected the end of the line after the value", ""),
    "Expected ']' at the end of a table declaration": ('a header is not closed with "]"', ""),
    "Expected ']]' at the end of an array declaration": ('a header is not closed with "]]"', ""),
    "Unescaped '\\'": ("a backslash stands in a quoted text", 'paths are written with /: "guide/chorus.wav"'),
    "Invalid hex value": ("a backslash stands in a quoted text", 'paths are written with /: "guide/chorus.wav"'),
}  # fmt: skip


def _syntax_fault(message: str, text: str) -> tuple[int, str, str]:
    """Line, sentence and hint for an error of `tomllib`, which ends in "(at line 3, column 5)"."""
    told, _, place = message.rpartition(" (at ")
    number = re.match(r"line (\d+), column (\d+)", place)
    if number is None:
        return first_error_line(text), "the file ends before this is complete", 'expected a closing "]", "}" or quote'
    line, column = int(number[1]), int(number[2])
    if told.startswith("Invalid value") and not text.split("\n")[line - 1][: column - 1].rstrip().endswith("="):
        return line, "expected a value or the end of a list", 'is a list above closed with "]"? Texts stand in quotes'
    for start, (sentence, hint) in _SYNTAX.items():
        if told.startswith(start):
            return line, sentence, hint
    return line, f"this is not TOML: {told[:1].lower()}{told[1:]}", ""


# ── shape ──


def _validated(file: str, data: dict[str, Any], lines: LineIndex, model: type[Model]) -> Parsed[Model]:
    """Validates until what is left has no fault. Only the first round is told: later ones are its consequences."""
    source, errors = _tried(data, model)
    problems = in_order(_problem(file, error, data, lines, model) for error in errors[:MAX_FAULTS])
    damaged = frozenset(key for error in errors for key in _damaged(error, data, model))
    if len(errors) > MAX_FAULTS:
        return Parsed(file, None, problems, lines, damaged)
    while errors:
        lines = _taken_out(data, lines, {_faulty(error, data) for error in errors})
        source, errors = _tried(data, model)
    return Parsed(file, source, problems, lines, damaged)


def _tried(data: dict[str, Any], model: type[Model]) -> tuple[Model | None, list[ErrorDetails]]:
    try:
        return model.model_validate(data), []
    except ValidationError as error:
        return None, error.errors(include_url=False)


def _taken_out(data: dict[str, Any], lines: LineIndex, paths: Iterable[KeyPath]) -> LineIndex:
    """Deletes what lies at `paths`, the last of a list first, and gives the lines of what remains."""
    for path in sorted(paths, key=_list_order, reverse=True):
        around: Any = data
        for key in path[:-1]:
            around = around[key]
        del around[path[-1]]
        lines = lines.without(path)
    return lines


def _list_order(path: KeyPath) -> list[tuple[int, str]]:
    return [(key, "") if isinstance(key, int) else (0, key) for key in path]


def _path_in(data: object, location: Iterable[str | int]) -> KeyPath:
    """Where in the data an error lies; steps that are not in the data (tags, missing keys) are left out."""
    path: KeyPath = ()
    for key in location:
        inside = (isinstance(data, dict) and key in data) or (
            isinstance(data, list) and isinstance(key, int) and key < len(data)
        )
        if inside:
            data = data[key]  # type: ignore[index]
            path = (*path, key)
    return path


def _faulty(error: ErrorDetails, data: dict[str, Any]) -> KeyPath:
    """What has to go: the value itself, or the table that lacks something."""
    return _path_in(data, error["loc"])


def _damaged(error: ErrorDetails, data: dict[str, Any], model: type[Table]) -> set[str]:
    path = _path_in(data, error["loc"])
    if _slipped(error, path, model):
        return {str(path[-1]), str(path[0])}
    return {str(path[0])} if path and error["type"] != "extra_forbidden" else set()


# ── sentences ──

_KINDS = {
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a number",
    "bool_type": "true or false",
    "tuple_type": "a list",
    "list_type": "a list",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def _problem(file: str, error: ErrorDetails, data: dict[str, Any], lines: LineIndex, model: type[Table]) -> Problem:
    path = _path_in(data, error["loc"])
    key = str(error["loc"][-1])
    line = lines.line(path)
    if _slipped(error, path, model):
        text = f'the key "{key}" slipped under the header {_header(path[:-1])}'
        return Problem(file, line, "error", text, hint="it belongs above the first [header]")
    if error["type"] == "extra_forbidden":
        text = f'unknown key "{key}"' + (f" in {_header(path[:-1])}" if path[:-1] else "")
        return Problem(file, line, "error", text, hint=did_you_mean(key, _known_keys(model, path[:-1])))
    if error["type"] == "missing":
        return Problem(file, line, "error", f'{_header(path)} lacks the key "{key}"')
    return _value_problem(file, line, error)


def _value_problem(file: str, line: int, error: ErrorDetails) -> Problem:
    context, value = error.get("ctx", {}), error["input"]
    if error["type"] == "fault":
        found = "" if context["text"] else shown(value)
        return Problem(file, line, "error", context["text"], context["expected"], found, context["hint"])
    if error["type"] == "literal_error":
        words = re.findall(r"'([^']*)'", context["expected"])
        hint = did_you_mean(value, words) if isinstance(value, str) else ""
        return Problem(file, line, "error", expected=listed(words), found=shown(value), hint=hint)
    return Problem(file, line, "error", expected=_KINDS.get(error["type"], error["msg"]), found=shown(value))


def _slipped(error: ErrorDetails, path: KeyPath, model: type[Table]) -> bool:
    """Whether a key of the file as a whole stands under a later header, where it means nothing."""
    misplaced = error["type"] in {"extra_forbidden", "model_type"} and not isinstance(error["input"], dict)
    return misplaced and len(path) > 1 and path[-1] == error["loc"][-1] and path[-1] in _keys_of(model)


def _header(path: KeyPath) -> str:
    """How a table is called in a sentence."""
    names = [str(key) for key in path if isinstance(key, str)]
    if isinstance(path[-1], int):
        return f"[[{names[-1]}]]" if names[-1] in _LISTS_OF_TABLES else f"this entry of {names[-1]}"
    return f"[{'.'.join(names)}]"


def _keys_of(model: type[Table]) -> set[str]:
    return {field.alias or name for name, field in model.model_fields.items()}


def _known_keys(model: type[Table], path: KeyPath) -> set[str]:
    """The keys of the table at `path`. A step that is no field is a name that people chose."""
    models = [model]
    for key in path:
        if any(key in _keys_of(table) for table in models):
            fields = [field for table in models for name, field in table.model_fields.items() if name == key]
            models = [inner for found in fields for inner in _tables_in(found.annotation)]
    return {key for table in models for key in _keys_of(table)}


def _tables_in(annotation: object) -> list[type[Table]]:
    if isinstance(annotation, type) and issubclass(annotation, Table):
        return [annotation]
    return [table for argument in get_args(annotation) for table in _tables_in(argument)]

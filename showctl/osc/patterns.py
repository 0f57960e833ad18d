"""OSC address patterns: `?`, `*`, `[a-z]`, `[!a-z]`, `{foo,bar}` within a part, and the `//` of OSC 1.1.

`//` stands for any number of parts, none included: `/a//b` matches `/a/b` and `/a/x/y/b`. Inside `[]` and `{}` no
other wildcard has a meaning. Sources: the OSC 1.0 specification; the NIME 2009 paper on OSC 1.1 (XPath's `//`).

A part is matched by carrying the set of places it can have reached in a name, one bit each, through its tokens. So
the cost grows with the length of the pattern, whatever it contains: nothing is ever tried again.
"""

from __future__ import annotations

import enum
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from showctl.errors import ShowctlError

MAX_PATTERN_CHARACTERS = 128
MAX_RANGE_CHARACTERS = 256
MAX_KEPT = 256
"""Patterns of which it is remembered what they match: a tablet sends the same ones again and again."""

_WILDCARD = re.compile(r"[?*\[{]|//")


class OscPatternError(ShowctlError):
    """An address pattern that cannot be read."""


def is_pattern(address: str) -> bool:
    """Whether the address contains anything that stands for more than itself."""
    return _WILDCARD.search(address) is not None


def matches(pattern: str, address: str) -> bool:
    """Raises `OscPatternError`."""
    return Pattern(pattern).matches(address)


class _Wild(enum.Enum):
    ANY_RUN = "*"
    ANY_CHARACTER = "?"


@dataclass(frozen=True, slots=True)
class _OneOf:
    """`[…]`, its ranges spelt out."""

    characters: frozenset[str]
    negated: bool


@dataclass(frozen=True, slots=True)
class _AnyOf:
    """`{…}`."""

    names: tuple[str, ...]


_Token: TypeAlias = str | _Wild | _OneOf | _AnyOf
"""A str is a run of characters that stand for themselves."""


@dataclass(frozen=True, slots=True)
class _Name:
    """One part of an address. Bit p of `places[c]` is set where character p is c."""

    text: str
    length: int
    places: dict[str, int]

    @classmethod
    def of(cls, text: str) -> _Name:
        places: dict[str, int] = {}
        for index, character in enumerate(text):
            places[character] = places.get(character, 0) | 1 << index
        return cls(text, len(text), places)


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands between two slashes."""

    text: str
    tokens: tuple[_Token, ...]
    length: int | None = field(init=False)
    """Of every name that matches; None where they differ."""
    head: str = field(init=False)
    """With what they all begin."""

    def __post_init__(self) -> None:
        lengths = [_length(token) for token in self.tokens]
        object.__setattr__(self, "length", None if None in lengths else sum(filter(None, lengths)))
        object.__setattr__(self, "head", self.tokens[0] if isinstance(self.tokens[0], str) else "")

    def matches(self, name: _Name) -> bool:
        # Most names of a show can be told from these two.
        if self.length not in {None, name.length} or not name.text.startswith(self.head):
            return False
        reached = 1 << len(self.head)
        for token in self.tokens[bool(self.head) :]:
            reached = _advance(reached, token, name)
            if not reached:
                return False
        return bool(reached >> name.length)


def _length(token: _Token) -> int | None:
    if isinstance(token, str):
        return len(token)
    return 1 if token is _Wild.ANY_CHARACTER or isinstance(token, _OneOf) else None


def _advance(reached: int, token: _Token, name: _Name) -> int:
    """The places reached after the token, from 0 to the length of the name, one bit each."""
    if isinstance(token, str):
        return _spell(reached, token, name)
    if isinstance(token, _AnyOf):
        return _union(_spell(reached, text, name) for text in token.names)
    if isinstance(token, _OneOf):
        accepted = [bits for c, bits in name.places.items() if (c in token.characters) != token.negated]
        return (reached & _union(accepted)) << 1
    if token is _Wild.ANY_RUN:
        return (2 << name.length) - (reached & -reached)
    return (reached & ((1 << name.length) - 1)) << 1


def _spell(reached: int, text: str, name: _Name) -> int:
    for character in text:
        reached = (reached & name.places.get(character, 0)) << 1
        if not reached:
            break
    return reached


def _union(sets: Iterable[int]) -> int:
    union = 0
    for bits in sets:
        union |= bits
    return union


class Pattern:
    """A pattern, read once. Raises `OscPatternError`. An address without wildcards matches itself."""

    __slots__ = ("parts", "text")

    def __init__(self, text: str) -> None:
        if len(text) > MAX_PATTERN_CHARACTERS:
            raise OscPatternError(
                f"expected an address pattern of at most {MAX_PATTERN_CHARACTERS} characters, got {len(text)}"
            )
        self.text = text
        self.parts = tuple(_read_parts(text))

    def matches(self, address: str) -> bool:
        names = [_Name.of(name) for name in address.split("/")[1:]]
        reached = {0}
        for part in self.parts:
            if part is None:
                reached = set(range(min(reached), len(names) + 1))
            else:
                reached = {i + 1 for i in reached if i < len(names) and part.matches(names[i])}
            if not reached:
                return False
        return len(names) in reached


def _read_parts(pattern: str) -> Iterator[_Part | None]:
    """The parts in order, None for `//`."""
    if not pattern.startswith("/") or pattern.endswith("/"):
        raise OscPatternError(f"expected an address pattern that starts with '/' and ends with a name, got {pattern!r}")
    for text in re.sub("//+", "//", pattern)[1:].split("/"):
        yield _Part(text, tuple(_read_tokens(text, pattern)) if is_pattern(text) else (text,)) if text else None


_TOKEN = re.compile(r"(?P<run>\*+)|\?|\[(?P<one>[^\]]*)\]|\{(?P<any>[^}]*)\}|[^*?\[{]+|(?P<open>[\[{])")


def _read_tokens(part: str, pattern: str) -> Iterator[_Token]:
    for found in _TOKEN.finditer(part):
        if found["run"]:
            yield _Wild.ANY_RUN
        elif found[0] == "?":
            yield _Wild.ANY_CHARACTER
        elif found["one"] is not None:
            yield _read_one_of(found["one"], pattern)
        elif found["any"] is not None:
            yield _AnyOf(tuple(dict.fromkeys(found["any"].split(","))))
        elif found["open"]:
            closer = "]" if found["open"] == "[" else "}"
            raise OscPatternError(f"expected {closer!r} after {found['open']!r} in the same part, got {pattern!r}")
        else:
            yield found[0]


def _read_one_of(inside: str, pattern: str) -> _OneOf:
    negated = inside.startswith("!")
    ranges = [range(ord(r[0]), ord(r[-1]) + 1) for r in re.findall(".-.|.", inside[negated:], re.DOTALL)]
    if not ranges or not all(0 < len(codes) <= MAX_RANGE_CHARACTERS for codes in ranges):
        raise OscPatternError(
            f"expected characters or rising ranges of at most {MAX_RANGE_CHARACTERS} characters "
            f"in '[{inside}]', got {pattern!r}"
        )
    return _OneOf(frozenset(chr(code) for codes in ranges for code in codes), negated)


@dataclass(slots=True, eq=False)
class _Node:
    """A place in the tree of addresses; `index` says which address ends here.

    Numbered from the root downwards, everything below it has a number above `number` and up to `last`.
    """

    children: dict[str, _Node] = field(default_factory=dict)
    index: int | None = None
    names: frozenset[str] = frozenset()  # of its children; one object for all nodes with the same
    number: int = 0
    last: int = 0


class AddressSpace:
    """Many addresses, arranged so that a pattern looks only where it can match; what it found is kept for a while."""

    def __init__(self, addresses: Iterable[str]) -> None:
        self.addresses = tuple(dict.fromkeys(addresses))
        self._known = frozenset(self.addresses)
        self._root = _Node()
        self._names: dict[str, _Name] = {}
        self._called: dict[str, list[_Node]] = {}
        self._found: dict[str, tuple[str, ...]] = {}
        for index, address in enumerate(self.addresses):
            self._plant(address, index)
        self._all_names = frozenset(self._names)
        _finish(self._root)

    def _plant(self, address: str, index: int) -> None:
        node = self._root
        for text in address.split("/")[1:]:
            below = node.children.get(text)
            if below is None:
                self._names.setdefault(text, _Name.of(text))
                below = node.children[text] = _Node()
                self._called.setdefault(text, []).append(below)
            node = below
        node.index = index

    def match(self, pattern: str) -> tuple[str, ...]:
        """The addresses that match, in the order they were given. Raises `OscPatternError`."""
        if pattern in self._known:
            return (pattern,)
        if not is_pattern(pattern):
            return ()
        if pattern not in self._found:
            if len(self._found) >= MAX_KEPT:
                self._found.clear()
            self._found[pattern] = self._look_for(Pattern(pattern))
        return self._found[pattern]

    def _look_for(self, pattern: Pattern) -> tuple[str, ...]:
        nodes, deep = [self._root], False
        for part in pattern.parts:
            if not nodes:
                return ()
            if part is not None:
                nodes = self._below(nodes, part) if deep else self._children(nodes, part)
            deep = part is None
        return tuple([self.addresses[index] for index in sorted([n.index for n in nodes if n.index is not None])])

    def _children(self, nodes: list[_Node], part: _Part) -> list[_Node]:
        if part.tokens == (part.text,):
            return [node.children[part.text] for node in nodes if part.text in node.children]
        if part.tokens == (_Wild.ANY_RUN,):
            return [child for node in nodes for child in node.children.values()]
        matching = {names: self._matching(part, names) for names in {node.names for node in nodes}}
        return [node.children[text] for node in nodes for text in matching[node.names]]

    def _matching(self, part: _Part, names: frozenset[str]) -> list[str]:
        if len(part.tokens) == 1 and isinstance(part.tokens[0], _AnyOf):
            return [text for text in part.tokens[0].names if text in names]
        return [text for text in names if part.matches(self._names[text])]

    def _below(self, nodes: list[_Node], part: _Part) -> list[_Node]:
        """Wherever below one of the nodes, each once."""
        names = [part.text] if part.tokens == (part.text,) else self._matching(part, self._all_names)
        called = [node for text in names for node in self._called.get(text, ())]
        if nodes == [self._root]:
            return called
        tops = _tops(nodes)
        if len(tops) == 1:
            return [node for node in called if tops[0].number < node.number <= tops[0].last]
        starts = [top.number for top in tops]
        return [
            node for node in called if (at := bisect_left(starts, node.number)) and node.number <= tops[at - 1].last
        ]


def _finish(root: _Node) -> None:
    """Numbers the nodes, and names their children. No recursion: an address may have any number of parts."""
    order, waiting, known = list[_Node](), [root], dict[frozenset[str], frozenset[str]]()
    while waiting:
        node = waiting.pop()
        node.number = node.last = len(order)
        node.names = known.setdefault(names := frozenset(node.children), names)
        order.append(node)
        waiting += node.children.values()
    for node in reversed(order):
        node.last = max([node.number, *(child.last for child in node.children.values())])


def _tops(nodes: Iterable[_Node]) -> list[_Node]:
    """Those that are not below another, in the order of their numbers."""
    tops: list[_Node] = []
    for node in sorted(nodes, key=lambda node: node.number):
        if not tops or node.number > tops[-1].last:
            tops.append(node)
    return tops

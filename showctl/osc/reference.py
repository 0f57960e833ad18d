"""The reference of all addresses, as a page: written from the tables, so that it says what the service does.

`python -m showctl.osc.reference [FILE]` writes it, to docs/osc.md unless told otherwise.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

from showctl.osc.arguments import Parameter, as_text
from showctl.osc.methods import METHODS, Method
from showctl.osc.once import REMEMBERED_SECONDS
from showctl.osc.outgoing import OUTGOING, Field, Outgoing
from showctl.osc.plain import MAX_MESSAGE_BYTES
from showctl.osc.subscribers import REST_SECONDS
from showctl.shared.clients import DEFAULT_TOPICS, LEASE_SECONDS, TOPICS

HEAD = """\
# OSC reference

This page is written by `python -m showctl.osc.reference` from the tables that the service itself works with.

OSC goes to port 8000, or what `[osc] port` in show.toml says, over UDP or TCP (with length prefix, or SLIP).
Answers go back to the address and port that asked, or down the same connection.
Addresses hold names as slugs: a bus "Lead Vox" is `/bus/lead-vox/…`. `<n>` counts from 1.

* **press**: a trigger. It fires on no argument, `T`, `I` or any number but zero; zero or `F`, the release of a button,
  does nothing.
* **⇄**: a state. Whoever changes it, every other subscriber hears it on the same address. A pattern such as
  `/bus/*/click/mute` reaches all states that it matches, and no trigger.
* Types: `i` whole number, `f` number, `s` string, `T` switch (T, F or a number; 0 is off). A whole number will do for
  `f`, and the reverse if nothing is behind the point. In brackets: may be left out.
* What is refused is answered by `/error`, with the address and the reason, and changes nothing.
* All that is in one bundle is done together, or none of it; a bundle with a time is held until then, at most 60 s. One
  inside another may have a later time, and is then done by itself.
* What may be done by whom is said by `[access]` in show.toml. Here it is `control` where nothing else is said.

"""

TITLES = {
    "Transport": "go play pause playpause stop panic fade locate lock",
    "Songs and the setlist": "song setlist",
    "Sections, jumps and vamps": "section jump vamp loop",
    "Click, count-in and metronome": "click countin metronome tempo",
    "Buses and mixes": "bus mute talkback mix",
    "Targets and cues": "target cue",
    "The conversation": "subscribe unsubscribe sync ping cmd hello",
}
"""Of the page's tables, with the first words of the addresses in them."""

SPOKEN = {
    "/subscribe": "[`i` port], [`s` topics and flags …]",
    "/unsubscribe": "",
    "/sync": "",
    "/ping": "anything",
    "/cmd": "`s` id, `s` address, its arguments …",
}
"""What methods take whose arguments the table leaves open."""

FLAG_SAYS = {
    "timetag": "what sounds is sent 0.2 s ahead, in a bundle that is stamped with the moment at which it sounds",
    "utf8": "text as it is written, instead of in ASCII",
    "prefix": "each address under the show's prefix, `[osc] prefix`",
    "refresh": "the whole state again every second",
    "stay": "the subscription lasts for good",
    "mirror": f"what this client has set is told to it too, {REST_SECONDS:g} s after its last word about that: "
    "for a layout that shows a state on more pages than one",
}

SUBSCRIPTIONS = f"""\
A subscription lasts {LEASE_SECONDS} s from the client's last word. It names topics and flags, in any order; where it
names no topic, it is about all but {{left_out}}.

* topics: {{topics}}
{{flags}}

`/cmd` is for what must arrive: repeat it with the same id until `/ack` comes, and it is done once. `/ack` brings the
id, `ok`, `duplicate` or `error`, and the reason where it was refused. An id holds for
{{minutes}} minutes and for its sender: a host and port over UDP, else one connection. So begin ids with something
random, or a client that was started anew is held to repeat itself; and over a new connection look at the state before
you repeat, for there the same id is done again.

"""


def page() -> str:
    """The text of docs/osc.md."""
    return HEAD + "".join(_incoming()) + _subscriptions() + "".join(_outgoing())


def title_of(address: str) -> str:
    """The table an address stands in; empty for one that has no place yet."""
    word = address.split("/")[1]
    return next((title for title, words in TITLES.items() if word in words.split()), "")


def _incoming() -> Iterator[str]:
    order = {title: number for number, title in enumerate(TITLES)}
    for title, methods in groupby(sorted(METHODS, key=lambda each: order[title_of(each.address)]), _title):
        yield f"## {title}\n\n"
        yield from _table(("address", "takes", "does"), map(_row, methods))


def _title(method: Method) -> str:
    return title_of(method.address)


def _row(method: Method) -> tuple[str, ...]:
    state = " ⇄" if method.shows else ""
    role = "" if method.role == "control" else f" ({'anybody' if method.role == 'nothing' else method.role})"
    return f"`{method.address}`{state}", _takes(method), f"{method.does}{role}"


def _takes(method: Method) -> str:
    if method.any_arguments:
        return SPOKEN[method.address]
    unit = f" {method.unit}" if method.unit else ""
    arguments = ", ".join(_parameter(each) + unit for each in method.takes)
    return " or ".join(filter(None, ("press" if method.pressed else "", arguments)))


def _parameter(parameter: Parameter) -> str:
    tag = "`s` or `i`" if parameter.tag == "si" else f"`{parameter.tag}`"
    if parameter.choices:
        said = f"{tag} {_either(parameter.choices)}"
    elif parameter.low is not None and parameter.high is not None:
        said = f"{tag} {parameter.name} {parameter.low:g} … {parameter.high:g}"
    else:
        said = f"{tag} {parameter.name}"
    return f"[{said}]" if parameter.optional else said


def _subscriptions() -> str:
    flags = "\n".join(f"* flag `{flag}`: {says}" for flag, says in FLAG_SAYS.items())
    left_out, minutes = _listed(TOPICS - DEFAULT_TOPICS), REMEMBERED_SECONDS // 60
    return SUBSCRIPTIONS.format(topics=_listed(TOPICS), left_out=left_out, flags=flags, minutes=minutes)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in sorted(words))


def _outgoing() -> Iterator[str]:
    yield "## What is told\n\n"
    yield f"Plain messages of at most {MAX_MESSAGE_BYTES} bytes, of `i`, `f` and `s` alone. Indices count from 1; 0\n"
    yield "is none. States (⇄ above) are told on their own addresses.\n\n"
    yield from _table(("address", "topic", "says", "of what"), map(_told, OUTGOING))


def _told(row: Outgoing) -> tuple[str, ...]:
    arguments = ", ".join(f"`{field.tag}` {field.name}{_limited(field)}" for field in row.fields)
    return f"`{row.address}`", row.topic or "an answer", arguments, row.does


def _limited(field: Field) -> str:
    return f" ({_either(field.choices)})" if field.choices else ""


def _either(choices: Iterable[str | float]) -> str:
    return " · ".join(map(as_text, choices))


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    for cells in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(cells)} |\n"
    yield "\n"


def main(file: Path) -> None:
    file.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(*sys.argv[1:2] or ["docs/osc.md"]))

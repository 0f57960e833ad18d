from __future__ import annotations

import re

from showctl.model.events import replayed_events
from showctl.model.plan import entry_of
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.labels import beat_label, labels
from showctl.osc.lamps import lamps, tell_lamps
from showctl.osc.methods import METHODS
from showctl.osc.outgoing import OUTGOING, Outgoing, outgoing
from showctl.osc.state import lists, whole_state
from showctl.osc.teller import Told
from showctl.osc.telling import tell
from showctl.shared.clients import TOPICS
from tests.pacer.shows import BAR, EMPTY, NIGHT, SCORE, SHOW, played

NIGHT_OUT = played([(Frame(0), "arm"), (Frame(BAR), "go"), (Frame(5 * BAR), "exit"), (Frame(7 * BAR), "stop")])

ROWS = {row.address: row for row in OUTGOING}


def everything() -> list[Told]:
    """All that can be told of a night with every kind of event, at each quarter of a bar."""
    told = [
        each
        for event in replayed_events(SCORE, EMPTY, NIGHT_OUT.log, Frame(9 * BAR))
        for each in tell(event, SCORE, NIGHT)
    ]
    for plan in NIGHT_OUT.plans:
        for frame in range(0, 9 * BAR, BAR // 4):
            view = View(SCORE, plan, NIGHT, Frame(frame))
            told += [
                *whole_state(view),
                *lists(SCORE, NIGHT, entry_of(view.span)),
                *labels(view, "20:15:00"),
                beat_label(view),
            ]
            told += tell_lamps(lamps(SCORE, plan, Frame(frame)), 3)
    return told


def row_of(told: Told) -> Outgoing | None:
    return ROWS.get(told.message.address) or ROWS.get(re.sub(r"/\d+$", "/<n>", told.message.address))


def test_whatever_is_told_is_in_the_table_with_its_tags_and_its_topic() -> None:
    wrong = [told for told in everything() if not (row := row_of(told))
             or (row.tags, row.topic) != (told.message.tags, told.topic)]  # fmt: skip
    assert wrong == []


def test_what_can_be_a_few_things_only_is_one_of_them() -> None:
    table = [(field.choices, value) for told in everything() if (row := row_of(told))
             for field, value in zip(row.fields, told.message.args, strict=True) if field.choices]  # fmt: skip
    assert [value for choices, value in table if value not in choices] == []
    assert {"armed", "vamping", "current", "next", 0, 1, 2} <= {value for _, value in table}


def test_all_of_the_table_is_told() -> None:
    rows = {row.address for told in everything() if (row := row_of(told))}
    assert {row.address for row in OUTGOING} - rows == {
        "/meter/<bus>", "/health", "/error", "/synced", "/pong", "/ack", "/welcome",
    }  # fmt: skip


def test_every_topic_has_rows_and_the_states_have_theirs() -> None:
    assert {row.topic for row in OUTGOING} | {method.topic for method in METHODS if method.shows} == TOPICS | {""}


def test_nothing_is_ever_sent_on_the_address_of_a_trigger() -> None:
    triggers = {method.address for method in METHODS if method.pressed}
    sent = {row.address for row in OUTGOING} | {method.address for method in METHODS if method.shows}
    assert triggers & sent == set()


def test_a_bus_has_a_peak_for_each_channel_and_answers_are_to_one_client() -> None:
    table = outgoing(SHOW)
    assert {f"/meter/{bus.slug}": "f" * len(bus.channels) for bus in SHOW.buses}.items() <= {
        address: row.tags for address, row in table.items()
    }.items()
    assert "/error" not in table


def test_no_address_is_described_twice() -> None:
    addresses = [row.address for row in OUTGOING]
    assert len(addresses) == len(set(addresses))

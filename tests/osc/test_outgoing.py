from __future__ import annotations

from showctl.model.happenings import Beat, CountDown, CueFire, CueStandby, Pass, SectionStart, SongChange, StateChange
from showctl.model.happenings import Upcoming as Next
from showctl.model.units import Frame
from showctl.model.view import View
from showctl.osc.outgoing import OUTGOING, outgoing
from showctl.osc.telling import Told, tell, whole_state
from tests.pacer.shows import NIGHT, SCORE, SHOW, WASH, played

F = Frame(0)
EVENTS = (
    Beat(F, 1, 1, 1, 4, 120, 2, 4),
    CountDown(F, 1, 3),
    SectionStart(F, 1, 1, "Intro", 2),
    Next(F, 1, 3, "Refrain", 1.5),
    Pass(F, 1, 2, 0),
    SongChange(F, 1),
    StateChange(F, "playing"),
    CueFire(F, 1, WASH),
    CueStandby(F, 1, WASH, 5.0),
)

COMING = {"text", "led", "meter"}
"""Topics of which nothing is told yet."""


def everything_told() -> list[Told]:
    events = [told for event in EVENTS for told in tell(event, SCORE, NIGHT)]
    return [*events, *whole_state(View(SCORE, played([(F, "arm")]).plans[-1], NIGHT, F))]


def test_all_that_is_told_stands_in_the_table_with_its_topic_and_its_types() -> None:
    table = outgoing(SHOW)
    for told in everything_told():
        row = table[told.message.address]
        assert (row.topic, row.tags) == (told.topic, told.message.tags), told.message.address


def test_all_that_stands_in_the_table_is_told() -> None:
    told = {each.message.address for each in everything_told()} | {"/health"}
    assert {address for address, row in outgoing(SHOW).items() if row.topic not in COMING} == told


def test_a_bus_has_a_peak_for_each_channel_and_answers_are_to_one_client() -> None:
    table = outgoing(SHOW)
    assert {f"/meter/{bus.slug}": "f" * len(bus.channels) for bus in SHOW.buses}.items() <= {
        address: row.tags for address, row in table.items()
    }.items()
    assert "/error" not in table


def test_no_address_is_described_twice() -> None:
    addresses = [row.address for row in OUTGOING]
    assert len(addresses) == len(set(addresses))

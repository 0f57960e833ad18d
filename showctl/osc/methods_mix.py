"""Rows of the table of methods: the click, and the levels of all buses."""

from __future__ import annotations

from collections.abc import Callable

from showctl.model import levels, mixes
from showctl.model.mix import ClickMix
from showctl.model.units import MAX_DB, SILENCE_DB
from showctl.model.view import View
from showctl.osc.arguments import Parameter, Value, integer, number, one_number_of, text
from showctl.osc.method import Captures, Method, OnMix, OnMixes, mix_switch


def _click_value(address: str, does: str, takes: Parameter, name: str, get: Callable[[View], Value]) -> Method:
    return Method(
        address,
        does,
        lambda _, values: OnMix(levels.set_click(**{name: values[0]})),
        (takes,),
        lambda view, _: (get(view),),
    )


def _click(view: View) -> ClickMix:
    return levels.click_settings(view.score.show, view.plan.mix_at(view.horizon))


def _level(view: View, captures: Captures) -> float:
    show, mix = view.score.show, view.plan.mix_at(view.horizon)
    return levels.read_db(show, mix, levels.bus_named(show, captures["bus"]), captures["source"])


CLICK = (
    *mix_switch("/click/enabled", "the click is heard", lambda mix, _: mix.click.enabled,
                 lambda _, on: levels.set_click(enabled=on)),
    *mix_switch("/click/only", "stems are silent everywhere, for rehearsal", lambda mix, _: mix.click.only,
                 lambda _, on: levels.set_click(only=on)),
    *mix_switch("/countin/click_only", "the click falls silent when the song starts",
                 lambda mix, _: mix.click.count_in_only, lambda _, on: levels.set_click(count_in_only=on)),
    _click_value("/click/subdivision", "clicks per pulse", integer("clicks", 1, 4), "subdivision",
                 lambda view: _click(view).subdivision or 1),
    _click_value("/click/sound", "the click's sound", text("sound", choices=levels.CLICK_SOUNDS), "sound",
                 lambda view: _click(view).sound or ""),
    Method("/click/rate", "half, normal or double click",
           lambda _, values: OnMix(levels.set_click(rate=levels.CLICK_RATES[float(values[0])])),
           (one_number_of("rate", tuple(levels.CLICK_RATES)),), lambda view, _: (float(_click(view).factor),)),
    # No feedback on this address: outgoing, `/countin` counts the beats that are left.
    Method("/countin", "bars of count-in", lambda _, values: OnMix(levels.set_click(count_in=values[0])),
           (integer("bars", 0, 16),)),
)  # fmt: skip

BUSES = (
    Method("/bus/<bus>/<source>/db", "a level",
           lambda c, values: OnMix(levels.set_db(c["bus"], c["source"], float(values[0]))),
           (number("level", SILENCE_DB, MAX_DB),), lambda view, c: (_level(view, c),), unit="dB"),
    Method("/bus/<bus>/<source>/fader", "the same level as a fader position",
           lambda c, values: OnMix(levels.set_db(c["bus"], c["source"], levels.fader_to_db(float(values[0])))),
           (number("position", 0.0, 1.0),), lambda view, c: (levels.db_to_fader(_level(view, c)),)),
    *mix_switch("/bus/<bus>/<source>/mute", "silences a source in a bus",
                 lambda mix, c: c["source"] in mix.bus(c["bus"]).muted,
                 lambda c, on: levels.set_muted(c["bus"], c["source"], on)),
    *mix_switch("/bus/<bus>/<source>/solo", "leaves only the soloed sources in a bus",
                 lambda mix, c: c["source"] in mix.bus(c["bus"]).soloed,
                 lambda c, on: levels.set_soloed(c["bus"], c["source"], on)),
    *mix_switch("/bus/<bus>/mono", "the bus in mono", lambda mix, c: mix.bus(c["bus"]).mono,
                 lambda c, on: levels.set_bus_switch(c["bus"], "mono", on)),
    *mix_switch("/bus/<bus>/dim", "the bus 20 dB down", lambda mix, c: mix.bus(c["bus"]).dim,
                 lambda c, on: levels.set_bus_switch(c["bus"], "dim", on)),
    *mix_switch("/talkback", "ducks stems and guide, never click, on performers' buses", lambda mix, _: mix.talkback,
                 lambda _, on: levels.set_switch("talkback", on)),
    *mix_switch("/mute/all", "silences every bus", lambda mix, _: mix.mute_all,
                 lambda _, on: levels.set_switch("mute_all", on)),
)  # fmt: skip

MIXES = (
    Method("/mix/save", "keeps the levels of all buses under a name, over the night",
           lambda _, values: OnMixes(mixes.save(str(values[0]))), (text("name"),)),
    Method("/mix/load", "brings the levels back that were kept under a name",
           lambda _, values: OnMixes(mixes.load(str(values[0]))), (text("name"),)),
    Method("/mix/revert", "the show file's levels again", lambda _c, _v: OnMixes(mixes.revert), pressed=True),
)  # fmt: skip

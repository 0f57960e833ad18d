"""Rows of the table of methods: the transport, songs, sections and the free metronome."""

from __future__ import annotations

from typing import cast

from showctl.model import jumps, lock, setlist, transport
from showctl.osc.arguments import integer, name_or_index, number, position, switch, text
from showctl.osc.method import Method, OnPlan, call, plan_switch, press


def _act(command: str, does: str) -> Method:
    return press(command, does, lambda view: transport.act(view, command))


QUANTISED = ("now", "beat", "bar", "section")
"""When a jump is made."""

TRANSPORT = (
    _act("/go", "starts what is armed, resumes, leaves a vamp"),
    _act("/play", "starts what is armed, resumes"),
    _act("/pause", "pauses; a count-in is called off"),
    _act("/playpause", "toggles, for pedals"),
    _act("/stop", "stops; the song is armed at its start"),
    _act("/panic", "silence everywhere, nothing armed"),
    press("/fade/out", "fades, then stops", lambda v: transport.fade_out(v, v.score.show.transport.fade_seconds)),
    call("/fade", "fades over so many seconds, then stops",
          lambda seconds: lambda view: transport.fade_out(view, seconds),
          number("seconds", 0.0, transport.LONGEST_FADE_SECONDS)),
    *plan_switch("/lock", "while something sounds, refuses all that would cut or move it",
                 lambda view, _: view.night.locked, lambda view, _, on: lock.set_locked(view, on), "transport"),
    call("/locate", "moves the armed or paused position; playing, jumps now",
          lambda position: lambda view: jumps.locate(view, position), position("position")),
)  # fmt: skip

SONGS = (
    call("/song/select", "arms a song; while one sounds, only chooses what follows",
          lambda wanted: lambda view: setlist.select(view, wanted), name_or_index("song")),
    Method("/song/<n>/select", "arms a place of the setlist; while a song sounds, only chooses what follows",
           lambda captures, _: OnPlan(lambda view: setlist.select(view, int(captures["n"]))),
           pressed=True),
    press("/song/next", "selects the next song", lambda view: setlist.select_neighbour(view, 1)),
    press("/song/previous", "selects the song before", lambda view: setlist.select_neighbour(view, -1)),
    call("/song/jump", "goes to a song, by default when this one ends",
          lambda wanted, when="end": lambda view: jumps.jump_to_song(view, setlist.entry_named(view, wanted), when),
          name_or_index("song"), text("when", choices=(*QUANTISED, "end"), optional=True)),
    call("/setlist/move", "moves a place of tonight's order to another",
          lambda place, to: lambda view: setlist.move(view, place, to), integer("from", 1, 999), integer("to", 1, 999)),
    call("/setlist/skip", "leaves a place of tonight's order out, or not",
          lambda place, on: lambda view: setlist.skip(view, place, on), integer("place", 1, 999), switch()),
    press("/setlist/reset", "the show file's order again", setlist.reset),
)  # fmt: skip

SECTIONS = (
    call("/section/jump", "jumps to a section, by default at the next bar",
          lambda wanted, when="bar": lambda view: jumps.jump_to_section(view, wanted, when),
          name_or_index("section"), text("when", choices=QUANTISED, optional=True)),
    Method("/section/<n>/jump", "jumps to a section",
           lambda captures, values: OnPlan(
               lambda view: jumps.jump_to_section(view, int(captures["n"]), cast("jumps.When", (*values, "bar")[0]))),
           (text("when", choices=QUANTISED, optional=True),), pressed=True),
    call("/section/next", "jumps to the next section",
          lambda when="bar": lambda view: jumps.jump_to_neighbour(view, 1, when),
          text("when", choices=QUANTISED, optional=True), pressed=True),
    call("/section/previous", "jumps to the section before",
          lambda when="bar": lambda view: jumps.jump_to_neighbour(view, -1, when),
          text("when", choices=QUANTISED, optional=True), pressed=True),
    call("/jump/bars", "jumps so many bars, at the bar", lambda bars: lambda view: jumps.jump_by(view, bars, "bar"),
          integer("bars", -9999, 9999)),
    call("/jump/beats", "jumps so many beats, at the beat",
          lambda beats: lambda view: jumps.jump_by(view, beats, "beat"), integer("beats", -9999, 9999)),
    press("/jump/cancel", "forgets a pending jump or vamp exit", jumps.cancel),
    call("/vamp/start", "repeats the section being played, so many times or until let go",
          lambda times=0: lambda view: jumps.vamp_start(view, times), integer("times", 1, 999, optional=True),
          pressed=True),
    call("/vamp/exit", "lets the vamp go", lambda when=None: lambda view: jumps.vamp_exit(view, when),
          text("when", choices=("beat", "bar", "section"), optional=True), pressed=True),
    call("/loop", "repeats from one position to another until let go",
          lambda low, high: lambda view: jumps.loop(view, low, high), position("from"), position("to")),
)  # fmt: skip

METRONOME = (
    *plan_switch("/metronome", "a free click while no song sounds", lambda view, _: transport.metronome_ticks(view),
                 lambda view, _, on: transport.metronome(view, on)),
    Method("/tempo", "the free metronome's tempo",
           lambda _, values: OnPlan(lambda view: transport.tempo(view, float(values[0]))),
           (number("bpm", transport.MIN_METRONOME_BPM, transport.MAX_METRONOME_BPM),),
           lambda view, _: (view.night.metronome_bpm,), unit="quarter notes per minute"),
    press("/tempo/tap", "the free metronome's tempo, tapped", transport.tap),
)  # fmt: skip

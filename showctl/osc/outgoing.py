"""The table of what is told: every address that is only sent, its type tags, what it says, and its topic.

What is told of a state comes on the state's own address, which is in the table of methods.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One row. `address` may hold <n> or <bus>; `tags` of `/meter/<bus>` stand for as many channels as the bus has."""

    address: str
    tags: str
    does: str
    topic: str  # empty for an answer


OUTGOING: tuple[Outgoing, ...] = (
    Outgoing("/beat", "iiifii", "bar, beat, beats in the bar, bpm, accent, denominator", "beat"),
    Outgoing("/section", "sii", "name, index, bars of the section that starts", "section"),
    Outgoing("/next", "sf", "the next section, seconds until", "section"),
    Outgoing("/jump", "sf", "where a pending jump or vamp exit goes, seconds until; empty if there is none", "section"),
    Outgoing("/vamp", "ii", "pass, of how many (0 is endless)", "section"),
    Outgoing("/song", "sii", "title, place, places of the setlist", "song"),
    Outgoing("/song/next_up", "si", "title and place of what follows", "song"),
    Outgoing("/song/notes", "s", "the song's notes and those of its place", "song"),
    Outgoing("/section/notes", "s", "the section's notes", "song"),
    Outgoing("/setlist/<n>", "sssfs", "title, id, colour, seconds, state of a place of tonight's order", "song"),
    Outgoing("/sections/<n>", "ssis", "name, colour, bars, start of a section of the song", "song"),
    Outgoing("/transport", "s", "stopped, armed, countin, playing, vamping, paused or fading", "transport"),
    Outgoing("/countin", "i", "beats of the count-in that are left", "transport"),
    Outgoing("/led/playing", "i", "a lamp: something sounds", "led"),
    Outgoing("/led/vamp", "i", "a lamp: a vamp is played", "led"),
    Outgoing("/led/section/<n>", "i", "a lamp: the section is played", "led"),
    Outgoing("/position", "sffff", "bar.beat, seconds, left in the song, in the section, in the set", "position"),
    Outgoing("/text/song", "s", "title of the song", "text"),
    Outgoing("/text/next_song", "s", "title of what follows", "text"),
    Outgoing("/text/section", "s", "name of the section", "text"),
    Outgoing("/text/next_section", "s", "name of the next section", "text"),
    Outgoing("/text/barbeat", "s", "bar.beat", "text"),
    Outgoing("/text/left", "s", "time left in the song", "text"),
    Outgoing("/text/set_left", "s", "time left in the set", "text"),
    Outgoing("/text/clock", "s", "the time of day", "text"),
    Outgoing("/text/status", "s", "what the service does, or what is wrong", "text"),
    Outgoing("/cue/standby", "ssf", "name, target, seconds until a cue", "cue"),
    Outgoing("/cue", "ss", "name and target of a cue as it fires", "cue"),
    Outgoing("/meter/<bus>", "f", "peak of each channel in dBFS", "meter"),
    Outgoing("/health", "ifs", "xruns, load, what is wrong", "health"),
    Outgoing("/synced", "i", "how many messages the whole state was", ""),
    Outgoing("/pong", "", "the arguments of the ping", ""),
    Outgoing("/error", "ss", "the address that was refused, and why", ""),
    Outgoing("/ack", "sss", "id of a /cmd; ok, duplicate or error; text", ""),
    Outgoing("/welcome", "s", "the role that /hello got", ""),
)

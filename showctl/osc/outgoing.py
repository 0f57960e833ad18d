"""The table of what is sent: every outgoing address that is no state, with its arguments, meaning and topic.

States are sent too, on their own addresses: those are in the table of methods.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One row. `<n>` counts from 1, `<bus>` is a bus; a tag followed by `*` may be there any number of times.

    Under the topic "reply" stands what only answers: it goes to who asked, whatever it subscribed to.
    """

    address: str
    tags: str
    does: str
    topic: str


OUTGOING: tuple[Outgoing, ...] = (
    Outgoing("/beat", "iiifii", "a pulse: bar, beat, beats in the bar, bpm in quarters, accent (2 downbeat, 1 group), "
             "denominator; count-in bars are …, -1, 0", "beat"),
    Outgoing("/section", "sii", "a section starts: name, index, bars", "section"),
    Outgoing("/next", "sf", "each bar: the section to come, seconds until it", "section"),
    Outgoing("/jump", "sf", "a jump or vamp exit is pending: where to, seconds until it; empty: cancelled", "section"),
    Outgoing("/vamp", "ii", "a pass of a vamp begins: its number, of how many (0: until let go)", "section"),
    Outgoing("/song", "sii", "a song is armed or starts: title, its place, places in the setlist", "song"),
    Outgoing("/song/next_up", "si", "what follows: title, its place", "song"),
    Outgoing("/song/notes", "s", "the song's notes", "song"),
    Outgoing("/section/notes", "s", "the section's notes", "song"),
    Outgoing("/setlist/<n>", "sssfs", "a place of tonight's order: title, id, colour, seconds, "
             "current, next or skipped", "song"),
    Outgoing("/sections/<n>", "ssis", "a section of the song: name, colour, bars, the bar it starts on", "song"),
    Outgoing("/transport", "s", "stopped, armed, countin, playing, vamping, paused or fading", "transport"),
    Outgoing("/countin", "i", "beats that are left of the count-in", "transport"),
    Outgoing("/position", "sffff", "bar.beat, seconds from bar 1, seconds left in the song, the section and the set",
             "position"),
    Outgoing("/text/song", "s", "the song", "text"),
    Outgoing("/text/next_song", "s", "the song that follows", "text"),
    Outgoing("/text/section", "s", "the section", "text"),
    Outgoing("/text/next_section", "s", "the section to come, or where a pending jump leads", "text"),
    Outgoing("/text/barbeat", "s", "bar and beat, with each pulse", "text"),
    Outgoing("/text/left", "s", "what is left of the song, as 3:21", "text"),
    Outgoing("/text/set_left", "s", "what is left of the set, as 41:05 or 1:02:03", "text"),
    Outgoing("/text/clock", "s", "the time of day", "text"),
    Outgoing("/text/status", "s", "the transport in words, and what is wrong", "text"),
    Outgoing("/led/playing", "i", "lit while the song sounds, or is counted in", "led"),
    Outgoing("/led/vamp", "i", "lit in a vamp", "led"),
    Outgoing("/led/section/<n>", "i", "lit in that section", "led"),
    Outgoing("/cue/standby", "ssf", "a cue is to come: name, target, seconds until it", "cue"),
    Outgoing("/cue", "ss", "a cue goes out: name, target", "cue"),
    Outgoing("/meter/<bus>", "f*", "peak of each channel in dBFS, ten times a second", "meter"),
    Outgoing("/health", "ifs", "xruns, load from 0 to 1, what is wrong", "health"),
    Outgoing("/error", "ss", "what was refused, and why", "reply"),
    Outgoing("/synced", "i", "the whole state was sent, in so many messages", "reply"),
    Outgoing("/pong", "*", "what /ping came with", "reply"),
)  # fmt: skip

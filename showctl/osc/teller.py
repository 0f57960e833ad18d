"""What telling is made of: a message with its topic, and how names and titles are written."""

from __future__ import annotations

from dataclasses import dataclass

from showctl.model.night import Night
from showctl.model.score import Score
from showctl.model.show import Section
from showctl.osc.codec import Message
from showctl.osc.plain import fitted, plain_text


@dataclass(frozen=True, slots=True)
class Told:
    """A message, and the topic under which it is asked for."""

    topic: str
    message: Message


def say(topic: str, address: str, *args: int | float | str) -> Told:
    """Its longest strings are cut where it would not fit into a packet that every desk reads."""
    return Told(topic, fitted(Message(address, args)))


@dataclass(frozen=True, slots=True)
class Teller:
    """What an event's numbers refer to, and how text is written."""

    score: Score
    night: Night
    utf8: bool

    def text(self, text: str, by_hand: str = "") -> str:
        return plain_text(text, by_hand, utf8=self.utf8)

    def title(self, entry: int) -> str:
        if not entry:
            return ""
        song = self.score.song(entry)
        return self.text(song.title, song.ascii)

    def section(self, section: Section | None) -> str:
        return self.text(section.name, section.ascii) if section else ""

    def section_named(self, entry: int, index: int) -> Section | None:
        """None for index 0, which is none."""
        return self.score.song(entry).sections[index - 1] if index else None

    @property
    def section_rows(self) -> int:
        """How many sections the song with the most of them has."""
        return max((len(song.sections) for song in self.score.show.songs.values()), default=0)

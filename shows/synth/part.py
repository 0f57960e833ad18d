# ruff: noqa: PLR0913, PLR0917 - a line of music is where, what, with which voice, how loud
"""One stem under construction: notes are put on the exact frames that the timeline gives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from synth.drums import Drum
from synth.effects import Audio
from synth.timeline import Timeline
from synth.voices import Voice, sounded

NOTE_NAMES = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
QUALITIES = {"": (0, 4, 7), "m": (0, 3, 7), "7": (0, 4, 7, 10), "m7": (0, 3, 7, 10), "maj7": (0, 4, 7, 11),
             "sus": (0, 5, 7), "add9": (0, 2, 4, 7), "madd9": (0, 2, 3, 7)}  # fmt: skip
STRENGTHS = {"X": 1.0, "x": 0.8, "o": 0.6, "-": 0.35}


def midi_note(name: str) -> int:
    """ "C4" is 60, "Bb3" is 58."""
    letter, accidental, octave = re.fullmatch(r"([A-G])([b#]?)(-?\d)", name).groups()  # type: ignore[union-attr]
    return 12 * (int(octave) + 1) + NOTE_NAMES[letter] + {"": 0, "#": 1, "b": -1}[accidental]


def hertz(midi: float) -> float:
    return float(440.0 * 2 ** ((midi - 69) / 12))


def root(chord: str) -> int:
    """Pitch class of the bass note: of what follows a slash, else of the chord's name."""
    return midi_note(re.match(r"[A-G][b#]?", chord.rsplit("/", maxsplit=1)[-1])[0] + "0") % 12  # type: ignore[index]


def voicing(chord: str, centre: int = 62) -> list[int]:
    """The chord's notes as close as possible around `centre`, so that successive chords move little."""
    name, quality = re.fullmatch(r"([A-G][b#]?)(\w*)", chord.split("/", maxsplit=1)[0]).groups()  # type: ignore[union-attr]
    first = midi_note(name + "0")
    return sorted(centre - 6 + (first + step - centre + 6) % 12 for step in QUALITIES[quality])


@dataclass(slots=True)
class Part:
    """A stem: stereo samples that are filled note by note.

    `loudness_db` is where its mean level is set among the others; `extension` and `quality` (0–1) how it is stored,
    from `first_bar` on if that is given.
    """

    song: Timeline
    name: str
    loudness_db: float
    channels: int = 2
    extension: str = "ogg"
    quality: float = 0.0
    first_bar: int | None = None
    tail: float = 4.0
    samples: Audio = field(init=False)

    def __post_init__(self) -> None:
        self.samples = np.zeros((self.song.frame(self.song.end) + int(self.tail * self.song.rate), 2))

    def place(self, frame: int, sound: Audio, gain: float = 1.0, pan: float = 0.0) -> None:
        """Adds a sound from `frame` on; a mono one is panned with equal power."""
        if sound.ndim == 1:
            angle = (pan + 1) * np.pi / 4
            sound = sound[:, None] * np.array([np.cos(angle), np.sin(angle)])
        room = self.samples[frame : frame + len(sound)]
        room += gain * sound[: len(room)]

    def hit(self, bar: int, quarters: float, drum: Drum, velocity: float = 1.0, pan: float = 0.0) -> None:
        self.place(self.song.frame(bar, quarters), drum(self.song.rate, velocity), pan=pan)

    def steps(self, bars: Iterable[int], pattern: str, drum: Drum, pan: float = 0.0, step: float = 0.25) -> None:
        """A pattern of strengths (X x o - and . for none) repeated in each of `bars`, a sixteenth per sign."""
        for bar in bars:
            for n, sign in enumerate(pattern.replace(" ", "")):
                if sign in STRENGTHS:
                    self.hit(bar, n * step, drum, STRENGTHS[sign], pan)

    def note(
        self, bar: int, quarters: float, length: float, midi: float, voice: Voice, velocity: float, pan: float = 0.0
    ) -> None:
        seconds = round(self.song.length(bar, quarters, length), 6)
        sound = sounded(voice, self.song.rate, hertz(midi), seconds, velocity)
        self.place(self.song.frame(bar, quarters), sound, pan=pan)

    def melody(self, bar: int, text: str, voices: Sequence[Voice], velocity: float = 0.8) -> None:
        """Notes like `A4:1.5` (name and quarter notes; `-` rests), `voices` taking turns; bar signs are for the eye."""
        quarters, count = 0.0, 0
        for token in text.replace("|", " ").split():
            name, _, length = token.partition(":")
            duration = float(length or 1)
            if name != "-":
                accent = velocity * (1.0 if quarters % 1 == 0 else 0.88)
                voice = voices[count % len(voices)]
                self.note(bar, quarters, duration, midi_note(name), voice, accent)
                count += 1
            quarters += duration

    def chords(
        self, bar: int, names: str, voice: Voice, rhythm: Sequence[tuple[float, float]], centre: int = 62,
        velocity: float = 0.7, spread: float = 0.4,
    ) -> None:  # fmt: skip
        """One chord per bar, struck at each (quarter, length) of `rhythm`, its notes spread from left to right."""
        for number, name in enumerate(names.split()):
            notes = voicing(name, centre)
            for strike, (quarters, length) in enumerate(rhythm):
                for n, midi in enumerate(notes):
                    pan = spread * (2 * n / (len(notes) - 1) - 1)
                    soft = velocity * (1.0 if strike == 0 else 0.85)
                    self.note(bar + number, quarters, length, midi, voice, soft, pan)

    def arpeggio(
        self, bar: int, names: str, voice: Voice, order: Sequence[int], step: float = 0.5, centre: int = 64,
        velocity: float = 0.7, spread: float = 0.5,
    ) -> None:  # fmt: skip
        """Chord notes one after the other, one chord per bar; `order` indexes the notes, 3 and up an octave higher."""
        for number, name in enumerate(names.split()):
            notes = voicing(name, centre)[:3]
            count = round(self.song.meter_of(bar + number).bar_quarters / step)
            for n in range(count):
                index = order[n % len(order)]
                midi = notes[index % 3] + 12 * (index // 3)
                accent = velocity * (1.0 if n % 4 == 0 else 0.82 if n % 2 == 0 else 0.7)
                self.note(bar + number, n * step, step, midi, voice, accent, spread * (-1) ** n)

    def bass(self, bar: int, names: str, voice: Voice, pattern: str, lowest: int = 28) -> None:
        """One chord per bar; signs per eighth note: r root, o its octave, 5 fifth, ~ holds on, . rests."""
        above = {"r": 0, "o": 12, "5": 7}
        for number, name in enumerate(names.split()):
            low = lowest + (root(name) - lowest) % 12
            for n, sign in enumerate(pattern):
                if sign in above:
                    held = len(pattern[n + 1 :]) - len(pattern[n + 1 :].lstrip("~"))
                    accent = 0.85 if n == 0 else 0.75
                    self.note(bar + number, n / 2, (1 + held) / 2, low + above[sign], voice, accent)

    def loudness(self) -> float:
        """Mean level in dB of the 0.4-s stretches that are not quiet."""
        size = int(0.4 * self.song.rate)
        whole = self.samples[: len(self.samples) // size * size].reshape(-1, size * 2)
        power = np.mean(whole**2, axis=1)
        return float(10 * np.log10(np.mean(power[power > 0.03 * power.max()])))

    def settle(self) -> None:
        """Brings the stem to its place in the mix."""
        self.samples *= 10 ** ((self.loudness_db - self.loudness()) / 20)

    def stored(self) -> Audio:
        """What goes into the file: (frames,) or (frames, 2), without the silence at its end."""
        audible = np.flatnonzero(np.max(np.abs(self.samples), axis=1) > 1e-4)
        start = 0 if self.first_bar is None else self.song.frame(self.first_bar)
        audio = self.samples[start : audible[-1] + 1]
        return audio if self.channels == 2 else audio.mean(axis=1)

"""Last Train: E minor, brushes like wheels on rails, banjo, accordion, fiddle. From 84 to 160 and into the brakes."""

from __future__ import annotations

import numpy as np

from synth import drums, voices
from synth.effects import Audio, band, glued, room, wet
from synth.part import Part, hertz
from synth.timeline import Section, Timeline

INTRO = "Em Em C D"
VERSE = "Em G D Em Em G C B7"
CHORUS = "C G D Em C G B7 Em"
FASTER = "Em Em G G D D Em Em C C B7 B7"
OUTRO = "Em D C B7 Em"

VERSE_TUNE = """
 E4:1 G4:.5 A4:.5 B4:1 A4:.5 G4:.5 | B4:1 D5:.5 B4:.5 G4:2 | A4:1 A4:.5 B4:.5 A4:.5 G4:.5 F#4:1 | G4:.5 F#4:.5 E4:2 -:1
 E4:1 G4:.5 A4:.5 B4:1 A4:.5 G4:.5 | B4:1 D5:.5 E5:.5 D5:1 B4:1 | C5:1 B4:.5 A4:.5 G4:1 E4:1    | F#4:1 A4:1 B4:2"""
CHORUS_TUNE = """
 E5:1.5 D5:.5 C5:.5 D5:.5 E5:1 | D5:1.5 C5:.5 B4:1 G4:1 | A4:1 B4:.5 C5:.5 D5:1 F#5:1 | E5:3 -:1
 E5:1.5 D5:.5 C5:.5 D5:.5 E5:1 | D5:1.5 C5:.5 B4:1 G4:1 | A4:.5 B4:.5 C5:.5 A4:.5 F#4:1 D#4:1 | E4:3 -:1"""
FASTER_TUNE = """
 E5:.5 B4:.5 G4:.5 B4:.5 E5:.5 F#5:.5 G5:1 | F#5:.5 E5:.5 D5:.5 B4:.5 E5:2
 D5:.5 B4:.5 G4:.5 B4:.5 D5:.5 E5:.5 G5:1 | E5:.5 D5:.5 B4:.5 A4:.5 B4:2
 A4:.5 D5:.5 F#5:.5 D5:.5 A5:.5 F#5:.5 D5:1 | F#5:.5 E5:.5 D5:.5 C5:.5 A4:2
 B4:.5 E5:.5 G5:.5 E5:.5 B5:.5 G5:.5 E5:1 | G5:.5 F#5:.5 E5:.5 D5:.5 B4:2
 C5:.5 E5:.5 G5:.5 E5:.5 C6:.5 G5:.5 E5:1 | G5:.5 E5:.5 C5:.5 D5:.5 E5:2
 D#5:.5 F#5:.5 A5:.5 F#5:.5 B5:.5 A5:.5 F#5:1 | A5:.5 F#5:.5 D#5:.5 B4:.5 B5:2"""
OUTRO_TUNE = """
 E5:.5 F#5:.5 G5:.5 E5:.5 B5:1 E5:1 | D5:.5 E5:.5 F#5:.5 D5:.5 A5:1 D5:1
 C5:1 E5:1 G5:1 E5:1 | D#5:1 F#5:1 B5:2 | E5:4"""


def arrange(song: Timeline) -> list[Part]:
    parts = [kit(song), percussion(song), bass(song), banjo(song), keys(song), pad(song), lead(song)]
    return [*parts, whistle(song)]


def kit(song: Timeline) -> Part:
    part = Part(song, "drums", -18.0, channels=1)
    rails = "X-x-X-xoX-x-X-xo"
    part.steps(range(1, song.end - 2), rails, drums.brush, 0.1)
    part.steps([song.end - 2], "X-x-X-x-X.x.X...", drums.brush, 0.1)
    for section in song.sections[1:]:
        bars = range(section.bar, min(section.bar + section.bars, song.end - 1))
        part.steps(bars, "X.......X.......", drums.kick)
    for section in song.named("Chorus") + song.named("Faster"):
        part.steps(section.each_bar(), "....X.......X...", drums.snare)
        part.hit(section.bar, 0, drums.crash, 0.7, -0.3)
    part.steps([song.named("Faster")[0].bar + 11], "........xxxxXXXX", drums.snare)
    part.hit(song.end - 1, 0, drums.kick)
    part.hit(song.end - 1, 0, drums.crash, 1.0)
    part.samples = glued(song.rate, wet(part.samples, room(song.rate, 0.6, 6000, seed=41), 0.12), 4.5)
    return part


def percussion(song: Timeline) -> Part:
    part = Part(song, "percussion", -32.0, channels=1)
    for section in song.named("Verse"):
        part.steps(section.each_bar(), "....o.......o.-.", drums.rim)
    for section in song.named("Chorus") + song.named("Faster"):
        part.steps(section.each_bar(), "....X.......X...", drums.clap)
        part.steps(section.each_bar(), "..o...o...o...o.", drums.tambourine)
    return part


def bass(song: Timeline) -> Part:
    part = Part(song, "bass", -20.0, channels=1)
    for section, names in played(song):
        part.bass(section.bar, names, voices.finger_bass, "r~.~5~.~", 28)
    return part


def played(song: Timeline) -> list[tuple[Section, str]]:
    """Each section with its chords."""
    names = {"Intro": INTRO, "Verse": VERSE, "Chorus": CHORUS, "Faster": FASTER, "Outro": OUTRO}
    return [(section, names[section.name]) for section in song.sections]


def banjo(song: Timeline) -> Part:
    part = Part(song, "banjo", -25.0, channels=1)
    for section, names in played(song):
        roll = (0, 2, 3, 1, 2, 4, 3, 2) if section.name != "Verse" else (0, 2, 3, 2)
        step = 0.5 if section.name in ("Intro", "Verse", "Outro") else 0.25
        part.arpeggio(section.bar, names, voices.banjo, roll, step, 64, 0.7)
    part.samples = wet(part.samples, room(song.rate, 0.8, seed=42), 0.1)
    return part


def keys(song: Timeline) -> Part:
    """Accordion: chords after the beat, long ones in the choruses."""
    part = Part(song, "keys", -25.0)
    for section, names in played(song):
        chop = [(0.5, 0.3), (1.5, 0.3), (2.5, 0.3), (3.5, 0.3)]
        rhythm = [(0, 1.5), (1.5, 1.5), (3, 1)] if section.name == "Chorus" else chop
        part.chords(section.bar, names, voices.accordion, rhythm, 64, 0.7, 0.6)
    part.chords(song.end - 1, "Em", voices.accordion, [(0, 3)], 64, 0.9)
    part.samples = wet(part.samples, room(song.rate, 1.1, seed=43), 0.1)
    return part


def pad(song: Timeline) -> Part:
    """A choir that joins when the train has left the town."""
    part = Part(song, "pad", -27.0)
    for section, names in played(song):
        if section.name in ("Chorus", "Faster"):
            part.chords(section.bar, names, voices.choir, [(0, 4)], 62, 0.7, 0.8)
    part.chords(song.end - 1, "Em", voices.choir, [(0, 3)], 64, 0.9, 0.8)
    part.samples = wet(part.samples, room(song.rate, 1.8, 4500, seed=44), 0.15)
    return part


def lead(song: Timeline) -> Part:
    tunes = {"Verse": VERSE_TUNE, "Chorus": CHORUS_TUNE, "Faster": FASTER_TUNE, "Outro": OUTRO_TUNE}
    part = Part(song, "lead", -20.0, channels=1)
    for section in song.sections[1:]:
        velocity = 0.7 if section.name == "Verse" else 0.9
        part.melody(section.bar, tunes[section.name], [voices.fiddle], velocity)
    part.samples = wet(part.samples, room(song.rate, 1.4, seed=45), 0.12)
    return part


def whistle(song: Timeline) -> Part:
    """Two blasts where it starts to go faster: a file of its own that begins at that bar."""
    bar = song.named("Faster")[0].bar
    part = Part(song, "whistle", -28.0, first_bar=bar)
    for quarters, length in ((0, 0.8), (1, 2.5)):
        for n, midi in enumerate((69, 72, 76, 79)):
            blast = steam(song.rate, hertz(midi), song.length(bar, quarters, length))
            part.place(song.frame(bar, quarters), blast, 0.3, n / 2 - 0.75)
    part.samples = wet(part.samples, room(song.rate, 2.0, seed=46), 0.4)
    return part


def steam(rate: int, hz: float, seconds: float) -> Audio:
    level = voices.shape(rate, seconds, 0.06, 0.12)
    t = np.arange(len(level)) / rate
    pitch = hz * (1 - 0.05 * np.exp(-t / 0.05))
    hiss = band(rate, np.random.default_rng(14).standard_normal(len(level)), 1500, 8000) * 0.25
    return level * (np.sin(2 * np.pi * np.cumsum(pitch) / rate) + 0.3 * voices.saw(rate, pitch, len(level)) + hiss)

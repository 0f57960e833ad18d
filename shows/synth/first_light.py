"""First Light: C major, 120 bpm. Piano and voice first, the whole band in the choruses."""

from __future__ import annotations

import numpy as np

from synth import drums, voices
from synth.effects import Audio, band, echoes, glued, room, wet, widening
from synth.part import Part
from synth.timeline import Section, Timeline

VERSE = "C G/B Am F C G/B F G"  # the second verse is its second half
CHORUS = "F C G Am F C G G"
BRIDGE = "Dm Am F C Dm Am F G"
OUTRO = "F C F C"

FIRST_LINE = """
 G4:1 E4:.5 D4:.5 C4:1 -:1     | D4:.5 E4:.5 D4:.5 B3:1.5 -:1  | C4:1 E4:.5 G4:.5 A4:1 G4:1 | F4:.5 E4:.5 C4:2 -:1"""
SECOND_LINE = """
 G4:1 E4:.5 D4:.5 C4:1 C4:.5 E4:.5 | D4:1 G4:1.5 F4:.5 E4:1    | F4:1 G4:.5 A4:1.5 G4:1     | G4:1 A4:1 B4:1 G4:1"""
CHORUS_TUNE = """
 A4:1.5 G4:.5 A4:1 C5:1  | G4:2 -:.5 E4:.5 G4:.5 A4:.5 | B4:1.5 A4:.5 B4:1 D5:1 | C5:3 G4:.5 G4:.5
 A4:1.5 G4:.5 A4:1 C5:1  | E5:2 D5:1 C5:1              | D5:2.5 C5:.5 B4:1      | G4:1 A4:1 B4:1 -:1"""
BRIDGE_TUNE = """
 F4:2 E4:1 D4:1 | E4:3 -:1 | F4:1 G4:1 A4:1 C5:1 | G4:3 -:1
 F4:2 E4:1 D4:1 | E4:2 A4:2 | C5:2 A4:1 F4:1     | D5:3 -:1"""
OUTRO_TUNE = "A4:1.5 G4:.5 A4:1 C5:1 | G4:4 | A4:1.5 G4:.5 A4:1 E4:1 | C5:4"

PICKUP = (
    (-2, drums.snare, 0.5),
    (-1.5, drums.snare, 0.7),
    (-1, drums.high_tom, 0.8),
    (-0.75, drums.high_tom, 0.7),
    (-0.5, drums.mid_tom, 0.9),
    (-0.25, drums.low_tom, 1.0),
)
WORDLESS = [voices.singer("ah"), voices.singer("oh"), voices.singer("eh"), voices.singer("oh")]


def arrange(song: Timeline) -> list[Part]:
    return [kit(song), tambourine(song), bass(song), guitar(song), keys(song), pad(song), lead(song), effects(song)]


def verse_chords(verse: Section) -> str:
    return " ".join(VERSE.split()[-verse.bars :])


def kit(song: Timeline) -> Part:
    part = Part(song, "drums", -17.0)
    for quarters, drum, velocity in PICKUP:
        part.hit(1, quarters, drum, velocity)
    intro, outro = song.named("Intro")[0], song.named("Outro")[0]
    groove(part, intro.each_bar(), "X...x...X...x...", "................", "x.-.o.-.x.-.o.--")
    for verse in song.named("Verse"):
        groove(part, verse.each_bar(), "X.....x.X.......", "....X.......X..-", "x.-.o.-.x.-.o.--")
        fill(part, verse.bar + verse.bars - 1)
    for chorus in song.named("Chorus"):
        groove(part, chorus.each_bar(), "X...x...X.x.x...", "....X..-....X...", "x.o.x.o.x.o.x.o.")
        part.steps(chorus.each_bar(), "..x...x...x...x.", drums.open_hat, -0.25)
        part.hit(chorus.bar, 0, drums.crash, 1.0, 0.3)
        part.hit(chorus.bar + 4, 0, drums.crash, 0.7, -0.3)
        fill(part, chorus.bar + chorus.bars - 1)
    bridge = song.named("Bridge")[0]
    part.steps(range(bridge.bar + 4, bridge.bar + 8), "X.......X.......", drums.kick)
    part.steps(range(bridge.bar + 6, bridge.bar + 8), "-.-.-.-.o.o.o.x.", drums.snare)
    groove(part, range(outro.bar, outro.bar + 3), "X...x...X...x...", "....X.......X...", "x.-.o.-.x.-.o.--")
    part.hit(outro.bar + 3, 0, drums.kick)
    part.hit(outro.bar + 3, 0, drums.crash, 0.9)
    part.samples = glued(song.rate, wet(part.samples, room(song.rate, 0.7, 7000), 0.12), 4.5)
    return part


def groove(part: Part, bars: range, kick: str, snare: str, hat: str) -> None:
    part.steps(bars, kick, drums.kick)
    part.steps(bars, snare, drums.snare, 0.05)
    part.steps(bars, hat, drums.hat, -0.3)


def fill(part: Part, bar: int) -> None:
    part.steps([bar], "........ o-......", drums.snare)
    part.steps([bar], "........ ..x-....", drums.high_tom, -0.4)
    part.steps([bar], "........ ....xo..", drums.mid_tom, 0.0)
    part.steps([bar], "........ ......Xx", drums.low_tom, 0.4)


def tambourine(song: Timeline) -> Part:
    part = Part(song, "percussion", -30.0, channels=1)
    for verse in song.named("Verse"):
        part.steps(verse.each_bar(), "-.o.x.o.-.o.x.o.", drums.shaker)
    for chorus in song.named("Chorus"):
        part.steps(chorus.each_bar(), "-.-.X.-.-.-.X.--", drums.tambourine)
    part.steps(song.named("Bridge")[0].each_bar(), "....o.......o...", drums.rim)
    return part


def bass(song: Timeline) -> Part:
    part = Part(song, "bass", -19.5, channels=1)
    for verse in song.named("Verse"):
        part.bass(verse.bar, verse_chords(verse), voices.finger_bass, "r~~rr~5~")
    for chorus in song.named("Chorus"):
        part.bass(chorus.bar, CHORUS, voices.finger_bass, "rrrrrrro")
    part.bass(song.named("Bridge")[0].bar + 4, "Dm Am F G", voices.finger_bass, "r~~~~~~~")
    part.bass(song.named("Outro")[0].bar, "F C F", voices.finger_bass, "r~~rr~5~")
    part.bass(song.named("Outro")[0].bar + 3, "C", voices.finger_bass, "r~~~~~~~")
    return part


def guitar(song: Timeline) -> Part:
    part = Part(song, "guitar", -25.0, channels=1)
    part.arpeggio(song.named("Intro")[0].bar, "C G/B Am F", voices.pluck, (0, 1, 2, 3, 2, 1, 2, 1), 0.5, 66)
    for verse in song.named("Verse"):
        part.arpeggio(verse.bar, verse_chords(verse), voices.pluck, (0, 1, 2, 3, 2, 1, 2, 1), 0.5, 66, 0.6)
    for chorus in song.named("Chorus"):
        strums = [(0, 1), (1, 0.5), (1.5, 0.5), (2.5, 0.5), (3, 0.5), (3.5, 0.5)]
        part.chords(chorus.bar, CHORUS, voices.pluck, strums, 60, 0.7, 0.7)
    part.arpeggio(song.named("Outro")[0].bar, OUTRO, voices.pluck, (0, 1, 2, 3, 2, 1, 2, 1), 0.5, 66)
    dry = wet(part.samples, widening(song.rate), 0.5)
    part.samples = wet(wet(dry, echoes(song.rate, 0.375, 0.35), 0.4), room(song.rate, 1.6), 0.12)
    return part


def keys(song: Timeline) -> Part:
    part = Part(song, "keys", -24.5)
    for verse in song.named("Verse"):
        part.chords(verse.bar, verse_chords(verse), voices.piano, [(0, 1.5), (1.5, 1.5), (3, 1)], 62, 0.6)
    for chorus in song.named("Chorus"):
        part.chords(chorus.bar, CHORUS, voices.piano, [(n, 1) for n in range(4)], 65, 0.85)
    part.chords(song.named("Bridge")[0].bar, BRIDGE, voices.piano, [(0, 3.5)], 60, 0.55)
    part.chords(song.named("Outro")[0].bar, "F C F", voices.piano, [(0, 1.5), (1.5, 1.5), (3, 1)], 62, 0.6)
    part.chords(song.named("Outro")[0].bar + 3, "C", voices.piano, [(0, 4)], 62, 0.7)
    part.samples = wet(part.samples, room(song.rate, 1.4), 0.12)
    return part


def pad(song: Timeline) -> Part:
    part = Part(song, "pad", -27.0)
    part.chords(song.named("Intro")[0].bar, "C G/B Am F", voices.pad, [(0, 4)], 60, 0.5)
    part.chords(song.named("Verse")[1].bar, verse_chords(song.named("Verse")[1]), voices.pad, [(0, 4)], 60, 0.4)
    for chorus in song.named("Chorus"):
        part.chords(chorus.bar, CHORUS, voices.strings, [(0, 4)], 67, 0.6, 0.7)
    part.chords(song.named("Bridge")[0].bar, BRIDGE, voices.pad, [(0, 4)], 62, 0.8)
    part.chords(song.named("Outro")[0].bar, OUTRO, voices.pad, [(0, 4)], 60, 0.5)
    part.samples = wet(part.samples, room(song.rate, 2.2, 4000), 0.2)
    return part


def lead(song: Timeline) -> Part:
    part = Part(song, "lead", -19.0, channels=1)
    for verse in song.named("Verse"):
        part.melody(verse.bar, FIRST_LINE + SECOND_LINE if verse.bars == 8 else SECOND_LINE, WORDLESS, 0.7)
    for chorus in song.named("Chorus"):
        part.melody(chorus.bar, CHORUS_TUNE, WORDLESS, 0.9)
    part.melody(song.named("Bridge")[0].bar, BRIDGE_TUNE, WORDLESS, 0.6)
    part.melody(song.named("Outro")[0].bar, OUTRO_TUNE, WORDLESS, 0.7)
    part.samples = wet(wet(part.samples, echoes(song.rate, 0.5, 0.3, 3), 0.25), room(song.rate, 1.8), 0.12)
    return part


def effects(song: Timeline) -> Part:
    part = Part(song, "fx", -28.0, extension="flac")
    reversed_cymbal(part, 1, 2.0)
    for chorus in song.named("Chorus"):
        reversed_cymbal(part, chorus.bar, 1.2)
    return part


def reversed_cymbal(part: Part, bar: int, seconds: float) -> None:
    """A crash played backwards, over where `bar` begins."""
    frames = int(seconds * part.song.rate)
    swell: Audio = drums.crash(part.song.rate, 1.0)[:frames][::-1] * np.linspace(0, 1, frames) ** 1.5
    sides = np.stack([swell, np.append(np.zeros(37), swell[:-37])], axis=1)
    part.place(part.song.frame(bar) - frames, band(part.song.rate, sides, 400, 9000))

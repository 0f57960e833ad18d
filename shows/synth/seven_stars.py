"""Seven Stars: D dorian. Verses in 7/8 (2+2+3) on marimba, strings and hand drums, wide choruses in 4/4."""

from __future__ import annotations

from synth import drums, voices
from synth.effects import echoes, glued, room, wet
from synth.part import Part
from synth.timeline import Section, Timeline

INTRO = "Am Am Dm Dm"
VERSE = "Dm Dm C C Bb Bb C C Dm Dm C C Bb Bb C A"
CHORUS = "Bb F C Dm Bb F C A"
BRIDGE = "Gm Gm Dm Dm Gm Gm A A"

VERSE_TUNE = """
 D4:1 F4:1 A4:1 G4:.5 | F4:1 E4:1 D4:1.5 | E4:1 G4:1 C5:1 A4:.5 | G4:2 E4:1.5
 D4:1 F4:1 Bb4:1 A4:.5 | G4:1 F4:1 D4:1.5 | E4:1 F4:1 G4:1.5 | A4:1 G4:1 E4:1.5"""
SECOND_TUNE = """
 D4:1 F4:1 A4:1 G4:.5 | A4:1 C5:1 D5:1.5 | C5:1 B4:1 G4:1 A4:.5 | G4:2 E4:1.5
 F4:1 G4:1 Bb4:1 A4:.5 | D5:1 C5:1 Bb4:1.5 | C5:1 B4:1 C5:1.5 | C#5:2 -:1.5"""
CHORUS_TUNE = """
 D5:2 F5:1 D5:1 | C5:3 A4:1 | C5:1.5 D5:.5 E5:1 C5:1 | D5:3 A4:1
 D5:2 F5:1 G5:1 | F5:1.5 E5:.5 C5:1 A4:1 | C5:1 D5:1 E5:1 F5:1 | E5:3 -:1"""

BRIDGE_TUNE = "-:3.5 | -:3.5 | D5:3.5 | A4:3.5 | Bb4:3.5 | D5:3.5 | E5:3.5 | C#5:3"


def arrange(song: Timeline) -> list[Part]:
    return [kit(song), percussion(song), bass(song), keys(song), strings(song), guitar(song), lead(song)]


def kit(song: Timeline) -> Part:
    part = Part(song, "drums", -17.5)
    part.steps(range(3, 5), "o.-.o.-.o.-.o.--", drums.hat, -0.2)
    for verse in song.named("Verse"):
        part.steps(verse.each_bar(), "X.......X...-.", drums.kick)
        part.steps(verse.each_bar(), "....X.....-.x.", drums.snare, 0.05)
        part.steps(verse.each_bar(), "x.-.x.-.x.-.o-", drums.hat, -0.25)
        part.steps([verse.bar + verse.bars - 1], "....X...xoXxXX", drums.mid_tom, 0.2)
        part.hit(verse.bar, 0, drums.crash, 0.7, 0.3)
    for chorus in song.named("Chorus"):
        part.steps(chorus.each_bar(), "X.....X.X.......", drums.kick)
        part.steps(chorus.each_bar(), "....X.......X.--", drums.snare, 0.05)
        part.steps(chorus.each_bar(), "x...o...x...o...", drums.ride, 0.35)
        part.steps([chorus.bar + chorus.bars - 1], "........X.xxXXXX", drums.low_tom, 0.2)
        part.hit(chorus.bar, 0, drums.crash, 1.0, -0.3)
        part.hit(chorus.bar + 4, 0, drums.crash, 0.7, 0.3)
    bridge = song.named("Bridge")[0]
    part.steps(range(bridge.bar + 4, bridge.bar + 8), "X...X...X.....", drums.kick)
    part.steps(range(bridge.bar + 6, bridge.bar + 8), "--oo--ooxxXXXX", drums.snare)
    part.hit(song.end - 2, 0, drums.kick)
    part.hit(song.end - 2, 0, drums.crash, 1.0, 0.2)
    part.samples = glued(song.rate, wet(part.samples, room(song.rate, 0.9, 6500, seed=31), 0.14))
    return part


def percussion(song: Timeline) -> Part:
    """Hand drums that speak the accents: low on one, high on three and five."""
    part = Part(song, "percussion", -26.0, channels=1)
    for section in song.named("Verse") + song.named("Bridge"):
        part.steps(section.each_bar(), "X.-.....--..o.", drums.low_conga)
        part.steps(section.each_bar(), "...-X.-.X.o.-.", drums.high_conga)
    for chorus in song.named("Chorus"):
        part.steps(chorus.each_bar(), "-.o.X.o.-.o.X.oo", drums.tambourine)
    return part


def bass(song: Timeline) -> Part:
    part = Part(song, "bass", -19.5, channels=1)
    part.bass(3, "D D", voices.finger_bass, "r~~~~~~~", 33)
    for verse in song.named("Verse"):
        part.bass(verse.bar, chords_of(verse), voices.finger_bass, "r~5~r5o", 33)
    for chorus in song.named("Chorus"):
        part.bass(chorus.bar, CHORUS, voices.finger_bass, "r~~r~ro~", 33)
    bridge = song.named("Bridge")[0]
    part.bass(bridge.bar + 4, "Gm Gm A A", voices.finger_bass, "r~~~~~~", 33)
    part.bass(song.end - 2, "D", voices.finger_bass, "r~~~~~~~", 33)
    return part


def chords_of(verse: Section) -> str:
    return " ".join(VERSE.split()[-verse.bars :])


def keys(song: Timeline) -> Part:
    """Marimba: two notes, two notes, three notes."""
    part = Part(song, "keys", -24.0)
    part.arpeggio(1, INTRO, voices.mallet, (0, 1, 2, 3, 2, 1, 2, 1), 0.5, 66, 0.85)
    for verse in song.named("Verse"):
        part.arpeggio(verse.bar, chords_of(verse), voices.mallet, (0, 3, 1, 3, 2, 4, 3), 0.5, 62, 0.8)
    for chorus in song.named("Chorus"):
        part.chords(chorus.bar, CHORUS, voices.piano, [(0, 2), (2, 1.5), (3.5, 0.5)], 64, 0.8)
    part.arpeggio(song.named("Bridge")[0].bar, BRIDGE, voices.mallet, (0, 1, 3, 2, 3, 4, 3), 0.5, 66, 0.6)
    part.chords(song.end - 2, "Dm", voices.piano, [(0, 6)], 64, 0.8)
    part.chords(song.end - 1, "Dm", voices.mallet, [(1, 1), (2, 2)], 64, 0.5)
    part.samples = wet(part.samples, room(song.rate, 1.5, seed=32), 0.15)
    return part


def strings(song: Timeline) -> Part:
    part = Part(song, "strings", -25.0)
    part.chords(1, INTRO, voices.pad, [(0, 4)], 60, 0.9)
    second = song.named("Verse")[1]
    part.chords(second.bar, chords_of(second), voices.staccato, [(0, 0.5), (1, 0.5), (2, 0.5), (3, 0.4)], 66, 0.6)
    for chorus in song.named("Chorus"):
        part.chords(chorus.bar, CHORUS, voices.strings, [(0, 4)], 66, 0.7, 0.8)
    bridge = song.named("Bridge")[0]
    part.chords(bridge.bar, BRIDGE, voices.strings, [(0, 3.5)], 62, 0.5, 0.8)
    part.chords(song.end - 2, "Dm", voices.strings, [(0, 6)], 66, 0.6, 0.8)
    part.samples = wet(part.samples, room(song.rate, 2.0, 4500, seed=33), 0.15)
    return part


def guitar(song: Timeline) -> Part:
    part = Part(song, "guitar", -25.0, channels=1)
    for verse in song.named("Verse"):
        part.chords(verse.bar, chords_of(verse), voices.pluck, [(0, 1), (1, 1), (2, 1.5)], 57, 0.6)
    for chorus in song.named("Chorus"):
        strums = [(n / 2, 0.5) for n in range(8)]
        part.chords(chorus.bar, CHORUS, voices.pluck, strums, 62, 0.6)
    part.chords(song.end - 2, "Dm", voices.pluck, [(0, 4)], 62, 0.7)
    part.samples = wet(part.samples, room(song.rate, 1.2, seed=34), 0.12)
    return part


def lead(song: Timeline) -> Part:
    part = Part(song, "lead", -19.0, channels=1)
    first, second = song.named("Verse")
    sung = [voices.singer("ah"), voices.singer("eh"), voices.singer("oh")]
    part.melody(first.bar, VERSE_TUNE + SECOND_TUNE, sung, 0.7)
    part.melody(second.bar, SECOND_TUNE, sung, 0.75)
    for chorus in song.named("Chorus"):
        part.melody(chorus.bar, CHORUS_TUNE, sung, 0.9)
    part.melody(song.named("Bridge")[0].bar, BRIDGE_TUNE, sung, 0.6)
    part.melody(song.end - 2, "D5:5", sung, 0.8)
    part.samples = wet(wet(part.samples, echoes(song.rate, 60 / 140, 0.3, 3), 0.2), room(song.rate, 1.6, seed=35), 0.12)
    return part

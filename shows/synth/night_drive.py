"""Night Drive: A minor, 100 bpm, all synthesizers. The four bars of the solo are made to go round.

What sounds just before the solo begins is what sounds just before it ends: the last bar of the break is the
last bar of the solo, note for note, so that the jump back cannot be heard.
"""

from __future__ import annotations

from synth import drums, voices
from synth.effects import ducked, echoes, glued, room, wet, widening
from synth.part import Part
from synth.timeline import Timeline

VERSE = "Am Am F G Am Am F G"
CHORUS = "F G Am C F G Am Am"
LOOP = "Am F C G"
OUTRO = "F G Am Am"

VERSE_TUNE = """
 -:1 A4:.5 C5:.5 B4:.5 A4:.5 G4:1 | A4:2 -:2 | -:1 A4:.5 C5:.5 D5:.5 C5:.5 A4:1 | B4:2 G4:1 -:1
 -:1 A4:.5 C5:.5 B4:.5 A4:.5 E5:1 | C5:1 A4:2 -:1 | -:1 C5:.5 C5:.5 D5:.5 E5:.5 F5:1 | D5:2 B4:1 G4:1"""
CHORUS_TUNE = """
 C5:1.5 A4:.5 C5:1 F5:1 | D5:1.5 B4:.5 D5:1 G5:1 | E5:2.5 D5:.5 C5:1 | E5:1 G5:1.5 -:1.5
 C5:1.5 A4:.5 C5:1 F5:1 | D5:1.5 B4:.5 D5:1 G5:1 | A5:2.5 G5:.5 E5:1 | A5:2 -:2"""
TURNAROUND = "B4:.5 D5:.5 G5:.5 D5:.5 B4:.5 -:1.5"
SOLO = f"""
 E5:.5 A5:.5 G5:.25 A5:.25 E5:.5 C5:.5 E5:.5 A4:1 | F5:.5 A5:.5 G5:.25 A5:.25 F5:.5 C5:.5 F5:.5 A4:1
 G5:.5 C6:.5 B5:.25 C6:.25 G5:.5 E5:.5 G5:.5 C5:1 | {TURNAROUND}"""


def arrange(song: Timeline) -> list[Part]:
    return [kit(song), percussion(song), bass(song), keys(song), pad(song), arp(song), lead(song), effects(song)]


def kicks(song: Timeline) -> list[int]:
    playing = [s for s in song.sections if s.name not in ("Intro", "Outro")]
    return [song.frame(bar, quarter) for section in playing for bar in section.each_bar() for quarter in range(4)]


def kit(song: Timeline) -> Part:
    part = Part(song, "drums", -17.0)
    intro, outro = song.named("Intro")[0], song.named("Outro")[0]
    part.steps(intro.each_bar(), "o.-.o.-.o.-.o.--", drums.hat, -0.2)
    for section in song.named("Verse") + song.named("Break") + song.named("Solo"):
        part.steps(section.each_bar(), "X...X...X...X...", drums.kick)
        part.steps(section.each_bar(), "....X.......X...", drums.snare)
        part.steps(section.each_bar(), "-.o.-.o.-.o.-.o-", drums.hat, -0.2)
    for chorus in song.named("Chorus"):
        part.steps(chorus.each_bar(), "X...X...X...X...", drums.kick)
        part.steps(chorus.each_bar(), "....X.......X...", drums.snare)
        part.steps(chorus.each_bar(), "....x.......x...", drums.clap, 0.1)
        part.steps(chorus.each_bar(), "-.x.-.x.-.x.-.x.", drums.open_hat, -0.2)
        part.steps([chorus.bar + chorus.bars - 1], "........-oxX....", drums.high_tom, -0.3)
        part.steps([chorus.bar + chorus.bars - 1], "............XxXx", drums.low_tom, 0.3)
        part.hit(chorus.bar, 0, drums.crash, 0.9, 0.3)
    part.steps(range(outro.bar, outro.bar + 3), "X.......X.......", drums.kick)
    part.steps(outro.each_bar(), "o.-.o.-.o.-.o.--", drums.hat, -0.2)
    part.samples = glued(song.rate, wet(part.samples, room(song.rate, 0.5, 6000, seed=21), 0.2))
    return part


def percussion(song: Timeline) -> Part:
    part = Part(song, "percussion", -31.0, channels=1)
    for section in song.named("Chorus") + song.named("Break") + song.named("Solo"):
        part.steps(section.each_bar(), "..o-..o-..o-..oo", drums.shaker)
        part.steps(section.each_bar(), "......x.....x...", drums.high_conga)
        part.steps(section.each_bar(), ".......o......x.", drums.low_conga)
    return part


def bass(song: Timeline) -> Part:
    part = Part(song, "bass", -19.0, channels=1)
    part.bass(song.named("Verse")[0].bar, VERSE, voices.synth_bass, "rrrrrrrr", 33)
    for chorus in song.named("Chorus"):
        part.bass(chorus.bar, CHORUS, voices.synth_bass, "rorororo", 33)
    for section in song.named("Break") + song.named("Solo"):
        part.bass(section.bar, LOOP, voices.synth_bass, "r.rrr.r5", 33)
    part.bass(song.named("Outro")[0].bar, OUTRO, voices.synth_bass, "r~~~~~~~", 33)
    return part


def keys(song: Timeline) -> Part:
    part = Part(song, "keys", -24.5)
    stabs = [(0, 0.75), (1.5, 0.5), (3, 0.75)]
    part.chords(song.named("Verse")[0].bar, VERSE, voices.electric_piano, stabs, 62, 0.6)
    for chorus in song.named("Chorus"):
        part.chords(chorus.bar, CHORUS, voices.electric_piano, [(0, 1.5), (1.5, 1.5), (3, 1)], 64, 0.85)
    for section in song.named("Break") + song.named("Solo"):
        part.chords(section.bar, LOOP, voices.electric_piano, stabs, 62, 0.7)
    part.chords(song.named("Outro")[0].bar, OUTRO, voices.electric_piano, [(0, 4)], 62, 0.6)
    part.samples = wet(wet(part.samples, widening(song.rate), 0.5), room(song.rate, 1.3), 0.12)
    return part


def pad(song: Timeline) -> Part:
    part = Part(song, "pad", -25.0)
    part.chords(song.named("Intro")[0].bar, "Am Am F G", voices.pad, [(0, 4)], 60, 0.6)
    part.chords(song.named("Verse")[0].bar, VERSE, voices.pad, [(0, 4)], 60, 0.4)
    for chorus in song.named("Chorus"):
        part.chords(chorus.bar, CHORUS, voices.pad, [(0, 4)], 66, 0.9, 0.7)
    for section in song.named("Break") + song.named("Solo"):
        part.chords(section.bar, LOOP, voices.pad, [(0, 4)], 62, 0.5)
    part.chords(song.named("Outro")[0].bar, OUTRO, voices.pad, [(0, 4)], 60, 0.6)
    part.samples = wet(ducked(song.rate, part.samples, kicks(song)), room(song.rate, 1.8, 4000), 0.15)
    return part


def arp(song: Timeline) -> Part:
    part = Part(song, "arp", -26.0, channels=1)
    order = (0, 1, 2, 3, 4, 3, 2, 1)
    part.arpeggio(song.named("Intro")[0].bar, "Am Am F G", voices.synth_pluck, order, 0.25, 66, 0.6)
    for chorus in song.named("Chorus"):
        part.arpeggio(chorus.bar, CHORUS, voices.synth_pluck, order, 0.25, 69, 0.8)
    part.arpeggio(song.named("Outro")[0].bar, OUTRO, voices.synth_pluck, order, 0.25, 66, 0.6)
    part.samples = wet(part.samples, echoes(song.rate, 0.45, 0.4, 4), 0.4)
    return part


def lead(song: Timeline) -> Part:
    part = Part(song, "lead", -19.5, channels=1)
    oohs = [voices.singer("oh"), voices.singer("ah")]
    part.melody(song.named("Verse")[0].bar, VERSE_TUNE, oohs, 0.7)
    for chorus in song.named("Chorus"):
        part.melody(chorus.bar, CHORUS_TUNE, oohs, 0.9)
    part.melody(song.named("Solo")[0].bar - 1, TURNAROUND, [voices.synth_lead], 0.8)
    part.melody(song.named("Solo")[0].bar, SOLO, [voices.synth_lead], 0.8)
    part.melody(song.named("Outro")[0].bar, "C5:1.5 A4:.5 C5:2 | D5:1.5 B4:.5 D5:2 | E5:4", oohs, 0.6)
    part.samples = wet(wet(part.samples, echoes(song.rate, 0.45, 0.3, 3), 0.25), room(song.rate, 1.3), 0.12)
    return part


def effects(song: Timeline) -> Part:
    """A low boom and a bright splash where the big sections begin; nothing that leads into or out of the solo."""
    part = Part(song, "fx", -27.0)
    for section in song.named("Chorus") + song.named("Break"):
        part.note(section.bar, 0, 2, 28, voices.synth_bass, 1.0)
        part.hit(section.bar, 0, drums.crash, 0.8, -0.4)
    part.hit(song.named("Outro")[0].bar, 0, drums.crash, 0.6, 0.4)
    part.note(song.end - 1, 0, 4, 33, voices.pad, 0.6)
    part.samples = wet(part.samples, room(song.rate, 2.5, 6000, seed=23), 0.5)
    return part

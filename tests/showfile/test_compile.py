from __future__ import annotations

import msgspec
import pytest

from showctl.model.score import song_map
from showctl.model.show import (
    BeforeEntry,
    ClickSettings,
    Cue,
    Guide,
    Medium,
    MeterPoint,
    OscCall,
    Section,
    Setup,
    TempoPoint,
    Vamp,
    decode_show,
    encode_show,
)

from .helpers import RATE, SHOW, SONG, Sound, good, good_song, load, sentences

BASS = "songs/closer/stems/bass.wav"
CUE = '[[cues]]\nat = {}\nto = "lights"\nfire = "1"\n'

# ── time ──


def test_tempo_and_meter_marks_become_points() -> None:
    song = good_song(
        "tempo = [{ at = 1, bpm = 120 }, { at = 3, bpm = 140, ramp = true }, { at = '4.2', bpm = '♩. = 80' }]\n"
        'meter = [{ at = 1, meter = "4/4" }, { at = 3, meter = "7/8", accents = "2+2+3" }, { at = 4, meter = "6/8" }]\n'
        'end = 9\npulse = "beat"\n'
    )
    assert song.tempo == (TempoPoint((0, 1), 120.0), TempoPoint((8, 1), 140.0, True), TempoPoint((12, 1), 120.0))
    assert song.meters == (MeterPoint(1, 4, 4, (4,)), MeterPoint(3, 7, 8, (2, 2, 3)), MeterPoint(4, 6, 8, (3, 3)))
    assert song.pulse == "beat"
    assert song_map(song, RATE).end == song.end


def test_marks_may_lie_where_a_section_starts() -> None:
    song = good_song(
        SONG.replace("tempo = 120", 'tempo = [{ at = 1, bpm = 120 }, { at = "Chorus#2 + 2 beats", bpm = 90 }]')
    )
    assert song.tempo[1] == TempoPoint((48 * 4 + 2, 1), 90.0)


def test_a_song_without_meter_is_in_four() -> None:
    assert good_song().meters == (MeterPoint(1, 4, 4, (4,)),)


def test_bars_before_the_first_meter_mark_are_in_four() -> None:
    song = good_song("tempo = 120\nend = 9\nmeter = [{ at = 5, meter = '3/4' }]\n")
    assert song.meters == (MeterPoint(1, 4, 4, (4,)), MeterPoint(5, 3, 4, (3,)))


def test_sections_reach_to_the_next_one() -> None:
    song = good_song(
        "tempo = 120\nend = 13\nsections = [[1, 'Intro'], [5, 'Solo', 'vamp'], "
        "{ at = 7, name = 'Chorus', colour = '#40a0e0', notes = 'all', vamp = 4 }, "
        "{ at = 9, name = '夜', ascii = 'Yoru', vamp = { exit = 'bar' } }]\n"
    )
    bar = 2 * RATE
    assert song.sections == (
        Section("Intro", "intro", 1, 1, 4, 0, 4 * bar),  # type: ignore[arg-type]
        Section("Solo", "solo", 2, 5, 2, 4 * bar, 6 * bar, vamp=Vamp()),  # type: ignore[arg-type]
        Section("Chorus", "chorus", 3, 7, 2, 6 * bar, 8 * bar, "#40a0e0", "all", Vamp(times=4)),  # type: ignore[arg-type]
        Section("夜", "yoru", 4, 9, 4, 8 * bar, 12 * bar, vamp=Vamp("bar"), ascii="Yoru"),  # type: ignore[arg-type]
    )


@pytest.mark.parametrize(
    ("seconds", "end_bar"),
    [(127.9, 65), (128.0, 65), (128.009, 65), (128.02, 66), (0.3, 2)],
    ids=["shorter", "exact", "a hair longer", "longer", "a moment"],
)
def test_a_song_ends_with_its_longest_stem_up_to_a_bar(seconds: float, end_bar: int) -> None:
    song = good_song("tempo = 120\n", {BASS: Sound(seconds=seconds), "songs/closer/stems/a.wav": Sound(seconds=0.2)})
    assert song.end == (end_bar - 1) * 2 * RATE


def test_an_end_may_be_any_position() -> None:
    assert good_song(SONG.replace("65", '"1:59"')).end == 119 * RATE
    last = good_song(SONG.replace("65", '"1:59"')).sections[-1]
    assert last.bar + last.bars == 61
    assert good_song(SONG.replace("65", '"Chorus#2 + 2 bars"')).end == 50 * 2 * RATE


def test_a_song_without_stems_needs_an_end() -> None:
    assert sentences(load(song="tempo = 120\n", sounds={})) == [
        "songs/closer/song.toml, line 1: a song without stems has no end of its own; "
        "write the first bar no longer played: end = 65"
    ]
    assert good_song("tempo = 120\nend = 9\n", {}).medium is None


# ── cues and guides ──


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("17", 16 * 2 * RATE),
        ('"17.3+1/2"', 16 * 2 * RATE + 5 * RATE // 4),
        ('"1:02.5"', 62 * RATE + RATE // 2),
        ('"Chorus"', 16 * 2 * RATE),
        ('"Chorus#2"', 48 * 2 * RATE),
        ('"Chorus + 1 bar"', 17 * 2 * RATE),
        ('"17 - 250 ms"', 16 * 2 * RATE - RATE // 4),
        ('"1 - 2 beats"', -RATE),
        ('"Chorus - 1 bar"', BeforeEntry(2, 1.0, "bar")),
        ('"Chorus#2 - 1.5 beats"', BeforeEntry(4, 1.5, "beat")),
        ('"intro - 250 ms"', BeforeEntry(1, 0.25, "seconds")),
    ],
)
def test_a_cue_is_on_the_timeline_or_before_an_entry(written: str, at: int | BeforeEntry) -> None:
    assert [cue.at for cue in good_song(SONG + CUE.format(written)).cues] == [at]


def test_a_cue_has_all_that_was_said() -> None:
    song = good_song(
        SONG
        + '[[cues]]\non = "end"\nto = "Lights"\nosc = ["/go", 1, 2.5, "x", true]\nlate = "skip"\nevery_pass = false\n'
        + '[[cues]]\nat = 1\nto = "lights"\nfire = 12\n'
        + '[[cues]]\nat = 1\nto = "lights"\nfire = "12"\nname = "Wash"\n'
    )
    call = OscCall("/go", (1, 2.5, "x", True))
    assert song.cues == (
        Cue("Lights /go", "lights", call, on="end", every_pass=False, late="skip"),
        Cue("lights 12", "lights", "12", at=0),
        Cue("Wash", "lights", "12", at=0),
    )


def test_cues_of_every_song_have_occasions() -> None:
    show = good(load(SHOW + '[[cues]]\non = "panic"\nto = "lights"\nfire = "0.9"\n'))
    assert show.cues == (Cue("lights 0.9", "lights", "0.9", on="panic"),)


def test_a_guide_is_a_medium_of_its_own() -> None:
    file = "songs/closer/guide/Chorus now.wav"
    guide = '[[guide]]\nat = "Chorus - 1 bar"\nfile = "guide/Chorus now.wav"\n'
    song = good_song(SONG + guide, {BASS: Sound(), file: Sound(1, 2.0)})
    assert song.guides == (Guide(Medium(f"{file}@0", 2 * RATE, 1), BeforeEntry(2, 1.0, "bar"), "Chorus now"),)


def test_a_guide_is_mono_or_stereo() -> None:
    guide = '[[guide]]\nat = 1\nfile = "guide.wav"\n'
    assert sentences(load(song=SONG + guide, sounds={BASS: Sound(), "songs/closer/guide.wav": Sound(6, 700.0)})) == [
        "songs/closer/song.toml, line 7: expected a mono or stereo file, found 6 channels",
        "songs/closer/song.toml, line 7: expected at most 10 minutes, found 11.7",
    ]


# ── media ──


def test_the_pickup_lies_before_frame_0() -> None:
    song = good_song(SONG.replace("end", 'downbeat = "0:01.5"\nend'))
    assert song.medium == Medium(f"{BASS}@-72000", 128 * RATE, 2, -72000)  # type: ignore[arg-type]
    assert song.first == -72000


def test_a_stem_may_have_a_place_of_its_own() -> None:
    song = good_song(SONG + '[stems.bass]\nat = "Chorus"\n')
    assert song.medium is not None
    assert song.medium.origin == 16 * 2 * RATE


def test_a_stem_that_starts_after_the_end_is_a_warning() -> None:
    compiled = load(song=SONG + "[stems.bass]\nat = 65\n")
    assert compiled.show is not None
    assert sentences(compiled) == [
        'songs/closer/song.toml, line 5: the stem "bass" starts after the song\'s end (bar 65)'
    ]


def test_every_file_at_fault_is_told() -> None:
    sounds = {
        BASS: Sound(fault="is cut short"),
        "songs/closer/stems/keys.wav": Sound(),
        "songs/closer/stems/pad.wav": Sound(fault="holds no audio"),
        "songs/closer/guide.wav": Sound(fault="the file is empty"),
    }
    assert sentences(
        load(song=SONG + '[stems.pad]\ngain = 1\n[[guide]]\nat = 1\nfile = "guide.wav"\n', sounds=sounds)
    ) == [
        "songs/closer/song.toml, line 5: songs/closer/stems/pad.wav: holds no audio",
        "songs/closer/song.toml, line 9: songs/closer/guide.wav: the file is empty",
        "songs/closer/stems/bass.wav: is cut short",
    ]


# ── click, setlist, setups ──


def test_the_click_of_a_song_says_what_differs() -> None:
    sounds = {BASS: Sound(), "a.wav": Sound(1, 0.1), "songs/closer/b.wav": Sound(1, 0.2)}
    show = SHOW + '[click]\nsound = { accent = "a.wav" }\ncount_in = 2\nsubdivision = 2\n'
    accent, beat = Medium("a.wav@0", RATE // 10, 1), Medium("songs/closer/b.wav@0", RATE // 5, 1)
    inherited = good_song(SONG + "[click]\ncount_in = 0\n", {BASS: Sound(), "a.wav": Sound(1, 0.1)}, show)
    assert inherited.click == ClickSettings("custom", {"accent": accent}, 0, 2)
    assert good_song(SONG + '[click]\nsound = { beat = "b.wav" }\n', sounds, show).click.custom == {"beat": beat}
    assert (
        good_song(SONG + '[click]\nsound = "hihat"\n', {BASS: Sound(), "a.wav": Sound(1)}, show).click.sound == "hihat"
    )


def test_an_entry_overrides_its_song() -> None:
    entries = '["closer", { song = "Closer", setup = "Duo", then = "continue", count_in = 0, notes = "capo 2" }]'
    song = SONG + "[click]\ncount_in = 2\n[setups.duo]\nmute = ['Bass']\ngain = { bass = -6.0 }\n"
    show = good(load(SHOW.replace('["closer"]', entries), song.replace("end =", 'then = "stop"\nend =')))
    first, second = show.entries
    assert (first.index, first.song, first.then, first.count_in, first.setup) == (1, "closer", "stop", 2, "")
    assert msgspec.structs.astuple(second) == (2, "closer", "continue", 0, "duo", "capo 2")
    assert show.songs["closer"].setups == (Setup("duo", ("bass",), {"bass": -6.0}),)


def test_song_folders_with_one_name_in_addresses_are_told() -> None:
    show = SHOW.replace('["closer"]', '["closer", "Closer!"]')
    assert sentences(load(show, more={"songs/Closer!/song.toml": SONG})) == [
        'show.toml, line 2: two songs have the same name in addresses: "closer" and "Closer!" are both "closer"; '
        'rename one, or give it another with ascii = "…"'
    ]


def test_a_song_that_is_not_played_is_a_warning_and_not_checked() -> None:
    compiled = load(more={"songs/old/song.toml": "tempo = 'fast'\n"})
    assert compiled.show is not None
    assert sentences(compiled) == ["songs/old/song.toml: this song is not in the setlist"]


def test_a_mix_may_name_a_stem_of_a_song_that_is_not_played() -> None:
    show = SHOW.replace("channels = [3, 4]", "channels = [3, 4]\nmix = { choir = 0.0 }")
    sounds = {BASS: Sound(), "songs/old/stems/choir.wav": Sound()}
    assert sentences(load(show, sounds=sounds, more={"songs/old/song.toml": "tempo = 99\n"})) == [
        "songs/old/song.toml: this song is not in the setlist"
    ]


def test_faults_of_all_files_are_told_in_order_and_none_is_a_consequence() -> None:
    compiled = load(
        SHOW.replace("[3, 4]", "[0]"), SONG.replace("120", '"fast"') + CUE.format('"Solo"') + CUE.format('"40.9"')
    )
    assert compiled.show is None
    assert [problem.sentence.partition(":")[0] for problem in compiled.problems] == [
        "show.toml, line 7",
        "songs/closer/song.toml, line 2",
        "songs/closer/song.toml, line 6",
    ]


def test_without_a_readable_show_file_the_songs_are_still_checked() -> None:
    assert [problem.file for problem in load("title = ", SONG + CUE.format(99)).problems] == [
        "show.toml",
        "songs/closer/song.toml",
    ]


def test_a_show_survives_its_encoding() -> None:
    show = good(load(song=SONG + CUE.format('"Chorus - 1 bar"') + CUE.format(3)))
    assert decode_show(encode_show(show)) == show

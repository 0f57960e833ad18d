from __future__ import annotations

import unicodedata

import pytest

from showctl.model.show import Stem

from .helpers import SONG, Sound, good_song, load, sentences

STEMS = "songs/closer/stems/"


def test_every_audio_file_in_stems_is_a_stem_named_after_it() -> None:
    files = ["Lead Vox.flac", "bass.WAV", "notes.txt", "take/old.wav", "Zither.ogg"]
    song = good_song(SONG, {STEMS + file: Sound(1) for file in files})
    assert [(stem.name, stem.slug) for stem in song.stems] == [
        ("bass", "bass"),
        ("Lead Vox", "lead-vox"),
        ("Zither", "zither"),
    ]


def test_a_table_says_something_about_a_found_file() -> None:
    options = "gain = -3.0\npan = 0.5\ngroup = 'Rhythm Section'\n"
    song = good_song(
        SONG + "[stems.lead-vox]\n" + options, {STEMS + "Lead Vox.wav": Sound(2), STEMS + "a.wav": Sound(1)}
    )
    assert song.stems == (
        Stem("a", "a", 0, 1),
        Stem("Lead Vox", "lead-vox", 1, 2, -3.0, 0.5, "rhythm-section"),
    )


def test_a_list_made_by_hand_is_all_there_is() -> None:
    listed = (
        '[[stems]]\nname = "Choir"\nfile = "../../shared/choir.wav"\n'
        '[[stems]]\nname = "!"\nascii = "Bang"\nfile = "stems/b.wav"\n'
    )
    sounds = {"shared/choir.wav": Sound(1), STEMS + "b.wav": Sound(1), STEMS + "c.wav": Sound(1)}
    assert good_song(SONG + listed, sounds).stems == (Stem("Choir", "choir", 0, 1), Stem("!", "bang", 1, 1))


@pytest.mark.parametrize(
    "name",
    [
        "click",
        "Click 120",
        "clicktrack",
        "vox-guide",
        "Metronome",
        "cue",
        "Cues",
        "VoxCues",
        "count",
        "Count-In",
        "countoff",
    ],
)
def test_a_name_that_speaks_of_time_needs_as(name: str) -> None:
    answers = sentences(load(song=SONG, sounds={f"{STEMS}{name}.wav": Sound()}))
    assert len(answers) == 1
    assert f'the stem "{name}" is a click or a guide by its name; write as = "click"' in answers[0]


@pytest.mark.parametrize("name", ["counter melody", "Countess", "accordion", "rescued", "clock", "Gui"])
def test_a_name_that_only_sounds_alike_needs_nothing(name: str) -> None:
    assert good_song(SONG, {f"{STEMS}{name}.wav": Sound()}).stems[0].role == "stem"


@pytest.mark.parametrize("role", ["click", "guide", "stem"])
def test_as_says_what_a_stem_is(role: str) -> None:
    song = good_song(SONG + f'[stems."Click track"]\nas = "{role}"\n', {STEMS + "Click track.wav": Sound()})
    assert [stem.role for stem in song.stems] == [role]


def test_the_click_itself_may_be_called_click() -> None:
    assert good_song(SONG + '[stems.click]\nas = "click"\n', {STEMS + "click.wav": Sound()}).stems[0].role == "click"
    assert (
        "no stem can be called"
        in sentences(load(song=SONG + '[stems.click]\nas = "stem"\n', sounds={STEMS + "click.wav": Sound()}))[0]
    )


def test_two_files_of_one_name_are_told() -> None:
    assert sentences(load(song=SONG, sounds={STEMS + "Bass.wav": Sound(), STEMS + "bass.flac": Sound()})) == [
        'songs/closer/song.toml, line 1: two stems have the same name in addresses: "bass" and "Bass" are both "bass"; '
        'rename one, or give it another with ascii = "…"'
    ]


def test_audio_that_is_not_read_is_a_warning() -> None:
    compiled = load(song=SONG, sounds={STEMS + "bass.m4a": Sound()})
    assert compiled.show is not None
    assert sentences(compiled) == [
        'songs/closer/song.toml, line 1: "bass.m4a" in stems/ is not read; convert it to WAV'
    ]


def test_file_names_are_compared_in_composed_form() -> None:
    """A Mac may list them decomposed: with the marks as runes of their own. They are opened as listed."""
    listed = unicodedata.normalize("NFD", STEMS + "Chör.wav")
    song = good_song(SONG + '[[stems]]\nname = "Choir"\nfile = "stems/Chör.wav"\n', {listed: Sound()})
    assert song.medium is not None
    assert song.medium.key == f"{listed}@0"

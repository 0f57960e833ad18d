"""Whatever stands in the files, the answer is a show or problems on lines that exist, soon, and never an exception."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from showctl.showfile.compile import Compiled

from .helpers import SHOW, SONG, Sound, load

RICH_SHOW = SHOW + (
    '[audio]\nsample_rate = 44100\n[click]\nsound = { beat = "tick.wav" }\ncount_in = 2\n[transport]\nfade = 2.0\n'
    '[osc]\nport = 8000\nprefix = "foh"\n[web]\nport = 8081\n[access]\ncontrol = ["10.0.0.0/8"]\n'
    'mix = { drums = ["10.0.0.5"] }\n[clients.ipad]\nhost = "10.0.0.6"\nport = 9000\nfeed = ["all"]\n'
    '[[cues]]\non = "stop"\nto = "lights"\nfire = "0.5"\n'
)

RICH_SONG = SONG.replace("tempo = 120\n", "tempo = [{ at = 1, bpm = 120 }, { at = 9, bpm = 140, ramp = true }]\n") + (
    'meter = [{ at = 1, meter = "4/4" }, { at = 25, meter = "7/8", accents = "2+2+3" }]\n'
    'downbeat = "0:01.5"\ntail = 2.0\nthen = "stop"\n'
    '[stems.bass]\ngain = -3.0\npan = 0.5\ngroup = "band"\nat = 1\n[stems.click]\nas = "click"\n'
    '[setups.duo]\nmute = ["bass"]\n[[guide]]\nat = "Chorus - 1 bar"\nfile = "guide/chorus.wav"\n'
    '[[cues]]\nat = "Chorus#2 - 250 ms"\nto = "lights"\nosc = ["/a", 1, 2.5, "x"]\n'
)

SOUNDS = {
    "tick.wav": Sound(1, 0.1),
    "songs/closer/stems/bass.wav": Sound(),
    "songs/closer/stems/click.wav": Sound(1),
    "songs/closer/guide/chorus.wav": Sound(1, 2.0),
}

WORDS = """true [] {} 1979-05-27 07:32:00 "Chorus" "Chorus#99" "999999999.999999999" "999999:59" "off" "/" "../../.."
    "C:x" "64/64" "999999999/1" "0/4" "0:59" """
PHRASES = ("[[]]", "{ at = 1 }", "[{ at = 1 }, 3]", '"1 - 999999999 bars"', '"1/999 = 0.1"', "[1, 2, 1]")

VALUES = st.one_of(
    st.integers().map(str),
    st.integers(min_value=0, max_value=10**6).map(str),
    st.integers(min_value=10**8, max_value=10**30).map(hex),
    st.floats().map(str),
    st.sampled_from([*WORDS.split(), *PHRASES]),
    st.text(st.characters(exclude_characters='"\\', exclude_categories=["C"]), max_size=12).map(
        lambda text: f'"{text}"'
    ),
)


@st.composite
def mutated(draw: st.DrawFn, text: str) -> str:
    """The text with some lines dropped, doubled, moved, cut, or with another value."""
    lines = text.splitlines()
    for _ in range(draw(st.integers(1, 6))):
        index = draw(st.integers(0, len(lines) - 1))
        line = lines[index]
        match draw(st.integers(0, 6)):
            case 0:
                lines[index] = ""
            case 1:
                lines.insert(draw(st.integers(0, len(lines))), line)
            case 2:
                lines.insert(draw(st.integers(0, len(lines) - 1)), lines.pop(index))
            case 3:
                lines[index] = line[: draw(st.integers(0, len(line)))]
            case 4 | 5 if " = " in line:
                lines[index] = f"{line.split(' = ')[0]} = {draw(VALUES)}"
            case _:
                lines[index] = line.replace(draw(st.sampled_from('=[]{},"1'))[0], draw(st.text(max_size=2)), 1)
    return "\n".join(lines)


def check_answer(answer: Compiled, *texts: str | bytes) -> None:
    longest = max((text.encode() if isinstance(text, str) else text).count(b"\n") for text in texts) + 1
    errors = [problem for problem in answer.problems if problem.severity == "error"]
    assert (answer.show is None) == bool(errors)
    for problem in answer.problems:
        assert 0 <= problem.line <= longest
        assert len(problem.sentence) < 1000
        assert "\n" not in problem.sentence


def test_what_is_mutated_is_good_before() -> None:
    assert load(RICH_SHOW, RICH_SONG, SOUNDS).problems == ()


@settings(max_examples=300, deadline=timedelta(seconds=2))
@given(mutated(RICH_SONG))
def test_a_mutated_song_is_answered(song: str) -> None:
    check_answer(load(RICH_SHOW, song, SOUNDS), RICH_SHOW, song)


@settings(max_examples=300, deadline=timedelta(seconds=2))
@given(mutated(RICH_SHOW))
def test_a_mutated_show_is_answered(show: str) -> None:
    check_answer(load(show, RICH_SONG, SOUNDS), show, RICH_SONG)


@settings(max_examples=150, deadline=timedelta(seconds=2))
@given(st.binary(max_size=200), st.integers(0, len(RICH_SONG)))
def test_bytes_in_the_middle_of_a_song_are_answered(noise: bytes, place: int) -> None:
    encoded = RICH_SONG.encode()
    song = encoded[:place] + noise + encoded[place:]
    check_answer(load(RICH_SHOW, song, SOUNDS), RICH_SHOW, song)


@settings(max_examples=100, deadline=timedelta(seconds=2))
@given(st.binary(max_size=300), st.binary(max_size=300))
def test_any_bytes_are_answered(show: bytes, song: bytes) -> None:
    check_answer(load(show, song, SOUNDS), show, song)

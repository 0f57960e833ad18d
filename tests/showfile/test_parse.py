from __future__ import annotations

import pytest

from showctl.showfile.parse import MAX_FAULTS, Parsed, parse
from showctl.showfile.song_source import SongSource


def read(content: str | bytes) -> Parsed[SongSource]:
    return parse("song.toml", content if isinstance(content, bytes) else content.encode(), SongSource)


def told(content: str | bytes) -> list[str]:
    return [problem.sentence for problem in read(content).problems]


def test_all_faults_are_told_at_once() -> None:
    assert told('tempo = "fast"\nend = 1.5\n[stems.a]\ngain = "x"\npan = 2\n') == [
        'song.toml, line 1: expected a tempo such as 120, "♩. = 80" or "1/8 = 200", found "fast"',
        'song.toml, line 2: expected a position, found 1.5; write it in quotes: "1.5"',
        'song.toml, line 4: expected a level in dB from -90 to 10, found "x"',
        "song.toml, line 5: expected a place from left to right from -1 to 1, found 2",
    ]


def test_what_is_good_beside_a_fault_is_kept() -> None:
    parsed = read(
        'title = "Song"\ntempo = "fast"\nsections = [[1, "A"], [5], [9, "C"]]\n[stems.a]\ngain = "x"\npan = 0.5\n'
    )
    assert parsed.source is not None
    assert parsed.source.title == "Song"
    assert [section.name for section in parsed.source.sections] == ["A", "C"]
    assert parsed.source.stems["a"].pan == 0.5  # type: ignore[call-overload]
    assert parsed.damaged == {"tempo", "sections", "stems"}


def test_lines_are_right_after_an_item_was_taken_out() -> None:
    lacking = '[[guide]]\nat = 1\n[[guide]]\nat = 2\nfile = "b.wav"\n[[guide]]\nfile = "c.wav"\n'
    parsed = read(lacking + '[[guide]]\nat = 4\nfile = "d"\n')
    assert [problem.line for problem in parsed.problems] == [1, 6]
    assert parsed.source is not None
    assert [guide.file for guide in parsed.source.guide] == ["b.wav", "d"]
    assert [parsed.lines.line(("guide", index, "file")) for index in range(2)] == [5, 10]


def test_a_table_that_lacks_a_key_goes_as_a_whole() -> None:
    parsed = read("[[cues]]\nat = 1\nwhat = 3\n")
    assert [problem.sentence for problem in parsed.problems] == [
        'song.toml, line 1: [[cues]] lacks the key "to"',
        'song.toml, line 3: unknown key "what" in [[cues]]; did you mean "at"?',
    ]
    assert parsed.source is not None
    assert parsed.source.cues == ()


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b'title = "a"\nnotes = "\xff"\n',
            "song.toml, line 2: this is not UTF-8 text; save the file with the encoding UTF-8",
        ),
        (b"x = " + b"[" * 3000, "song.toml, line 1: lists or tables are nested too deeply"),
        (b"#" * (1 << 21), "song.toml, line 1: a show file has at most 1 MiB, this has 2"),
        (
            b'title = "a"\ntempo = [\n 1,\n',
            'song.toml, line 2: the file ends before this is complete; expected a closing "]", "}" or quote',
        ),
        (
            b"sections = [\n [1, 'A'],\n\n[stems.bass]\ngain = 1\n",
            "song.toml, line 4: expected a value or the end of a list; "
            'is a list above closed with "]"? Texts stand in quotes',
        ),
        (b"tempo = 0x" + b"f" * 5000, None),
        (b"tempo = " + b"9" * 5000, None),
    ],
    ids=["encoding", "depth", "size", "end", "list", "hex", "digits"],
)
def test_a_text_that_cannot_be_read_is_told(content: bytes, sentence: str | None) -> None:
    answers = told(content)
    assert len(answers) == 1
    assert sentence in {None, answers[0]}


def test_a_windows_editor_changes_nothing() -> None:
    assert told(b'\xef\xbb\xbftitle = "a"\r\ntempo = "fast"\r\n')[0].startswith("song.toml, line 2: expected a tempo")
    assert told(b'\xef\xbb\xbftitle = "a"\r\ntempo = 120\r\n') == []


def test_a_flood_of_faults_is_cut() -> None:
    parsed = read("".join(f"a{number} = 1\n" for number in range(2 * MAX_FAULTS)))
    assert len(parsed.problems) == MAX_FAULTS
    assert parsed.source is None

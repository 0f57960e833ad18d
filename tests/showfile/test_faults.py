"""What people get wrong, and the very sentences they read: `faults.txt` holds both."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from .helpers import SHOW, SONG, load, sentences


@dataclass(frozen=True)
class Fault:
    """`written` stands in the file ("song" or "show") below the last line, or `instead` of something."""

    file: str
    instead: str
    written: str
    answers: list[str]

    def spoiled(self, file: str, good: str) -> str:
        if file != self.file:
            return good
        assert self.instead in good
        return good.replace(self.instead, self.written) if self.instead else good + self.written + "\n"


def read_fault(paragraph: str) -> Fault:
    head, *lines = paragraph.strip("\n").split("\n")
    file, _, instead = head.partition(", instead of ")
    written = "\n".join(line.removeprefix("    ") for line in lines if line.startswith("    "))
    return Fault(file, instead, written, [line.removeprefix("-> ") for line in lines if line.startswith("-> ")])


PARAGRAPHS = (Path(__file__).parent / "faults.txt").read_text(encoding="utf-8").split("\n\n")
FAULTS = [read_fault(paragraph) for paragraph in PARAGRAPHS if paragraph.startswith(("song", "show"))]


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.written.replace("\n", " | "))
def test_a_fault_is_answered_with_these_sentences(fault: Fault) -> None:
    assert fault.answers
    assert sentences(load(fault.spoiled("show", SHOW), fault.spoiled("song", SONG))) == fault.answers


def test_all_faults_are_read() -> None:
    assert len(FAULTS) > 100

"""The rehearsal: whatever the show is like, it can be played through before its media are there."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from showctl.engine.bank import Bank
from showctl.engine.rehearsal import rehearse
from showctl.engine.renderer import Renderer
from showctl.model.score import Score
from showctl.model.show import Show
from showctl.model.units import Frame
from tests.engine.shows import MEDIA, RATE, A, Audio, B, show, song

TWO_SONGS = show((song("a", audio=A), song("b", audio=B)))


@pytest.mark.parametrize("media", [MEDIA, {}])
@pytest.mark.parametrize("made", [TWO_SONGS, show(()), show((song("a", audio=A),), buses=())])
def test_any_show_can_be_rehearsed(made: Show, media: Mapping[str, Audio]) -> None:
    rehearse(Score(made), Bank(RATE, dict(media)))


def test_it_plays_a_song_and_the_silence_between(monkeypatch: pytest.MonkeyPatch) -> None:
    changing: list[Frame] = []
    render = Renderer._render_changing

    def watched(self: Renderer, session: Frame, until: Frame, out: Audio) -> None:
        changing.append(session)
        render(self, session, until, out)

    monkeypatch.setattr(Renderer, "_render_changing", watched)
    rehearse(Score(TWO_SONGS), Bank(RATE, dict(MEDIA)))
    assert 50 < len(changing) < 200  # of 216 blocks: the rare path and the steady one

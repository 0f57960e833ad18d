"""Small shows with media made on the spot, and a renderer for them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
import numpy as np
from numpy.typing import NDArray

from showctl.engine.bank import Bank
from showctl.engine.renderer import Renderer
from showctl.model.mix import ClickMix, Mix
from showctl.model.plan import MixMark, Plan, Play, Rest, Span
from showctl.model.score import Score
from showctl.model.show import Bus, Entry, Guide, Medium, MeterPoint, Section, Show, Song, Stem, TempoPoint
from showctl.model.units import Frame, SongFrame

Audio = NDArray[np.float32]

RATE = 48000
FADE = 480
BAR = 48_000
"""At 240 quarters a minute, in 4/4."""

HOUSE = Bus("house", "House", (0, 1), audience=True, limit_db=40.0)
DRUMS = Bus("drums", "Drums", (2,), limit_db=40.0)
WITH_CLICK = Mix()
SILENT_CLICK = Mix(click=ClickMix(enabled=False))


def noise(frames: int, columns: int, seed: int = 1) -> Audio:
    return np.random.default_rng(seed).uniform(-0.2, 0.2, (frames, columns)).astype(np.float32)


A, B = noise(6 * BAR, 2, 1), noise(6 * BAR, 2, 2)
MEDIA = {"a.audio": A, "b.audio": B}
SPOKEN = noise(30_000, 1, 9)


def section(index: int, bar: int, bars: int) -> Section:
    start, end = (SongFrame((at - 1) * BAR) for at in (bar, bar + bars))
    return Section(f"S{index}", f"s{index}", index, bar, bars, start, end)


def song(name: str, bars: int = 4, audio: Audio | None = None, origin: int = 0, **more: object) -> Song:
    """Of `bars` bars; a stereo stem where there is audio of two columns."""
    medium = None if audio is None else Medium(f"{name}.audio", audio.shape[0], audio.shape[1], SongFrame(origin))
    stems = () if audio is None else (Stem("All", "all", 0, audio.shape[1]),)
    made = Song(
        id=name,
        title=name.title(),
        tempo=(TempoPoint((0, 1), 240.0),),
        meters=(MeterPoint(1, 4, 4, (4,)),),
        end=SongFrame(bars * BAR),
        sections=tuple(section(index, index, 1) for index in range(1, bars + 1)),
        stems=stems,
        medium=medium,
    )
    return msgspec.structs.replace(made, **more)


def show(songs: Iterable[Song], buses: tuple[Bus, ...] = (HOUSE, DRUMS)) -> Show:
    by_id = {made.id: made for made in songs}
    entries = tuple(Entry(number, name, by_id[name].then, 1) for number, name in enumerate(by_id, 1))
    return Show("Test", by_id, entries, buses)


def guide(name: str, at: object, frames: int = 4_000, columns: int = 1) -> Guide:
    return Guide(Medium(name, frames, columns), at, name)  # type: ignore[arg-type]


def plan(score: Score, *spans: Span, mix: Mix = SILENT_CLICK, **more: object) -> Plan:
    made = Plan(1, score.hash, RATE, spans, (MixMark(Frame(0), mix),))
    return msgspec.structs.replace(made, **more)


class Rig:
    """A renderer with its media, and a head that moves on."""

    def __init__(
        self, made: Show, *spans: Span, media: dict[str, Audio], mix: Mix = SILENT_CLICK, **more: object
    ) -> None:
        self.score = Score(made)
        self.bank = Bank(RATE, dict(media))
        self.renderer = Renderer(self.score, plan(self.score, *spans, mix=mix, **more), self.bank, made.outputs)
        self.outputs = made.outputs
        self.head = 0

    def play(self, frames: int, sizes: Iterator[int] | None = None) -> Audio:
        """The next `frames` frames, [frames, outputs], rendered in blocks of these sizes."""
        audio = np.full((frames, self.outputs), np.nan, np.float32)
        done = 0
        while done < frames:
            block = audio[done : done + (next(sizes) if sizes else 128)]
            self.renderer.render(Frame(self.head), block)
            done += len(block)
            self.head += len(block)
        return audio


def rising(frames: int = FADE) -> Audio:
    """The fade as the design describes it, [frames, 1]."""
    gains: Audio = (np.sin(np.pi / 2 * np.arange(frames) / frames) ** 2).astype(np.float32)
    return gains[:, np.newaxis]


def play(start: int, entry: int, at: int, why: str = "on", decided: int = 0) -> Play:
    return Play(Frame(start), entry, SongFrame(at), why, Frame(decided))  # type: ignore[arg-type]


def rest(start: int, why: str = "stop", decided: int = 0, **more: object) -> Rest:
    return Rest(Frame(start), why, decided=Frame(decided), **more)  # type: ignore[arg-type]


def placed(frames: int, *parts: tuple[int, Audio]) -> Audio:
    """Stereo audio put down at session frames and added up, as both buses hear it."""
    audio = np.zeros((frames, 2), np.float32)
    for at, part in parts:
        audio[at : at + len(part)] += part[: frames - at]
    return np.column_stack((audio, audio.mean(axis=1)))


def same(heard: Audio, expected: Audio) -> None:
    """To -120 dBFS: products cut into other block sizes differ in the last bit."""
    np.testing.assert_allclose(heard, expected, atol=1e-6, rtol=0)

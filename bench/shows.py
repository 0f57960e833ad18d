"""Shows made for a bench, on the spot: songs of noise stems, and a bus for each output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from bench.jack import RATE
from showctl.media.cache import Cache
from showctl.media.prepare import PreparedSong, StemSource, prepare_song
from showctl.model.score import Score
from showctl.showfile.load import load_show
from showctl.showfile.media import StemToPrepare

CLICK_BUS = "click-mix"


@dataclass(frozen=True, slots=True)
class SongRecipe:
    """A song of `stems` mono stems of noise at `rate`, `seconds` long at `bpm` (of silence where `quiet`)."""

    id: str
    seconds: float
    stems: int = 1
    bpm: int = 120
    rate: int = RATE
    quiet: bool = False
    suffix: str = ".wav"
    channels: int = 1


@dataclass(frozen=True, slots=True)
class ShowRecipe:
    """Songs, `outputs` mono buses with a level for each stem, and one for the click behind them if `click_bus`."""

    songs: tuple[SongRecipe, ...]
    outputs: int
    block_size: int
    click_bus: bool = False
    stem_db: float = -20.0
    click_db: str = '"off"'

    @property
    def click_channel(self) -> int:
        """The output that carries the click alone, from 1."""
        return self.outputs + 1


def write_show(folder: Path, recipe: ShowRecipe) -> Path:
    """The show's folder, with all its audio."""
    folder.mkdir(parents=True)
    for song in recipe.songs:
        _write_song(folder / "songs" / song.id, song)
    (folder / "show.toml").write_text(_show_text(recipe), encoding="utf-8")
    return folder


def stem_files(folder: Path, song: SongRecipe) -> list[Path]:
    """The audio files of a song, in order."""
    return [folder / "songs" / song.id / "stems" / f"{_stem(number)}{song.suffix}" for number in range(song.stems)]


@dataclass(frozen=True, slots=True)
class Built:
    """A show written and prepared in `folder`: `files` are the stems of its first song, which peers play too."""

    score: Score
    folder: Path
    show: Path
    cache: Path
    files: list[Path]
    outputs: int


def built(folder: Path, recipe: ShowRecipe) -> Built:
    """Writes and prepares a show in a new `folder`."""
    show, cache = write_show(folder / "show", recipe), folder / "cache"
    return Built(compiled(show, cache), folder, show, cache, stem_files(show, recipe.songs[0]), recipe.outputs)


def compiled(folder: Path, cache: Path) -> Score:
    """The show, prepared into `cache`."""
    kept = Cache(cache)

    def prepare(stems: Sequence[StemToPrepare], rate: int) -> PreparedSong:
        return prepare_song([StemSource(stem.slug, stem.path, stem.offset) for stem in stems], rate, kept)

    return Score(load_show(folder, prepare).usable())


def noise(seconds: float, rate: int, channels: int = 1) -> NDArray[np.float32]:
    """What sounds from its first frame on, [frames, channels]."""
    samples = np.random.default_rng(0).standard_normal((round(seconds * rate), channels), np.float32)
    return np.asarray(samples * np.float32(0.05) + np.float32(0.2), np.float32)


def _write_song(folder: Path, song: SongRecipe) -> None:
    (folder / "stems").mkdir(parents=True)
    bars = max(1, round(song.seconds * song.bpm / 240))
    text = f'title = "{song.id}"\ntempo = {song.bpm}\nend = {bars + 1}\n'
    (folder / "song.toml").write_text(text, encoding="utf-8")
    samples = noise(song.seconds, song.rate, song.channels)
    for number, file in enumerate(stem_files(folder.parent.parent, song)):
        soundfile.write(file, 0 * samples if song.quiet else np.roll(samples, number, axis=0), song.rate)


def _stem(number: int) -> str:
    return f"s{number + 1}"


def _show_text(recipe: ShowRecipe) -> str:
    songs = ", ".join(f'{{ song = "{song.id}", count_in = 0 }}' for song in recipe.songs)
    head = f'title = "Bench"\nsetlist = [{songs}]\n'
    audio = f'[audio]\ndevice = "auto"\nsample_rate = {RATE}\nblock_size = {recipe.block_size}\n'
    rest = '[click]\nsound = "beep"\ncount_in = 0\n[transport]\ngo_guard = 0.0\n'
    return head + audio + "".join(_bus_texts(recipe)) + rest


def _bus_texts(recipe: ShowRecipe) -> list[str]:
    stems = max(song.stems for song in recipe.songs)
    buses = [_bus_text(f"out{bus + 1}", bus + 1, _mix(recipe, stems, bus)) for bus in range(recipe.outputs)]
    click = [_bus_text(CLICK_BUS, recipe.click_channel, "click = 0.0")] if recipe.click_bus else []
    return buses + click


def _mix(recipe: ShowRecipe, stems: int, bus: int) -> str:
    """A level of its own for every stem in every bus: no column and no row of the matrix is like another."""
    levels = (f"{_stem(number)} = {-((number + bus) % 7) / 2}" for number in range(stems))
    return ", ".join((f"stems = {recipe.stem_db}", f"click = {recipe.click_db}", *levels))


def _bus_text(name: str, channel: int, mix: str) -> str:
    return f"[buses.{name}]\nchannels = [{channel}]\nmix = {{ {mix} }}\n"

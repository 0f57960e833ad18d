"""The audio in reach: prepared files mapped into memory by their key, and the sounds of the click."""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from showctl.errors import MediaError
from showctl.media.prepare import AUDIO_FILE
from showctl.media.voices import SOUNDS, ClickVoices, click_voices
from showctl.model.show import ClickSettings, Medium, Show, Song
from showctl.model.songmap import ClickKind
from showctl.model.units import amplitude

Samples = NDArray[np.float32]

MADE_SOFTER_DB = {ClickKind.GROUP: -2.0, ClickKind.BEAT: -4.0, ClickKind.SUBDIVISION: -10.0}
"""What a click of one's own lacks is made from its accent or beat."""


class Bank:
    """Media by their key as float32 [frames, columns], and clicks by their sound. Filled ahead, then only read."""

    def __init__(self, rate: int, media: dict[str, Samples] | None = None) -> None:
        self.media: dict[str, Samples] = media or {}
        self._clicks = {sound: _by_kind(click_voices(sound, rate)) for sound in SOUNDS}

    def load(self, cache: Path, media: Iterable[Medium]) -> None:
        """Map what is not mapped yet. Raises MediaError for a medium that is missing or of another size."""
        for medium in media:
            if medium.key not in self.media:
                self.media[medium.key] = _mapped(cache / medium.key / AUDIO_FILE, medium)

    def click(self, sound: str, kind: ClickKind, settings: ClickSettings) -> Samples | None:
        """The sound of one click, [frames, channels]; a custom one that lacks this kind has a similar one made."""
        if sound != "custom":
            return self._clicks.get(sound, self._clicks[SOUNDS[0]])[kind]
        own = _custom_medium(settings, kind)
        if own is None:
            return None
        medium, level_db = own
        key = f"{medium.key} {level_db}"
        if level_db and medium.key in self.media and key not in self.media:
            self.media[key] = self.media[medium.key] * np.float32(amplitude(level_db))
        return self.media.get(key if level_db else medium.key)

    def longest_voice(self, show: Show) -> int:
        """Frames of the longest click or guide."""
        media = (medium.frames for song in show.songs.values() for medium in voices_of(song))
        clicks = (len(samples) for kinds in self._clicks.values() for samples in kinds.values())
        return max(*clicks, *media, 0)


def media_of(song: Song) -> tuple[Medium, ...]:
    """Everything that has to be in reach before the song can start."""
    return ((song.medium,) if song.medium else ()) + voices_of(song)


def voices_of(song: Song) -> tuple[Medium, ...]:
    return (*(guide.voice for guide in song.guides), *song.click.custom.values())


def _custom_medium(settings: ClickSettings, kind: ClickKind) -> tuple[Medium, float] | None:
    """The medium that stands for a kind of click, and its level in dB."""
    wanted = {ClickKind.DOWNBEAT: "accent", ClickKind.SUBDIVISION: "subdivision", ClickKind.BEAT: "beat"}.get(kind, "")
    if wanted in settings.custom:
        return settings.custom[wanted], 0.0
    order = ("accent", "beat") if kind in (ClickKind.GROUP, ClickKind.DOWNBEAT) else ("beat", "accent")
    similar = next((name for name in order if name in settings.custom), None)
    if similar is None:
        return None
    loudest = ClickKind.DOWNBEAT if similar == "accent" else ClickKind.BEAT
    return settings.custom[similar], min(0.0, MADE_SOFTER_DB.get(kind, 0.0) - MADE_SOFTER_DB.get(loudest, 0.0))


def _by_kind(voices: ClickVoices) -> dict[ClickKind, Samples]:
    kinds = {
        ClickKind.DOWNBEAT: voices.accent,
        ClickKind.GROUP: voices.group,
        ClickKind.BEAT: voices.beat,
        ClickKind.SUBDIVISION: voices.subdivision,
    }
    return {kind: voice[:, np.newaxis] for kind, voice in kinds.items()}


def _mapped(path: Path, medium: Medium) -> Samples:
    """The file as [frames, columns]; a mapping costs the same whatever the length."""
    if not medium.frames:
        return np.zeros((0, medium.columns), np.float32)
    try:
        with path.open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (OSError, ValueError) as exc:
        raise MediaError(f"expected prepared audio in {path}: prepare the show again") from exc
    count = medium.frames * medium.columns
    if len(mapped) < count * 4:
        raise MediaError(f"expected {count * 4} bytes of prepared audio in {path}, found {len(mapped)}: prepare again")
    return np.frombuffer(mapped, np.float32, count).reshape(medium.frames, medium.columns)

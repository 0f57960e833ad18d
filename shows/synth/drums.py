"""One-shot drum sounds: (rate, velocity 0–1) → mono samples. Each starts at once, on its first frame.

A sound is made once per velocity and noise has a fixed seed, so that the same bar is the same audio every time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np

from synth.effects import Audio, band

Drum = Callable[[int, float], Audio]


def seconds_axis(rate: int, seconds: float) -> Audio:
    return np.arange(int(seconds * rate)) / rate


def hiss(rate: int, seconds: float, low: float, high: float, seed: int) -> Audio:
    noise = np.random.default_rng(seed).standard_normal(int(seconds * rate))
    return band(rate, noise, low, high, 3)


def metal(rate: int, seconds: float, base: float, low: float) -> Audio:
    """Six square waves in the ratios of a well-known drum machine's cymbals."""
    t = seconds_axis(rate, seconds)
    ratios = (1.0, 1.342, 1.2312, 1.6532, 1.9523, 2.1523)
    squares = sum((np.sign(np.sin(2 * np.pi * base * ratio * t + n)) for n, ratio in enumerate(ratios)), 0 * t)
    return band(rate, squares / 6, low, 15000, 3)


@cache
def kick(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.35)
    sweep = 48 * t + 130 / 38 * (1 - np.exp(-38 * t))
    body = np.cos(2 * np.pi * sweep) * np.exp(-9 * t)
    click = hiss(rate, 0.35, 1500, 8000, 1) * np.exp(-350 * t) * 0.5
    return velocity * (body + click * velocity)


@cache
def snare(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.32)
    shell = np.sin(2 * np.pi * (190 * t + 1.2 * (1 - np.exp(-60 * t)))) * np.exp(-22 * t)
    shell += 0.5 * np.sin(2 * np.pi * 335 * t) * np.exp(-30 * t)
    wires = hiss(rate, 0.32, 1200, 11000, 2) * (0.55 * np.exp(-15 * t) + 0.5 * np.exp(-90 * t))
    return velocity * (0.75 * shell + wires * (0.5 + 0.5 * velocity))


@cache
def brush(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.14)
    strokes = hiss(rate, 0.14, 900, 7000, 3) * (0.6 * np.exp(-38 * t) + 0.5 * np.exp(-160 * t))
    return velocity * (strokes + 0.35 * np.sin(2 * np.pi * 205 * t) * np.exp(-45 * t) * velocity)


@cache
def clap(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.25)
    bursts = sum((np.where(t >= d, np.exp(-170 * (t - d)), 0) for d in (0.0, 0.010, 0.021)), 0 * t)
    return velocity * hiss(rate, 0.25, 900, 6500, 4) * (bursts + 0.5 * np.exp(-17 * t))


@cache
def hat(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.09)
    sound = 0.6 * metal(rate, 0.09, 410, 6500) + 0.45 * hiss(rate, 0.09, 7500, 15000, 5)
    return velocity * sound * np.exp(-(75 - 25 * velocity) * t)


@cache
def open_hat(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.45)
    sound = 0.6 * metal(rate, 0.45, 410, 6000) + 0.4 * hiss(rate, 0.45, 7000, 15000, 6)
    return velocity * sound * np.exp(-9 * t) * np.minimum(1, (0.45 - t) / 0.05)


@cache
def ride(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.7)
    bell = sum((np.sin(2 * np.pi * hz * t) for hz in (2690, 3563, 5127)), 0 * t) * np.exp(-14 * t) * 0.12
    return velocity * (metal(rate, 0.7, 521, 5200) * np.exp(-6 * t) * 0.4 + bell)


@cache
def crash(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 2.2)
    sound = 0.5 * metal(rate, 2.2, 327, 3000) + 0.6 * hiss(rate, 2.2, 2500, 14000, 7)
    return velocity * sound * (np.exp(-2.6 * t) + 0.5 * np.exp(-20 * t)) * np.minimum(1, (2.2 - t) / 0.5)


def tom(hz: float) -> Drum:
    @cache
    def sound(rate: int, velocity: float) -> Audio:
        t = seconds_axis(rate, 0.45)
        body = np.sin(2 * np.pi * (hz * t + hz * 0.012 * (1 - np.exp(-30 * t)))) * np.exp(-9 * t)
        return velocity * (body + 0.25 * hiss(rate, 0.45, 700, 5000, 8) * np.exp(-90 * t))

    return sound


@cache
def shaker(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.1)
    return velocity * hiss(rate, 0.1, 5000, 12000, 9) * np.minimum(t / 0.012, 1) * np.exp(-48 * t)


@cache
def tambourine(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.2)
    jingles = sum((np.sin(2 * np.pi * hz * t + hz) for hz in (5210, 6630, 7810, 9240)), 0 * t)
    return velocity * (0.12 * jingles + 0.5 * hiss(rate, 0.2, 6000, 13000, 10)) * np.exp(-24 * t)


@cache
def rim(rate: int, velocity: float) -> Audio:
    t = seconds_axis(rate, 0.08)
    return velocity * (np.sin(2 * np.pi * 1720 * t) + 0.6 * np.sin(2 * np.pi * 830 * t)) * np.exp(-70 * t)


def conga(hz: float) -> Drum:
    @cache
    def sound(rate: int, velocity: float) -> Audio:
        t = seconds_axis(rate, 0.3)
        skin = np.sin(2 * np.pi * hz * t) * np.exp(-14 * t) + 0.4 * np.sin(2 * np.pi * 2.3 * hz * t) * np.exp(-40 * t)
        return velocity * (skin + 0.3 * hiss(rate, 0.3, 1000, 6000, 11) * np.exp(-150 * t))

    return sound


low_tom, mid_tom, high_tom = tom(92), tom(128), tom(172)
low_conga, high_conga = conga(196), conga(311)

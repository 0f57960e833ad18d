"""Buses: what they mix, and that click and guide never reach the audience."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from showctl.model.names import slug
from showctl.model.show import Bus
from showctl.model.units import SILENCE_DB
from showctl.showfile.problems import did_you_mean, shown
from showctl.showfile.report import Named, Report, check_slugs
from showctl.showfile.source import BusSource
from showctl.showfile.stems import RESERVED, StemPlan

PERFORMERS_ONLY = {"click", "guide", "ltc"}


def compile_buses(
    report: Report, sources: Mapping[str, BusSource], known: Collection[str], stems: Iterable[StemPlan]
) -> tuple[Bus, ...]:
    """The buses of a show. `known` are the slugs of all stems and groups, `stems` those of tonight's songs."""
    check_slugs(report, "buses", [Named(name, bus.ascii, ("buses", name)) for name, bus in sources.items()])
    timekeepers = {stem.slug: stem.role for stem in stems if stem.role != "stem"}
    for name, source in sources.items():
        _check_channels(report, name, source)
        _check_mix(report, name, source, known)
        if source.audience:
            _check_audience(report, name, source, timekeepers)
    _check_exclusive(report, sources)
    if not sources and "buses" not in report.damaged:
        report.warning((), "the show has no [buses.<name>]: nothing will be heard")
    return tuple(_bus(name, source) for name, source in sources.items())


def _bus(name: str, source: BusSource) -> Bus:
    return Bus(
        slug=slug(source.ascii or name),
        name=name,
        channels=tuple(channel - 1 for channel in source.channels),
        audience=source.audience,
        mix=None if source.mix is None else {slug(key): level for key, level in source.mix.items()},
        limit_db=source.limit,
        duck_db=source.duck,
    )


def _check_channels(report: Report, name: str, source: BusSource) -> None:
    path = ("buses", name, "channels")
    if not source.channels and "buses" not in report.damaged:
        report.error(path, expected="at least one output channel", found="an empty list")
    for index, channel in enumerate(source.channels):
        if channel in source.channels[:index]:
            report.error((*path, index), f"channel {channel} is twice in this bus")


def _check_mix(report: Report, name: str, source: BusSource, known: Collection[str]) -> None:
    written: dict[str, str] = {}
    for key in source.mix or {}:
        path = ("buses", name, "mix", key)
        if slug(key) not in known and slug(key) not in RESERVED:
            hint = did_you_mean(key, [*known, *RESERVED])
            expected = "a stem or group of a song, or click, guide, stems, ltc or master"
            report.error(path, expected=expected, found=shown(key), hint=hint)
        elif slug(key) in written:
            report.error(path, f"{shown(key)} is the same source as {shown(written[slug(key)])}")
        elif slug(key) == "ltc" and not source.audience:
            report.warning(path, "timecode is not generated in this version: the source ltc is silent")
        written[slug(key)] = key


def _check_audience(report: Report, name: str, source: BusSource, timekeepers: Mapping[str, str]) -> None:
    for key in source.mix or {}:
        role = slug(key) if slug(key) in PERFORMERS_ONLY else timekeepers.get(slug(key))
        if role:
            what = f"{shown(key)} is part of {role}, which" if role != slug(key) else f"{shown(key)}"
            text = f"{what} must never reach the audience, and {shown(name)} is an audience bus"
            report.error(("buses", name, "mix", key), text, hint="take it out of this mix")


def _check_exclusive(report: Report, sources: Mapping[str, BusSource]) -> None:
    """The channels of an audience bus belong to no other bus."""
    for name, source in sources.items():
        others = [
            (other, bus)
            for other, bus in sources.items()
            if other != name and (source.audience, name) > (bus.audience, other)
        ]
        for other, bus in others:
            shared = sorted(set(source.channels) & set(bus.channels)) if source.audience else []
            if shared:
                channels = ", ".join(map(str, shared))
                text = f"channel {channels} belongs to the audience bus {shown(name)} and cannot be in another bus"
                report.error(("buses", other, "channels"), text)


# ── channels of stems on channels of buses ──


@dataclass(frozen=True, slots=True)
class Heard:
    """A stem whose file was opened, with as many `channels` as it has."""

    plan: StemPlan
    channels: int


def check_widths(report: Report, stems: Iterable[Heard], buses: Sequence[Bus]) -> None:
    """Reports stems of a song that a bus carries but cannot place on its channels without `pan`."""
    for stem in stems:
        for bus in _unplaceable(stem, buses):
            text = (
                f"the stem {shown(stem.plan.name)} has {_channels(stem.channels)} "
                f"and the bus {shown(bus.name)} has {_channels(len(bus.channels))}"
            )
            hint = f'write pan = 0.0 for it, or keep it out of that bus: mix = {{ {stem.plan.slug} = "off", … }}'
            report.error(stem.plan.path, text, hint=hint)


def _unplaceable(stem: Heard, buses: Sequence[Bus]) -> Iterator[Bus]:
    for bus in buses:
        widths = (stem.channels, len(bus.channels))
        fits = stem.plan.options.pan is not None or widths[0] == widths[1] or widths in {(1, 2), (2, 1)}
        if not fits and bus.channels and _carries(bus, stem.plan):
            yield bus


def _carries(bus: Bus, stem: StemPlan) -> bool:
    if stem.role != "stem":
        return not bus.audience and (bus.mix is None or bus.mix.get(stem.role, SILENCE_DB) > SILENCE_DB)
    if bus.mix is None:
        return True
    own = bus.mix.get(stem.slug)
    if own is not None and own <= SILENCE_DB:
        return False
    return any(bus.mix.get(source, SILENCE_DB) > SILENCE_DB for source in (stem.slug, stem.group, "stems") if source)


def _channels(count: int) -> str:
    return "1 channel" if count == 1 else f"{count} channels"

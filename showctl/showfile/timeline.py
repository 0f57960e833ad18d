"""The time of a song: its sections, meters and tempo marks, checked and put together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from showctl.model.meter import Meter, MeterMap, MeterMark, parse_meter
from showctl.model.names import slug
from showctl.model.position import Amount, BarBeat, Position, SectionRef, Time, parse_position
from showctl.model.show import MeterPoint, TempoPoint
from showctl.model.songmap import SongMap
from showctl.model.tempo import TempoMap, TempoMark
from showctl.showfile.fields import Written, fault_of
from showctl.showfile.problems import KeyPath, shown
from showctl.showfile.report import Named, Report, check_has_slug
from showctl.showfile.song_source import MeterMarkSource, SectionSource, SongSource, TempoMarkSource

MAX_BAR = 9999
COMMON_TIME = Meter(4, 4, (4,))


@dataclass(frozen=True, slots=True)
class SectionStart:
    """A section that starts on `bar`; `index` is its place in the file, from 0."""

    index: int
    slug: str
    bar: int
    source: SectionSource


@dataclass(frozen=True, slots=True)
class TimeLine:
    """A song's time without its end. Where it is not `certain`, marks were faulty and others stand in for them."""

    grid: SongMap
    tempo: tuple[TempoPoint, ...]
    meters: tuple[MeterPoint, ...]
    sections: tuple[SectionStart, ...]
    certain: bool


def time_line(report: Report, source: SongSource, rate: int) -> TimeLine:
    """The time of a song, with what is wrong in it reported."""
    sections = _sections(report, source.sections)
    before = len(report.problems)
    meters = _meters(report, source, sections)
    tempo = _tempo(report, source, sections, MeterMap(meters))
    certain = len(report.problems) == before and not report.damaged & {"tempo", "meter", "sections", "pulse"}
    return TimeLine(
        grid=SongMap.build(rate, TempoMap(tempo), meters, source.pulse, end_bar=1),
        tempo=tuple(TempoPoint((m.quarter.numerator, m.quarter.denominator), m.bpm, m.ramp) for m in tempo),
        meters=tuple(MeterPoint(m.bar, m.meter.beats, m.meter.unit, m.meter.groups) for m in meters),
        sections=sections,
        certain=certain,
    )


# ── sections ──


def _sections(report: Report, sources: Sequence[SectionSource]) -> tuple[SectionStart, ...]:
    placed = []
    for index, source in enumerate(sources):
        path: KeyPath = ("sections", index)
        _check_name(report, source, (*path, "name"))
        bar = _plain_bar(report, (*path, "at"), source.at, "a section starts on a bar")
        if bar:
            placed.append(SectionStart(index, slug(source.ascii or source.name), bar, source))
    _check_order(report, "sections", [(start.bar, start.index) for start in placed])
    return tuple(sorted({start.bar: start for start in placed}.values(), key=lambda start: start.bar))


def _check_name(report: Report, source: SectionSource, path: KeyPath) -> None:
    check_has_slug(report, Named(source.name, source.ascii, path))
    signs = next((sign for sign in ("#", " + ", " - ") if sign in source.name), "")
    if signs:
        report.error(path, expected=f'a section name without "{signs}"', found=shown(source.name))
    elif _reads_as_number(source.name):
        text = f"the section name {shown(source.name)} reads as a number or a time"
        report.error(path, text, hint=f'add a word: "Part {source.name.strip()[:20]}"')


def _reads_as_number(name: str) -> bool:
    try:
        return not isinstance(parse_position(name).anchor, SectionRef)
    except ValueError:
        return name.strip()[:1].isdecimal() and not any(rune.isalpha() for rune in name)


# ── places of marks: bars and beats of the timeline, or the start of a section ──


def _plain_bar(
    report: Report, path: KeyPath, place: Written, rule: str, sections: Sequence[SectionStart] = ()
) -> int | None:
    where = _bar_beat(place.position, sections)
    if where is None or where.beat != 1 or place.position.amount:
        _report_no_section(report, path, place, sections, f"a bar: {rule}")
        return None
    if where.bar > MAX_BAR:
        report.error(path, expected=f"a bar from 1 to {MAX_BAR}", found=place.text)
        return None
    return where.bar


def _report_no_section(
    report: Report, path: KeyPath, place: Written, sections: Sequence[SectionStart], expected: str
) -> None:
    named = isinstance(place.position.anchor, SectionRef) and sections and not place.position.amount
    if not (named and "sections" in report.damaged):
        report.error(path, expected=expected, found=place.text)


def _bar_beat(position: Position, sections: Sequence[SectionStart]) -> BarBeat | None:
    match position.anchor:
        case BarBeat():
            return position.anchor
        case SectionRef():
            numbers = matching(position.anchor, sections)
            occurrence = position.anchor.occurrence
            return BarBeat(sections[numbers[occurrence - 1]].bar) if occurrence <= len(numbers) else None
        case Time():
            return None


def matching(ref: SectionRef, sections: Sequence[SectionStart]) -> list[int]:
    """The places (from 0) of all sections so named, by their slug or their full name."""
    return [n for n, start in enumerate(sections) if ref.slug in {start.slug, slug(start.source.name)}]


_MARKS = {"sections": "sections", "meter": "meter marks", "tempo": "tempo marks"}


def _check_order(report: Report, key: str, places: Sequence[tuple[int | Fraction, int]]) -> None:
    for (earlier, _), (later, index) in pairwise(places):
        path = (key, index, "at")
        if earlier == later:
            report.error(path, f"two {_MARKS[key]} at the same place", hint="take one out")
        elif earlier > later:
            report.error(path, f"the {_MARKS[key]} are not in order: this one lies before the one above")


# ── meters ──


def _meters(report: Report, source: SongSource, sections: Sequence[SectionStart]) -> tuple[MeterMark, ...]:
    if isinstance(source.meter, Meter):
        return (MeterMark(1, source.meter),)
    marks: list[tuple[int, int, Meter]] = []
    for index, mark in enumerate(source.meter):
        bar = _plain_bar(report, ("meter", index, "at"), mark.at, "a meter holds from a bar on", sections)
        meter = _accented(report, ("meter", index, "accents"), mark)
        if bar and meter:
            marks.append((bar, index, meter))
    _check_order(report, "meter", [(bar, index) for bar, index, _ in marks])
    by_bar = {1: COMMON_TIME} | {bar: meter for bar, _, meter in marks}
    return tuple(MeterMark(bar, by_bar[bar]) for bar in sorted(by_bar))


def _accented(report: Report, path: KeyPath, mark: MeterMarkSource) -> Meter | None:
    try:
        return parse_meter(str(mark.meter), mark.accents) if mark.accents is not None else mark.meter
    except ValueError as error:
        report.error(path, str(fault_of(error)))
        return None


# ── tempo ──

_MARKS_EXPECTED = 'a bar or beat of the timeline, such as 33, "33.3" or "33 + 2 beats"'


def _tempo(
    report: Report, source: SongSource, sections: Sequence[SectionStart], meters: MeterMap
) -> tuple[TempoMark, ...]:
    if isinstance(source.tempo, float):
        return (TempoMark(Fraction(0), source.tempo),)
    marks = [
        (quarter, index, mark)
        for index, mark in enumerate(source.tempo)
        if (quarter := _mark_quarter(report, ("tempo", index, "at"), mark, sections, meters)) is not None
    ]
    _check_order(report, "tempo", [(quarter, index) for quarter, index, _ in marks])
    _check_first_tempo(report, marks)
    by_quarter = {quarter: mark for quarter, _, mark in marks}
    first = min(by_quarter, default=Fraction(0))
    ordered = tuple(TempoMark(q, by_quarter[q].bpm, by_quarter[q].ramp and q != first) for q in sorted(by_quarter))
    return ordered or (TempoMark(Fraction(0), 120.0),)


def _check_first_tempo(report: Report, marks: Sequence[tuple[Fraction, int, TempoMarkSource]]) -> None:
    if not marks:
        if "tempo" not in report.damaged:
            report.error((), 'the song lacks the key "tempo"', hint="write tempo = 120, or what it is")
        return
    quarter, index, mark = marks[0]
    if quarter != 0 and "tempo" not in report.damaged:
        report.error(("tempo", index, "at"), expected="the first tempo mark at bar 1", found=mark.at.text)
    if mark.ramp:
        text = "the first tempo mark is a ramp, but there is no tempo before it to start from"
        report.error(("tempo", index, "ramp"), text, hint="put a mark without ramp before it")


def _mark_quarter(
    report: Report, path: KeyPath, mark: TempoMarkSource, sections: Sequence[SectionStart], meters: MeterMap
) -> Fraction | None:
    place, amount = _bar_beat(mark.at.position, sections), mark.at.position.amount
    if place is None or (amount and amount.unit == "seconds"):
        _report_no_section(report, path, mark.at, sections, _MARKS_EXPECTED)
        return None
    beats = meters.meter_at(place.bar).beats
    if place.bar > MAX_BAR or place.beat >= beats + 1:
        report.error(path, expected=f"a bar from 1 to {MAX_BAR} and a beat from 1 to {beats}", found=mark.at.text)
        return None
    return meters.quarter_at(*_moved(meters, place, amount))


def _moved(meters: MeterMap, place: BarBeat, amount: Amount | None) -> tuple[int, Fraction]:
    if amount is None:
        return place.bar, place.beat
    if amount.unit == "bar":
        return meters.bars_later(place.bar, place.beat, int(amount.value))
    return meters.beats_later(place.bar, place.beat, Fraction(amount.value))

"""The pages about the song and the setlist: now and next, sections, songs, tonight's order."""

from __future__ import annotations

from collections.abc import Sequence

from showctl.layouts import palette
from showctl.layouts.controls import Caption, Control, Frame, Lamp, Pad, Page, Readout, Row
from showctl.layouts.paging import paged
from showctl.layouts.palette import fitted_size
from showctl.layouts.screens import Screen
from showctl.layouts.strips import GAP, longest_fitting
from showctl.model.show import Section, Show


def song_pages(show: Show, screen: Screen) -> tuple[Page, ...]:
    """SHOW and SONGS, and SECTIONS where they do not all fit on SHOW."""
    sections = section_names(show)
    columns, rows = _overview_cells(screen)
    fits = len(sections) <= columns * rows
    more = () if fits else (_sections_page(screen, sections),)
    return (_overview(show, screen, sections[: columns * rows]), *more, _songs_page(show, screen))


# ── now and next ──


def _overview(show: Show, screen: Screen, sections: Sequence[tuple[int, str, str]]) -> Page:
    told, pads = screen.page.columns(42, 58) if screen.is_wide else screen.page.rows(46, 54)
    columns, most = _overview_cells(screen)
    columns = min(columns, 2) if screen.is_wide and len(sections) <= 2 * most else columns
    rows = max(4, -(-len(sections) // columns))
    return Page("SHOW", (*_told(show, told, screen), *section_pads(pads, sections, screen, (columns, rows))))


def _overview_cells(screen: Screen) -> tuple[int, int]:
    """Columns, and the most rows."""
    return (3, 6) if screen.is_wide else (3, 4)


def _told(show: Show, frame: Frame, screen: Screen) -> tuple[Control, ...]:
    """What comes next, what is pending, times, and what the file has to say about song and section."""
    text = screen.text
    following, song, jump, times, notes, status = frame.inset(GAP).rows(28, 22, 22, 22, 26, 14)
    sections = [section.name for each in show.songs.values() for section in each.sections]
    titles = [each.title for each in show.songs.values()]
    pending, cancel = jump.columns(70, 30)
    left, clock = times.columns(1, 1)
    song_notes, section_notes = notes.rows(1, 1)
    size = fitted_size("x" * 40, frame.w, text)
    return (
        *_labelled(following, "NEXT", "/text/next_section", _longest(sections, following, text * 2.2)),
        *_labelled(song, "SONG", "/text/next_song", _longest(titles, song, text * 1.6)),
        *_labelled(pending, "JUMP", "/jump", _longest(sections, pending, text * 1.6)),
        Pad(cancel.inset(GAP), "CANCEL", "/jump/cancel", colour=palette.JUMP, size=text * 0.8),
        *_labelled(left, "SET", "/text/set_left", _longest(["0:00:00"], left, text * 1.5)),
        *_labelled(clock, "NOW", "/text/clock", _longest(["00:00:00"], clock, text * 1.5)),
        Readout(song_notes, "/song/notes", size, "", palette.ACCENT, "left"),
        Readout(section_notes, "/section/notes", size, "", palette.ACCENT, "left"),
        Readout(status, "/text/status", size, "", palette.QUIET, "left"),
    )


def _longest(texts: Sequence[str], frame: Frame, wanted: float) -> float:
    return longest_fitting(texts, Frame(0, 0, frame.w - _CAPTION, frame.h), wanted)


_CAPTION = 56
"""How wide a caption is."""


def _labelled(frame: Frame, caption: str, address: str, size: float) -> tuple[Control, ...]:
    name, value = frame.columns(_CAPTION, frame.w - _CAPTION)
    return (Caption(name, caption, 15, palette.QUIET), Readout(value, address, size, align="left"))


# ── sections ──


def section_names(show: Show) -> tuple[tuple[int, str, str], ...]:
    """Number, name and colour of as many sections as the song with most has; those of the first song to begin with."""
    first = show.song_of(1).sections if show.entries else ()
    most = max((len(song.sections) for song in show.songs.values()), default=0)
    return tuple(_section_name(first, number) for number in range(1, most + 1))


def _section_name(sections: Sequence[Section], number: int) -> tuple[int, str, str]:
    if number > len(sections):
        return number, str(number), ""
    section = sections[number - 1]
    return number, section.name, section.colour


def section_pads(
    frame: Frame, sections: Sequence[tuple[int, str, str]], screen: Screen, cells: tuple[int, int]
) -> tuple[Control, ...]:
    """Lit while it is played; named and coloured anew with each song."""
    frames = frame.inset(GAP / 2).cells(*cells)
    longest = max((name for _, name, _ in sections), key=len, default="")
    return tuple(
        Pad(
            cell.inset(GAP / 2),
            name,
            f"/section/{number}/jump",
            colour=colour or palette.SECTION,
            size=fitted_size(max(longest, "Pre-Chorus", key=len), cell.w - 4 * GAP, screen.text * 1.7),
            lamp=Lamp(f"/led/section/{number}"),
            row=Row(f"/sections/{number}", colour_at=1, plain=palette.SECTION),
        )
        for cell, (number, name, colour) in zip(frames, sections, strict=False)
    )


def _sections_page(screen: Screen, sections: Sequence[tuple[int, str, str]]) -> Page:
    columns, rows = screen.cells

    def draw(frame: Frame, chosen: Sequence[tuple[int, str, str]]) -> tuple[Control, ...]:
        return section_pads(frame, chosen, screen, screen.cells)

    return paged("PARTS", screen, sections, columns * rows, draw)


# ── songs ──


def _songs_page(show: Show, screen: Screen) -> Page:
    columns, rows = screen.lines
    places = [(entry.index, show.songs[entry.song].title, show.songs[entry.song].colour) for entry in show.entries]
    titles = [title for _, title, _ in places]

    def draw(frame: Frame, chosen: Sequence[tuple[int, str, str]]) -> tuple[Control, ...]:
        cells = frame.inset(GAP / 2).lines(1 if len(places) <= rows else columns, rows)
        return tuple(
            control
            for cell, place in zip(cells, chosen, strict=False)
            for control in _song_line(cell, place, titles, screen)
        )

    return paged("SONGS", screen, places, columns * rows, draw)


def _song_line(cell: Frame, place: tuple[int, str, str], titles: Sequence[str], screen: Screen) -> tuple[Control, ...]:
    """Its title chooses it; JUMP goes there at the next bar while another one plays."""
    number, title, colour = place
    name, jump = cell.columns(79, 21)
    return (
        Pad(
            name.inset(GAP / 2),
            title,
            f"/song/{number}/select",
            colour=colour or palette.SONG,
            size=longest_fitting(titles, name.inset(GAP * 2), screen.text * 1.3),
            lamp=Lamp(f"/setlist/{number}", "current", at=4),
            row=Row(f"/setlist/{number}", colour_at=2, plain=palette.SONG),
        ),
        Pad(jump.inset(GAP / 2), "JUMP", "/song/jump", (number, "bar"), palette.JUMP, screen.text * 0.75),
    )


# ── tonight's order ──


def order_page(show: Show, screen: Screen) -> Page:
    """Away from the songs, so that nothing is moved by a slip of the finger."""
    columns, rows = screen.lines
    places = [(entry.index, show.songs[entry.song].title) for entry in show.entries]

    def draw(frame: Frame, chosen: Sequence[tuple[int, str]]) -> tuple[Control, ...]:
        top, lines = frame.inset(GAP / 2).rows(1, rows)
        cells = lines.lines(1 if len(places) <= rows else columns, rows)
        reset = Pad(
            top.inset(GAP / 2), "RESET TO THE FILE'S ORDER", "/setlist/reset", (), palette.STOP, screen.text * 0.8
        )
        return (
            reset,
            *(
                control
                for cell, place in zip(cells, chosen, strict=False)
                for control in _order_line(cell, place, len(places), screen)
            ),
        )

    return paged("ORDER", screen, places, columns * rows, draw)


def _order_line(cell: Frame, place: tuple[int, str], places: int, screen: Screen) -> tuple[Control, ...]:
    number, title = place
    name, up, down, skip, keep = cell.columns(48, 13, 13, 13, 13)
    size = fitted_size("DOWN", up.w - 3 * GAP, screen.text * 0.8)
    state = Lamp(f"/setlist/{number}", "skipped", at=4)
    return (
        Readout(name.inset(GAP), f"/setlist/{number}", fitted_size("x" * 20, name.w, screen.text), title, align="left"),
        Pad(up.inset(GAP / 2), "UP", "/setlist/move", (number, max(1, number - 1)), palette.SONG, size),
        Pad(down.inset(GAP / 2), "DOWN", "/setlist/move", (number, min(places, number + 1)), palette.SONG, size),
        Pad(skip.inset(GAP / 2), "SKIP", "/setlist/skip", (number, 1), palette.MUTE, size, state),
        Pad(keep.inset(GAP / 2), "KEEP", "/setlist/skip", (number, 0), palette.GO, size),
    )

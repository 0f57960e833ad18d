"""What the conductor keeps beside the plan, on boards where a control after this one finds it."""

from __future__ import annotations

from dataclasses import dataclass

from showctl.errors import Refused, RuntimeFilesError
from showctl.model.mixes import Mixes
from showctl.model.night import Night
from showctl.model.show import Show
from showctl.shared.boards import mixes_reader, mixes_writer, night_reader, night_writer
from showctl.shared.rundir import RuntimeDirectory


@dataclass(frozen=True, slots=True)
class Page:
    """What holds at one time."""

    night: Night
    mixes: Mixes


class Books:
    """The night, and the mixes that are kept by name."""

    def __init__(self, directory: RuntimeDirectory, show: Show) -> None:
        self._night_board = night_writer(directory)
        self._mixes_board = mixes_writer(directory)
        night, mixes = night_reader(directory).read(), mixes_reader(directory).read()
        self.page = Page(night or Night.of(show), mixes or Mixes())

    def keep(self, night: Night | None = None, mixes: Mixes | None = None) -> None:
        """From now on these hold. Raises Refused where there is no room for the mixes; then neither does."""
        page = Page(night or self.page.night, mixes or self.page.mixes)
        if page.mixes is not self.page.mixes:
            try:
                self._mixes_board.write(page.mixes)
            except RuntimeFilesError as exc:
                raise Refused("there is no room for another mix: save over one that is kept already") from exc
        if page.night != self.page.night:
            self._night_board.write(page.night)
        self.page = page

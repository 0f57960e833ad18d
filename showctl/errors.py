"""Every error a user can meet: one base, and a sentence each that says the place, the rule and the remedy."""

from __future__ import annotations


class ShowctlError(Exception):
    """The base of all errors that are reported as one sentence, never as a traceback."""


class ShowFileError(ShowctlError):
    """The show cannot start; `problems` holds everything found, one sentence each."""

    def __init__(self, problems: tuple[str, ...]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class MediaError(ShowctlError):
    """An audio file cannot be used, or the cache cannot be written."""


class DeviceError(ShowctlError):
    """No sound device fits what was asked for."""


class NetworkError(ShowctlError):
    """A port or an address cannot be used."""


class RuntimeFilesError(ShowctlError):
    """The shared records of a running service are missing, foreign or damaged."""


class Refused(ShowctlError):  # noqa: N818 - it is the answer to a command, not a fault
    """A command that changes nothing now; the sentence goes to its sender as `/error`.

    `about` is the address it names, where that is not simply the one that was sent.
    """

    about = ""

"""What is wrong with a command rather than with a show: exit code 2."""

from __future__ import annotations

from showctl.errors import ShowctlError


class WrongUsage(ShowctlError):  # noqa: N818 - it is told to whoever typed it
    """An argument that argparse alone cannot judge."""

"""`python -m showctl` is `showctl`."""

import sys


def run() -> int:
    """The exit code; 1 where Ctrl-C comes before a command has begun."""
    try:
        from showctl.cli import main  # noqa: PLC0415 - reading it all takes a moment, in which people may press Ctrl-C

        return main()
    except KeyboardInterrupt:
        return 1


if __name__ == "__main__":
    sys.exit(run())

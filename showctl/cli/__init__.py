"""The command line: what people type, told in sentences and exit codes (0 done, 1 problems, 2 wrong usage).

places     where nights and logs are kept
shows      loading a show with progress; its problems as lines
unheard    what the file asks for and nobody would get
serve, check, prepare, bounce, export, network   a command each
parser     the table of commands and options
"""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import Sequence

from showctl.cli.parser import parse
from showctl.cli.places import fault_log
from showctl.cli.usage import WrongUsage
from showctl.errors import ShowctlError

log = logging.getLogger(__name__)


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; the exit code. Whatever happens is told in a sentence."""
    options = parse(sys.argv[1:] if arguments is None else arguments)
    try:
        return int(options.run(options))
    except WrongUsage as exc:
        return _told(str(exc), 2)
    except ShowctlError as exc:
        return _told(str(exc), 1)
    except KeyboardInterrupt:
        return _told("interrupted", 1)
    except BrokenPipeError:
        sys.stderr.close()  # whoever read us has gone; nothing is left to say
        return 1
    except Exception as exc:
        path = fault_log()
        with path.open("a", encoding="utf-8") as file:
            traceback.print_exception(exc, file=file)
        return _told(f"an error of showctl itself ({type(exc).__name__}: {exc}): see {path}", 1)


def _told(sentence: str, code: int) -> int:
    sys.stderr.write(f"showctl: {sentence}\n")
    return code

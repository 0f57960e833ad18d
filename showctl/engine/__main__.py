"""`python -m showctl.engine RUNTIME_DIRECTORY`: see `showctl.engine.process`."""

import sys

from showctl.engine.process import main

main(sys.argv[1:])

"""`python -m showctl.loader RUNTIME_DIR`: see `showctl.loader.process`."""

import sys

from showctl.loader.process import main

main(sys.argv[1:])

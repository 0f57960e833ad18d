"""`python -m showctl` is `showctl`."""

import sys

from showctl.cli import main

sys.exit(main())

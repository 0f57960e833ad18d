"""`python -m showctl.engine RUNTIME_DIRECTORY`: see `showctl.engine.process`."""

import os
import sys

# Before numpy is imported: its matrix products are too small to be shared out among threads.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ[variable] = "1"

from showctl.engine.process import main  # noqa: E402

main(sys.argv[1:])

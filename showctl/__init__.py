"""showctl plays the click and the routed backing stems of a live show and tells the stage what sounds, as it sounds.

Everything follows from three values, immutable and versioned: the compiled *show*, the *plan*, and the *clock*.
Sound, beats, cues and pages are readers of them; none keeps a position of its own.

The rooms, each importing only from those after it:

    cli          the command line
    supervisor   starts and watches the four processes        service   composition root of control
    conductor    commands to edits, one at a time
    engine       committed plan + media to the sound card      pacer     committed plan + clock to sockets, on time
    loader       reads ahead what the plan will play
    osc          codec, patterns, table of methods, clients    cues      targets and desk profiles
    discovery    zeroconf                                  layouts    for tablets, made from a show
    shared       the mapped records that the processes read of each other
    media        decode, resample, interleave, cache, voices
    showfile     text to compiled show, all problems at once
    model        pure: time, positions, show, plan, transport, events. No files, no clock, no trio
    errors       one sentence each

`tests/test_layers.py` reads the imports and holds it so.
"""

import os

# Before anything imports numpy: our matrix products are far too small to be shared out among threads, in the audio
# callback it would be wrong, and a bounce takes twice as long with two.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
    os.environ.setdefault(variable, "1")

__version__ = "0.1.0"

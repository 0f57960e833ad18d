"""Figures against peers, each measured beside its peer in the same run: `make bench`, or `python -m bench NAME …`.

Ratios count; absolute numbers are those of the machine at that moment. In layers:

    measures    what a figure is, and how it is printed and kept
    machine     what it was measured on
    processes   everything that is started here is ended here
    jack, capture, scsynth, shows, engine, service    what the benches measure with
    go_latency, beat_timing, engine_cpu, xruns, bounce_speed, prepare_speed, osc_surface    the benches
"""

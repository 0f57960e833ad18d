"""Layouts for tablets and phones, made from a show: pure, from `Show` to bytes.

controls     what lies on a layout: pads, switches, faders, readouts; pages; frames
screens      the two sizes
palette      colours, and text that fits
strips       what is on every page: song, bar and beat, and the transport
pages, sources, sundries   the pages
board        a show on a screen
lua          the scripts of TouchOSC
touchosc, touchosc_mk1, open_stage_control   a writer each
files        what can be downloaded, and Mk1's layout push
"""

"""Reads ahead, so that the engine never waits for a disk: `python -m showctl.loader RUNTIME_DIR`.

wanted    which audio will be needed, most urgent first: pure
warm      reading it into the page cache, a second at a time
process   the process: low priority, one second of audio after the other
"""

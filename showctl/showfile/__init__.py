"""A show folder becomes a compiled show, or a list of all its problems.

The steps, each a pure function but for the edge in `folder` and `load`:

    folder      reads the texts and lists the files            (the edge)
    parse       one text to one source model, every fault with its line
    songs       source models to songs with stems, sections and a time line
    media       what has to be decoded for them
    compile     all of it, with the facts of the media, to a `Show`
    load        calls these in order                           (the edge)
"""

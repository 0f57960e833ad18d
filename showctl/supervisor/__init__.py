"""Starts the four processes of a service, watches them, and is the only one that hears Ctrl-C.

Plain Python: nothing here waits on anything but the next look, twenty milliseconds away. In layers, each importing
only those before it:

    child      one process: started in its own session, asked to end, killed
    leftovers  the processes of a service whose supervisor died
    outputs    which device to play on, asked in a throw-away process; which buses fit it
    sockets    the OSC port, UDP and TCP, bound once for all who use it
    keeping    control, pacer and loader: restarted when they fall silent
    sounding   the engine and its standby: a watchdog, and the way to the next device and back
    crew       all of them together
    options    what the command line settles
    layout     the shared records, and the plan they begin with
    bill       what is going to be played and where, in lines
    recruit    who is started with which arguments
    serve      from a compiled show to an exit code
"""

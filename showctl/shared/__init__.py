"""What the processes of one service share: plain files in a runtime directory, mapped into memory.

They belong to no process and survive the death of any. In layers, each importing only those before it:

    files     a small file written whole or not at all
    records   mapped slots: the newest value, an ordered mailbox, a row of numbers
    clock     what the engine publishes each block, and the anchors of the session line
    bell      a doorbell that wakes another process
    rundir    the directory of one service, its lock, and the lease of its writer
    boards    the records by what they hold, typed
    health    heartbeats, and who lives
    residency which audio lies in memory
    service   what was settled at the start; the compiled show
    nightlog  the recording of a night
    handover  sockets given from process to process
"""

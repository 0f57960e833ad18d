"""The process that speaks on time: what the committed plan says, sent as it sounds.

Alone in its process, with one thread, so that nothing holds it up. In layers, each importing only those before it:

    audience   who is told what, how early, and in which words
    schedule   pure: from plan and audience to messages that are due, each once
    journal    what was due and what was sent
    sender     datagrams out, errors counted; names looked up elsewhere
    realtime   what the system grants to a process that must be on time
    process    the loop: shared records in, datagrams out
"""

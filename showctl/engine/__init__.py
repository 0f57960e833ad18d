"""The engine: from the committed plan and the media in reach to a sound card. The only realtime process.

In layers, each importing only those before it:

    regions · gains · limiter · clock    pure arithmetic
    priority                             which thread goes first
    bank · clicks · voices · levels      what sounds, and how loud
    renderer                             plan and frames to samples; knows no device
    rehearsal                            having played everything once before it counts
    devices · bounce                     where the samples go
    playing · helper · process           the callback, what goes on beside it, and the process around both
"""

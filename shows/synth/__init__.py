"""The sound of the demo show, made from nothing but numpy.

timeline     where bars and beats lie, read from song.toml
drums        one-shot drum sounds
voices       pitched sounds
effects      filters, reverb, echo, width: all of them convolutions
part         one stem under construction: notes are put on exact frames
speech       the guide's spoken cues
<song>.py    one arrangement each
"""

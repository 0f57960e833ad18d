from __future__ import annotations

from typing import get_args

from showctl.model.show import Access, Audio, Client, Ports, Target, Transport
from showctl.showfile.profiles import PROFILES
from showctl.showfile.source import ProfileName

from .helpers import SHOW, good, load, sentences


def test_what_is_not_said_has_its_default() -> None:
    show = good(load())
    assert (show.audio, show.transport, show.ports) == (Audio(), Transport(), Ports())
    assert show.access == Access()


SURROUNDINGS = """\
latency_ms = 15
feed = ["beat"]
list = 2
[targets."Video Wall"]
profile = "resolume"
host = "wall.local"
ascii = "wall"
[targets.synth]
profile = "midi"
device = "USB MIDI"
channel = 3
[clients.iPad]
host = "::1"
port = 9000
feed = ["all", "refresh"]
[audio]
device = "virtual"
fallback = ["USB"]
sample_rate = 44100
block_size = 64
[transport]
go_guard = 0
fade = 1.5
[osc]
port = 0
prefix = "foh"
bare = false
[web]
port = 0
[access]
control = []
view = ["10.0.0.0/8", "fe80::1"]
mix = { Drums = ["192.168.1.41"] }
passcode = "p"
[[cues]]
on = "start"
to = "Video Wall"
osc = ["/a"]
"""


def test_the_machines_around_are_as_written() -> None:
    show = good(load(SHOW + SURROUNDINGS))
    assert show.targets == (
        Target("lights", "lights", "eos", "192.168.1.20", 8000, 15.0, ("beat",), {"list": 2}),
        Target("wall", "Video Wall", "resolume", "wall.local", 7000),
        Target("synth", "synth", "midi", options={"device": "USB MIDI", "channel": 3}),
    )
    assert show.clients == (Client("ipad", "::1", 9000, ("all", "refresh")),)
    assert show.audio == Audio("virtual", ("USB",), 44100, 64)
    assert show.transport == Transport(0.0, 1.5)
    assert show.ports == Ports(0, 0, "foh", False)
    assert show.access == Access((), (), ("10.0.0.0/8", "fe80::1/128"), {"drums": ("192.168.1.41/32",)}, "p")
    assert [cue.target for cue in show.cues] == ["wall"]


def test_a_plain_osc_target_has_no_cue_numbers() -> None:
    show = SHOW.replace('"eos"', '"osc"') + 'port = 9001\n[[cues]]\non = "start"\nto = "lights"\nfire = "1"\n'
    assert sentences(load(show)) == [
        'show.toml, line 15: a target of profile "osc" has no cue numbers; write the message out: osc = ["/address", 1]'
    ]


def test_every_profile_can_be_written() -> None:
    assert set(get_args(ProfileName)) == set(PROFILES)

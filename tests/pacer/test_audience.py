from __future__ import annotations

import msgspec

from showctl.model.night import Night
from showctl.model.show import Ports, Target
from showctl.model.units import HostNs
from showctl.pacer.audience import Listener, audience, choirs
from showctl.shared.clients import TOPICS, Client
from tests.pacer.shows import LIGHTS, NIGHT, SHOW

RATE = 48_000

BARE = Ports()


def listeners(target: Target, *clients: Client, ports: Ports = BARE, night: Night = NIGHT) -> tuple[Listener, ...]:
    return audience(msgspec.structs.replace(SHOW, targets=(target,), ports=ports), clients, night, RATE)


def test_a_target_s_cues_are_never_stamped_and_its_feed_is_if_it_asks() -> None:
    target = msgspec.structs.replace(LIGHTS, latency_ms=15.0, feed=("all", "timetag"))
    cues, feed = listeners(target)
    assert (cues.cues_of, cues.topics, cues.lead_frames, cues.stamped) == (target, frozenset(), 720, False)
    assert (feed.cues_of, feed.topics, feed.lead_frames, feed.stamped) == (None, TOPICS - {"meter"}, 720 + 9_600, True)


def test_a_target_without_a_feed_gets_cues_alone() -> None:
    assert len(listeners(msgspec.structs.replace(LIGHTS, feed=()))) == 1


def test_a_client_is_taken_as_it_subscribed() -> None:
    client = Client("10.0.0.1", 9000, frozenset({"beat"}), frozenset({"utf8", "stay"}), HostNs(5))
    listener = listeners(LIGHTS, client)[-1]
    assert listener == Listener(("10.0.0.1", 9000), frozenset({"beat"}), utf8=True, expires=HostNs(5))
    assert (listener.lives_at(HostNs(4)), listener.lives_at(HostNs(5))) == (True, False)


def test_a_client_that_listens_to_an_address_is_told_of_it_whatever_its_topic() -> None:
    client = Client("10.0.0.1", 9000, frozenset({"song"}), stream=True, listens=frozenset({"/beat"}))
    listener = listeners(LIGHTS, client)[-1]
    asked = (("beat", "/beat"), ("song", "/song"), ("section", "/section"))
    assert [listener.wants(topic, address) for topic, address in asked] == [True, True, False]


def test_addresses_have_the_prefix_for_who_asks_and_for_all_where_there_are_no_bare_ones() -> None:
    plain, prefixed = Client("h", 1, frozenset()), Client("h", 2, frozenset(), frozenset({"prefix"}))
    both = [listener.prefix for listener in listeners(LIGHTS, plain, prefixed, ports=Ports(prefix="foh"))[-2:]]
    none_bare = [listener.prefix for listener in listeners(LIGHTS, plain, ports=Ports(prefix="foh", bare=False))]
    assert (both, none_bare) == (["", "foh"], ["", "foh", "foh"])


def test_a_choir_is_told_the_same_bytes_equally_early_and_each_of_it_what_it_wants() -> None:
    beats, songs = frozenset({"beat"}), frozenset({"song"})
    one, two = Listener(("h", 1), beats), Listener(("h", 2), beats | songs)
    plain, prefixed = Listener(("h", 3), songs), Listener(("h", 4), songs, prefix="foh")
    stamped = Listener(("h", 5), beats, ahead_frames=100)
    found = choirs([one, stamped, two, prefixed, plain])
    assert {group: [choir.listeners for choir in alike] for group, alike in found.items()} == {
        (0, ""): [(one, two, plain), (prefixed,)],
        (100, ""): [(stamped,)],
    }
    choir = found[0, ""][0]
    assert choir.wanting("beat", "/beat") == (one, two)
    assert choir.wanting("song", "/song") == (two, plain)
    assert choir.wanting("cue", "/cue") == ()

"""Bad packets out of good ones: a fuzzer that only turns bits seldom gets past the decoder."""

from __future__ import annotations

import random
import struct

from showctl.osc.codec import Message, encode
from showctl.osc.framing import Framing
from tests.fuzz.packets import bundle_of
from tests.fuzz.world import SENDERS

GOOD = (
    Message("/go"),
    Message("/ping", (1, "two", 3.0)),
    Message("/foh/ping", (b"\x01\x02", "c"), "bc"),
    Message("/cmd", ("a1", "/bus/drums/click/db", -6.0)),
    Message("/cmd", ("a2", "/song/select", "one")),
    Message("/subscribe", (9000, "beat", "utf8", "prefix")),
    Message("/subscribe"),
    Message("/unsubscribe"),
    Message("/sync"),
    Message("/hello", ("open",)),
    Message("/bus/*/*/db", (-3.0,)),
    Message("/bus/{house,drums}/mono", (True,)),
    Message("//mute", (1.0,)),
    Message("/locate", ("Solo + 2 bars",)),
    Message("/section/jump", ("Solo", "bar")),
    Message("/loop", ("1.1", "3.1")),
    Message("/mix/save", ("loud",)),
    Message("/setlist/move", (1, 2)),
    Message("/panic"),
    Message("/fade", (2.0,)),
)

SPLINTERS = (b"\xff\xfe", b"\xed\xa0\x80", b"\0\0\0\0", b"\xc0", b"\xdb", b"*")

WORDS = (0, 1, 4, 8, -4, -8, 3, 5, 2**31 - 1, -(2**31), 65536, 65532, 0x2F676F00, 0x2C690000, 0x2362756E)


def good(dice: random.Random) -> bytes:
    """A packet in order."""
    messages = [encode(message) for message in dice.choices(GOOD, k=dice.randint(1, 4))]
    if len(messages) == 1 or dice.random() < 0.5:
        return messages[0]
    packet = bundle_of(*messages)
    if dice.random() < 0.3:
        packet = packet[:8] + struct.pack(">Q", dice.choice((0, 1, 2**64 - 1, 3_990_000_000 << 32))) + packet[16:]
    for _ in range(dice.randint(0, 9) // 8 * dice.randint(1, 12)):
        packet = bundle_of(packet)
    return packet


def _cut(packet: bytes, dice: random.Random) -> bytes:
    return packet[: dice.randint(0, len(packet))]


def _word(packet: bytes, dice: random.Random) -> bytes:
    """Another size, count or tag."""
    at = dice.randrange(0, len(packet) + 1, 4)
    return packet[:at] + struct.pack(">i", dice.choice(WORDS)) + packet[at + 4 :]


def _noise(packet: bytes, dice: random.Random) -> bytes:
    at = dice.randint(0, len(packet))
    return packet[:at] + dice.randbytes(dice.randint(1, 4)) + packet[at + dice.randint(0, 4) :]


def _splinter(packet: bytes, dice: random.Random) -> bytes:
    at = dice.randint(0, len(packet))
    return packet[:at] + dice.choice(SPLINTERS) + packet[at:]


def _joined(packet: bytes, dice: random.Random) -> bytes:
    return bundle_of(packet, good(dice))


def _repeated(packet: bytes, dice: random.Random) -> bytes:
    return packet * dice.randint(2, 9)


def _as_it_is(packet: bytes, _: random.Random) -> bytes:
    return packet


DAMAGE = (_cut, _word, _noise, _splinter, _joined, _repeated, _as_it_is)


def damaged(packet: bytes, dice: random.Random) -> bytes:
    """The packet with something wrong with it, or nothing."""
    return dice.choice(DAMAGE)(packet, dice)


def mutated(given: bytes, dice: random.Random, target: str) -> bytes:
    """Another input in place of `given`, or one that has much of it."""
    head, packet = given[:1] or b"\0", given[1:]
    if dice.random() < 0.3:
        head = bytes([dice.randrange(len(SENDERS) + 2) if dice.random() < 0.9 else dice.randrange(256)])
    packet = good(dice) if dice.random() < 0.5 else packet
    packet = damaged(packet, dice)
    if target == "streams":
        framing = dice.choice(tuple(Framing))
        packet = b"".join(framing.framed(each) for each in (packet, good(dice), packet)[: dice.randint(1, 3)])
        packet = damaged(packet, dice)
    return head + packet

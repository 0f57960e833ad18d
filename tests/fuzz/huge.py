"""Inputs too large to be kept as files."""

from __future__ import annotations

import struct

from showctl.osc.codec import MAX_PACKET_BYTES, Message, encode
from tests.fuzz.packets import BUNDLE, bundle_of, nested


def _many(packet: bytes) -> bytes:
    """As many as a packet holds, and never more than its elements may be."""
    return bundle_of(*[packet] * min(256, (MAX_PACKET_BYTES - 16) // (len(packet) + 4)))


def _tags(tags: str, arguments: bytes = b"") -> bytes:
    text = f",{tags}".encode()
    return b"/ping\0\0\0" + text + b"\0" * (4 - len(text) % 4) + arguments


DATAGRAMS = {
    "bundles 10,000 deep": nested(10_000),
    "bundles as deep as a packet holds": nested(3270),
    "arrays 10,000 deep": _tags("[" * 10_000 + "]" * 10_000),
    "10,000 type tags": _tags("T" * 10_000),
    "60,000 type tags without arguments": _tags("i" * 60_000),
    "4,000 elements": BUNDLE + (struct.pack(">i", 4) + b"/\0\0\0") * 4000,
    "an address of 64 KiB": b"/" + b"x" * (MAX_PACKET_BYTES - 5) + b"\0" * 4,
    "64 KiB of zeros": bytes(MAX_PACKET_BYTES),
    "64 KiB without a zero": b"/" * MAX_PACKET_BYTES,
    "a string of 60,000 characters": encode(Message("/ping", ("x" * 60_000,))),
    "a blob of 60,000 bytes": encode(Message("/ping", (b"\xc0" * 60_000,))),
    # what was found by reading: each of these took seconds
    "a position of 60,000 spaces": encode(Message("/locate", (" " * 60_000,))),
    "a mix's name of 60,000 characters": encode(Message("/mix/save", ("x" * 60_000,))),
    "a passcode of 60,000 characters": encode(Message("/hello", ("x" * 60_000,))),
    "a topic of 60,000 characters": encode(Message("/subscribe", ("x" * 60_000,))),
    "1,000 strings to answer": encode(Message("/ping", ("x" * 59,) * 1000)),
    "256 addresses that there are not": _many(encode(Message("/bus/drums/click/dbb", (1.0,)))),
    "256 patterns for every level": _many(encode(Message("/bus/*/*/{db,fader}", (0.5,)))),
    "256 subscriptions": _many(encode(Message("/subscribe", ("all", "meter")))),
    "256 times the whole state": _many(encode(Message("/sync"))),
    "256 ids": bundle_of(*[encode(Message("/cmd", (str(n), "/talkback", True))) for n in range(256)]),
    "256 wrong passcodes": _many(encode(Message("/hello", ("no",)))),
}

STREAMS = {
    "64 KiB of ENDs": b"\xc0" * MAX_PACKET_BYTES,
    "a SLIP packet that never ends": b"\xc0" + b"x" * 500_000,
    "a SLIP packet of escapes that never ends": b"\xc0" + b"\xdb\xdc" * 200_000,
    "10,000 packets of one byte": (struct.pack(">i", 1) + b"/") * 10_000,
    "10,000 wrong escapes": b"\xc0" + b"\xdbx\xc0" * 10_000,
    "a size of 64 KiB and half of it": struct.pack(">i", MAX_PACKET_BYTES) + b"/" * 32_000,
}

"""Packets as bytes."""

from __future__ import annotations

import struct

BUNDLE = b"#bundle\0" + struct.pack(">Q", 1)
"""A bundle of nothing, to be done at once."""


def bundle_of(*packets: bytes) -> bytes:
    return BUNDLE + b"".join(struct.pack(">i", len(packet)) + packet for packet in packets)


def nested(depth: int) -> bytes:
    """Bundles inside each other."""
    sizes = range(16 + 20 * (depth - 2), 0, -20)
    return b"".join(BUNDLE + struct.pack(">i", size) for size in sizes) + BUNDLE

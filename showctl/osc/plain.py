"""Text as every desk can read it: ASCII unless asked otherwise, and messages of at most 512 bytes."""

from __future__ import annotations

from dataclasses import replace

from anyascii import anyascii

from showctl.osc.codec import Arg, Message

MAX_MESSAGE_BYTES = 512

OUR_TAGS = frozenset("ifs")
"""The types of what the service says of itself."""


def plain_text(text: str, by_hand: str = "", *, utf8: bool = False) -> str:
    """`text` as it is sent: in ASCII `by_hand` where that was given. A zero byte would end an OSC string."""
    return (text if utf8 else anyascii(by_hand or text)).replace("\0", "")


def size_bytes(message: Message) -> int:
    """The size of the packet, for arguments of `i`, `f` and `s`."""
    texts = (message.address, f",{message.tags}", *(arg for arg in message.args if isinstance(arg, str)))
    numbers = sum(not isinstance(arg, str) for arg in message.args)
    return 4 * numbers + sum(_padded(len(text.encode())) for text in texts)


def _padded(text_bytes: int) -> int:
    return text_bytes // 4 * 4 + 4


def fitted(message: Message) -> Message:
    """The message with its longest strings cut so that it fits into MAX_MESSAGE_BYTES; as it is, most often."""
    if size_bytes(message) <= MAX_MESSAGE_BYTES:
        return message
    args = list(message.args)
    while (excess := size_bytes(replace(message, args=tuple(args))) - MAX_MESSAGE_BYTES) > 0 and any(
        map(_length, args)
    ):
        longest = max(range(len(args)), key=lambda index: _length(args[index]))
        kept = max(0, _length(args[longest]) - excess)
        args[longest] = str(args[longest]).encode()[:kept].decode(errors="ignore")
    return replace(message, args=tuple(args))


def _length(arg: Arg) -> int:
    return len(arg.encode()) if isinstance(arg, str) else 0


def under_prefix(message: Message, prefix: str) -> Message:
    """The message at its address under /`prefix`, as it is where that is empty. What fitted before still fits.

    What did not, or has other types than ours, is a client's own `/ping`, which is answered with the same.
    """
    if not prefix:
        return message
    ours = set(message.tags) <= OUR_TAGS and size_bytes(message) <= MAX_MESSAGE_BYTES
    under = replace(message, address=f"/{prefix}{message.address}")
    return fitted(under) if ours else under

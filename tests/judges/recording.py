"""Clients of the service that keep what it sent them, byte for byte, and a capture of it that Wireshark reads.

So nothing has to be captured from a network interface, which takes rights that few have.
"""

from __future__ import annotations

import select
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence

from showctl.osc.codec import Arg, Message, decode, encode
from showctl.osc.framing import Framing, Unframer
from showctl.osc.surface import messages_of
from tests.clients.serving import HOST

PATIENCE_SECONDS = 20.0
SEGMENT_BYTES = 1460  # what fits into one on an Ethernet


class Recorder:
    """A client with a UDP socket, or with one end of a TCP connection and a framing."""

    def __init__(self, own: socket.socket, framing: Framing | None = None) -> None:
        self.socket, self.framing = own, framing
        self.chunks: list[bytes] = []
        """Datagrams, or segments of the stream."""
        self.packets: list[bytes] = []
        self.messages: list[Message] = []
        self._unframer = Unframer()

    @classmethod
    def calling(cls, service_port: int, framing: Framing | None = None) -> Recorder:
        own = socket.socket(socket.AF_INET, socket.SOCK_STREAM if framing else socket.SOCK_DGRAM)
        own.connect((HOST, service_port))
        return cls(own, framing)

    def fileno(self) -> int:
        return self.socket.fileno()

    def send(self, address: str, *args: Arg, tags: str = "") -> None:
        packet = encode(Message(address, args, tags))
        self.socket.sendall(self.framing.framed(packet) if self.framing else packet)

    def take(self) -> None:
        """What has come."""
        chunk = self.socket.recv(SEGMENT_BYTES if self.framing else 65_536)
        assert chunk, "the service closed the connection"
        self.chunks.append(chunk)
        for packet in self._unframer.feed(chunk) if self.framing else [chunk]:
            assert isinstance(packet, bytes)
            self.packets.append(packet)
            self.messages += messages_of(decode(packet))

    def heard(self, address: str, *args: Arg) -> bool:
        """Whether a message with this address was among it that begins with these arguments."""
        return any(each.address == address and each.args[: len(args)] == args for each in self.messages)


def record(clients: Sequence[Recorder], until: Callable[[], bool]) -> None:
    """Takes what comes for any of them until that is so."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not until():
        assert time.monotonic() < deadline, "the service did not say it"
        for client in select.select(clients, [], [], 1.0)[0]:
            client.take()


# ── the capture: IPv4 packets in the classic pcap format (https://www.tcpdump.org/manpages/pcap-savefile.5.html) ──

SERVICE_PORT, FIRST_CLIENT_PORT = 8000, 9000
"""As in the capture: the real ports might be ones that the dissector of another protocol claims."""

_PCAP = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 1 << 18, 228)  # version 2.4, LINKTYPE_IPV4
_LOCALHOST = socket.inet_aton(HOST)


def capture(clients: Sequence[Recorder]) -> bytes:
    """The file: all that went to the first client, port 9000, then to the second, port 9001, and so on."""
    packets = [packet for index, each in enumerate(clients) for packet in _ip_packets(each, FIRST_CLIENT_PORT + index)]
    return _PCAP + b"".join(
        struct.pack("<IIII", second, 0, len(packet), len(packet)) + packet for second, packet in enumerate(packets)
    )


def _ip_packets(client: Recorder, port: int) -> Iterator[bytes]:
    sequence = 1
    for chunk in client.chunks:
        if client.framing:
            flags = 5 << 12 | 0x18  # five words of header; PSH and ACK
            head = struct.pack(">HHIIHHHH", SERVICE_PORT, port, sequence, 1, flags, 0xFFFF, 0, 0)
            sequence += len(chunk)
        else:
            head = struct.pack(">HHHH", SERVICE_PORT, port, 8 + len(chunk), 0)  # without a checksum
        protocol = socket.IPPROTO_TCP if client.framing else socket.IPPROTO_UDP
        yield _ipv4(protocol, head + chunk)


def _ipv4(protocol: int, body: bytes) -> bytes:
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(body), 0, 0, 64, protocol, 0, _LOCALHOST, _LOCALHOST)
    return head + body

"""Processes that keep the supervisor's rules and do nothing else: `python stand_in.py ROLE RUNTIME_DIR …`.

The devices are listed in the file DEVICES of the folder that holds the runtime directory; control writes the
datagrams it receives, and its lease, to files there. An engine that gets SIGUSR1 plays on as if its helper hung.
"""

from __future__ import annotations

import argparse
import os
import select
import signal
import sys
import threading
import time
from pathlib import Path

import msgspec

from showctl.engine.devices import DeviceFacts, choose
from showctl.errors import DeviceError
from showctl.model.units import Frame, HostNs
from showctl.shared.clock import ClockReader, ClockRecord, ClockWriter
from showctl.shared.handover import taken_over
from showctl.shared.health import Heartbeat, Role
from showctl.shared.rundir import RuntimeDirectory

DEVICES = "devices.json"
PLAYED = "played"
RECEIVED = "received"
LEASES = "leases"


def engine(options: argparse.Namespace) -> None:
    device = options.device
    if options.standby:
        device = sys.stdin.buffer.readline().decode().strip().removeprefix("go ")
    end_with_starter()
    directory = RuntimeDirectory(options.directory)
    try:
        if device != "virtual":
            choose(
                msgspec.json.decode((options.directory.parent / DEVICES).read_bytes(), type=tuple[DeviceFacts, ...]),
                device,
            )
    except DeviceError as exc:
        print(msgspec.json.encode({"error": str(exc)}).decode(), flush=True)
        os._exit(3)
    with (options.directory.parent / PLAYED).open("a") as file:
        file.write(f"{device}\n")
    before = ClockReader(directory.clock).read()
    writer, epoch = ClockWriter(directory.clock), before.epoch + 1 if before else 1
    heart, deaf = Heartbeat(directory, "engine"), threading.Event()
    signal.signal(signal.SIGUSR1, lambda *_: deaf.set())
    for block in range(1 << 40):
        frame = Frame(block * 480)
        writer.write(ClockRecord(epoch, block, frame, HostNs(time.perf_counter_ns()), 48000.0, 480, frame, 0, 0.0, 0))
        if not deaf.is_set():
            heart.beat()
        time.sleep(0.01)


def control(options: argparse.Namespace) -> None:
    udp = taken_over(options.fd)
    if options.standby:
        options.lease = sys.stdin.buffer.readline().decode().strip().removeprefix("go ")
        if not options.lease:
            return
    with (options.directory.parent / LEASES).open("a") as file:
        file.write(f"{options.lease}\n")
    heart = Heartbeat(RuntimeDirectory(options.directory), "control")
    with (options.directory.parent / RECEIVED).open("ab", buffering=0) as file:
        while True:
            heart.beat()
            ready, _, _ = select.select([udp, sys.stdin.buffer], [], [], 0.1)
            if udp in ready:
                file.write(udp.recv(1000) + b"\n")
            if sys.stdin.buffer in ready and not os.read(0, 100):
                return


def beating(options: argparse.Namespace, role: Role) -> None:
    end_with_starter()
    heart = Heartbeat(RuntimeDirectory(options.directory), role)
    while True:
        heart.beat()
        time.sleep(0.1)


def end_with_starter() -> None:
    def read() -> None:
        sys.stdin.buffer.read()
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("role")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--device", default="")
    parser.add_argument("--standby", action="store_true")
    parser.add_argument("--allow-missing", action="store_true")
    parser.add_argument("--fd", type=int)
    parser.add_argument("--tcp", type=int)
    parser.add_argument("--web", type=int)
    parser.add_argument("--push", type=int)
    parser.add_argument("--lease")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    match options.role:
        case "devices":
            print((options.directory.parent / DEVICES).read_text())
        case "engine":
            engine(options)
        case "control":
            control(options)
        case "stubborn":
            signal.signal(signal.SIGTERM, signal.SIG_IGN)
            control(options)
        case "broken":
            sys.exit("Traceback (most recent call last): broken")
        case role:
            beating(options, role)


if __name__ == "__main__":
    main()

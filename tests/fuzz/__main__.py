"""`make fuzz`: runs every target under atheris, guided by what code an input reaches. Exit code 0 if all is well.

    python -m tests.fuzz [--runs 1000000] [target…]

What broke a promise is left in tests/fuzz/corpus/TARGET as `crash-…`: mend the fault, and keep it under a name that
says what it showed. Atheris is built for Linux on x86-64 alone.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from subprocess import PIPE, STDOUT

CORPUS = Path(__file__).with_name("corpus")
MAX_LEN = 4096
TIMEOUT_SECONDS = 10
"""For one input: what takes longer hangs."""

MAX_RSS_MB = 1024
SEED = 1

SLOW = {"streams": 10, "patterns": 10}
"""So many inputs of the others take as long as one of these: it is a hundred chunks, or its steps are counted."""

NAMES = ("datagrams", "streams", "patterns", "websockets", "arguments")
BY_STRUCTURE = {"datagrams", "streams"}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--inside", choices=NAMES, help=argparse.SUPPRESS)
    parser.add_argument("targets", nargs="*", metavar="target", help=f"one of {', '.join(NAMES)}")
    options = parser.parse_args()
    if options.inside:
        _fuzz(options.inside, options.runs, options.seed)
    names = options.targets or NAMES
    return max([_watched(name, options.runs // SLOW.get(name, 1), options.seed) for name in names])


def _watched(name: str, runs: int, seed: int) -> int:
    """One target in a process of its own, which atheris ends."""
    command = [sys.executable, "-m", "tests.fuzz", "--inside", name, "--runs", str(runs), "--seed", str(seed)]
    since = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="fuzz") as folder:
        environ = os.environ | {"TMPDIR": folder}  # libFuzzer ends the process before it can remove anything
        process = subprocess.Popen(command, stdout=PIPE, stderr=STDOUT, env=environ, text=True, errors="replace")
        said, _ = process.communicate()
    seconds = time.monotonic() - since
    found = re.findall(r"^fuzzed .*", said, re.MULTILINE)
    if process.returncode or not found:
        print(said[-6000:])
    reached = re.findall(r"cov: (\d+) .*?rss: (\d+)Mb", said) or [("?", "?")]
    (edges, last_mb), (_, early_mb) = reached[-1], reached[len(reached) // 10]
    print(f"{name}: {found[-1] if found else 'FAILED'}, {seconds:.0f} s, {runs / seconds:.0f} a second; "
          f"{edges} edges reached; {last_mb} MB, {early_mb} MB early on", flush=True)  # fmt: skip
    return process.returncode


def _fuzz(name: str, runs: int, seed: int) -> None:
    """Never returns: libFuzzer ends the process."""
    import atheris  # noqa: PLC0415 - only `make fuzz` installs it

    with atheris.instrument_imports(include=["showctl.osc", "showctl.web", "showctl.conductor", "showctl.model"]):
        from tests.fuzz import mutator  # noqa: PLC0415 - what these import is to be instrumented
        from tests.fuzz.targets import TARGETS  # noqa: PLC0415

    folder = Path(tempfile.mkdtemp(prefix="fuzz"))
    target = TARGETS[name](folder)

    def one(given: bytes) -> None:
        target(given)
        if target.inputs == runs:
            target.close()
            print(f"fuzzed {target.inputs} inputs, {target.world.packets} packets, {target.chunks} chunks", flush=True)

    (folder / "new").mkdir()
    arguments = [
        sys.argv[0],
        f"-runs={runs}",
        f"-max_len={MAX_LEN}",
        f"-timeout={TIMEOUT_SECONDS}",
        f"-rss_limit_mb={MAX_RSS_MB}",
        f"-seed={seed}",
        f"-artifact_prefix={CORPUS / name}/",
        str(folder / "new"),
        str(CORPUS / name),
    ]

    def mutated(given: bytes, max_size: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if dice.random() < 0.5:
            return bytes(atheris.Mutate(given, max_size))
        return mutator.mutated(given, dice, name)[:max_size]

    atheris.Setup(arguments, one, custom_mutator=mutated if name in BY_STRUCTURE else None)
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())

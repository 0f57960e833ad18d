#!/usr/bin/env bash
# Usage: tools/lock.sh [--upgrade]
# Writes requirements.lock (what the service needs, and the build backend), and requirements-dev.lock,
# requirements-bench.lock and requirements-fuzz.lock (what those groups add), for every platform and Python from 3.11
# on, with hashes.
set -euo pipefail
cd "$(dirname "$0")/.."

.venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.7'

compile() {
    .venv/bin/python -m uv --no-config --quiet pip compile --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' "$@"
}

compile "$@" pyproject.toml --group build -o requirements.lock
compile "$@" --group dev -c requirements.lock -o requirements-dev.lock
compile "$@" --group bench -c requirements.lock -c requirements-dev.lock -o requirements-bench.lock
compile "$@" --group fuzz -c requirements.lock -c requirements-dev.lock -o requirements-fuzz.lock

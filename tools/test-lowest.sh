#!/usr/bin/env bash
# Runs the tests with the oldest versions that pyproject.toml allows and that have wheels for this Python,
# in a virtual environment of its own that is thrown away.
set -euo pipefail
cd "$(dirname "$0")/.."

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python=$folder/venv/bin/python

.venv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.7'
uv() { .venv/bin/python -m uv --no-config --quiet "$@"; }

uv venv --python .venv/bin/python "$folder/venv"
uv pip compile --python "$python" --resolution lowest-direct --only-binary :all: pyproject.toml --group dev \
    -o "$folder/lowest.txt" >/dev/null
uv pip sync --python "$python" "$folder/lowest.txt"
uv pip install --python "$python" --no-deps .
"$python" -m pytest "$@"

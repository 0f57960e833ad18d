"""What is fuzzed, for the tests that throw something at it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fuzz.targets import TARGETS, Target


@pytest.fixture(scope="module")
def targets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Target]]:
    made = {name: target(tmp_path_factory.mktemp(name)) for name, target in TARGETS.items()}
    yield made
    for target in made.values():
        target.close()

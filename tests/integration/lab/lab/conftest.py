from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaos_runner.lab.lifecycle import lab
from chaos_runner.lab.spec import LabSpec

NAME = "lab-of-tests"


def ignore(_who: str, _what: str) -> None:
    """Take a lab's progress and say nothing."""


@pytest.fixture
def spec() -> Iterator[LabSpec]:
    """Give the spec of a small lab beside any other; it is gone afterwards, however it ends."""
    hosts = [{"name": name, "backend": "container"} for name in ("one", "two")]
    lab.down(NAME, ignore)
    yield LabSpec.model_validate({"name": NAME, "kafka": False, "hosts": hosts})
    lab.down(NAME, ignore)

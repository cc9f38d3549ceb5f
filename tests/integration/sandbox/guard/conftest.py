"""A host for each test of the guard: namespaces, so these tests need no lab."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.integration.sandbox.guard.sandbox import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    host = Sandbox()
    try:
        yield host
    finally:
        host.close()

"""A fresh host with a systemd for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.integration.sandbox.service.sandbox import SystemdHost


@pytest.fixture
def host() -> Iterator[SystemdHost]:
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    host = SystemdHost()
    yield host
    host.close()

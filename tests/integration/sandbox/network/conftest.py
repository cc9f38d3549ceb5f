"""One host for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tests.integration.sandbox.network.two_cards import TwoCards


@pytest.fixture
def host() -> Iterator[TwoCards]:
    """Make a host with two cards, and end whatever ran on it."""
    if os.geteuid() != 0:
        pytest.fail("this needs root for namespaces; `scripts/test unit golden` runs the others")
    made = TwoCards()
    try:
        yield made
    finally:
        made.close()

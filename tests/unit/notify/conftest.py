"""Receivers for the tests of messages, each on a port of its own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from chaos_runner.notify.receivers import VARIABLE
from tests.unit.notify.local_receivers import Mailbox, Webhook, mailbox, webhook


@pytest.fixture(autouse=True)
def nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """Name no receiver that a test does not name itself."""
    monkeypatch.delenv(VARIABLE, raising=False)


@pytest.fixture
def hook() -> Iterator[Webhook]:
    with webhook() as listening:
        yield listening


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as listening:
        yield listening

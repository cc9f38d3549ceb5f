"""Journals that are closed when a test ends."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chaos_runner.journal.events import Event
from chaos_runner.journal.journal import Journal

OpenJournal = Callable[[Callable[[Event], None]], Journal]


@pytest.fixture
def open_journal(tmp_path: Path) -> Iterator[OpenJournal]:
    """Return a function that opens the journal of a run with an observer."""
    opened: list[Journal] = []

    def open_one(observe: Callable[[Event], None]) -> Journal:
        journal = Journal(tmp_path / "run", observe)
        opened.append(journal)
        return journal

    yield open_one
    for journal in opened:
        journal.close()

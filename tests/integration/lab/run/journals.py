"""Read journals in tests."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from chaos_runner.journal.events import EVENT

SomeEvent = TypeVar("SomeEvent")


def events_of(journal: Path | str, kind: type[SomeEvent]) -> list[SomeEvent]:
    """Return the events of one type, in the order they were written."""
    lines = Path(journal).read_text(encoding="utf-8").splitlines()
    events = [EVENT.validate_json(line) for line in lines]
    return [event for event in events if isinstance(event, kind)]

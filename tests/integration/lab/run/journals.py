"""Read journals in tests."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from chaos_runner.journal.events import EVENT

SomeEvent = TypeVar("SomeEvent")


def events_of(journal: Path | str, kind: type[SomeEvent]) -> list[SomeEvent]:
    """Return the events of one type, in the order they were written.

    The run may be writing a line at this moment; what has no end yet is left out.
    """
    whole, _, _ = Path(journal).read_text(encoding="utf-8").rpartition("\n")
    events = [EVENT.validate_json(line) for line in whole.splitlines()]
    return [event for event in events if isinstance(event, kind)]

"""Where a game day stands, from its journal alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chaos_runner.gameday.events import (
    Aborted,
    AnyGameDayEvent,
    DayFinished,
    Decided,
    ItemFinished,
    RunBegan,
    RunEnded,
    RunRefused,
)


@dataclass(frozen=True)
class Progress:
    """Which items are over, what is on, and what was said since."""

    over: frozenset[int] = frozenset()
    """Items that are finished, or were left out."""
    open_run: RunBegan | None = None
    """A run that began and of which no end is known."""
    refused: RunRefused | None = None
    """Why the experiment that is asked about did not begin."""
    aborted: Aborted | None = None
    """An abort since the last decision."""
    is_finished: bool = False


def progress_of(events: Iterable[AnyGameDayEvent], questions: Iterable[int]) -> Progress:
    """Return where a day stands; `questions` are the items for which a no-go stops the day."""
    over: set[int] = set()
    open_run, refused, aborted, finished = None, None, None, False
    stopping = frozenset(questions)
    for event in events:
        match event:
            case Decided(item=item, decision=decision):
                aborted = refused = None
                if decision == "no-go" and item not in stopping:
                    over.add(item)
            case ItemFinished(item=item):
                over.add(item)
            case RunBegan():
                open_run, refused = event, None
            case RunEnded(item=item):
                over.add(item)
                open_run = None
            case RunRefused():
                open_run, refused = None, event
            case Aborted():
                aborted = event
            case DayFinished():
                finished = True
    return Progress(frozenset(over), open_run, refused, aborted, finished)

"""What a monkey has done so far: its journal, folded. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from chaos_runner.schedule.history import History, PastRun
from chaos_runner.schedule.monkey_events import (
    Announced,
    Begun,
    Ended,
    FindingMade,
    MonkeyEvent,
    Released,
    Skipped,
    Started,
)
from chaos_runner.shown import as_argument

Due = tuple[str, datetime]
"""An occurrence: the name of its experiment, and when it is due."""
NOT_CLEAN = 10
"""The exit code of a run that left a host dirty or unknown."""


@dataclass
class Progress:
    """Where a monkey stands."""

    seen_until: datetime | None = None
    """From when on occurrences are still to be looked at; None before the first start."""
    dealt_with: set[Due] = field(default_factory=set)
    """Occurrences that were begun or skipped: they never come again."""
    announced: set[Due] = field(default_factory=set)
    runs: dict[str, PastRun] = field(default_factory=dict)
    """By their ids, in the order in which they began."""
    unfinished: Begun | None = None
    """The last run, where nothing says how it ended."""
    deviated: dict[str, Ended] = field(default_factory=dict)
    """By experiment: the run that deviated since it was last released."""
    not_clean: Ended | None = None
    """The run that left a host not clean, until its experiment is released."""
    findings: dict[str, str] = field(default_factory=dict)
    """By run: the finding made of it."""


def progress_of(events: Iterable[MonkeyEvent]) -> Progress:
    """Return where a monkey stands after these events."""
    progress = Progress()
    for event in events:
        match event:
            case Started():
                progress.seen_until = progress.seen_until or event.at
            case Announced():
                progress.announced.add((event.experiment, event.due))
            case Skipped():
                _deal_with(progress, event)
            case Begun():
                _begin(progress, event)
            case Ended():
                _end(progress, event)
            case FindingMade():
                progress.findings[event.run] = event.finding
            case Released():
                progress.deviated.pop(event.experiment, None)
                if progress.not_clean and progress.not_clean.experiment == event.experiment:
                    progress.not_clean = None
            case _:
                pass  # that it stopped decides nothing
    return progress


def _deal_with(progress: Progress, event: Begun | Skipped) -> None:
    progress.dealt_with.add((event.experiment, event.due))
    # One may be skipped before its time, where it could not be announced: others come until then.
    if progress.seen_until is None or progress.seen_until < event.due <= event.at:
        progress.seen_until = event.due


def _begin(progress: Progress, event: Begun) -> None:
    _deal_with(progress, event)
    progress.unfinished = event
    progress.runs[event.run] = PastRun(
        event.experiment,
        event.at,
        event.expected_end,
        frozenset(event.groups),
        frozenset(event.hosts),
    )


def _end(progress: Progress, event: Ended) -> None:
    begun = progress.runs.get(event.run)
    if begun is not None:
        progress.runs[event.run] = PastRun(
            begun.experiment, begun.begin, event.at, begun.groups, begun.hosts, event.outage
        )
    if progress.unfinished is not None and progress.unfinished.run == event.run:
        progress.unfinished = None
    if event.verdict == "deviated":
        progress.deviated[event.experiment] = event
    if event.exit_code == NOT_CLEAN:
        progress.not_clean = event


def schedule_history(progress: Progress, is_released: Callable[[str], bool]) -> History:
    """Return what decides on what comes next: the runs so far, and what is held back."""
    held = {
        name: (
            f"{ended.run} deviated; it comes again when its finding is closed, or after "
            f"`chaos-runner monkey --release {as_argument(name)}`"
        )
        for name, ended in progress.deviated.items()
        if not is_released(ended.run)
    }
    all_held = ""
    if (left := progress.not_clean) is not None:
        all_held = (
            f"{left.run} left a host that is not clean; `chaos-runner recover`, and then "
            f"`chaos-runner monkey --release {as_argument(left.experiment)}`"
        )
    return History(tuple(progress.runs.values()), held, all_held, progress.dealt_with)

"""Tell which faults a run's journal says were put on hosts and never proved to be off again."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.journal.events import Event, FaultApplied, FaultIntended, HostVerified
from chaos_runner.journal.journal import journals_in
from chaos_runner.journal.reader import read_journal, readable_events


def owed_by(run: str, runs_directory: Path) -> dict[str, set[str]] | None:
    """Return host to faults, or None where there is no journal of the run here.

    Of a journal with torn lines the others count, and what was to be put on may have been. One of
    which nothing can be read is none. Raises UsageError when it cannot be opened.
    """
    journal = journals_in(runs_directory).get(run)
    if journal is None:
        return None
    try:
        read = read_journal(journal)
    except UsageError:
        events = list(readable_events(journal))
        intended = [
            FaultApplied(fault=each.fault, host=each.host, at=each.at, lease=0, fingerprint="")
            for each in events
            if isinstance(each, FaultIntended)
        ]
        return still_owed([*intended, *events]) if events else None
    return still_owed((*read.events, *read.recoveries))


def still_owed(events: Iterable[Event]) -> dict[str, set[str]]:
    """Return host to the faults that were applied there after it was last proved clean.

    A run that goes on after `halt` and `resume` may put faults on that no recovery has seen.
    """
    owed: dict[str, set[str]] = {}
    for event in sorted(events, key=lambda each: each.at):
        match event:
            case FaultApplied(host=host, fault=fault):
                owed.setdefault(host, set()).add(fault)
            case HostVerified(host=host, state="clean"):
                owed.pop(host, None)
    return owed

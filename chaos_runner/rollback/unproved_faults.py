"""Tell which faults a run's journal says were put on hosts and never proved to be off again."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.journal.events import Event, FaultApplied, HostVerified
from chaos_runner.journal.journal import journals_in
from chaos_runner.journal.reader import read_journal


def owed_by(run: str, runs_directory: Path) -> dict[str, set[str]] | None:
    """Return host to faults, or None where there is no journal of the run here.

    Raises UsageError when the journal cannot be read.
    """
    journal = journals_in(runs_directory).get(run)
    if journal is None:
        return None
    read = read_journal(journal)
    return still_owed((*read.events, *read.recoveries))


def still_owed(events: tuple[Event, ...]) -> dict[str, set[str]]:
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

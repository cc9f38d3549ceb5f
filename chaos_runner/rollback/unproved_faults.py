"""Tell which faults journals say were put on hosts and never proved to be off again."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from chaos_runner.errors import UsageError
from chaos_runner.fleet.guard_answers.answer import OVER
from chaos_runner.journal.ending import exit_code_at_end
from chaos_runner.journal.events import (
    Event,
    FaultApplied,
    FaultIntended,
    HostChecked,
    HostVerified,
    RunStarted,
)
from chaos_runner.journal.journal import journals_in, recovery_files
from chaos_runner.journal.lines import LARGEST_JOURNAL, lines_of
from chaos_runner.journal.parser import parse_lines
from chaos_runner.journal.reader import MOST_RECOVERIES, read_journal, read_start, readable_events

Owed = Mapping[str, Mapping[str, str]]
"""Host to the faults that were put on it and never proved to be off, each with its run."""
_ALL_CLEAN = frozenset({0, 1, 3, 4, 5, 130, 143})
"""The exit codes of runs that proved every host clean: 10 wins over all of them."""
_TELLS = re.compile(rb'"event":"(fault_applied|host_verified|host_checked)"')
_WITHIN = 300
"""Bytes at the begin of a line, in which a journal has what the line is about."""
_IS_OVER = re.compile(rb'"phase":"(' + "|".join(sorted(OVER)).encode() + rb')"')
"""What a look at a host before a later run has where it tells of faults that are over."""


def owed_by(run: str, runs_directory: Path) -> Owed | None:
    """Return what is owed of a run, or None where there is no journal of it here.

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
        return still_owed((run, each) for each in (*intended, *events)) if events else None
    return still_owed((run, each) for each in (*as_written(read.events), *read.recoveries))


def owed_here(
    runs_directory: Path,
    is_of_this_fleet: Callable[[RunStarted], bool],
    report: Callable[[str], None],
) -> Owed:
    """Return what is owed of every run in a directory that was on the fleet in question.

    A run of which the beginning is torn may have been on it. `report` gets a line for each journal
    that cannot be read.
    """
    journals = journals_in(runs_directory)
    told: dict[str, list[Event]] = {}
    for run, journal in journals.items():
        try:
            if exit_code_at_end(journal) not in _ALL_CLEAN:
                told[run] = list(_of_hosts(journal))
        except (UsageError, OSError) as error:
            report(f"what run {run} has put on hosts is not known: {error}")
    owed = _owed_of(told)
    if owed:  # the other runs may have found that it is over
        for run, journal in journals.items():
            if run not in told:
                with suppress(UsageError, OSError):  # it is told, or proves nothing
                    told[run] = list(_of_hosts(journal))
        owed = _owed_of(told)
    runs = {run for faults in owed.values() for run in faults.values()}
    ours = {run for run in runs if _started_on(journals[run], is_of_this_fleet)}
    return {
        host: of_ours
        for host, faults in owed.items()
        if (of_ours := {fault: run for fault, run in faults.items() if run in ours})
    }


def _owed_of(told: Mapping[str, Iterable[Event]]) -> Owed:
    return still_owed((run, event) for run, events in told.items() for event in events)


def as_written(events: Iterable[Event]) -> Iterator[Event]:
    """Yield the events of one file, whose moments never go back: a clock may have been set."""
    latest: datetime | None = None
    for event in events:
        latest = event.at if latest is None else max(latest, event.at)
        yield event if event.at == latest else event.model_copy(update={"at": latest})


def still_owed(told: Iterable[tuple[str, Event]]) -> Owed:
    """Return what was applied on hosts after its run last proved them clean.

    `told` is events, each with the run whose journal has it. A run that goes on after `halt` and
    `resume` may put faults on that no recovery has seen. A later run that looked at the host, found
    nothing there and heard from it that the fault is over, has proved that, too.
    """
    on: dict[tuple[str, str], set[str]] = {}
    """Run and host to the faults that may still be on."""
    for run, event in sorted(told, key=lambda each: each[1].at):
        match event:
            case FaultApplied(host=host, fault=fault):
                on.setdefault((run, host), set()).add(fault)
            case HostVerified(host=host, state="clean"):
                on.pop((run, host), None)
            case HostChecked(host=host, facts=facts) if not (facts.residue or facts.problems):
                for known in facts.faults:
                    if known.phase in OVER:
                        on.get((known.run, host), set()).discard(known.fault)
    owed: dict[str, dict[str, str]] = {}
    for (run, host), faults in on.items():
        if faults:
            owed.setdefault(host, {}).update(dict.fromkeys(faults, run))
    return owed


def _of_hosts(journal: Path) -> Iterator[Event]:
    """Yield what a journal, and recoveries beside it, tell of hosts; torn lines are left out."""
    for file in (journal, *recovery_files(journal.parent)[:MOST_RECOVERIES]):
        yield from as_written(_of_hosts_in(file))


def _of_hosts_in(file: Path) -> Iterator[Event]:
    for line in lines_of(file, LARGEST_JOURNAL):
        about = _TELLS.search(line, 0, _WITHIN)
        if about and (about[1] != b"host_checked" or _IS_OVER.search(line)):
            with suppress(UsageError):
                yield from parse_lines([line], str(file)).events


def _started_on(journal: Path, is_of_this_fleet: Callable[[RunStarted], bool]) -> bool:
    try:
        return is_of_this_fleet(read_start(journal))
    except UsageError:
        return True

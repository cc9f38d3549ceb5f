"""What comes back over the runs of a workspace, and what was not looked at. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from chaos_runner.learning.diagnosis.cause import usual_causes
from chaos_runner.learning.findings.files import WrittenFinding
from chaos_runner.learning.history.facts import RunFacts

STALE_DAYS = 30
MOST_NAMED = 10
"""Entries of each list."""
_Parts = tuple[set[str], set[str]]
"""Everything of one sort that a run had, and that of which it deviated."""


@dataclass(frozen=True)
class Recurring:
    """Something of which several runs deviated."""

    what: str
    deviated: int
    runs: int
    """All runs with it that reached a verdict."""


@dataclass(frozen=True)
class Insights:
    """What comes back, what is late, and what was not tried."""

    faults: tuple[Recurring, ...]
    targets: tuple[Recurring, ...]
    tolerances: tuple[Recurring, ...]
    causes: tuple[Recurring, ...]
    overdue: tuple[WrittenFinding, ...]
    stale: tuple[tuple[str, date], ...]
    """Experiments that did not run for long, with the day of their last run."""
    never_tried: tuple[str, ...]
    """Fault kinds of the catalogue."""


def insights_of(
    runs: Sequence[RunFacts],
    findings: Iterable[WrittenFinding],
    kinds: Iterable[str],
    today: date,
    stale_days: int = STALE_DAYS,
) -> Insights:
    """Return what the runs and findings of a workspace say together; `kinds` is the catalogue."""
    tried = [run for run in runs if run.kind == "run"]
    judged = [run for run in tried if run.verdict in ("held", "deviated")]
    last: dict[str, date] = {}
    for run in tried:
        if run.experiment:
            last[run.experiment] = max(last.get(run.experiment, date.min), run.started.date())
    applied = {fault.kind for run in tried for fault in run.details.faults}
    return Insights(
        faults=_recurring(judged, _kinds),
        targets=_recurring(judged, _targets),
        tolerances=_recurring(judged, _tolerances),
        causes=_recurring(judged, _causes),
        overdue=tuple(each for each in findings if each.finding.is_overdue(today)),
        stale=tuple(
            (name, day)
            for name, day in sorted(last.items(), key=lambda each: each[1])
            if (today - day).days > stale_days
        ),
        never_tried=tuple(sorted(set(kinds) - applied)),
    )


def _kinds(run: RunFacts) -> _Parts:
    kinds = {fault.kind for fault in run.details.faults}
    return kinds, kinds if run.verdict == "deviated" else set()


def _targets(run: RunFacts) -> _Parts:
    targets = {host for fault in run.details.faults for host in fault.targets}
    return targets, targets if run.verdict == "deviated" else set()


def _tolerances(run: RunFacts) -> _Parts:
    return {each.tolerance for each in run.details.judged}, {
        each.tolerance for each in run.details.deviated
    }


def _causes(run: RunFacts) -> _Parts:
    known = usual_causes()
    found = {known[name].title for name in run.details.causes if name in known}
    return found, found


def _recurring(
    runs: Iterable[RunFacts], parts: Callable[[RunFacts], _Parts]
) -> tuple[Recurring, ...]:
    """Return of what at least two runs deviated, the most often first."""
    seen: Counter[str] = Counter()
    bad: Counter[str] = Counter()
    for run in runs:
        all_of, deviated = parts(run)
        seen.update(all_of)
        bad.update(deviated)
    found = [Recurring(what, times, seen[what]) for what, times in bad.items() if times > 1]
    return tuple(sorted(found, key=lambda each: (-each.deviated, each.what))[:MOST_NAMED])

"""A resilience score that anybody can work out again by hand. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Literal

from chaos_runner.learning.findings.files import WrittenFinding
from chaos_runner.learning.history.facts import JudgedTolerance, RunFacts

FRESH_DAYS = 30
"""For so long the result of a run counts in full."""
RECENT_DAYS = 90
"""Days over which runs are counted."""
HALF = 0.5
"""Points of a result that is older, and what each overdue finding takes away."""
Result = Literal["held", "deviated", "unclear"]


@dataclass(frozen=True)
class TestedExperiment:
    """One experiment: what its newest run said, and how often it was run."""

    name: str
    title: str
    result: Result
    day: date
    """Of the newest run that held or deviated; of the newest where none did."""
    recent_runs: int
    deviations: tuple[JudgedTolerance, ...]
    recovers: float | None
    """Seconds: the median time to recover of the recent runs that held."""
    points: float


@dataclass(frozen=True)
class Score:
    """The points of each experiment, less those of overdue findings, as a share of 100."""

    experiments: tuple[TestedExperiment, ...]
    overdue: int

    @property
    def value(self) -> int | None:
        """Return 0 to 100; None without an experiment."""
        if not self.experiments:
            return None
        points = sum(each.points for each in self.experiments) - HALF * self.overdue
        return max(0, round(100 * points / len(self.experiments)))

    @property
    def sum(self) -> str:
        """Return how it is worked out: `(1 + 0.5 + 0 - 1 × 0.5) / 3 × 100`."""
        points = " + ".join(f"{each.points:g}" for each in self.experiments)
        less = f" - {self.overdue} × {HALF:g}" if self.overdue else ""
        return f"({points}{less}) / {len(self.experiments)} × 100"


def score_of(runs: Sequence[RunFacts], findings: Iterable[WrittenFinding], today: date) -> Score:
    """Return the score of a workspace on a day."""
    by_name: dict[str, list[RunFacts]] = {}
    for run in sorted(runs, key=lambda each: each.started):
        if run.kind == "run" and run.experiment:
            by_name.setdefault(run.experiment, []).append(run)
    experiments = tuple(_tested(name, own, today) for name, own in sorted(by_name.items()))
    return Score(experiments, sum(each.finding.is_overdue(today) for each in findings))


def _tested(name: str, runs: Sequence[RunFacts], today: date) -> TestedExperiment:
    judged = [run for run in runs if run.verdict in ("held", "deviated")]
    newest = judged[-1] if judged else runs[-1]
    recent = [run for run in runs if (today - run.started.date()).days <= RECENT_DAYS]
    times = [
        run.details.figures["recover"].value
        for run in recent
        if run.verdict == "held" and "recover" in run.details.figures
    ]
    result: Result = "unclear"
    if judged:
        result = "held" if newest.verdict == "held" else "deviated"
    age = (today - newest.started.date()).days
    points = 0.0 if result != "held" else 1.0 if age <= FRESH_DAYS else HALF
    return TestedExperiment(
        name=name,
        title=newest.details.title,
        result=result,
        day=newest.started.date(),
        recent_runs=len(recent),
        deviations=newest.details.deviated if result == "deviated" else (),
        recovers=median(times) if times else None,
        points=points,
    )

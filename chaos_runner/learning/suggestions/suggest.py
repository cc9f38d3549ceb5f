"""Everything to suggest for a workspace, the most pressing first. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from chaos_runner.faults.kind import FaultKind
from chaos_runner.learning.findings.files import WrittenFinding
from chaos_runner.learning.history.facts import RunFacts
from chaos_runner.learning.suggestions.of_the_cluster import of_groups, of_leaders, of_topics
from chaos_runner.learning.suggestions.of_the_racks import of_racks
from chaos_runner.learning.suggestions.suggestion import Suggestion, Written, first_try
from chaos_runner.measurements.cluster_layout import ClusterLayout

STALE_DAYS = 30


@dataclass(frozen=True)
class Known:
    """What a workspace knows."""

    runs: Sequence[RunFacts]
    findings: Sequence[WrittenFinding]
    kinds: Mapping[str, type[FaultKind]]
    layout: ClusterLayout | None
    """Of the newest run that knows it."""
    layout_run: str
    """That run's id."""
    groups: Sequence[str]
    """Consumer groups that newest runs saw affected."""
    judged_groups: frozenset[str]
    """Those whose lag or status some experiment judges."""
    experiments: Mapping[str, Written]
    """The newest form of each experiment, by its name."""


def suggestions(known: Known, today: date) -> list[Suggestion]:
    """Return what to try next: what is due, what looks uneasy, what was never tried."""
    return [
        *_due_findings(known, today),
        *_uneasy(known),
        *_stale(known, today),
        *_never_tried(known),
    ]


def _due_findings(known: Known, today: date) -> Iterator[Suggestion]:
    for each in known.findings:
        finding = each.finding
        late = finding.is_overdue(today)
        if finding.experiment not in known.experiments:
            continue
        if finding.state == "to be verified" or late:
            why = "is past its date" if late else "is fixed, and no run has shown it yet"
            yield Suggestion(
                f"verify the finding {each.name}",
                (f"{finding.title}: {why}",),
                dict(known.experiments[finding.experiment]),
            )


def _uneasy(known: Known) -> Iterator[Suggestion]:
    found: list[Suggestion] = []
    if known.layout is not None:
        found += [
            *of_topics(known.layout),
            *of_leaders(known.layout),
            *of_racks(known.layout),
        ]
    found += of_groups(known.groups, known.judged_groups)
    source = (f"as run {known.layout_run} saw the cluster",) if known.layout_run else ()
    for each in found:
        yield Suggestion(each.what, (*each.evidence, *source), each.experiment)


def _stale(known: Known, today: date) -> Iterator[Suggestion]:
    last: dict[str, date] = {}
    for run in known.runs:
        if run.kind == "run" and run.experiment:
            last[run.experiment] = max(last.get(run.experiment, date.min), run.started.date())
    for name, day in sorted(last.items(), key=lambda each: each[1]):
        if (today - day).days > STALE_DAYS and name in known.experiments:
            yield Suggestion(
                f"run {name} again",
                (f"its last run was on {day}",),
                dict(known.experiments[name]),
            )


def _never_tried(known: Known) -> Iterator[Suggestion]:
    tried = {fault.kind for run in known.runs for fault in run.details.faults if run.kind == "run"}
    for name, kind in known.kinds.items():
        experiment = None if name in tried else first_try(name, kind)
        if experiment is not None:
            runs = len(known.runs)
            yield Suggestion(
                f"try {name}",
                (f"{kind.title()} None of {runs} runs here had it",),
                experiment,
            )

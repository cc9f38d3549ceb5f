"""The findings that a report shows: of its experiment, and of all others those past their date."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from chaos_runner.learning.findings.model import Finding
from chaos_runner.report.story.findings import ReportedFinding
from chaos_runner.report.story.model import RunStory


def reported_findings(story: RunStory, directory: Path, today: date) -> tuple[ReportedFinding, ...]:
    """Return the findings of the experiment, overdue ones first, then the overdue ones of others.

    What cannot be read is left out here; `chaos-runner findings` says what is wrong with it.
    """
    from chaos_runner.learning.findings.files import read_findings
    from chaos_runner.learning.findings.model import URGENCIES
    from chaos_runner.learning.history.facts import experiment_name

    name = experiment_name(story.experiment_file) if story.experiment_file else ""
    shown = [
        written.finding
        for written in read_findings(directory).findings
        if written.finding.experiment == name or written.finding.is_overdue(today)
    ]
    shown.sort(
        key=lambda each: (
            each.experiment != name,
            not each.is_overdue(today),
            URGENCIES.index(each.urgency),
        )
    )
    return tuple(_reported(finding, today, name) for finding in shown)


def _reported(finding: Finding, today: date, experiment: str) -> ReportedFinding:
    directions = "; ".join(each.direction for each in finding.hypotheses)
    return ReportedFinding(
        title=finding.title,
        urgency=finding.urgency,
        state=finding.state,
        owner=finding.owner,
        next_step=finding.fix.what if finding.fix else f"to be tested: {directions}",
        due=finding.fix.by if finding.fix else None,
        is_overdue=finding.is_overdue(today),
        experiment="" if finding.experiment == experiment else finding.experiment,
    )

"""Findings: made from a run, listed, changed, and verified by the newest runs."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from chaos_runner.learning.findings.files import FoundFindings, WrittenFinding
    from chaos_runner.learning.findings.model import Finding, Fix, Hypothesis, Urgency
    from chaos_runner.learning.findings.review import Review
    from chaos_runner.learning.history.facts import RunFacts
    from chaos_runner.learning.history.index import History


MOST_HYPOTHESES = 3
"""That a finding is prefilled with: those of the best fitting causes."""


def today() -> date:
    """Return the day it is in UTC, as journals count."""
    return datetime.now(UTC).date()


def drafted_finding(
    run: RunFacts,
    *,
    title: str | None = None,
    urgency: Urgency | None = None,
    owner: str | None = None,
    fix: Fix | None = None,
    hypotheses: list[Hypothesis] | None = None,
) -> Finding:
    """Return a finding that a run shows, with what is given in place of what it suggests.

    Raises UsageError where a value cannot be used, or the run does not say whose experiment it is.
    """
    from pydantic import ValidationError

    from chaos_runner.errors import UsageError
    from chaos_runner.learning.findings.files import HINT
    from chaos_runner.learning.findings.model import Finding
    from chaos_runner.learning.findings.proposal import evidence_of, title_of, urgency_of
    from chaos_runner.yaml_input.document import Document
    from chaos_runner.yaml_input.validation_errors import explain

    if not run.experiment:
        raise UsageError(
            f"the run {run.run} is of no experiment file, so nothing could verify a finding of it",
            "run an experiment that shows it, and make the finding of that run",
        )
    data = {
        "title": title or title_of(run),
        "urgency": urgency or urgency_of(run),
        "state": "fixing" if fix else "open",
        "owner": owner or run.details.owner,
        "experiment": run.experiment,
        "evidence": [each.model_dump() for each in evidence_of(run)],
        "fix": fix.model_dump() if fix else None,
        "hypotheses": [each.model_dump() for each in hypotheses or []],
    }
    try:
        return Finding.model_validate(data)
    except ValidationError as error:
        problems = explain(error, Finding, Document())
        lines = [f"{each.key}: {each.text}" if each.key else each.text for each in problems]
        raise UsageError("\n".join(lines), HINT) from None


def usual_hypotheses(run: RunFacts) -> list[Hypothesis]:
    """Return what the best fitting causes of a run's diagnosis suggest; none where none fits."""
    from chaos_runner.learning.diagnosis.cause import usual_causes
    from chaos_runner.learning.findings.model import Hypothesis

    table = usual_causes()
    causes = [table[name] for name in run.details.causes[:MOST_HYPOTHESES] if name in table]
    return [
        Hypothesis(direction=each.remedy, cost=each.cost, effect=each.effect, test=each.test)
        for each in causes
    ]


def add_finding(directory: Path, finding: Finding) -> WrittenFinding:
    """Write a finding to a file of its own, and return it."""
    from chaos_runner.learning.findings.files import create_finding

    return create_finding(directory, finding)


def findings_in(directory: Path) -> FoundFindings:
    """Return the findings of a directory, and the mistakes of those that cannot be read."""
    from chaos_runner.learning.findings.files import read_findings

    return read_findings(directory)


def same_evidence(found: FoundFindings, finding: Finding) -> list[str]:
    """Return the names of the findings that have a run of a new one as evidence already."""
    runs = {each.run for each in finding.evidence}
    return [
        each.name for each in found.findings if runs & {one.run for one in each.finding.evidence}
    ]


def close_finding(written: WrittenFinding) -> WrittenFinding:
    """Write down that a finding is fixed, and waits for a run that shows it."""
    from chaos_runner.learning.findings.files import edit_finding

    return edit_finding(written, {"state": "to be verified", "accepted": None})


def accept_finding(written: WrittenFinding, reason: str, who: str) -> WrittenFinding:
    """Write down who lives with a finding as it is, and why; raise UsageError for a bad line."""
    from pydantic import ValidationError

    from chaos_runner.errors import UsageError
    from chaos_runner.learning.findings.files import edit_finding
    from chaos_runner.learning.findings.model import AcceptedRisk

    try:
        accepted = AcceptedRisk(reason=reason, who=who, day=today())
    except ValidationError:
        raise UsageError("the reason has to be one printable line, at most 300 long") from None
    return edit_finding(
        written, {"state": "accepted risk", "accepted": accepted.model_dump(mode="json")}
    )


def reviews(found: FoundFindings, history: History) -> dict[str, Review]:
    """Return what the newest runs say of each finding, by its name."""
    from chaos_runner.learning.findings.review import review

    return {each.name: review(each.finding, history.runs) for each in found.findings}


def apply_review(written: WrittenFinding, review: Review) -> WrittenFinding | None:
    """Write down that a finding is verified, or open again; None where nothing is to change."""
    from chaos_runner.learning.findings.files import edit_finding
    from chaos_runner.learning.findings.review import observed_in, shown_again

    if review.run is None:
        return None
    if review.advice == "verify":
        verified = {
            "run": review.run.run,
            "day": review.run.started.date().isoformat(),
            "observed": observed_in(written.finding, review.run),
        }
        return edit_finding(written, {"state": "verified", "verified": verified, "accepted": None})
    if review.advice == "reopen":
        evidence = [
            each.model_dump(mode="json") for each in shown_again(written.finding, review.run)
        ]
        return edit_finding(written, {"state": "open", "verified": None, "evidence": evidence})
    return None

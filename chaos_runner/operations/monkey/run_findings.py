"""The findings of runs that deviated under a monkey: made, found again, and closed."""

from __future__ import annotations

from pathlib import Path

CLOSED = frozenset({"to be verified", "verified", "accepted risk"})
"""States of a finding in which its experiment may come again: `to be verified` waits for it."""


def is_released(findings: Path, run: str) -> bool:
    """Tell whether every finding of a run is closed, and there is one."""
    from chaos_runner.operations.findings import findings_in

    states = [
        each.finding.state
        for each in findings_in(findings).findings
        if any(evidence.run == run for evidence in each.finding.evidence)
    ]
    return bool(states) and set(states) <= CLOSED


def finding_of(run: str, findings: Path, runs: Path, owner: str) -> str:
    """Write a finding of a run, or find the one there is; return its name.

    `owner` answers for it where the experiment names nobody. Raises UsageError where the run's
    journal cannot be read, or the finding cannot be written.
    """
    from chaos_runner.journal.journal import find_journal
    from chaos_runner.learning.findings.model import Hypothesis
    from chaos_runner.operations.findings import (
        add_finding,
        drafted_finding,
        findings_in,
        usual_hypotheses,
    )
    from chaos_runner.operations.history import read_facts

    for each in findings_in(findings).findings:
        if any(evidence.run == run for evidence in each.finding.evidence):
            return each.name
    facts = read_facts(find_journal(run, runs))
    unknown = Hypothesis(
        direction="find the cause in the run's report",
        cost="to be estimated",
        effect="the steady state holds under this fault",
        test="run the experiment again",
    )
    finding = drafted_finding(
        facts, owner=facts.details.owner or owner, hypotheses=usual_hypotheses(facts) or [unknown]
    )
    return add_finding(findings, finding).name

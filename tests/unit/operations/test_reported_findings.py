from __future__ import annotations

from datetime import date
from pathlib import Path

from chaos_runner.learning.findings.files import create_finding
from chaos_runner.learning.findings.model import Evidence, Finding, Fix, Hypothesis
from chaos_runner.operations.report.findings import reported_findings
from tests.unit.report import journals
from tests.unit.report.stories import story_of

EVIDENCE = [Evidence(run="r-1")]
TODAY = date(2026, 11, 29)


def finding(title: str, **changes: object) -> Finding:
    fields: dict[str, object] = {
        "title": title,
        "urgency": "low",
        "owner": "Team Streams",
        "experiment": "slow-broker",
        "evidence": EVIDENCE,
        "fix": Fix(what="acks=all", by=date(2026, 12, 24)),
    }
    return Finding.model_validate(fields | changes)


def test_findings_of_the_experiment_come_overdue_ones_first(tmp_path: Path) -> None:
    late = Fix(what="more replicas", by=date(2026, 11, 1))
    guess = Hypothesis(direction="shorter timeouts", cost="low", effect="less", test="again")
    for each in (
        finding("not urgent"),
        finding("late", fix=late),
        finding("vague", fix=None, hypotheses=[guess], urgency="critical"),
        finding("of another", experiment="other"),
    ):
        create_finding(tmp_path, each)
    shown = reported_findings(story_of(journals.held()), tmp_path, TODAY)
    assert [(each.title, each.next_step, each.is_overdue) for each in shown] == [
        ("late", "more replicas", True),
        ("vague", "to be tested: shorter timeouts", False),
        ("not urgent", "acks=all", False),
    ]


def test_a_directory_that_is_not_there_holds_none(tmp_path: Path) -> None:
    assert reported_findings(story_of(journals.held()), tmp_path / "none", TODAY) == ()

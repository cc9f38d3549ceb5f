from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from chaos_runner.cli.live.running import try_report
from chaos_runner.execution.phases import Outcome
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
        finding("late and of another", experiment="other", fix=late, urgency="critical"),
    ):
        create_finding(tmp_path, each)
    shown = reported_findings(story_of(journals.held()), tmp_path, TODAY)
    assert [(each.title, each.next_step, each.is_overdue, each.experiment) for each in shown] == [
        ("late", "more replicas", True, ""),
        ("vague", "to be tested: shorter timeouts", False, ""),
        ("not urgent", "acks=all", False, ""),
        ("late and of another", "more replicas", True, "other"),
    ]


def test_the_report_that_a_run_writes_shows_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the workspace file counts for nothing, there is a report, without findings."""
    tmp_path.chmod(0o700)
    monkeypatch.chdir(tmp_path)
    late = finding("late <b>", experiment="other", fix=Fix(what="x", by=date(2020, 1, 1)))
    create_finding(tmp_path / "findings", late)
    journal = tmp_path / "journal.jsonl"
    journal.write_bytes(journals.held().content)
    outcome = Outcome("r-1", "title", "held", 0, [], {}, journal)
    report = try_report(outcome)
    assert report is not None
    page = report.read_text(encoding="utf-8")
    assert "late &lt;b&gt; (other: low, open): x, by 2020-01-01, overdue" in page
    (tmp_path / "chaos-runner.yml").write_text("findings: findings\n")
    (tmp_path / "chaos-runner.yml").chmod(0o666)
    report = try_report(outcome)
    assert report is not None
    assert "late &lt;" not in report.read_text(encoding="utf-8")


def test_a_directory_that_is_not_there_holds_none(tmp_path: Path) -> None:
    assert reported_findings(story_of(journals.held()), tmp_path / "none", TODAY) == ()

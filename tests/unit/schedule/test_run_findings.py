"""What a deviation leaves: one finding, with an owner, that releases its experiment when closed."""

from __future__ import annotations

from pathlib import Path

from chaos_runner.operations.findings import close_finding, findings_in
from chaos_runner.operations.monkey.run_findings import finding_of, is_released
from tests.unit.learning.made_runs import MadeRun


def test_a_run_has_one_finding_that_releases_its_experiment_when_it_is_closed(
    tmp_path: Path,
) -> None:
    runs, findings = tmp_path / "runs", tmp_path / "findings"
    made = MadeRun(0, lost=5)
    made.write(runs)
    run = made.run
    assert not is_released(findings, run)
    name = finding_of(run, findings, runs, "platform team")
    assert finding_of(run, findings, runs, "platform team") == name
    [written] = findings_in(findings).findings
    assert written.finding.owner
    assert written.finding.hypotheses
    assert not is_released(findings, run)
    close_finding(written)
    assert is_released(findings, run)

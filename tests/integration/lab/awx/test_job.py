"""examples/awx on the lab: an experiment as a job, with its report and test cases beside it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.awx import run_job
from tests.integration.conftest import LAB_INVENTORY


# The playbook itself is tested without a lab; what `run` does is what other tests of the lab show.
@pytest.mark.whole
def test_a_job_keeps_what_the_run_says(clean_hosts: Path, tmp_path: Path) -> None:
    job = run_job(tmp_path / "job", LAB_INVENTORY / "hosts")
    assert job.code == 0, job.output
    assert job.artifacts["chaos_verdict"] == "held"
    report, cases = str(job.artifacts["chaos_report"]), str(job.artifacts["chaos_junit"])
    assert "A stopped broker loses nothing" in report
    assert cases.startswith("<?xml") and "<testsuite" in cases
    assert list((job.project / "runs").glob("*/journal.jsonl"))

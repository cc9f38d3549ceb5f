"""What the newest runs say of a finding."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos_runner.errors import UsageError
from chaos_runner.learning.findings.model import Finding, Fix
from chaos_runner.learning.findings.review import review
from chaos_runner.learning.history.facts import RunFacts
from chaos_runner.operations.findings import drafted_finding
from chaos_runner.yaml_input.days import parse_date
from tests.unit.learning.made_facts import changed
from tests.unit.learning.made_runs import MadeRun

FIX = Fix(what="acks=all", by=parse_date("2026-12-24"))
LOSES = MadeRun(0, lost=40)


@pytest.fixture
def lost(tmp_path: Path) -> RunFacts:
    return LOSES.facts(tmp_path)


@pytest.fixture
def finding(lost: RunFacts) -> Finding:
    return drafted_finding(lost, fix=FIX)


def test_a_finding_is_prefilled_with_what_deviated(finding: Finding) -> None:
    assert finding.title == "Acknowledged records are lost under network latency"
    assert (finding.urgency, finding.state) == ("critical", "fixing")
    assert (finding.owner, finding.experiment) == ("Team Streams", "slow-broker")
    [evidence] = finding.evidence
    assert evidence.model_dump() == {
        "run": LOSES.run,
        "tolerance": "loss",
        "phase": "during",
        "limit": "at most 0%",
        "observed": "0.5%",
    }


def test_a_run_without_a_file_makes_no_finding(tmp_path: Path) -> None:
    run = MadeRun(0, lost=4, experiment="").facts(tmp_path)
    with pytest.raises(UsageError, match="of no experiment file"):
        drafted_finding(run, fix=FIX)


@pytest.mark.parametrize("state", ["open", "fixing", "to be verified"])
def test_a_newer_run_that_holds_verifies(
    finding: Finding, lost: RunFacts, tmp_path: Path, state: str
) -> None:
    finding = finding.model_copy(update={"state": state})
    assert review(finding, [lost]).advice == "wait"
    held = MadeRun(7).facts(tmp_path)
    said = review(finding, [held, lost])
    assert (said.advice, said.run) == ("verify", held)


def test_the_newest_run_decides_and_a_verified_finding_is_reopened(
    finding: Finding, lost: RunFacts, tmp_path: Path
) -> None:
    held, again = MadeRun(7).facts(tmp_path), MadeRun(14, lost=1).facts(tmp_path)
    verified = finding.model_copy(update={"state": "verified"})
    assert review(verified, [lost, held]).advice == "wait"
    said = review(verified, [lost, again, held])
    assert (said.advice, said.run) == ("reopen", again)
    assert "loss at most 0%: 0.013%" in said.why
    assert review(finding, [lost, again, held]).advice == "wait"


def test_an_older_unfinished_or_other_run_says_nothing(
    finding: Finding, lost: RunFacts, tmp_path: Path
) -> None:
    others = [
        MadeRun(-7).facts(tmp_path),
        MadeRun(7, finished=False).facts(tmp_path),
        MadeRun(8, experiment="other.yml").facts(tmp_path),
    ]
    assert review(finding, [lost, *others]).advice == "wait"


def test_a_tolerance_made_looser_verifies_nothing(
    finding: Finding, lost: RunFacts, tmp_path: Path
) -> None:
    held = MadeRun(7, lost=40, loss_limit=1.0).facts(tmp_path)
    assert held.verdict == "held"
    said = review(finding, [lost, held])
    assert said.advice == "not comparable"
    assert said.why == "loss tolerated at most 0%, and tolerates at most 1% now"


def test_a_tolerance_that_is_gone_verifies_nothing(
    finding: Finding, lost: RunFacts, tmp_path: Path
) -> None:
    held = changed(MadeRun(7).facts(tmp_path), judged=())
    assert review(finding, [lost, held]).why == "the newest run does not judge loss"


def test_an_accepted_risk_stays_accepted(finding: Finding, lost: RunFacts, tmp_path: Path) -> None:
    accepted = finding.model_copy(update={"state": "accepted risk"})
    runs = [lost, MadeRun(7).facts(tmp_path), MadeRun(8, lost=9).facts(tmp_path)]
    assert {review(accepted, runs[:count]).advice for count in (1, 2, 3)} == {"wait"}

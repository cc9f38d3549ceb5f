"""The story that everything here is for: it deviates, gets a date, is fixed, is shown to hold."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chaos_runner.cli.main import app
from tests.unit.learning.made_runs import MadeRun

ACKS_ONE: dict[str, object] = {"client": {"acks": "1"}}
ACKS_ALL: dict[str, object] = {"client": {"acks": "all"}}


def topic(least: str, unclean: str = "false") -> dict[str, object]:
    settings = {"min.insync.replicas": least, "unclean.leader.election.enable": unclean}
    return {**ACKS_ALL, "topic_settings": settings}


@pytest.fixture(autouse=True)
def first_of_december(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chaos_runner.operations.findings.today", lambda: date(2026, 12, 1))


def ends_with(code: int) -> Callable[..., Result]:
    def call(*arguments: str) -> Result:
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == code, (arguments, result.output, result.exception)
        return result

    return call


succeeds, fails = ends_with(0), ends_with(1)


def test_a_clear_cause_is_fixed_by_its_date(workspace: Path) -> None:
    runs = workspace / "runs"
    first = MadeRun(0, lost=40, recovers_after=8, probe=ACKS_ONE)
    first.write(runs)

    # The first cycle: it deviates, the diagnosis says why it may, and there is a date.
    causes = succeeds("diagnose", first.run).stdout
    assert "1. The producer does not wait for the replicas" in causes
    title = ("--title", "Billing loses records")
    succeeds("findings", "add", first.run, *title, "--fix", "acks=all", "--by", "2026-11-24")
    fails("findings", "--overdue", "-o", "json")
    assert "0 of 100" in page(workspace)

    # The second: fixed, as far as anybody knows, and the next run to verify it is suggested.
    succeeds("findings", "close", "billing-loses-records")
    assert "1. verify the finding billing-loses-records" in succeeds("suggest").stdout
    assert "nothing was verified" in succeeds("changelog", "--since", first.run).stdout

    # The third: it holds.
    MadeRun(1, probe=ACKS_ALL).write(runs)
    assert "billing-loses-records: verified" in succeeds("findings", "verify").stdout
    succeeds("findings", "--overdue")
    changes = succeeds("changelog", "--since", first.run).stdout
    assert changes.startswith("### Fixed\n- Billing loses records (acks=all): loss 0.5% before, 0%")
    assert "time to recover 8" in changes
    text = page(workspace)
    assert "Billing loses records: shown by a test on 2026-11-24" in text
    assert "Nothing is open." in text


def page(workspace: Path, *options: str) -> str:
    file = workspace / "status.html"
    succeeds("status", str(file), *options)
    return file.read_text(encoding="utf-8")


def test_a_vague_cause_gets_hypotheses_and_comes_back(workspace: Path) -> None:
    runs = workspace / "runs"
    first = MadeRun(0, lost=40, probe=topic("1", "true"))
    first.write(runs)
    succeeds("findings", "add", first.run, "--title", "Lost")
    [found] = json.loads(succeeds("findings", "-o", "json").stdout)["findings"]
    directions = [each["direction"] for each in found["hypotheses"]]
    assert sorted(directions) == [
        "min.insync.replicas=2 with three replicas",
        "unclean.leader.election.enable=false",
    ]

    # The next cycle changes one of them, and it deviates still: that one was not it.
    second = MadeRun(1, lost=30, probe=topic("1"))
    second.write(runs)
    told_apart = json.loads(succeeds("diagnose", second.run, "-o", "json").stdout)["causes"]
    assert [each["name"] for each in told_apart] == ["min_isr_one"]
    succeeds("findings", "verify")

    # The one after changes the other, and it holds.
    MadeRun(2, probe=topic("2")).write(runs)
    assert "lost: verified" in succeeds("findings", "verify").stdout

    # It does not stay so.
    MadeRun(3, lost=1, probe=ACKS_ONE).write(runs)
    assert "lost: open (it deviates again" in fails("findings", "verify").stdout
    insights = json.loads(succeeds("insights", "-o", "json").stdout)
    assert insights["recurring"]["tolerances"] == [{"what": "loss", "deviated": 3, "runs": 4}]
    assert "기대와 달랐습니다" in page(workspace, "--language", "ko")

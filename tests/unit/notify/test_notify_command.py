"""`chaos-runner notify`: findings past their date, a run's end, a test, and a dry run of each."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.errors import UsageError
from chaos_runner.notify.receivers import VARIABLE
from tests.unit.learning.made_runs import MadeRun
from tests.unit.notify.local_receivers import Webhook

NOBODY = "json://127.0.0.1:9/token-of-ops"  # 9: discard, where nobody listens
FINDING = """\
title: Billing loses records
urgency: critical
owner: Team Streams
experiment: slow-broker
evidence: [{run: 20261123-144500-kmade000}]
fix: {what: acks=all, by: 2026-11-24}
"""


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("chaos_runner.operations.findings.today", lambda: date(2026, 12, 1))
    monkeypatch.setattr("chaos_runner.notify.sending.LIMIT", 120.0)
    monkeypatch.setenv("CHAOS_RUNNER_RUNS", str(tmp_path / "runs"))
    monkeypatch.chdir(tmp_path)
    Path("findings").mkdir()
    return tmp_path


def asked(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, ["notify", *arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    assert done.exit_code == code, done.output
    return done.stdout


def test_findings_past_their_date_are_told(hook: Webhook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, hook.url)
    assert asked() == "no finding is past its date; nothing was sent\n"
    assert hook.got == []
    Path("findings/lost.yml").write_text(FINDING)
    dry = asked("--dry-run")
    assert "receiver 1 (json): would be sent" in dry
    assert hook.got == []
    assert "receiver 1 (json): sent" in asked()
    [got] = hook.got
    assert got["title"] == "1 finding past the date"
    assert got["message"] == (
        "Billing loses records: critical, Team Streams, was due on 2026-11-24 (7 days ago)"
    )
    assert got["message"] in dry


def test_an_unreadable_finding_keeps_the_others_from_nobody(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(VARIABLE, hook.url)
    Path("findings/lost.yml").write_text(FINDING)
    Path("findings/bad.yml").write_text("title: 1\n")
    with pytest.raises(UsageError, match=r"bad\.yml:1: title"):
        asked()
    assert hook.titles == ["1 finding past the date"]


def test_the_end_of_a_run_is_told_again(
    workspace: Path, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{VARIABLE}_END", hook.url)
    run = MadeRun(0, lost=40)
    run.write(workspace / "runs")
    document = json.loads(asked(run.run, "-o", "json"))
    assert document["receivers"] == [
        {"receiver": "receiver 1 (json)", "sent": True, "problem": None}
    ]
    assert hook.titles[0].startswith("Deviated: ")
    unfinished = MadeRun(1, finished=False)
    unfinished.write(workspace / "runs")
    with pytest.raises(UsageError, match="the run has no end that could be told"):
        asked(unfinished.run)
    with pytest.raises(UsageError, match="there is no journal of `nosuch`"):
        asked("nosuch")


def test_a_test_reaches_every_receiver_and_says_which_fail(
    hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(f"{VARIABLE}_OVERDUE", f"{NOBODY} {hook.url}")
    said = asked("--test", code=3)
    assert "receiver 1 (json): " in said
    assert "receiver 2 (json): sent" in said
    assert "token-of-ops" not in said
    assert hook.titles == ["Test of chaos-runner"]


def test_nobody_to_tell_is_a_mistake() -> None:
    with pytest.raises(UsageError, match=f"{VARIABLE} is not set"):
        asked()
    with pytest.raises(UsageError, match="are two messages"):
        asked("RUN", "--test")

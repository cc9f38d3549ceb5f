"""`history`, `trend` and `compare`, on made journals."""

from __future__ import annotations

import json
from dataclasses import replace
from math import inf
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chaos_runner.cli.main import app
from chaos_runner.cli.text.history import runs_text, trend_words
from chaos_runner.errors import UsageError
from chaos_runner.learning.history.comparison import compare, trends
from tests.unit.learning.made_facts import EMPTY, made, recoveries
from tests.unit.learning.made_runs import MadeRun
from tests.unit.report.journals import HOSTILE

pytestmark = pytest.mark.usefixtures("workspace")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_the_history_lists_every_run_with_its_figures(workspace: Path) -> None:
    MadeRun(0, lost=40).write(workspace / "runs")
    MadeRun(1, bad_seconds=5, experiment="a/other.yml").write(workspace / "runs")
    (workspace / "runs" / "bad").mkdir()
    (workspace / "runs" / "bad" / "journal.jsonl").write_text("{}\n{}\n", encoding="utf-8")
    result = invoke("history")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert len(lines) == 3
    assert "slow-broker  deviated" in lines[1]
    assert "other        held" in lines[2]
    assert "left out" in result.stderr
    document = json.loads(invoke("history", "other.yml", "-o", "json").stdout)
    assert [run["run"] for run in document["runs"]] == [MadeRun(1).run]
    assert len(document["problems"]) == 1


def test_a_trend_says_too_few_until_there_are_enough(workspace: Path) -> None:
    MadeRun(0).write(workspace / "runs")
    MadeRun(1, recovers_after=5).write(workspace / "runs")
    assert "time to recover: too few runs to say" in invoke("trend", "slow-broker").stdout
    said = invoke("trend", "none").stdout
    assert said.startswith("no runs of none in ")
    assert said.endswith("; there are runs of slow-broker\n")
    assert "did you mean `slow-broker`?" in invoke("history", "slow-brokr").stdout


def test_compare_shows_both_runs(workspace: Path) -> None:
    first, second = MadeRun(0), MadeRun(1, lost=40)
    first.write(workspace / "runs")
    second.write(workspace / "runs")
    result = invoke("compare", first.run, second.run)
    assert "verdict" in result.stdout
    document = json.loads(invoke("compare", first.run, second.run, "-o", "json").stdout)
    [loss] = [each for each in document["figures"] if each["figure"] == "loss"]
    assert loss["first"] == 0
    assert loss["second"] > 0.4
    assert isinstance(invoke("compare", first.run, "none").exception, UsageError)


def test_a_regression_is_seen_beyond_noise_alone() -> None:
    slower = trends(recoveries(5, 6, 5, 7), recoveries(12, 14, 13, 12))
    assert [each.movement for each in slower] == ["worse"]
    assert trend_words(slower[0]) == (
        "time to recover: worse by 7 s (95% interval +5 s to +9 s; 4 runs after 4)"
    )
    faster = trends(recoveries(12, 14, 13, 12), recoveries(5, 6, 5, 7))
    assert [each.movement for each in faster] == ["better"]
    mixed = trends(recoveries(5, 16, 5, 7), recoveries(6, 14, 5, 6))
    assert [each.movement for each in mixed] == ["no clear change"]


def test_a_tenth_of_a_second_is_no_regression() -> None:
    moved = trends(recoveries(5, 5, 5, 5), recoveries(5.3, 5.3, 5.3, 5.3))
    assert [each.movement for each in moved] == ["no clear change"]


def test_a_recovery_without_end_is_worse_than_any() -> None:
    [moved] = trends(recoveries(5, 6, 5, 7), recoveries(inf, inf, inf, inf))
    assert trend_words(moved) == "time to recover: worse, now without end (4 runs after 4)"


def test_one_run_is_compared_with_what_is_usual() -> None:
    usual = recoveries(5, 6, 7, 6, 5, 8)
    first, second = made(20, recover=6), made(21, recover=30)
    [found] = compare(first, second, [*usual, first, second])
    assert (found.movement, found.usual is not None and found.usual.runs) == ("worse", 6)
    [found] = compare(second, first, usual)
    assert found.movement == "no clear change"


def test_hostile_names_keep_to_their_line() -> None:
    run = replace(EMPTY, run=HOSTILE, experiment="\x1b[2J\n" + HOSTILE)
    text = runs_text([run])
    assert len(text.splitlines()) == 2
    assert "\x1b" not in text

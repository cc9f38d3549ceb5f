"""`chaos-runner findings`, on made journals."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from chaos_runner.cli.main import app
from chaos_runner.errors import UsageError
from tests.unit.learning.made_runs import MadeRun

pytestmark = pytest.mark.usefixtures("workspace")


def invoke(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["findings", *arguments])


def add(run: MadeRun, *arguments: str, by: str = "2020-01-02") -> str:
    result = invoke("add", run.run, "--fix", "acks=all", "--by", by, "-o", "json", *arguments)
    assert result.exit_code == 0, result.output
    return str(json.loads(result.stdout)["finding"])


def states() -> dict[str, str]:
    listed = json.loads(invoke("-o", "json").stdout)["findings"]
    return {each["name"]: each["state"] for each in listed}


def test_the_life_of_a_finding(workspace: Path) -> None:
    first = MadeRun(0, lost=40)
    first.write(workspace / "runs")
    name = add(first)
    assert states() == {name: "fixing"}
    assert invoke("close", name).exit_code == 0
    assert states() == {name: "to be verified"}
    MadeRun(7).write(workspace / "runs")
    assert "`chaos-runner findings verify" in invoke("show", name).stdout
    assert invoke("verify").exit_code == 0
    assert states() == {name: "verified"}
    again = MadeRun(14, lost=3)
    again.write(workspace / "runs")
    assert invoke("verify", name).exit_code == 1
    [found] = json.loads(invoke("-o", "json").stdout)["findings"]
    assert found["state"] == "open"
    assert [each["run"] for each in found["evidence"]] == [first.run, again.run]
    assert invoke("accept", name, "--reason", "once a year").exit_code == 0
    assert states() == {name: "accepted risk"}


def test_a_second_finding_of_a_run_is_written_and_the_first_named(workspace: Path) -> None:
    run = MadeRun(0, lost=40)
    run.write(workspace / "runs")
    name = add(run)
    again = invoke("add", run.run, "--fix", "x", "--by", "2999-01-01")
    assert again.exit_code == 0
    assert f"{name} has this run as evidence, too" in again.stderr


def test_overdue_is_an_exit_code(workspace: Path) -> None:
    run = MadeRun(0, lost=40)
    run.write(workspace / "runs")
    assert invoke("--overdue").exit_code == 0
    add(run, by="2999-01-01")
    assert invoke("--overdue").exit_code == 0
    add(run, "--title", "Late", by="2020-01-02")
    result = invoke("--overdue")
    assert result.exit_code == 1
    assert "late" in result.stdout
    assert "2999" not in result.stdout


def test_a_mistake_in_a_file_is_an_error_whatever_else_is_there(workspace: Path) -> None:
    (workspace / "findings").mkdir()
    (workspace / "findings" / "a.yml").write_text("title: 7\n", encoding="utf-8")
    result = invoke("--overdue")
    assert isinstance(result.exception, UsageError)
    assert "a.yml:1: title: found the number `7`" in str(result.exception)


def test_a_vague_cause_needs_a_whole_hypothesis(workspace: Path) -> None:
    run = MadeRun(0, lost=40)
    run.write(workspace / "runs")
    lacking = invoke("add", run.run, "--direction", "more replicas", "--cost", "a third more disk")
    assert isinstance(lacking.exception, UsageError)
    assert "lacking are --effect, --test" in str(lacking.exception)
    whole = ("--direction", "a", "--cost", "b", "--effect", "c", "--test", "d", "--urgency", "low")
    assert invoke("add", run.run, *whole).exit_code == 0
    [found] = json.loads(invoke("-o", "json").stdout)["findings"]
    assert (found["state"], found["urgency"]) == ("open", "low")
    assert found["hypotheses"] == [{"direction": "a", "cost": "b", "effect": "c", "test": "d"}]


def test_without_a_fix_the_diagnosis_suggests_hypotheses(workspace: Path) -> None:
    run = MadeRun(0, lost=40, probe={"client": {"acks": "1"}})
    run.write(workspace / "runs")
    assert invoke("add", run.run).exit_code == 0
    [found] = json.loads(invoke("-o", "json").stdout)["findings"]
    assert found["hypotheses"][0]["direction"] == "acks=all for this producer"
    none = MadeRun(1)
    none.write(workspace / "runs")
    assert "needs a fix or a hypothesis" in str(invoke("add", none.run).exception)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--fix", "x"), "needs the day"),
        (("--by", "2026-12-24"), "there is no --fix"),
        (("--fix", "x", "--cost", "y"), "found --fix, --cost"),
        (("--fix", "x", "--by", "tomorrow"), "--by: found `tomorrow`"),
        (("--fix", "a\nb", "--by", "2026-12-24"), "--fix: allowed is one line"),
        (("--fix", "x", "--by", "2026-12-24", "--title", "\x1b[2J"), "title: found"),
    ],
)
def test_a_bad_option_is_named(workspace: Path, arguments: tuple[str, ...], said: str) -> None:
    run = MadeRun(0, lost=40)
    run.write(workspace / "runs")
    result = invoke("add", run.run, *arguments)
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)
    assert not (workspace / "findings").exists()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal:
        @staticmethod
        def isatty() -> bool:
            return True

    class System:
        stdin = Terminal

    monkeypatch.setattr("chaos_runner.cli.learning.add_finding.sys", System)


@pytest.mark.usefixtures("terminal")
def test_a_terminal_is_asked_for_what_is_not_given(workspace: Path) -> None:
    run = MadeRun(0, lost=40)
    run.write(workspace / "runs")
    answers = "\nhigh\n\nacks=all\n2026-12-24\n"
    result = CliRunner().invoke(app, ["findings", "add", run.run], input=answers)
    assert result.exit_code == 0, result.output
    assert "Title [Acknowledged records are lost" in result.stderr
    [found] = json.loads(invoke("-o", "json").stdout)["findings"]
    assert (found["urgency"], found["owner"]) == ("high", "Team Streams")
    assert found["fix"] == {"what": "acks=all", "by": "2026-12-24"}


@pytest.mark.usefixtures("terminal")
def test_a_slip_is_named_and_asked_again(workspace: Path) -> None:
    run = MadeRun(0, lost=40)
    run.write(workspace / "runs")
    answers = "\ncriticl\nhigh\n\nacks=all\n24.12.2026\n2026-12-24\n"
    result = CliRunner().invoke(app, ["findings", "add", run.run], input=answers)
    assert result.exit_code == 0, result.output
    assert "found `criticl`; allowed is one of critical, high" in result.stderr
    assert "found `24.12.2026`; allowed is a day such as" in result.stderr
    [found] = json.loads(invoke("-o", "json").stdout)["findings"]
    assert (found["urgency"], found["fix"]["by"]) == ("high", "2026-12-24")


@pytest.mark.usefixtures("terminal")
def test_nobody_is_asked_who_says_yes(workspace: Path) -> None:
    run = MadeRun(0, lost=40)
    run.write(workspace / "runs")
    assert invoke("add", run.run, "--fix", "x", "--by", "2026-12-24", "--yes").exit_code == 0

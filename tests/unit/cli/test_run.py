"""Several experiments in one call: what comes after a run never takes its result away."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer

from chaos_runner.cli import run as command
from chaos_runner.cli.text.output import Output
from chaos_runner.errors import ChaosRunnerError, RefusedError
from chaos_runner.execution.phases import Outcome
from chaos_runner.experiment.models import Experiment
from chaos_runner.operations import plan as planning

EXPERIMENT = "title: {title}\nfaults: [{{service_stop: {{service: kafka}}}}]\n"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return two experiments, and keep what they do from any host."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {k1: {ansible_host: 127.0.0.1}}}\n")
    monkeypatch.setenv("CHAOS_RUNNER_INVENTORY", str(inventory))
    made = [tmp_path / f"{title}.yml" for title in ("A", "B")]
    for file in made:
        file.write_text(EXPERIMENT.format(title=file.stem))
    return made


def run_with(
    files: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    exit_code: int,
    stop: Exception,
    output: Output,
) -> int:
    """Run two experiments, of which the second cannot begin; return the exit code."""

    def plan_experiment(asked: Experiment, *_: object, **__: object) -> object:
        if asked.title == "B":
            raise stop
        return SimpleNamespace(refuse_if_unsafe=lambda: None, touched=("k1",))

    def execute(*_: object) -> Outcome:
        verdict = {0: "held", 1: "deviated"}[exit_code]
        return Outcome("id", "A", verdict, exit_code, [], {"k1": "clean"}, Path("j"))  # type: ignore[arg-type]

    monkeypatch.setattr(planning, "plan_experiment", plan_experiment)
    monkeypatch.setattr(command, "execute_plan", execute)
    monkeypatch.setattr(command, "try_report", lambda outcome: Path("report.html"))
    with pytest.raises(typer.Exit) as ended:
        command.run(files, runs=files[0].parent, yes=True, output=output)
    return ended.value.exit_code


@pytest.mark.parametrize(
    ("stop", "code"),
    [
        (RefusedError("no host can carry it", "mend it"), 4),
        (ChaosRunnerError("something broke"), 70),
        (ValueError("a mistake in the code"), 70),
    ],
)
def test_the_first_result_is_kept_in_one_document_with_why_the_second_could_not_begin(
    stop: Exception,
    code: int,
    files: list[Path],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run_with(files, monkeypatch, 0, stop, Output.json) == code
    document = json.loads(capsys.readouterr().out)
    assert [(each["title"], each["report"]) for each in document["runs"]] == [("A", "report.html")]
    assert str(stop).splitlines()[0] in document["error"]["message"]


def test_the_first_result_is_printed_before_the_error(
    files: list[Path], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_with(files, monkeypatch, 1, RefusedError("no"), Output.text) == 4
    printed = capsys.readouterr()
    assert "deviated" in printed.out
    assert "report.html" in printed.out
    assert printed.err == "chaos-runner: B: no\n"


def test_a_host_that_is_not_clean_wins_over_whatever_follows() -> None:
    outcome = Outcome("id", "A", "held", 10, [], {"k1": "unknown"}, Path("j"))
    done = command._Done([outcome], stopped=RefusedError("no"))
    assert done.exit_code == 10

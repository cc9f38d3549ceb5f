"""`validate`, `schema` and `init` as commands: stdout, exit codes, JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from chaos_runner.cli.init import init
from chaos_runner.cli.schema import schema
from chaos_runner.cli.text.output import print_json
from chaos_runner.cli.validate import validate
from chaos_runner.errors import InvalidExperimentError, UsageError
from chaos_runner.experiment.schema import schema_text

GOOD = "title: Fine\nfaults:\n  - service_stop: {service: kafka}\n    duration: 90s\n"
BAD = "title: Fine\nfaults:\n  - service_stop: {service: ssh}\n    duratoin: 1m\n"

app = typer.Typer()
for command in (init, validate, schema):
    app.command()(command)
run = CliRunner()


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    """Write one good and one bad experiment."""
    for name, text in (("good.yml", GOOD), ("bad.yml", BAD)):
        (tmp_path / name).write_text(text)
    return [str(tmp_path / "good.yml"), str(tmp_path / "bad.yml")]


def test_valid_files_are_summed_up(files: list[str]) -> None:
    result = run.invoke(app, ["validate", files[0]])
    assert result.exit_code == 0
    assert result.stdout == f"{files[0]}: valid: Fine (stop service kafka, for 1m30s)\n"


def test_mistakes_of_all_files_are_raised_together(files: list[str]) -> None:
    result = run.invoke(app, ["validate", *files, files[1]])
    assert isinstance(result.exception, InvalidExperimentError)
    assert f"{files[1]}:3: faults[0].service_stop.service: found `ssh`" in str(result.exception)
    assert f"{files[1]}:4: faults[0].duratoin: unknown key" in str(result.exception)
    assert result.stdout.count("valid: Fine") == 1


def test_json_holds_every_problem_and_ends_with_2(files: list[str]) -> None:
    result = run.invoke(app, ["validate", "--output", "json", *files])
    assert result.exit_code == 2
    document = json.loads(result.stdout)
    assert (document["schema_version"], document["valid"]) == (1, False)
    good, bad = document["experiments"]
    assert (good["valid"], good["title"], good["problems"]) == (True, "Fine", [])
    assert [problem["line"] for problem in bad["problems"]] == [3, 4]
    assert bad["problems"][1] == {
        "line": 4,
        "key": "faults[0].duratoin",
        "message": "unknown key; did you mean `duration`?",
    }


def test_json_of_valid_files_ends_with_0(files: list[str]) -> None:
    result = run.invoke(app, ["validate", "-o", "json", files[0]])
    assert result.exit_code == 0
    assert json.loads(result.stdout)["valid"] is True


def test_validate_without_files_is_wrong_usage() -> None:
    assert run.invoke(app, ["validate"]).exit_code == 2


def test_schema_prints_the_schema_and_nothing_else() -> None:
    result = run.invoke(app, ["schema"])
    assert (result.exit_code, result.stdout) == (0, schema_text())


def test_init_prints_its_files_and_refuses_to_do_it_twice(tmp_path: Path) -> None:
    result = run.invoke(app, ["init", str(tmp_path / "w")])
    assert result.exit_code == 0
    assert all(Path(line).is_file() for line in result.stdout.splitlines())
    assert len(result.stdout.splitlines()) == 4
    again = run.invoke(app, ["init", str(tmp_path / "w")])
    assert isinstance(again.exception, UsageError)


def test_init_without_a_directory_works_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run.invoke(app, ["init"]).exit_code == 0
    assert (tmp_path / "chaos-runner.yml").is_file()


def test_json_survives_any_locale(capsys: pytest.CaptureFixture[str]) -> None:
    print_json({"title": "Größe \udc80", "path": Path("x")})
    out = capsys.readouterr().out
    assert out.isascii()
    assert json.loads(out) == {"schema_version": 1, "title": "Größe \udc80", "path": "x"}


def test_the_workspaces_own_file_is_called_what_it_is(tmp_path: Path) -> None:
    file = tmp_path / "chaos-runner.yml"
    file.write_text("inventory: hosts.yml\n")
    result = run.invoke(app, ["validate", str(file)])
    assert result.exit_code == 0
    words = "the workspace's configuration, no experiment (inventory hosts.yml)"
    assert result.stdout == f"{file}: valid: {words}\n"
    (document,) = json.loads(run.invoke(app, ["validate", "-o", "json", str(file)]).stdout)[
        "experiments"
    ]
    assert (document["kind"], document["valid"], document["title"]) == ("workspace", True, None)
    file.write_text("inventroy: hosts.yml\n")
    wrong = run.invoke(app, ["validate", str(file)])
    assert "did you mean `inventory`?" in str(wrong.exception)

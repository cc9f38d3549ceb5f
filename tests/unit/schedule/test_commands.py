"""The commands of schedules: what they print, and what they refuse."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from chaos_runner.cli.main import app
from chaos_runner.errors import ChaosRunnerError, RefusedError, UsageError
from chaos_runner.execution.stopping.interruption import Interruption
from chaos_runner.notify.receivers import VARIABLE, Receiver
from chaos_runner.operations.monkey.fleet_world import FleetWorld
from chaos_runner.operations.monkey.monkey_journal import MonkeyJournal
from chaos_runner.operations.monkey.world import RunResult
from chaos_runner.schedule.loaded import LoadedSchedule
from chaos_runner.schedule.monkey_events import Released
from chaos_runner.workspace import NamedInventory
from tests.unit.notify.local_receivers import webhook
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


def test_nothing_begins_without_being_told_to(
    schedule: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(RefusedError, match="asks nobody; nothing was done"):
        asked("monkey", schedule, "--runs", tmp_path / "runs")
    schedule.write_text(schedule.read_text() + "announce: {lead: 5m}\n")
    monkeypatch.setenv(VARIABLE, "")
    with pytest.raises(UsageError, match="there is no receiver that is notified of announcements"):
        asked("monkey", schedule, "--runs", tmp_path / "runs", "--yes")
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
    with pytest.raises(RefusedError) as refused:
        asked("monkey", schedule, "--runs", tmp_path / "runs", "--yes")
    for name in "ab":
        assert f"{tmp_path / name}.yml:5: check 1 runs `/bin/{name}` as you" in str(refused.value)
    assert not (tmp_path / "runs").exists()


def test_release_writes_into_the_journal(schedule: Path, tmp_path: Path) -> None:
    assert "a may come again" in asked("monkey", schedule, "--release", "a", "--runs", tmp_path)
    [event] = MonkeyJournal(tmp_path, "schedule").events()
    assert isinstance(event, Released)
    with pytest.raises(UsageError, match="has no experiment `b`"):
        asked("monkey", schedule, "--release", "b", "--runs", tmp_path)


def world_of(loaded: LoadedSchedule, directory: Path, *urls: str) -> tuple[FleetWorld, list[str]]:
    said: list[str] = []
    inventory = NamedInventory((directory / "hosts.yml",))
    receivers = tuple(Receiver(place, url) for place, url in enumerate(urls, start=1))
    world = FleetWorld(
        loaded, inventory, directory, directory, receivers, Interruption(), said.append
    )
    return world, said


NOBODY = "json://127.0.0.1:9/token"  # 9: discard, where nobody listens


def test_what_comes_is_announced_to_those_who_listen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chaos_runner.notify.sending.LIMIT", 120.0)
    loaded = made(tmp_path, f"{TEXT}announce: {{lead: 1h}}\n", "a")
    experiment = loaded.experiments[0]
    with webhook() as hook:
        world, said = world_of(loaded, tmp_path, NOBODY, hook.url)
        world.announce(experiment, YEAR[0])
        world.tell_end(experiment, RunResult("r1", reasons=["the service died while it was on"]))
        world.tell_finding(experiment, "r2", "2027-01-04-too-slow")
    words = ("Comes", "Ended", "Deviated, and held back")
    assert hook.titles == [f"{word}: {experiment.experiment.title}" for word in words]
    assert f"{YEAR[0].astimezone(loaded.zone):%Y-%m-%d %H:%M}" in hook.got[0]["message"]
    assert "the service died" in hook.got[1]["message"]
    assert "Owner: anna. Finding 2027-01-04-too-slow, of run r2." in hook.got[2]["message"]
    assert [line.partition(":")[0] for line in said] == [
        "not announced to receiver 1 (json)",
        "receiver 1 (json) was not told",
        "receiver 1 (json) was not told",
    ]


def test_what_nobody_could_be_told_of_is_refused(tmp_path: Path) -> None:
    loaded = made(tmp_path, f"{TEXT}announce: {{lead: 1h}}\n", "a")
    world, _ = world_of(loaded, tmp_path, NOBODY)
    with pytest.raises(ChaosRunnerError, match=r"receiver 1 \(json\): "):
        world.announce(loaded.experiments[0], YEAR[0])

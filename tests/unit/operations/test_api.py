"""What `chaos_runner` exports is small, documented, typed, and refuses as the command line does."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import chaos_runner
from chaos_runner.errors import InvalidExperimentError, RefusedError, UsageError
from chaos_runner.execution.stopping.halt_switch import HaltSwitch, halt_here
from chaos_runner.workspace import state_directory
from tests.unit.docs.examples import ROOT
from tests.unit.planning.test_planner import planned
from tests.unit.report.journals import held

PAGE = (ROOT / "docs" / "reference" / "python.md").read_text(encoding="utf-8")
FUNCTIONS = sorted(set(chaos_runner.__all__) - {"__version__"})
EXPERIMENT = "title: A test\nsteady_state: {loss: 0%}\nfaults:\n  - network_partition:\n"


def test_it_is_what_the_design_names() -> None:
    assert FUNCTIONS == ["load_experiment", "plan", "read_run", "recover", "run"]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_each_function_is_documented_with_its_parameters(name: str) -> None:
    function = getattr(chaos_runner, name)
    assert inspect.getdoc(function)
    row = re.search(rf"^\| `{name}\(([^)]*)\)`", PAGE, re.MULTILINE)
    assert row is not None
    named = [each.strip() for each in row[1].split(",")]
    assert [each for each in named if each != "*"] == list(inspect.signature(function).parameters)
    hints = inspect.get_annotations(function)
    assert set(hints) == {*inspect.signature(function).parameters, "return"}


def test_the_example_names_only_what_is_there() -> None:
    (example,) = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    compile(example, "python.md", "exec")
    used = set(re.findall(r"chaos_runner\.(\w+)\(", example))
    assert used == {"plan", "run", "recover", "read_run"}


def test_what_is_public_is_there() -> None:
    for name in chaos_runner.__all__:
        assert getattr(chaos_runner, name)
    with pytest.raises(AttributeError, match="nothing_of_this_name"):
        chaos_runner.nothing_of_this_name  # noqa: B018 - that it raises is the test


def test_importing_the_package_imports_nothing_heavy() -> None:
    script = "import sys, chaos_runner; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    heavy = {"ansible_runner", "paramiko", "confluent_kafka", "pydantic", "jinja2"}
    assert heavy.isdisjoint(done.stdout.split())


def test_a_mistake_in_an_experiment_is_raised_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text("title: T\nfaults: []\nsafegards: []\n")
    with pytest.raises(InvalidExperimentError, match=r"experiment\.yml:3"):
        chaos_runner.plan(file, [tmp_path])


def test_a_journal_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="journal"):
        chaos_runner.read_run(tmp_path / "journal.jsonl")


def test_an_experiment_is_loaded(tmp_path: Path) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(EXPERIMENT, encoding="utf-8")
    assert chaos_runner.load_experiment(file).title == "A test"


def test_what_reaches_beyond_itself_is_planned_only_when_trusted(tmp_path: Path) -> None:
    file = tmp_path / "experiment.yml"
    safeguard = "safeguards:\n  - command: [touch, made]\n"
    file.write_text(EXPERIMENT + safeguard, encoding="utf-8")
    with pytest.raises(RefusedError, match="--trust"):
        chaos_runner.plan(file, [tmp_path / "inventory"])
    assert not (tmp_path / "made").exists()


def test_nothing_runs_on_a_halted_inventory(tmp_path: Path) -> None:
    plan = planned(tmp_path, "  - network_partition:\n")
    for source in plan.inventory.sources:
        halt_here(HaltSwitch.of(source, "customers call"), state_directory())
    with pytest.raises(RefusedError, match="customers call"):
        chaos_runner.run(plan, tmp_path / "runs")
    assert not (tmp_path / "runs").exists()


def test_what_is_no_run_is_not_recovered(tmp_path: Path) -> None:
    inventory = tmp_path / "hosts.yml"
    inventory.write_text("all: {hosts: {k1: {ansible_host: 127.0.0.1}}}\n", encoding="utf-8")
    with pytest.raises(UsageError, match="`k1` is a host, not a run"):
        chaos_runner.recover([inventory], tmp_path, run="k1")


def test_a_run_is_read_from_its_journal_alone(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text("".join(f"{line}\n" for line in held().lines), encoding="utf-8")
    story = chaos_runner.read_run(journal)
    assert (story.verdict, story.hosts_state) == ("held", "clean")

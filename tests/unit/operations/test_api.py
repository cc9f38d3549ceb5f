"""The public Python functions."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import chaos_runner
from chaos_runner.errors import InvalidExperimentError, UsageError


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

"""Start examples/awx as AWX does: ansible-runner, with a project, an inventory and variables."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.collection import PROGRAMS, REPOSITORY

EXAMPLE = REPOSITORY / "examples" / "awx"


@dataclass(frozen=True)
class Job:
    """How a job ended, and what it shows beside its output."""

    code: int
    output: str
    artifacts: dict[str, object]
    project: Path


def run_job(directory: Path, inventory: Path, **variables: str) -> Job:
    """Run the job with what a survey answers; return it with what `set_stats` keeps."""
    project = directory / "project"
    shutil.copytree(EXAMPLE, project, ignore=shutil.ignore_patterns("wheels", "context"))
    (directory / "inventory").mkdir()
    (directory / "inventory" / "hosts").symlink_to(inventory)
    (directory / "env").mkdir()
    (directory / "env" / "extravars").write_text(json.dumps(variables), encoding="utf-8")
    done = subprocess.run(
        [
            *(str(PROGRAMS / "ansible-runner"), "run", str(directory)),
            *("-p", "run_experiment.yml", "--ident", "job"),
        ],
        env={**os.environ, "PATH": f"{PROGRAMS}:{os.environ['PATH']}", "ANSIBLE_NOCOLOR": "1"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    (stats,) = (event for event in _events(directory) if event["event"] == "playbook_on_stats")
    artifacts = stats["event_data"].get("artifact_data", {})
    return Job(done.returncode, done.stdout + done.stderr, artifacts, project)


def _events(directory: Path) -> Iterator[dict[str, Any]]:
    for file in (directory / "artifacts" / "job" / "job_events").glob("*.json"):
        yield json.loads(file.read_text(encoding="utf-8"))

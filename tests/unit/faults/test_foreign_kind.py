"""A fault kind of another package: found, offered, refused when it is broken; no edit here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.foreign_kind import installed

EXPERIMENT = "title: A host in maintenance\nfaults:\n  - maintenance_file: {OPTIONS}\n"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return {"PYTHONPATH": installed(tmp_path_factory.mktemp("foreign"))}


def said(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "chaos_runner", *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def experiment(directory: Path, options: str) -> str:
    file = directory / "experiment.yml"
    file.write_text(EXPERIMENT.replace("{OPTIONS}", options), encoding="utf-8")
    return str(file)


def test_an_experiment_may_use_it(environment: dict[str, str], tmp_path: Path) -> None:
    done = said(environment, "validate", experiment(tmp_path, ""))
    assert done.returncode == 0, done.stderr
    assert "mark as under maintenance in /run/maintenance, for 30s" in done.stdout


def test_its_options_are_checked_like_all(environment: dict[str, str], tmp_path: Path) -> None:
    done = said(environment, "validate", experiment(tmp_path, "{path: /etc/passwd}"))
    assert done.returncode == 2
    assert "faults[0].maintenance_file.path" in done.stderr
    assert "allowed is a file below /run" in done.stderr


def test_the_schema_has_it(environment: dict[str, str]) -> None:
    schema = json.loads(said(environment, "schema").stdout)
    offered = schema["$defs"]["FaultEntry"]["properties"]["maintenance_file"]
    assert offered["description"].startswith("Mark the targets as under maintenance")


def test_its_role_has_the_files_that_follow_from_its_class(environment: dict[str, str]) -> None:
    role = Path(environment["PYTHONPATH"], "maintenance_kinds", "roles", "maintenance_file")
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text(encoding="utf-8"))
    assert defaults == {"maintenance_file_path": "/run/maintenance"}
    tasks = {file.stem for file in (role / "tasks").glob("*.yml")}
    assert tasks == {"main", "apply", "rollback", "verify"}


def broken(directory: Path, module: str, value: str) -> dict[str, str]:
    """Install a package by hand that names a kind which cannot be used."""
    info = directory / "broken-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[chaos_runner.faults]\nmaintenance_file = {value}\n")
    (directory / "broken.py").write_text(module, encoding="utf-8")
    return {"PYTHONPATH": str(directory)}


@pytest.mark.parametrize(
    ("module", "value", "reason"),
    [
        ("raise RuntimeError('no licence')", "broken:Kind", "no licence"),
        ("Kind = int", "broken:Kind", "no subclass of chaos_runner.faults.FaultKind"),
        ("", "broken:Kind", "no attribute 'Kind'"),
    ],
)
def test_one_that_cannot_be_used_costs_nobody_the_others(
    module: str, value: str, reason: str, tmp_path: Path
) -> None:
    environment = broken(tmp_path / "site", module, value)
    refused = said(environment, "validate", experiment(tmp_path, ""))
    assert refused.returncode == 2
    assert f"found `maintenance_file`, and {value} cannot be used" in refused.stderr
    assert reason in refused.stderr
    (tmp_path / "experiment.yml").write_text("title: x\nfaults: [{service_stop: {service: a}}]\n")
    assert said(environment, "validate", str(tmp_path / "experiment.yml")).returncode == 0

"""What another package brings: found, offered, used, refused when it is broken; no edit here."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.foreign_kind import installed
from tests.unit.report.journals import held

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


def broken(
    directory: Path,
    module: str,
    value: str,
    group: str = "chaos_runner.faults",
    name: str = "maintenance_file",
) -> dict[str, str]:
    """Install a package by hand that names a class which cannot be used."""
    info = directory / "broken-1.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: broken\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[{group}]\n{name} = {value}\n")
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


JUDGED = """\
title: A client that keeps up
steady_state: {refused_share: 1%, checks: [{file_there: {path: ready}}]}
safeguards: [{refused_share: 5%}]
faults:
  - network_partition:
"""


def test_an_experiment_may_use_its_tolerance_and_its_check(
    environment: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "experiment.yml"
    file.write_text(JUDGED, encoding="utf-8")
    done = said(environment, "validate", str(file))
    assert done.returncode == 0, done.stderr
    schema = json.loads(said(environment, "schema").stdout)["$defs"]
    assert "refused_share" in schema["SteadyState"]["properties"]
    assert "file_there" in schema["CheckEntry"]["properties"]
    refused = said({}, "validate", str(file))
    assert refused.returncode == 2
    assert "refused_share" in refused.stderr and "file_there" in refused.stderr


JUDGE = """\
import sys
from pathlib import Path

from chaos_runner.checks.cutoff import Cutoff
from chaos_runner.checks.registry import check_kinds
from chaos_runner.measurements.model import Totals
from chaos_runner.verdict.limits import observe

totals = Totals(scheduled=100, rejected=3, acked=97, consumed=97)
for limit in (1.0, 5.0):
    print(observe("refused_share", limit, totals, [], complete=True).verdict)
check = check_kinds()["file_there"].model_validate({"path": "ready"})
print(check.ask(Cutoff(10.0), Path(sys.argv[1])).verdict)
"""


def test_its_tolerance_judges_and_its_check_asks(
    environment: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "ready").touch()
    done = subprocess.run(
        [sys.executable, "-c", JUDGE, str(tmp_path)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stdout.split() == ["deviated", "held", "held"], done.stderr


def test_a_report_has_its_section(environment: dict[str, str], tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"
    journal.write_text("".join(f"{line}\n" for line in held().lines), encoding="utf-8")
    for form in ("html", "markdown"):
        text = reported(environment, journal, form)
        assert "Whom to ask" in text and "Ask Team Streams." in text
    assert "Whom to ask" not in reported({}, journal, "html")


def reported(environment: dict[str, str], journal: Path, form: str) -> str:
    file = journal.parent / "report"
    done = said(environment, "report", str(journal), "--format", form, "--output-file", str(file))
    assert done.returncode == 0, done.stderr
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("group", "name", "module", "reason"),
    [
        ("chaos_runner.tolerances", "loss", "Kind = int", "no subclass of chaos_runner.verdict"),
        ("chaos_runner.checks", "ping", "raise RuntimeError('no licence')", "no licence"),
        ("chaos_runner.report_sections", "costs", "", "no attribute 'Kind'"),
    ],
)
def test_a_broken_extension_costs_nobody_the_others(
    group: str, name: str, module: str, reason: str, tmp_path: Path
) -> None:
    environment = broken(tmp_path / "site", module, "broken:Kind", group, name)
    code = (
        "from chaos_runner.fleet.diagnosis import diagnose_extensions\n"
        "from chaos_runner.report.sections.registry import extensions\n"
        "for each in diagnose_extensions(extensions().unusable): print(each.text)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    assert f"{name}: broken:Kind cannot be used" in done.stdout
    assert reason in done.stdout

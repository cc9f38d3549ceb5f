"""The shipped unit of systemd is one that systemd understands, and hardened."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from chaos_runner.content import content_directory

UNIT = content_directory("examples") / "systemd" / "chaos-runner-monkey.service"


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    """Return the unit with a program and a user that every machine has."""
    text = UNIT.read_text(encoding="utf-8")
    changed = tmp_path / UNIT.name
    changed.write_text(
        text.replace("/usr/local/bin/chaos-runner ", f"{shutil.which('true')} ")
        .replace("User=chaos-runner", "User=daemon")
        .replace("Group=chaos-runner", "Group=daemon")
    )
    return changed


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="needs systemd-analyze")
@pytest.mark.parametrize(
    "asked", [("verify", "--man=no"), ("security", "--offline=true", "--threshold=25")]
)
def test_systemd_takes_the_unit_and_finds_little_exposed(
    unit: Path, asked: tuple[str, ...]
) -> None:
    done = subprocess.run(
        ["systemd-analyze", "--no-pager", *asked, str(unit)], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "chaos-runner-monkey.service:" not in done.stderr, done.stderr


def test_a_run_that_is_on_has_time_to_take_its_faults_back() -> None:
    lines = UNIT.read_text(encoding="utf-8").splitlines()
    assert "KillMode=mixed" in lines  # ssh and Ansible go on while the monkey rolls back
    assert "TimeoutStopSec=5min" in lines
